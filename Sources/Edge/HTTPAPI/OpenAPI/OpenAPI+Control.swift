extension OpenAPIDocument {
  /// Paths: cameras that move, and commands.
  static let controlPaths = #"""
    "/api/v1/channels/{id}/ptz": {
      "get": {
        "operationId": "cameraControl",
        "summary": "Who moves a camera, and what its device knows",
        "tags": ["Cameras"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CameraControl"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "moveCamera",
        "summary": "Order a camera; a movement ends by itself unless it is renewed",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PTZRequest"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PTZAnswer"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/controls": {
      "post": {
        "operationId": "commandChannel",
        "summary": "Key frame, recording on board, guard, alarm",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlRequest"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlAnswer"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/presets": {
      "get": {
        "operationId": "presets",
        "summary": "The presets of a camera",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Presets"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/presets/{number}": {
      "patch": {
        "operationId": "namePreset",
        "summary": "Name a preset without setting it anew",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "number", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PresetName"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Preset"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/cruises": {
      "get": {
        "operationId": "cruises",
        "summary": "The cruises of a camera (2022)",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Cruise"}},
                    "next": {"type": "string"},
                    "total": {"type": "integer"}
                  },
                  "required": ["items"]
                }
              }
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/cruises/{number}": {
      "get": {
        "operationId": "cruise",
        "summary": "One cruise with its stops (2022)",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "number", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Cruise"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/home-position": {
      "get": {
        "operationId": "homePosition",
        "summary": "Where a camera returns to (2022)",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HomePosition"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "setHomePosition",
        "summary": "Set where a camera returns to",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HomePosition"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlAnswer"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/ptz-position": {
      "get": {
        "operationId": "ptzPosition",
        "summary": "Where a camera looks (2022)",
        "tags": ["Cameras"],
        "x-permission": "control",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PTZPosition"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
