extension OpenAPIDocument {
  /// Paths: how long recordings are kept.
  static let keepingPaths = #"""
    "/api/v1/retention": {
      "get": {
        "operationId": "retention",
        "summary": "The rules of deleting, and what they have deleted",
        "tags": ["Recordings"],
        "x-permission": "viewHealth",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Retention"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "changeRetention",
        "summary": "Change the rules; ask for a preview first",
        "tags": ["Recordings"],
        "x-permission": "manageRecording",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RetentionRules"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Retention"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/retention/preview": {
      "post": {
        "operationId": "previewRetention",
        "summary": "What rules would delete now; deletes nothing",
        "tags": ["Recordings"],
        "x-permission": "manageRecording",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RetentionRules"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RetentionPreview"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/storage/check": {
      "get": {
        "operationId": "indexCheck",
        "summary": "The last comparison of index and recorded files",
        "tags": ["Recordings"],
        "x-permission": "viewHealth",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IndexCheck"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "runIndexCheck",
        "summary": "Compare index and files now, by length, and repair what differs",
        "tags": ["Recordings"],
        "x-permission": "manageRecording",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IndexCheck"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/holds": {
      "get": {
        "operationId": "holds",
        "summary": "What must not be deleted, newest first",
        "tags": ["Recordings"],
        "x-permission": "viewTimeline",
        "parameters": [
          {
            "name": "ended",
            "in": "query",
            "description": "true lists holds that have ended, too.",
            "schema": {"type": "boolean", "default": false}
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HoldPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "placeHold",
        "summary": "Protect an interval of a channel from being deleted",
        "tags": ["Recordings"],
        "x-permission": "holdRecordings",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewHold"}}}
        },
        "responses": {
          "201": {
            "description": "The hold.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Hold"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/holds/{id}": {
      "delete": {
        "operationId": "releaseHold",
        "summary": "Release a hold; it stays in the list",
        "tags": ["Recordings"],
        "x-permission": "holdRecordings",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The hold as it ended.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Hold"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
