extension OpenAPIDocument {
  /// Schemas: Events.
  static let eventsSchemas = #"""
    "DeviceEvent": {
      "type": "object",
      "description": "A device changed its state.",
      "properties": {
        "id": {"type": "string"},
        "status": {"$ref": "#/components/schemas/DeviceStatus"},
        "since": {"type": "string", "format": "date-time"}
      },
      "required": ["id", "status"]
    },
    "ChannelEvent": {
      "type": "object",
      "description": "A channel changed its state or is recorded differently.",
      "properties": {
        "id": {"type": "string"},
        "status": {"$ref": "#/components/schemas/ChannelStatus"},
        "recording": {"$ref": "#/components/schemas/RecordingState"}
      },
      "required": ["id", "status", "recording"]
    },
    "QuarantineEvent": {
      "type": "object",
      "description": "A device waits for approval, or no longer does.",
      "properties": {"id": {"type": "string"}},
      "required": ["id"]
    },
    "MediaSessionEvent": {
      "type": "object",
      "description": "A session changed its state.",
      "properties": {
        "session": {"type": "string"},
        "channel": {"type": "string"},
        "state": {"$ref": "#/components/schemas/MediaSessionState"},
        "step": {"type": "string"},
        "cause": {"$ref": "#/components/schemas/Cause"}
      },
      "required": ["session", "state"]
    },
    "StorageEvent": {
      "type": "object",
      "description": "Disk space has become scarce, or is back; a disk was lost, or is back.",
      "properties": {
        "path": {"type": "string"},
        "status": {"$ref": "#/components/schemas/CheckStatus"},
        "free": {"type": "integer", "format": "int64"},
        "text": {"type": "string"}
      },
      "required": ["path", "status", "free", "text"]
    },
    "ControlEvent": {
      "type": "object",
      "description": "Somebody took a camera to move it, or let it go.",
      "properties": {
        "channel": {"type": "string"},
        "holder": {"$ref": "#/components/schemas/CameraGrip"}
      },
      "required": ["channel"]
    },
    "HealthEvent": {
      "type": "object",
      "description": "The overall health changed.",
      "properties": {"status": {"$ref": "#/components/schemas/CheckStatus"}, "text": {"type": "string"}},
      "required": ["status"]
    }
    """#
}
