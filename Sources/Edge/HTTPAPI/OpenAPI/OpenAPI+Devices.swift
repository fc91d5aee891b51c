extension OpenAPIDocument {
  /// Paths: devices.
  static let devicesPaths = #"""
    "/api/v1/devices": {
      "get": {
        "operationId": "devices",
        "summary": "Devices that may register",
        "tags": ["Devices"],
        "x-permission": "viewRegistry",
        "parameters": [
          {
            "name": "status",
            "in": "query",
            "description": "Only these.",
            "schema": {"$ref": "#/components/schemas/DeviceStatus"}
          },
          {
            "name": "q",
            "in": "query",
            "description": "Part of a name, code, address, manufacturer or model.",
            "schema": {"type": "string"}
          },
          {"$ref": "#/components/parameters/cursor"},
          {"$ref": "#/components/parameters/limit"}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DevicePage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "post": {
        "operationId": "addDevice",
        "summary": "Provision a device",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewDevice"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/import": {
      "post": {
        "operationId": "importDevices",
        "summary": "Provision many devices from CSV, or only check the file",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [
          {
            "name": "dryRun",
            "in": "query",
            "description": "Only say what would happen.",
            "schema": {"type": "boolean"}
          }
        ],
        "requestBody": {"required": true, "content": {"text/csv": {"schema": {"type": "string"}}}},
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ImportResult"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}": {
      "get": {
        "operationId": "device",
        "summary": "One device",
        "tags": ["Devices"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "patch": {
        "operationId": "changeDevice",
        "summary": "Change a device",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeDevice",
        "summary": "Remove a device and its channels",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/refresh": {
      "post": {
        "operationId": "refreshDevice",
        "summary": "Ask the device again what it is and what it has",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "202": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refreshed"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/doctor": {
      "get": {
        "operationId": "deviceDoctor",
        "summary": "Why a device is not there or not as it should be",
        "tags": ["Devices"],
        "x-permission": "diagnose",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaDiagnosis"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/ladder": {
      "get": {
        "operationId": "ladder",
        "summary": "The last signalling messages with a device",
        "tags": ["Devices"],
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
    },
    "/api/v1/quarantine": {
      "get": {
        "operationId": "quarantine",
        "summary": "Devices that wait for approval",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/QuarantinedDevicePage"}}
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/quarantine/{id}/approve": {
      "post": {
        "operationId": "approve",
        "summary": "Provision a device that waits",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Approval"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Device"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/quarantine/{id}": {
      "delete": {
        "operationId": "dismiss",
        "summary": "Forget a device that waits",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
