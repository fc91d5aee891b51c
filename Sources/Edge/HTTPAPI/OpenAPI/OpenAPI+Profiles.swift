extension OpenAPIDocument {
  /// Paths: how makes of devices, and single devices, are spoken to.
  static let profilesPaths = #"""
    "/api/v1/profiles": {
      "get": {
        "operationId": "profiles",
        "summary": "Profiles of makes, and the habits a device may have",
        "tags": ["Devices"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProfileList"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/profile": {
      "get": {
        "operationId": "deviceProfile",
        "summary": "How a device is spoken to, and why",
        "tags": ["Devices"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceProfile"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "patch": {
        "operationId": "changeDeviceProfile",
        "summary": "Change how a device is spoken to",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceProfileChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeviceProfile"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: profiles.
  static let profilesSchemas = #"""
    "Profile": {
      "type": "object",
      "description": "How one make of devices is spoken to.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "note": {"type": "string", "description": "Why it is so."},
        "marks": {"$ref": "#/components/schemas/ProfileMarks"},
        "habits": {"type": "object", "additionalProperties": {"type": "string"}}
      },
      "required": ["id", "name", "note", "marks", "habits"]
    },
    "ProfileMarks": {
      "type": "object",
      "description": "Words in what a device says of itself that recognise its make.",
      "properties": {
        "manufacturers": {"type": "array", "items": {"type": "string"}},
        "models": {"type": "array", "items": {"type": "string"}},
        "userAgents": {"type": "array", "items": {"type": "string"}}
      },
      "required": ["manufacturers", "models", "userAgents"]
    },
    "ProfileList": {
      "type": "object",
      "description": "Every profile, in the order in which they are tried, and every habit.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Profile"}},
        "habits": {"type": "array", "items": {"$ref": "#/components/schemas/HabitDescription"}}
      },
      "required": ["items", "habits"]
    },
    "HabitDescription": {
      "type": "object",
      "description": "What may differ from the standard, and the values it may have.",
      "properties": {
        "name": {"type": "string"},
        "values": {"type": "string"},
        "summary": {"type": "string"}
      },
      "required": ["name", "values", "summary"]
    },
    "DeviceProfile": {
      "type": "object",
      "description": "How one device is spoken to, and why.",
      "properties": {
        "profile": {"type": "string", "description": "The id of the profile that holds."},
        "name": {"type": "string"},
        "note": {"type": "string"},
        "ground": {"type": "string", "enum": ["setting", "manufacturer", "model", "user-agent", "none"]},
        "habits": {"type": "array", "items": {"$ref": "#/components/schemas/DeviceHabit"}}
      },
      "required": ["profile", "name", "note", "ground", "habits"]
    },
    "DeviceHabit": {
      "type": "object",
      "description": "One habit. Without a value the standard's way holds.",
      "properties": {
        "name": {"type": "string"},
        "value": {"type": "string"},
        "from": {"type": "string", "enum": ["device", "profile", "standard"]}
      },
      "required": ["name", "from"]
    },
    "DeviceProfileChange": {
      "type": "object",
      "description": "What is given is changed.",
      "properties": {
        "profile": {"type": "string", "description": "The id of a profile, or auto."},
        "habits": {
          "type": "object",
          "description": "Values by name; an empty one leaves that habit to the profile again.",
          "additionalProperties": {"type": "string"}
        }
      }
    }
    """#
}
