extension OpenAPIDocument {
  /// Paths: who may look, and why.
  static let rightsPaths = #"""
    "/api/v1/purposes": {
      "get": {
        "operationId": "purposes",
        "summary": "The list of purposes",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PurposePage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/purposes/{code}": {
      "put": {
        "operationId": "savePurpose",
        "summary": "Add or change a purpose",
        "tags": ["Rights"],
        "x-permission": "manageGrants",
        "parameters": [{"name": "code", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PurposeChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Purpose"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/session/purpose": {
      "get": {
        "operationId": "ownPurpose",
        "summary": "The purpose that the own looks carry",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OwnPurpose"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "setOwnPurpose",
        "summary": "State another purpose",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StandingPurpose"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OwnPurpose"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "resetOwnPurpose",
        "summary": "Back to the purpose of the role",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OwnPurpose"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/organisations": {
      "get": {
        "operationId": "organisations",
        "summary": "All organisations",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/OrganisationPage"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/organisations/{id}": {
      "put": {
        "operationId": "saveOrganisation",
        "summary": "Add or change an organisation",
        "tags": ["Rights"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/OrganisationChange"}}
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Organisation"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeOrganisation",
        "summary": "Remove an organisation; its grants are revoked",
        "tags": ["Rights"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/people": {
      "get": {
        "operationId": "people",
        "summary": "What accounts have beside their role",
        "tags": ["Rights"],
        "x-permission": "manageAccounts",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PersonPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/people/{name}": {
      "patch": {
        "operationId": "changePerson",
        "summary": "Change an account's organisation and standing purpose",
        "tags": ["Rights"],
        "x-permission": "manageAccounts",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PersonChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/grants": {
      "get": {
        "operationId": "grants",
        "summary": "All grants, newest first, revoked ones too",
        "tags": ["Rights"],
        "x-permission": "viewGrants",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GrantPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "addGrant",
        "summary": "Give a grant",
        "tags": ["Rights"],
        "x-permission": "manageGrants",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewGrant"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/grants/{id}": {
      "delete": {
        "operationId": "revokeGrant",
        "summary": "Revoke a grant; pictures under it end",
        "tags": ["Rights"],
        "x-permission": "manageGrants",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Grant"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/grants/explain": {
      "post": {
        "operationId": "explainAccess",
        "summary": "What would be decided, and why; nobody is told",
        "tags": ["Rights"],
        "x-permission": "viewGrants",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccessTrial"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/AccessExplanation"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-requests": {
      "get": {
        "operationId": "accessRequests",
        "summary": "The own requests; for who decides all",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/AccessRequestPage"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "askForAccess",
        "summary": "Ask for access",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewAccessRequest"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccessRequest"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-requests/{id}/decision": {
      "post": {
        "operationId": "decideAccessRequest",
        "summary": "Grant or refuse",
        "tags": ["Rights"],
        "x-permission": "manageGrants",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/AccessRequestDecision"}}
          }
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccessRequest"}}}
          },
          "202": {
            "description": "It waits for a second person, where the level asks for one.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/access-requests/{id}": {
      "delete": {
        "operationId": "withdrawAccessRequest",
        "summary": "Withdraw an own request",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccessRequest"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/break-glass": {
      "get": {
        "operationId": "brokenGlasses",
        "summary": "The own emergencies; for reviewers all",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BreakGlassPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "breakGlass",
        "summary": "Take access in an emergency, with a reason that is reviewed",
        "tags": ["Rights"],
        "x-permission": "breakGlass",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewBreakGlass"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BreakGlass"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/break-glass/{id}/review": {
      "post": {
        "operationId": "reviewBreakGlass",
        "summary": "Review an emergency",
        "tags": ["Rights"],
        "x-permission": "reviewBreakGlass",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BreakGlassReview"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BreakGlass"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/proposals": {
      "get": {
        "operationId": "proposals",
        "summary": "Actions that wait for a second person: the own, and those that one may confirm",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProposalPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/proposals/{id}/confirmation": {
      "post": {
        "operationId": "confirmProposal",
        "summary": "Confirm somebody else's action: it is carried out now, and its answer is this answer",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "2XX": {"description": "The answer of the action."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/proposals/{id}": {
      "delete": {
        "operationId": "withdrawProposal",
        "summary": "Withdraw an own proposal, or decline another's",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Proposal"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/labels": {
      "get": {
        "operationId": "labels",
        "summary": "The labels of a channel",
        "tags": ["Rights"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChannelLabels"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "setLabels",
        "summary": "Give a channel exactly these labels",
        "tags": ["Rights"],
        "x-permission": "manageGrants",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChannelLabels"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChannelLabels"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/sessions": {
      "get": {
        "operationId": "signedIn",
        "summary": "Who is signed in where: the own sessions, for administrators all",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/SignedInElsewherePage"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/sessions/{id}": {
      "delete": {
        "operationId": "endSession",
        "summary": "End a session",
        "tags": ["Rights"],
        "x-permission": "ownSession",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
