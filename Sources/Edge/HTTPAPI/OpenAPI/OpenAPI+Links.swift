extension OpenAPIDocument {
  /// Paths: links to the platforms above and below.
  static let linksPaths = #"""
    "/api/v1/links": {
      "get": {
        "operationId": "links",
        "summary": "Links to platforms above and below: what they bear and carry, and who has them",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LinkPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/links/{id}": {
      "put": {
        "operationId": "declareLink",
        "summary": "Declare what a link bears; without a capacity everything fits",
        "tags": ["Federation"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "description": "up- or down- and the code of the neighbour.", "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LinkDeclaration"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Link"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: links to the platforms above and below.
  static let linksSchemas = #"""
    "Link": {
      "type": "object",
      "description": "A link to a platform above or below, and what it carries. Rates in bits per second.",
      "properties": {
        "id": {"type": "string", "description": "up- or down- and the code of the neighbour."},
        "direction": {"type": "string", "description": "up: the platform above pulls from us; down: we pull from the one below."},
        "peer": {"type": "string"},
        "name": {"type": "string"},
        "capacity": {"type": "integer", "description": "Absent when nobody declared it: everything fits."},
        "reserve": {"type": "integer", "description": "What ordinary streams leave free of it."},
        "reservePriority": {"type": "integer", "description": "From this priority on the reserve may be used."},
        "rate": {"type": "integer", "description": "Measured."},
        "counted": {"type": "integer", "description": "Measured, or expected of streams that have just begun."},
        "streams": {"type": "array", "items": {"$ref": "#/components/schemas/LinkStream"}, "description": "The most expensive first."},
        "refused": {"type": "integer", "description": "Streams that did not fit, since the start."},
        "displaced": {"type": "integer", "description": "Streams that lost their place to more urgent ones, since the start."},
        "samples": {"type": "array", "items": {"$ref": "#/components/schemas/LinkSample"}, "description": "The last hour, oldest first."}
      },
      "required": ["id", "direction", "peer", "name", "reserve", "reservePriority", "rate", "counted", "streams", "refused", "displaced", "samples"]
    },
    "LinkPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
      },
      "required": ["items"]
    },
    "LinkStream": {
      "type": "object",
      "properties": {
        "user": {"type": "string", "description": "What is shown to whom."},
        "priority": {"type": "integer"},
        "rate": {"type": "integer"}
      },
      "required": ["user", "priority", "rate"]
    },
    "LinkSample": {
      "type": "object",
      "properties": {
        "time": {"type": "string", "format": "date-time"},
        "rate": {"type": "integer"},
        "streams": {"type": "integer"}
      },
      "required": ["time", "rate", "streams"]
    },
    "LinkDeclaration": {
      "type": "object",
      "properties": {
        "capacity": {"type": "integer", "description": "Bits per second; absent: everything fits."},
        "reserve": {"type": "integer", "description": "Bits per second that ordinary streams leave free."}
      }
    }
    """#
}
