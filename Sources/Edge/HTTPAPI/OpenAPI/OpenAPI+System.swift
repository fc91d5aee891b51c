extension OpenAPIDocument {
  /// Paths: system.
  static let systemPaths = #"""
    "/healthz": {
      "get": {
        "operationId": "healthz",
        "summary": "Whether the process lives and can work",
        "tags": ["System"],
        "security": [],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}
          },
          "503": {
            "description": "Not ready.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/metrics": {
      "get": {
        "operationId": "metrics",
        "summary": "Prometheus text; without a log-in on the metrics listener",
        "tags": ["System"],
        "x-permission": "viewHealth",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"text/plain": {"schema": {"type": "string", "contentMediaType": "text/plain"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/openapi.json": {
      "get": {
        "operationId": "openapi",
        "summary": "This document",
        "tags": ["System"],
        "security": [],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"type": "object"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/platform": {
      "get": {
        "operationId": "platform",
        "summary": "What platform this is",
        "tags": ["System"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Platform"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/health": {
      "get": {
        "operationId": "health",
        "summary": "Everything the health page shows",
        "tags": ["System"],
        "x-permission": "viewHealth",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/events": {
      "get": {
        "operationId": "events",
        "summary": "Server-sent events: device, channel, quarantine, session, storage, health, control, alarm, voice",
        "tags": ["System"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "text/event-stream": {"schema": {"type": "string", "contentMediaType": "text/event-stream"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
