extension OpenAPIDocument {
  /// Paths: accounts.
  static let accountsPaths = #"""
    "/api/v1/session": {
      "post": {
        "operationId": "signIn",
        "summary": "Sign in with name and password or with a single-use link; browsers get a cookie too",
        "tags": ["Accounts"],
        "security": [],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignIn"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignedInSession"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "get": {
        "operationId": "session",
        "summary": "Who is signed in",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "signOut",
        "summary": "Sign out",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/password": {
      "post": {
        "operationId": "setPassword",
        "summary": "Set the own password; ends the other sessions",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PasswordChange"}}}
        },
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/second-factor": {
      "post": {
        "operationId": "enrolSecondFactor",
        "summary": "Make a secret for an authenticator app; it counts from its first right code on",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SecondFactorSecret"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/second-factor/confirm": {
      "post": {
        "operationId": "confirmSecondFactor",
        "summary": "Put the second factor in force with its first code",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SecondFactorCode"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecoveryCodes"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/second-factor/remove": {
      "post": {
        "operationId": "removeSecondFactor",
        "summary": "Take the own second factor away; needs a code",
        "tags": ["Accounts"],
        "x-permission": "ownSession",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SecondFactorCode"}}}
        },
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/sign-in": {
      "get": {
        "operationId": "signInWays",
        "summary": "How people sign in here",
        "tags": ["Accounts"],
        "security": [],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignInWays"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/external": {
      "get": {
        "operationId": "signInOutside",
        "summary": "Send the browser to the identity provider",
        "tags": ["Accounts"],
        "security": [],
        "responses": {
          "303": {"description": "To the provider, with a cookie that ties the way back to this browser."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/external/callback": {
      "get": {
        "operationId": "signedInOutside",
        "summary": "The way back from the identity provider",
        "tags": ["Accounts"],
        "security": [],
        "parameters": [
          {"name": "code", "in": "query", "schema": {"type": "string"}},
          {"name": "state", "in": "query", "schema": {"type": "string"}}
        ],
        "responses": {
          "303": {"description": "To the console: signed in, or with why not."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/users/{name}/second-factor": {
      "delete": {
        "operationId": "resetSecondFactor",
        "summary": "Take the second factor of an account away",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/users": {
      "get": {
        "operationId": "users",
        "summary": "All accounts",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccountPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "addUser",
        "summary": "Add an account",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewAccount"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/users/{name}": {
      "patch": {
        "operationId": "changeUser",
        "summary": "Give an account another role",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "type": "object",
                "properties": {"role": {"type": "string"}},
                "required": ["role"]
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeUser",
        "summary": "Remove an account and end its sessions",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/tokens": {
      "get": {
        "operationId": "tokens",
        "summary": "All API keys, without the keys",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TokenPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "addToken",
        "summary": "Make an API key; it is shown this once",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewToken"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/IssuedToken"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/tokens/{id}": {
      "delete": {
        "operationId": "revokeToken",
        "summary": "Make a key worthless",
        "tags": ["Accounts"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
