extension OpenAPIDocument {
  /// Paths: the access log.
  static let accessLogPaths = #"""
    "/api/v1/access-log": {
      "get": {
        "operationId": "accessLog",
        "summary": "Entries of the access log by who, what, when and why, newest first; or the register of retrievals",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "parameters": [
          {
            "name": "kind", "in": "query", "schema": {"type": "string"},
            "description": "Kinds, separated by commas: look-begin, export, control, configuration, \u2026"
          },
          {"name": "user", "in": "query", "schema": {"type": "string"}},
          {"name": "channel", "in": "query", "schema": {"type": "string"}, "description": "Who watched this channel."},
          {"name": "purpose", "in": "query", "schema": {"type": "string"}, "description": "Code of a purpose."},
          {"name": "case", "in": "query", "schema": {"type": "string"}},
          {"name": "q", "in": "query", "schema": {"type": "string"}, "description": "Occurs anywhere in an entry."},
          {
            "name": "from", "in": "query", "schema": {"type": "string", "format": "date-time"},
            "description": "Entries at or after this."
          },
          {
            "name": "to", "in": "query", "schema": {"type": "string", "format": "date-time"},
            "description": "Entries before this."
          },
          {
            "name": "format", "in": "query", "schema": {"type": "string", "enum": ["json", "register"]},
            "description": "register: a CSV with reason, content, person and unit of every retrieval; taking it is logged."
          },
          {"name": "language", "in": "query", "schema": {"type": "string", "enum": ["en", "zh"]}},
          {"$ref": "#/components/parameters/cursor"},
          {"$ref": "#/components/parameters/limit"}
        ],
        "responses": {
          "200": {
            "description": "A page of entries.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/LoggedEntry"}},
                    "next": {"type": "string"}
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
    "/api/v1/access-log/head": {
      "get": {
        "operationId": "logHead",
        "summary": "Where the log stands, by whom its head is signed and witnessed, and the keys to check it with",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LogHead"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/checkpoint": {
      "get": {
        "operationId": "logCheckpoint",
        "summary": "A signed head over everything that is in the log (C2SP tlog-checkpoint)",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "parameters": [
          {
            "name": "witnessed", "in": "query", "schema": {"type": "boolean"},
            "description": "The latest head that neighbours have cosigned instead."
          }
        ],
        "responses": {
          "200": {
            "description": "A signed note.",
            "content": {"text/plain": {"schema": {"type": "string"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/consistency": {
      "get": {
        "operationId": "logConsistency",
        "summary": "The proof that the log of now goes on from an earlier head (body of C2SP add-checkpoint)",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "parameters": [
          {
            "name": "from", "in": "query", "required": true, "schema": {"type": "integer", "minimum": 0},
            "description": "Size of the earlier head."
          }
        ],
        "responses": {
          "200": {
            "description": "Old size, hashes, an empty line, the head.",
            "content": {"text/plain": {"schema": {"type": "string"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/entries/{number}": {
      "get": {
        "operationId": "logEntry",
        "summary": "One entry",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "parameters": [{"name": "number", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LoggedEntry"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/entries/{number}/proof": {
      "get": {
        "operationId": "logProof",
        "summary": "One entry with the proof that it is in the log (C2SP tlog-proof), for tributary verify log",
        "tags": ["Access log"],
        "x-permission": "viewAccessLog",
        "parameters": [{"name": "number", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The proof.",
            "content": {"text/plain": {"schema": {"type": "string"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-log/entries/{number}/erasure": {
      "post": {
        "operationId": "eraseLogWords",
        "summary": "Erase the words about persons beside an entry; the entry and every proof stay",
        "tags": ["Access log"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "number", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LogErasure"}}}
        },
        "responses": {
          "204": {"description": "Erased, and logged that it was."},
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: the access log.
  static let accessLogSchemas = #"""
    "LoggedEntry": {
      "type": "object",
      "description": "One entry of the access log.",
      "properties": {
        "number": {"type": "integer", "description": "From 0."},
        "kind": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "facts": {
          "type": "object", "additionalProperties": {"type": "string"},
          "description": "What the entry says in clear, by field."
        },
        "persons": {
          "type": "object", "additionalProperties": {"type": "string"},
          "description": "What stands beside it about persons; empty once it was erased."
        },
        "erased": {"type": "boolean"}
      },
      "required": ["number", "kind", "time", "facts", "persons", "erased"]
    },
    "LogHead": {
      "type": "object",
      "description": "Where the access log stands.",
      "properties": {
        "origin": {"type": "string"},
        "entries": {"type": "integer", "description": "On the disk."},
        "signedEntries": {"type": "integer", "description": "That the signed head speaks of."},
        "root": {"type": "string"},
        "signers": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "name": {"type": "string"},
              "witness": {"type": "boolean"},
              "time": {"type": "string", "format": "date-time"}
            },
            "required": ["name", "witness"]
          }
        },
        "witnessedEntries": {"type": "integer"},
        "keys": {"type": "array", "items": {"type": "string"}},
        "failure": {"type": "string", "description": "Why the latest head could not be written."}
      },
      "required": ["origin", "entries", "signedEntries", "root", "signers", "keys"]
    },
    "LogErasure": {
      "type": "object",
      "properties": {"reason": {"type": "string", "description": "Why; it is logged."}},
      "required": ["reason"]
    }
    """#
}
