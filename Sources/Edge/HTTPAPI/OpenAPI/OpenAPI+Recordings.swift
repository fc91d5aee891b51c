extension OpenAPIDocument {
  /// Paths: recordings.
  static let recordingsPaths = #"""
    "/api/v1/channels/{id}/timeline": {
      "get": {
        "operationId": "timeline",
        "summary": "What is recorded, and why the rest is not",
        "tags": ["Recordings"],
        "x-permission": "viewTimeline",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/from"},
          {"$ref": "#/components/parameters/to"},
          {
            "name": "source",
            "in": "query",
            "description": "own, device, or own,device; own when absent. Each span names its source.",
            "schema": {"type": "string"}
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Timeline"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/timeline": {
      "get": {
        "operationId": "timelines",
        "summary": "Timelines of several channels",
        "tags": ["Recordings"],
        "x-permission": "viewTimeline",
        "parameters": [
          {
            "name": "channels",
            "in": "query",
            "required": true,
            "description": "Identifiers, separated by commas.",
            "schema": {"type": "string"}
          },
          {"$ref": "#/components/parameters/from"},
          {"$ref": "#/components/parameters/to"}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Timelines"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/export.mp4": {
      "get": {
        "operationId": "export",
        "summary": "An interval as a standard MP4, with range requests",
        "tags": ["Recordings"],
        "x-permission": "exportRecordings",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/from"},
          {"$ref": "#/components/parameters/to"}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"video/mp4": {"schema": {"type": "string", "contentMediaType": "video/mp4"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/looks": {
      "get": {
        "operationId": "looks",
        "summary": "Who looked at what, newest first",
        "tags": ["Recordings"],
        "x-permission": "viewAccessLog",
        "parameters": [
          {"name": "user", "in": "query", "description": "Only this account.", "schema": {"type": "string"}},
          {
            "name": "channel",
            "in": "query",
            "description": "Only this channel.",
            "schema": {"type": "string"}
          },
          {
            "name": "from",
            "in": "query",
            "description": "Looks that began at or after this.",
            "schema": {"type": "string", "format": "date-time"}
          },
          {
            "name": "to",
            "in": "query",
            "description": "Looks that began before this.",
            "schema": {"type": "string", "format": "date-time"}
          },
          {"$ref": "#/components/parameters/cursor"},
          {"$ref": "#/components/parameters/limit"}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LookPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
