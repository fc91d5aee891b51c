extension OpenAPIDocument {
  /// Schemas: Shared.
  static let sharedSchemas = #"""
    "DeviceStatus": {"type": "string", "enum": ["online", "suspect", "offline", "unknown"]},
    "ChannelStatus": {"type": "string", "enum": ["online", "suspect", "offline", "unknown"]},
    "ChannelKind": {
      "type": "string",
      "enum": ["camera", "group", "organisation", "area", "device", "alarm", "audio", "other"]
    },
    "RecordingState": {"type": "string", "enum": ["recording", "planned", "off", "failed"]},
    "RecordingPlanName": {"type": "string", "enum": ["continuous", "off"]},
    "MessageDirection": {"type": "string", "enum": ["in", "out"]},
    "MediaSessionState": {"type": "string", "enum": ["connecting", "live", "stale", "ended", "error"]},
    "MediaSessionKind": {"type": "string", "enum": ["live", "playback"]},
    "CheckStatus": {"type": "string", "enum": ["ok", "warn", "fail"]},
    "Problem": {
      "type": "object",
      "description": "RFC 9457. The type is stable; the texts are for people.",
      "properties": {
        "type": {"type": "string", "description": "/problems/<slug>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "fix": {"type": "string", "description": "What to do about it."},
        "reason": {"type": "string", "description": "For a denial of access: its word (DenialReason)."},
        "correlation": {"type": "string", "description": "Also in X-Correlation-ID and in the log."}
      },
      "required": ["type", "title", "status", "detail", "correlation"]
    },
    "DevicePage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Device"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "QuarantinedDevicePage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/QuarantinedDevice"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "ChannelPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Channel"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "MediaSessionPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/MediaSession"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "LookPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Look"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "AccountPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Account"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "TokenPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Token"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    }
    """#
}
