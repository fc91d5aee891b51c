extension OpenAPIDocument {
  /// Paths: channels.
  static let channelsPaths = #"""
    "/api/v1/channels": {
      "get": {
        "operationId": "channels",
        "summary": "Channels",
        "tags": ["Channels"],
        "x-permission": "viewRegistry",
        "parameters": [
          {
            "name": "parent",
            "in": "query",
            "description": "Only children of this node.",
            "schema": {"type": "string"}
          },
          {
            "name": "device",
            "in": "query",
            "description": "Only channels of this device.",
            "schema": {"type": "string"}
          },
          {
            "name": "status",
            "in": "query",
            "description": "Only these.",
            "schema": {"$ref": "#/components/schemas/ChannelStatus"}
          },
          {
            "name": "q",
            "in": "query",
            "description": "Part of a name or code.",
            "schema": {"type": "string"}
          },
          {"$ref": "#/components/parameters/cursor"},
          {"$ref": "#/components/parameters/limit"}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChannelPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}": {
      "get": {
        "operationId": "channel",
        "summary": "One channel",
        "tags": ["Channels"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Channel"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "patch": {
        "operationId": "changeChannel",
        "summary": "Change the name or the recording plan",
        "tags": ["Channels"],
        "x-permission": "manageRecording",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChannelChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Channel"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/doctor": {
      "get": {
        "operationId": "doctor",
        "summary": "Why a picture does not come",
        "tags": ["Channels"],
        "x-permission": "diagnose",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaDiagnosis"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/tree": {
      "get": {
        "operationId": "tree",
        "summary": "One view of the network, flat and in order",
        "tags": ["Channels"],
        "x-permission": "viewRegistry",
        "parameters": [
          {
            "name": "view",
            "in": "query",
            "description": "How the nodes are arranged; device by default.",
            "schema": {"type": "string", "enum": ["device", "civil", "business"]}
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
