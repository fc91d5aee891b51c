extension OpenAPIDocument {
  /// Paths: platforms above this one.
  static let superiorsPaths = #"""
    "/api/v1/superiors": {
      "get": {
        "operationId": "superiors",
        "summary": "Platforms above this one",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SuperiorPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/superiors/{id}": {
      "get": {
        "operationId": "superior",
        "summary": "One platform above",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Superior"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "saveSuperior",
        "summary": "Add a platform above, or describe it anew",
        "tags": ["Federation"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewSuperior"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Superior"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeSuperior",
        "summary": "Unregister from a platform above and forget it",
        "tags": ["Federation"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/superiors/{id}/register": {
      "post": {
        "operationId": "registerNow",
        "summary": "Try to register now instead of at the end of the wait",
        "tags": ["Federation"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Superior"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/superiors/{id}/ladder": {
      "get": {
        "operationId": "superiorLadder",
        "summary": "The last signalling messages with a platform above",
        "tags": ["Federation"],
        "x-permission": "diagnose",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ladder"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: platforms above this one.
  static let superiorsSchemas = #"""
    "Superior": {
      "type": "object",
      "description": "A platform above this one, and the link to it.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "ownId": {"type": "string", "description": "Our code there."},
        "realm": {"type": "string"},
        "servers": {"type": "array", "items": {"type": "string"}, "description": "host:port, the preferred one first."},
        "transport": {"type": "string", "description": "udp or tcp."},
        "gbVersion": {"type": "string", "description": "The edition it is spoken to in."},
        "encoding": {"type": "string", "description": "GB18030, GB2312 or UTF-8."},
        "expires": {"type": "integer", "description": "Seconds a registration is asked for."},
        "heartbeatInterval": {"type": "integer", "description": "Seconds."},
        "heartbeatCount": {"type": "integer", "description": "Heartbeats without answer before it is given up."},
        "itemsPerMessage": {"type": "integer", "description": "Catalog items in one message, 1 to 100."},
        "controlPriority": {"type": "integer", "description": "The highest priority of its control, 1 to 254; absent leaves it to its grants."},
        "sharesGroups": {"type": "boolean", "description": "Whether groups and organisations are shown to it."},
        "capacity": {"type": "integer", "description": "Bits per second that the link carries."},
        "reserve": {"type": "integer", "description": "Bits per second of it that ordinary streams leave free."},
        "enabled": {"type": "boolean"},
        "state": {"$ref": "#/components/schemas/SuperiorState"},
        "since": {"type": "string", "format": "date-time"},
        "server": {"type": "string", "description": "The server that is registered at or tried."},
        "lastStatus": {"type": "integer", "description": "Status of the last answer to a REGISTER."},
        "cause": {"$ref": "#/components/schemas/Cause"},
        "items": {"type": "integer", "description": "Items it sees."},
        "subscribed": {"type": "boolean", "description": "Whether it subscribed to changes of the catalog."},
        "streams": {"type": "integer", "description": "Pictures that go up now."}
      },
      "required": ["id", "name", "ownId", "realm", "servers", "transport", "gbVersion", "encoding", "expires", "heartbeatInterval", "heartbeatCount", "itemsPerMessage", "sharesGroups", "enabled", "state", "since", "server", "items", "subscribed", "streams"]
    },
    "SuperiorState": {
      "type": "string",
      "enum": ["disabled", "registering", "registered", "waiting", "leaving"]
    },
    "SuperiorPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Superior"}}
      },
      "required": ["items"]
    },
    "NewSuperior": {
      "type": "object",
      "description": "A superior to add or to describe anew. What is left out is as the standard has it.",
      "properties": {
        "password": {"type": "string", "description": "Of our account there; may be left out when the superior is known."},
        "name": {"type": "string"},
        "ownId": {"type": "string", "description": "Our code there."},
        "realm": {"type": "string"},
        "servers": {"type": "array", "items": {"type": "string"}, "description": "host:port, the preferred one first."},
        "transport": {"type": "string", "description": "udp or tcp."},
        "gbVersion": {"type": "string", "description": "The edition it is spoken to in."},
        "encoding": {"type": "string", "description": "GB18030, GB2312 or UTF-8."},
        "expires": {"type": "integer", "description": "Seconds a registration is asked for."},
        "heartbeatInterval": {"type": "integer", "description": "Seconds."},
        "heartbeatCount": {"type": "integer", "description": "Heartbeats without answer before it is given up."},
        "itemsPerMessage": {"type": "integer", "description": "Catalog items in one message, 1 to 100."},
        "controlPriority": {"type": "integer", "description": "The highest priority of its control, 1 to 254; absent leaves it to its grants."},
        "sharesGroups": {"type": "boolean", "description": "Whether groups and organisations are shown to it."},
        "capacity": {"type": "integer", "description": "Bits per second that the link carries."},
        "reserve": {"type": "integer", "description": "Bits per second of it that ordinary streams leave free."},
        "enabled": {"type": "boolean"}
      },
      "required": ["servers"]
    }
    """#
}
