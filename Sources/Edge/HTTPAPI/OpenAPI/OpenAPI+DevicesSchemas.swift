extension OpenAPIDocument {
  /// Schemas: Devices.
  static let devicesSchemas = #"""
    "Device": {
      "type": "object",
      "description": "A device that may register.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "status": {"$ref": "#/components/schemas/DeviceStatus"},
        "since": {"type": "string", "format": "date-time", "description": "Since when status holds."},
        "manufacturer": {"type": "string"},
        "model": {"type": "string"},
        "firmware": {"type": "string"},
        "gbVersion": {
          "type": "string",
          "description": "Edition of GB/T 28181 that the device announced, as X-GB-Ver writes it."
        },
        "transport": {"type": "string", "description": "udp, tcp or tls."},
        "address": {"type": "string", "description": "host:port of the last authenticated request."},
        "channels": {"type": "integer"},
        "channelsOnline": {"type": "integer"},
        "mediaTransport": {"type": "string", "description": "The media transport that last worked."},
        "lastKeepalive": {"type": "string", "format": "date-time"},
        "registrationExpires": {"type": "string", "format": "date-time"},
        "heartbeatInterval": {"type": "integer", "description": "Seconds."},
        "heartbeatCount": {
          "type": "integer",
          "description": "Missed heartbeats until the device counts as offline."
        },
        "charset": {"type": "string", "description": "Forced character set; nil detects it."},
        "signallingDigest": {"$ref": "#/components/schemas/SignallingDigest"},
        "created": {"type": "string", "format": "date-time"}
      },
      "required": ["id", "name", "status", "channels", "channelsOnline"]
    },
    "NewDevice": {
      "type": "object",
      "description": "A device to be provisioned. The password is write-only.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "password": {"type": "string"},
        "charset": {"type": "string"},
        "mediaTransport": {
          "type": "string",
          "description": "Force udp, tcp-passive or tcp-active; nil finds out."
        },
        "heartbeatInterval": {"type": "integer"},
        "heartbeatCount": {"type": "integer"}
      },
      "required": ["id", "name", "password"]
    },
    "DeviceChange": {
      "type": "object",
      "description": "What is given is changed.",
      "properties": {
        "name": {"type": "string"},
        "password": {"type": "string"},
        "charset": {"type": "string"},
        "mediaTransport": {"type": "string"},
        "heartbeatInterval": {"type": "integer"},
        "heartbeatCount": {"type": "integer"},
        "signallingDigest": {"$ref": "#/components/schemas/SignallingDigest"},
        "recordings": {"$ref": "#/components/schemas/DeviceRecordings"}
      }
    },
    "SignallingDigest": {
      "type": "object",
      "description": "The digest that every message to and from a device carries in Note (GB/T 28181 §8.3).",
      "properties": {
        "algorithm": {"type": "string", "description": "off, MD5, SHA-1, SHA-256 or SM3."},
        "scope": {
          "type": "string",
          "description": "What of From and To is hashed: header, as written, or uri. Default: header."
        },
        "seed": {"type": "string", "description": "The secret both ends know. Write-only."}
      },
      "required": ["algorithm"]
    },
    "ImportResult": {
      "type": "object",
      "description": "What an import did, or would do.",
      "properties": {
        "accepted": {"type": "integer"},
        "rejected": {"type": "array", "items": {"$ref": "#/components/schemas/RejectedLine"}},
        "dryRun": {"type": "boolean"}
      },
      "required": ["accepted", "rejected", "dryRun"]
    },
    "RejectedLine": {
      "type": "object",
      "description": "A line that was not taken.",
      "properties": {
        "line": {"type": "integer", "description": "Counting from 1."},
        "reason": {"type": "string"}
      },
      "required": ["line", "reason"]
    },
    "Refreshed": {
      "type": "object",
      "description": "Which queries were sent to the device.",
      "properties": {"queries": {"type": "array", "items": {"type": "string"}}},
      "required": ["queries"]
    },
    "Ladder": {
      "type": "object",
      "description": "The last signalling messages with one device, oldest first.",
      "properties": {"messages": {"type": "array", "items": {"$ref": "#/components/schemas/LadderMessage"}}},
      "required": ["messages"]
    },
    "LadderMessage": {
      "type": "object",
      "description": "One signalling message. Credentials in it are blanked.",
      "properties": {
        "time": {"type": "string", "format": "date-time"},
        "direction": {"$ref": "#/components/schemas/MessageDirection"},
        "summary": {"type": "string"},
        "text": {"type": "string"}
      },
      "required": ["time", "direction", "summary", "text"]
    },
    "QuarantinedDevice": {
      "type": "object",
      "description": "A device that registered without being provisioned.",
      "properties": {
        "id": {"type": "string"},
        "address": {"type": "string"},
        "transport": {"type": "string"},
        "userAgent": {"type": "string"},
        "firstSeen": {"type": "string", "format": "date-time"},
        "lastSeen": {"type": "string", "format": "date-time"},
        "attempts": {"type": "integer"},
        "reason": {"type": "string"}
      },
      "required": ["id", "address", "transport", "firstSeen", "lastSeen", "attempts", "reason"]
    },
    "Approval": {
      "type": "object",
      "description": "Provisions a quarantined device.",
      "properties": {"name": {"type": "string"}, "password": {"type": "string"}},
      "required": ["name", "password"]
    }
    """#
}
