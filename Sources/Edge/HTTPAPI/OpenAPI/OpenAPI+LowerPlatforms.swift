extension OpenAPIDocument {
  /// Paths: platforms below this one.
  static let lowerPlatformsPaths = #"""
    "/api/v1/lower-platforms": {
      "get": {
        "operationId": "lowerPlatforms",
        "summary": "Platforms below this one",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LowerPlatformPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/lower-platforms/{id}": {
      "get": {
        "operationId": "lowerPlatform",
        "summary": "One platform below",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LowerPlatform"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/lower-platforms/{id}/compare": {
      "post": {
        "operationId": "compareNow",
        "summary": "Compare what is known of its catalog with what it shares, now",
        "tags": ["Federation"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LowerPlatform"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: platforms below this one.
  static let lowerPlatformsSchemas = #"""
    "LowerPlatform": {
      "type": "object",
      "description": "A platform below this one, and the link to it.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "status": {"$ref": "#/components/schemas/DeviceStatus"},
        "since": {"type": "string", "format": "date-time"},
        "address": {"type": "string"},
        "transport": {"type": "string"},
        "gbVersion": {"type": "string"},
        "items": {"type": "integer", "description": "Items of its catalog that we have."},
        "cameras": {"type": "integer"},
        "camerasOnline": {"type": "integer"},
        "broken": {"type": "integer", "description": "Items of its last catalog that could not be read."},
        "catalog": {"$ref": "#/components/schemas/CatalogPhase"},
        "knowsDigests": {"type": "boolean", "description": "Whether digests can be compared with it; any other platform is read as a whole."},
        "agreed": {"type": "string", "format": "date-time", "description": "When the two were last known to agree."},
        "differences": {"type": "integer", "description": "Comparisons that found a difference, since the start."},
        "subscribed": {"type": "boolean", "description": "Whether it tells of changes."},
        "lastReport": {"type": "string", "format": "date-time"},
        "streams": {"type": "integer", "description": "Pictures that come from it now."}
      },
      "required": ["id", "name", "status", "since", "items", "cameras", "camerasOnline", "broken", "catalog", "knowsDigests", "differences", "subscribed", "streams"]
    },
    "CatalogPhase": {
      "type": "string",
      "enum": ["unknown", "fetching", "following", "comparing", "repairing"]
    },
    "LowerPlatformPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/LowerPlatform"}}
      },
      "required": ["items"]
    }
    """#
}
