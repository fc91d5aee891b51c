extension OpenAPIDocument {
  /// Schemas: MediaSessions.
  static let mediaSessionsSchemas = #"""
    "LiveRequest": {
      "type": "object",
      "description": "What picture a viewer wants.",
      "properties": {
        "purpose": {"type": "string", "description": "Why; goes into the log of looks."},
        "caseNumber": {"type": "string", "description": "When the purpose needs one."},
        "approver": {"type": "string", "description": "Who approved, when the purpose needs that."},
        "stream": {"type": "string", "description": "main or sub."},
        "codecs": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Sample entries the viewer decodes: avc1, hvc1."
        }
      }
    },
    "PlaybackRequest": {
      "type": "object",
      "description": "What recording a viewer wants.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "source": {"type": "string", "description": "own or device; own when absent."},
        "purpose": {"type": "string"},
        "caseNumber": {"type": "string", "description": "When the purpose needs one."},
        "approver": {"type": "string", "description": "Who approved, when the purpose needs that."},
        "codecs": {"type": "array", "items": {"type": "string"}}
      },
      "required": ["from", "to"]
    },
    "MediaURLs": {
      "type": "object",
      "description": "Where the picture is. The session in the path is the credential.",
      "properties": {"fmp4": {"type": "string"}, "websocket": {"type": "string"}, "hls": {"type": "string"}},
      "required": ["fmp4", "websocket"]
    },
    "MediaSessionOpened": {
      "type": "object",
      "description": "A session that was opened.",
      "properties": {
        "session": {"type": "string"},
        "urls": {"$ref": "#/components/schemas/MediaURLs"},
        "expires": {"type": "string", "format": "date-time"},
        "state": {"$ref": "#/components/schemas/MediaSessionState"},
        "transcoded": {"type": "boolean"},
        "transcodeReason": {"type": "string"},
        "from": {
          "type": "string",
          "format": "date-time",
          "description": "Playback only: the interval that will be shown."
        },
        "to": {"type": "string", "format": "date-time"},
        "watermark": {
          "type": "boolean",
          "description": "Whether the viewer's name and the time are drawn over the picture."
        }
      },
      "required": ["session", "urls", "expires", "state", "transcoded", "watermark"]
    },
    "MediaSession": {
      "type": "object",
      "description": "How a session is doing.",
      "properties": {
        "session": {"type": "string"},
        "channel": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/MediaSessionKind"},
        "user": {"type": "string"},
        "state": {"$ref": "#/components/schemas/MediaSessionState"},
        "step": {
          "type": "string",
          "description": "What is being done while connecting: invite, answer, first-packet, key-frame."
        },
        "cause": {"$ref": "#/components/schemas/Cause"},
        "stream": {
          "type": "string",
          "enum": ["main", "sub"],
          "description": "Live: the camera's stream that is shown. Main where sub was asked for and is not there."
        },
        "codec": {"type": "string"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "fps": {"type": "number"},
        "bitrate": {"type": "integer", "description": "Bits per second over the last seconds."},
        "transport": {"type": "string"},
        "loss": {"type": "number", "description": "Lost packets as a share of those expected, 0…1."},
        "firstPictureMs": {"type": "integer"},
        "viewers": {"type": "integer"},
        "transcoded": {"type": "boolean"},
        "transcodeReason": {"type": "string"},
        "position": {
          "type": "string",
          "format": "date-time",
          "description": "Playback: the moment being shown."
        },
        "rate": {"type": "number"},
        "paused": {"type": "boolean"},
        "source": {"type": "string", "description": "Playback: own or device."},
        "rates": {
          "type": "array",
          "items": {"type": "number"},
          "description": "Playback from a device: the rates that are worth asking for."
        },
        "queue": {"$ref": "#/components/schemas/HistoryQueue"},
        "started": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time"}
      },
      "required": ["session", "channel", "kind", "state", "transcoded"]
    },
    "Cause": {
      "type": "object",
      "description": "Why something is not as it should be.",
      "properties": {
        "code": {"type": "string", "description": "Stable name for programs."},
        "text": {"type": "string"},
        "fix": {"type": "string"}
      },
      "required": ["code", "text"]
    },
    "PlaybackControl": {
      "type": "object",
      "description": "What is given is changed.",
      "properties": {
        "position": {"type": "string", "format": "date-time"},
        "rate": {"type": "number"},
        "paused": {"type": "boolean"}
      }
    }
    """#
}
