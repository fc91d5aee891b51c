extension OpenAPIDocument {
  /// Schemas: Platform.
  static let platformSchemas = #"""
    "Platform": {
      "type": "object",
      "description": "What this level of the network is.",
      "properties": {
        "id": {"type": "string", "description": "20-digit code of the platform."},
        "name": {"type": "string"},
        "version": {"type": "string"},
        "realm": {"type": "string", "description": "SIP realm, normally the first ten digits of the code."},
        "sip": {"$ref": "#/components/schemas/SIPAddress"},
        "media": {"$ref": "#/components/schemas/MediaAddress"},
        "time": {
          "type": "string",
          "format": "date-time",
          "description": "The server's clock when it answered."
        },
        "timezone": {"type": "string", "description": "IANA name of the zone that the console shows."},
        "transcode": {"$ref": "#/components/schemas/TranscodeBudget"},
        "demo": {"type": "boolean", "description": "Whether the devices are simulated."}
      },
      "required": [
        "id",
        "name",
        "version",
        "realm",
        "sip",
        "media",
        "time",
        "timezone",
        "transcode",
        "demo"
      ]
    },
    "SIPAddress": {
      "type": "object",
      "description": "Where devices register.",
      "properties": {
        "host": {"type": "string"}, "port": {"type": "integer"},
        "tlsPort": {"type": "integer", "description": "The port of SIP over TLS, where it is spoken."}
      },
      "required": ["host", "port"]
    },
    "MediaAddress": {
      "type": "object",
      "description": "Where devices send media.",
      "properties": {
        "mode": {"type": "string", "description": "single-port or ports."},
        "port": {"type": "integer", "description": "The port, or the first of the range."},
        "lastPort": {"type": "integer"}
      },
      "required": ["mode", "port"]
    },
    "TranscodeBudget": {
      "type": "object",
      "description": "How many pictures may be converted for browsers at a time.",
      "properties": {"budget": {"type": "integer"}, "used": {"type": "integer"}},
      "required": ["budget", "used"]
    },
    "Readiness": {
      "type": "object",
      "description": "Whether the process can do its work.",
      "properties": {
        "ready": {"type": "boolean"},
        "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}}
      },
      "required": ["ready", "checks"]
    },
    "Check": {
      "type": "object",
      "description": "One thing that was looked at.",
      "properties": {
        "name": {"type": "string"},
        "status": {"$ref": "#/components/schemas/CheckStatus"},
        "text": {"type": "string"},
        "fix": {"type": "string", "description": "What to do about it."}
      },
      "required": ["name", "status", "text"]
    },
    "Health": {
      "type": "object",
      "description": "Everything the health page shows.",
      "properties": {
        "status": {"$ref": "#/components/schemas/CheckStatus", "description": "The worst of the checks."},
        "since": {"type": "string", "format": "date-time", "description": "When the process started."},
        "checks": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
        "devices": {"$ref": "#/components/schemas/DeviceCounts"},
        "streams": {"$ref": "#/components/schemas/StreamCounts"},
        "recorder": {"$ref": "#/components/schemas/RecorderHealth"},
        "storage": {"type": "array", "items": {"$ref": "#/components/schemas/StorageHealth"}},
        "sip": {
          "type": "object",
          "additionalProperties": {"type": "integer"},
          "description": "Signalling counters since start, by name."
        },
        "media": {
          "type": "object",
          "additionalProperties": {"type": "number"},
          "description": "Media counters and gauges, by name."
        }
      },
      "required": ["status", "since", "checks", "devices", "streams", "recorder", "storage", "sip", "media"]
    },
    "DeviceCounts": {
      "type": "object",
      "description": "Devices by state.",
      "properties": {
        "online": {"type": "integer"},
        "suspect": {"type": "integer"},
        "offline": {"type": "integer"},
        "unknown": {"type": "integer"}
      },
      "required": ["online", "suspect", "offline", "unknown"]
    },
    "StreamCounts": {
      "type": "object",
      "description": "Streams by what they are.",
      "properties": {
        "live": {"type": "integer"},
        "connecting": {"type": "integer"},
        "playback": {"type": "integer"},
        "viewers": {"type": "integer"},
        "transcoded": {"type": "integer"}
      },
      "required": ["live", "connecting", "playback", "viewers", "transcoded"]
    },
    "RecorderHealth": {
      "type": "object",
      "description": "What the recorder does.",
      "properties": {
        "channels": {"type": "integer", "description": "Channels with a plan."},
        "writing": {"type": "integer", "description": "Channels being written now."},
        "bytesPerSecond": {"type": "number"},
        "queue": {"type": "integer", "description": "Bytes waiting for the disk."},
        "daysToFull": {"type": "number"}
      },
      "required": ["channels", "writing", "bytesPerSecond", "queue"]
    },
    "StorageHealth": {
      "type": "object",
      "description": "One disk of recordings. All sizes in bytes; 0 where they are not known.",
      "properties": {
        "path": {"type": "string"},
        "total": {"type": "integer", "format": "int64"},
        "free": {"type": "integer", "format": "int64"},
        "reserve": {"type": "integer", "format": "int64", "description": "Kept free by rule."},
        "used": {"type": "integer", "format": "int64", "description": "Taken by recordings."},
        "disk": {"type": "string", "description": "Who the disk is, by its marker file."},
        "files": {"type": "integer", "description": "Recorded files on it."},
        "writing": {"type": "integer", "description": "Files being written to it."},
        "lost": {"type": "string", "description": "Why it is away; absent while it is there."}
      },
      "required": ["path", "total", "free", "reserve", "used", "disk", "files", "writing"]
    }
    """#
}
