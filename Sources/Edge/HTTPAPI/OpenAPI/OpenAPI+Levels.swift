extension OpenAPIDocument {
  /// Paths: levels of our kind.
  static let levelsPaths = #"""
    "/api/v1/levels": {
      "get": {
        "operationId": "levels",
        "summary": "Levels of our kind above and below, with their keys",
        "tags": ["Federation"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Levels"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/levels/visitors": {
      "get": {
        "operationId": "levelVisitors",
        "summary": "Who of other levels looked since the start, as grants name them",
        "tags": ["Federation"],
        "x-permission": "manageGrants",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LevelVisitorPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/levels/codes": {
      "post": {
        "operationId": "makeEnrolmentCode",
        "summary": "Make a code that a neighbour enters once",
        "tags": ["Federation"],
        "x-permission": "manageGrants",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnrolmentFor"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnrolmentCode"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/levels/enrol": {
      "post": {
        "operationId": "enrolLevel",
        "summary": "Enter a code that a neighbour made",
        "tags": ["Federation"],
        "x-permission": "manageGrants",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnrolmentCode"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Level"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/levels/rotate": {
      "post": {
        "operationId": "rotateLevelKey",
        "summary": "Make a new key of this level",
        "tags": ["Federation"],
        "x-permission": "manageGrants",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Levels"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/levels/{id}/revoke": {
      "post": {
        "operationId": "revokeLevel",
        "summary": "Believe a neighbour no longer",
        "tags": ["Federation"],
        "x-permission": "manageGrants",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "role", "in": "query", "schema": {"type": "string", "enum": ["superior", "lower"]}}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Level"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/witnesses": {
      "get": {
        "operationId": "logWitnesses",
        "summary": "Heads of the access logs of neighbours, and what they witnessed of ours",
        "tags": ["Federation"],
        "x-permission": "viewAccessLog",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LogWitnessPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: levels of our kind.
  static let levelsSchemas = #"""
    "Level": {
      "type": "object",
      "description": "A neighbour in one role, and whether it is a level of our kind that was enrolled.",
      "properties": {
        "id": {"type": "string"},
        "role": {"type": "string", "enum": ["superior", "lower"]},
        "name": {"type": "string"},
        "connected": {"type": "boolean", "description": "Whether it can be spoken to now."},
        "state": {"type": "string", "enum": ["stranger", "enrolled", "revoked"]},
        "enrolled": {"type": "string", "format": "date-time"},
        "revoked": {"type": "string", "format": "date-time"},
        "revokedBy": {"type": "string"},
        "key": {"type": "string", "description": "The id of its key: to be compared by telephone."},
        "formerUntil": {"type": "string", "format": "date-time", "description": "Until when its former key is good."},
        "knowsOurKey": {"type": "boolean", "description": "Whether it knows our latest key."}
      },
      "required": ["id", "role", "name", "connected", "state"]
    },
    "Levels": {
      "type": "object",
      "description": "Our key, and the neighbours.",
      "properties": {
        "key": {"type": "string", "description": "The id of our key."},
        "made": {"type": "string", "format": "date-time"},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Level"}}
      },
      "required": ["key", "made", "items"]
    },
    "LevelVisitor": {
      "type": "object",
      "description": "Somebody of another level who looked through us.",
      "properties": {
        "person": {"type": "string", "description": "As the conditions of a grant name the person: level/person/name."},
        "organisation": {"type": "string", "description": "The same for the organisation: level/organisation/id."},
        "name": {"type": "string", "description": "As that level shows the person."},
        "neighbour": {"type": "string"},
        "seen": {"type": "string", "format": "date-time"}
      },
      "required": ["person", "name", "neighbour", "seen"]
    },
    "LevelVisitorPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/LevelVisitor"}}
      },
      "required": ["items"]
    },
    "EnrolmentFor": {
      "type": "object",
      "description": "Whom a code is for.",
      "properties": {
        "id": {"type": "string"},
        "role": {"type": "string", "enum": ["superior", "lower"]}
      },
      "required": ["id", "role"]
    },
    "EnrolmentCode": {
      "type": "object",
      "description": "A code that the other side enters once.",
      "properties": {
        "code": {"type": "string"},
        "expires": {"type": "string", "format": "date-time"}
      },
      "required": ["code"]
    },
    "LogWitness": {
      "type": "object",
      "description": "What is known of the access log of a neighbour, and what it has witnessed of ours.",
      "properties": {
        "id": {"type": "string"},
        "role": {"type": "string", "enum": ["superior", "lower"]},
        "origin": {"type": "string", "description": "The name of its log."},
        "entries": {"type": "integer", "description": "Entries that its latest accepted head speaks of."},
        "root": {"type": "string"},
        "seen": {"type": "string", "format": "date-time"},
        "forked": {"type": "string", "format": "date-time", "description": "When a head came that does not go on from the one before: its log was changed or set back."},
        "witnessed": {"type": "integer", "description": "Entries of our log that it has witnessed since the start."},
        "witnessedAt": {"type": "string", "format": "date-time"}
      },
      "required": ["id", "role", "origin", "entries", "root", "seen"]
    },
    "LogWitnessPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/LogWitness"}}
      },
      "required": ["items"]
    }
    """#
}
