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
        "steps": {"type": "array", "items": {"$ref": "#/components/schemas/DiagnosisStep"}},
        "findings": {
          "type": "array",
          "description": "What was found, the first thing that stops the picture first.",
          "items": {"$ref": "#/components/schemas/DiagnosisFinding"}
        },
        "hops": {
          "type": "array",
          "description": "The way from the camera to the screen.",
          "items": {"$ref": "#/components/schemas/DiagnosisHop"}
        }
      },
      "required": ["verdict", "messages", "steps", "findings", "hops"]
    },
    "DiagnosisFinding": {
      "type": "object",
      "description": "Something that is wrong, where, and what to do.",
      "properties": {
        "code": {"type": "string", "description": "Stable: docs/ref/doctor.md lists them."},
        "hop": {"type": "string"},
        "fatal": {"type": "boolean", "description": "Whether it stops the picture by itself."},
        "text": {"$ref": "#/components/schemas/DiagnosisText"},
        "fix": {"$ref": "#/components/schemas/DiagnosisText"},
        "message": {"type": "integer", "description": "Index into `messages` of the one that shows it."}
      },
      "required": ["code", "hop", "fatal", "text", "fix"]
    },
    "DiagnosisText": {
      "type": "object",
      "description": "A sentence in both languages.",
      "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
      "required": ["en", "zh"]
    },
    "DiagnosisHop": {
      "type": "object",
      "description": "One stretch of the way.",
      "properties": {
        "hop": {
          "type": "string",
          "enum": ["registration", "heartbeat", "catalog", "call", "media", "picture", "delivery"]
        },
        "state": {"type": "string", "enum": ["works", "suffers", "fails", "unknown"]}
      },
      "required": ["hop", "state"]
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
