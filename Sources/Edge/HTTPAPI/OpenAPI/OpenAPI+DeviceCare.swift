extension OpenAPIDocument {
  /// Paths: state, configuration, pictures and firmware of devices.
  static let deviceCarePaths = #"""
    "/api/v1/devices/{id}/controls": {
      "post": {
        "operationId": "commandDevice",
        "summary": "Reboot, format cards, upgrade, guard, alarm",
        "tags": ["Devices"],
        "x-permission": "configure",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlRequest"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlAnswer"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/status": {
      "get": {
        "operationId": "deviceState",
        "summary": "What the device says of its state",
        "tags": ["Devices"],
        "x-permission": "diagnose",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceState"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/cards": {
      "get": {
        "operationId": "cards",
        "summary": "Its storage cards (2022)",
        "tags": ["Devices"],
        "x-permission": "diagnose",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/StorageCard"}},
                    "next": {"type": "string"},
                    "total": {"type": "integer"}
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
    "/api/v1/devices/{id}/upgrades": {
      "get": {
        "operationId": "upgrades",
        "summary": "Its upgrades, newest first",
        "tags": ["Devices"],
        "x-permission": "configure",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Upgrade"}},
                    "next": {"type": "string"},
                    "total": {"type": "integer"}
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
    "/api/v1/configuration-blocks": {
      "get": {
        "operationId": "configurationForms",
        "summary": "What may stand in a configuration block",
        "tags": ["Devices"],
        "x-permission": "configure",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/ConfigurationForm"}},
                    "next": {"type": "string"},
                    "total": {"type": "integer"}
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
    "/api/v1/devices/{id}/configuration": {
      "get": {
        "operationId": "configurationOfDevice",
        "summary": "What is set up, block by block",
        "tags": ["Devices"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "blocks",
            "in": "query",
            "schema": {"type": "string"},
            "description": "Names joined with commas; without it all that the edition knows."
          },
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Configuration"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/configuration/{block}": {
      "get": {
        "operationId": "configurationBlockOfDevice",
        "summary": "One block",
        "tags": ["Devices"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "block", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationBlock"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "configureOfDevice",
        "summary": "Set a block and read it back",
        "tags": ["Devices"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "block", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationResult"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/configuration": {
      "get": {
        "operationId": "configurationOfChannel",
        "summary": "What is set up, block by block",
        "tags": ["Cameras"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "blocks",
            "in": "query",
            "schema": {"type": "string"},
            "description": "Names joined with commas; without it all that the edition knows."
          },
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Configuration"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/configuration/{block}": {
      "get": {
        "operationId": "configurationBlockOfChannel",
        "summary": "One block",
        "tags": ["Cameras"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "block", "in": "path", "required": true, "schema": {"type": "string"}},
          {
            "name": "again",
            "in": "query",
            "schema": {"type": "boolean", "default": false},
            "description": "Ask although the device left this unanswered before."
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationBlock"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "configureOfChannel",
        "summary": "Set a block and read it back",
        "tags": ["Cameras"],
        "x-permission": "configure",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "block", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ConfigurationResult"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/snapshots": {
      "get": {
        "operationId": "snapshots",
        "summary": "Pictures that the camera took itself",
        "tags": ["Cameras"],
        "x-permission": "watchLive",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Snapshots"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "takeSnapshots",
        "summary": "Let the camera take pictures itself and bring them (2022)",
        "tags": ["Cameras"],
        "x-permission": "watchLive",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SnapshotRequest"}}}
        },
        "responses": {
          "202": {
            "description": "The camera was told.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SnapshotSession"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/snapshots/{file}": {
      "get": {
        "operationId": "snapshotFile",
        "summary": "One of these pictures",
        "tags": ["Cameras"],
        "x-permission": "watchLive",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "file", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "The answer.", "content": {"image/jpeg": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/upload/snapshots/{session}": {
      "put": {
        "operationId": "putSnapshot",
        "summary": "A picture of a camera, as the body or as the file of a form",
        "tags": ["Devices"],
        "security": [],
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"image/jpeg": {}, "multipart/form-data": {}}},
        "responses": {"200": {"description": "It is kept."}, "default": {"$ref": "#/components/responses/Problem"}}
      },
      "post": {
        "operationId": "postSnapshot",
        "summary": "A picture of a camera, as the body or as the file of a form",
        "tags": ["Devices"],
        "security": [],
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"image/jpeg": {}, "multipart/form-data": {}}},
        "responses": {"200": {"description": "It is kept."}, "default": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/upload/snapshots/{session}/{file}": {
      "put": {
        "operationId": "putSnapshotNamed",
        "summary": "A picture of a camera, as the body or as the file of a form",
        "tags": ["Devices"],
        "security": [],
        "parameters": [
          {"name": "session", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "file", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"image/jpeg": {}, "multipart/form-data": {}}},
        "responses": {"200": {"description": "It is kept."}, "default": {"$ref": "#/components/responses/Problem"}}
      },
      "post": {
        "operationId": "postSnapshotNamed",
        "summary": "A picture of a camera, as the body or as the file of a form",
        "tags": ["Devices"],
        "security": [],
        "parameters": [
          {"name": "session", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "file", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "requestBody": {"required": true, "content": {"image/jpeg": {}, "multipart/form-data": {}}},
        "responses": {"200": {"description": "It is kept."}, "default": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/api/v1/firmware": {
      "get": {
        "operationId": "firmware",
        "summary": "Files for upgrades",
        "tags": ["Devices"],
        "x-permission": "configure",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/FirmwareFile"}},
                    "next": {"type": "string"},
                    "total": {"type": "integer"}
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
    "/api/v1/firmware/{name}": {
      "put": {
        "operationId": "placeFirmware",
        "summary": "Place a file for upgrades",
        "tags": ["Devices"],
        "x-permission": "manageFirmware",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"required": true, "content": {"application/octet-stream": {}}},
        "responses": {
          "201": {
            "description": "The file.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FirmwareFile"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeFirmware",
        "summary": "Remove a file",
        "tags": ["Devices"],
        "x-permission": "manageFirmware",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"204": {"description": "It is gone."}, "default": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/firmware/{session}/{file}": {
      "get": {
        "operationId": "fetchFirmware",
        "summary": "The file of an upgrade, for its device, once",
        "tags": ["Devices"],
        "security": [],
        "parameters": [
          {"name": "session", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "file", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {"description": "The answer.", "content": {"application/octet-stream": {}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
