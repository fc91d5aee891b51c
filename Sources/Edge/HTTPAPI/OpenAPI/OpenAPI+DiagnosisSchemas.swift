extension OpenAPIDocument {
  /// Schemas: Diagnosis.
  static let diagnosisSchemas = #"""
    "MediaDiagnosis": {
      "type": "object",
      "description": "What `doctor media` knows about a channel's last attempt.",
      "properties": {
        "verdict": {"type": "string", "description": "One sentence."},
        "fix": {"type": "string"},
        "sdpSent": {"type": "string"},
        "sdpReceived": {"type": "string"},
        "messages": {"type": "array", "items": {"$ref": "#/components/schemas/LadderMessage"}},
        "port": {"$ref": "#/components/schemas/PortDiagnosis"},
        "steps": {"type": "array", "items": {"$ref": "#/components/schemas/DiagnosisStep"}}
      },
      "required": ["verdict", "messages", "steps"]
    },
    "PortDiagnosis": {
      "type": "object",
      "description": "What the media port received.",
      "properties": {
        "number": {"type": "integer"},
        "packets": {"type": "integer"},
        "sources": {"type": "array", "items": {"type": "string"}},
        "wrongSSRC": {"type": "array", "items": {"type": "string"}}
      },
      "required": ["number", "packets", "sources", "wrongSSRC"]
    },
    "DiagnosisStep": {
      "type": "object",
      "description": "One step from request to picture.",
      "properties": {"name": {"type": "string"}, "ok": {"type": "boolean"}, "detail": {"type": "string"}},
      "required": ["name", "ok", "detail"]
    }
    """#
}
