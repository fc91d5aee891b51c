extension OpenAPIDocument {
  /// Schemas: Timelines.
  static let timelinesSchemas = #"""
    "Timeline": {
      "type": "object",
      "description": "One channel's interval: recorded + explained + unknown = planned.",
      "properties": {
        "channel": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "recorded": {"type": "array", "items": {"$ref": "#/components/schemas/RecordedSpan"}},
        "gaps": {"type": "array", "items": {"$ref": "#/components/schemas/GapSpan"}},
        "events": {"type": "array", "items": {"$ref": "#/components/schemas/TimelineEvent"}},
        "planned": {"type": "array", "items": {"$ref": "#/components/schemas/Span"}},
        "totals": {"$ref": "#/components/schemas/TimelineTotals"},
        "device": {"$ref": "#/components/schemas/DeviceSource"}
      },
      "required": ["channel", "from", "to", "recorded", "gaps", "events", "planned", "totals"]
    },
    "Span": {
      "type": "object",
      "description": "An interval.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"}
      },
      "required": ["from", "to"]
    },
    "RecordedSpan": {
      "type": "object",
      "description": "An interval with pictures.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "source": {"type": "string", "description": "own or device."}
      },
      "required": ["from", "to", "source"]
    },
    "GapSpan": {
      "type": "object",
      "description": "A planned interval without pictures.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "cause": {"type": "string"},
        "detail": {"type": "string"}
      },
      "required": ["from", "to", "cause"]
    },
    "TimelineEvent": {
      "type": "object",
      "description": "Something that happened.",
      "properties": {
        "time": {"type": "string", "format": "date-time"},
        "kind": {"type": "string"},
        "text": {"type": "string"}
      },
      "required": ["time", "kind"]
    },
    "TimelineTotals": {
      "type": "object",
      "description": "Sums over the interval, in seconds.",
      "properties": {
        "plannedSeconds": {"type": "number"},
        "recordedSeconds": {"type": "number"},
        "explainedSeconds": {"type": "number"},
        "unknownSeconds": {"type": "number"}
      },
      "required": ["plannedSeconds", "recordedSeconds", "explainedSeconds", "unknownSeconds"]
    },
    "Timelines": {
      "type": "object",
      "description": "Several channels over one interval.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "timelines": {"type": "array", "items": {"$ref": "#/components/schemas/Timeline"}}
      },
      "required": ["from", "to", "timelines"]
    },
    "Look": {
      "type": "object",
      "description": "One entry of the log of looks.",
      "properties": {
        "id": {"type": "string"},
        "user": {"type": "string"},
        "role": {"type": "string"},
        "channel": {"type": "string"},
        "kind": {"type": "string", "description": "live, playback, export, snapshot or voice."},
        "purpose": {"type": "string"},
        "source": {"type": "string", "description": "Network address of the viewer."},
        "started": {"type": "string", "format": "date-time"},
        "ended": {"type": "string", "format": "date-time"},
        "from": {
          "type": "string",
          "format": "date-time",
          "description": "Recordings: the interval that was shown or taken."
        },
        "to": {"type": "string", "format": "date-time"}
      },
      "required": ["id", "user", "role", "channel", "kind", "purpose", "source", "started"]
    }
    """#
}
