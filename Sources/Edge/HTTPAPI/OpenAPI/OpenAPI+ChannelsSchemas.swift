extension OpenAPIDocument {
  /// Schemas: Channels.
  static let channelsSchemas = #"""
    "Channel": {
      "type": "object",
      "description": "A channel of a device, or a node of its catalog.",
      "properties": {
        "id": {"type": "string", "description": "device_channel."},
        "device": {"type": "string"},
        "channel": {"type": "string"},
        "name": {"type": "string"},
        "parent": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/ChannelKind"},
        "playable": {"type": "boolean"},
        "status": {"$ref": "#/components/schemas/ChannelStatus"},
        "since": {"type": "string", "format": "date-time"},
        "civilCode": {"type": "string"},
        "recording": {"$ref": "#/components/schemas/RecordingState"},
        "retentionClass": {
          "type": "string",
          "description": "expendable, normal or important; only where there is a plan."
        },
        "manufacturer": {"type": "string"},
        "model": {"type": "string"},
        "longitude": {"type": "number", "description": "Degrees east, WGS-84."},
        "latitude": {"type": "number", "description": "Degrees north, WGS-84."},
        "position": {"$ref": "#/components/schemas/Position"},
        "view": {"$ref": "#/components/schemas/View"}
      },
      "required": ["id", "device", "channel", "name", "kind", "playable", "status", "recording"]
    },
    "ChannelChange": {
      "type": "object",
      "description": "What is given is changed.",
      "properties": {
        "recordingPlan": {"$ref": "#/components/schemas/RecordingPlanName"},
        "retentionClass": {
          "type": "string",
          "description": "What is recorded from now on belongs to this class."
        },
        "name": {"type": "string"}
      }
    },
    "Tree": {
      "type": "object",
      "description": "One view of the network, flat: a parent always stands before its children.",
      "properties": {"nodes": {"type": "array", "items": {"$ref": "#/components/schemas/TreeNode"}}},
      "required": ["nodes"]
    },
    "TreeNode": {
      "type": "object",
      "description": "One node.",
      "properties": {
        "id": {"type": "string"},
        "parent": {"type": "string"},
        "name": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/ChannelKind"},
        "channel": {"type": "string", "description": "The channel's id when the node is one."},
        "status": {"type": "string"}
      },
      "required": ["id", "name", "kind"]
    }
    """#
}
