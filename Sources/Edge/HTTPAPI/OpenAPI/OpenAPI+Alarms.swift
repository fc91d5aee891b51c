extension OpenAPIDocument {
  /// Paths: alarms, and what devices are asked to report.
  static let alarmsPaths = #"""
    "/api/v1/alarms": {
      "get": {
        "operationId": "alarms",
        "summary": "Alarms of devices, newest first",
        "tags": ["Alarms"],
        "x-permission": "viewAlarms",
        "parameters": [
          {"name": "device", "in": "query", "schema": {"type": "string"}},
          {
            "name": "channel",
            "in": "query",
            "description": "What raised the alarm, or the camera that shows the place.",
            "schema": {"type": "string"}
          },
          {"name": "method", "in": "query", "schema": {"$ref": "#/components/schemas/AlarmMethod"}},
          {
            "name": "priority",
            "in": "query",
            "description": "At least this urgent.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 4}
          },
          {"name": "acknowledged", "in": "query", "schema": {"type": "boolean"}},
          {"name": "from", "in": "query", "schema": {"type": "string", "format": "date-time"}},
          {"name": "to", "in": "query", "schema": {"type": "string", "format": "date-time"}},
          {"$ref": "#/components/parameters/cursor"},
          {"$ref": "#/components/parameters/limit"}
        ],
        "responses": {
          "200": {
            "description": "One page. With acknowledged=false and nothing else, total counts all that wait.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlarmPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/alarms/{id}": {
      "get": {
        "operationId": "alarm",
        "summary": "One alarm",
        "tags": ["Alarms"],
        "x-permission": "viewAlarms",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Alarm"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/alarms/{id}/acknowledge": {
      "post": {
        "operationId": "acknowledgeAlarm",
        "summary": "Take note of an alarm, once and for good; the first acknowledgement stands",
        "tags": ["Alarms"],
        "x-permission": "acknowledgeAlarms",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": false,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AlarmNote"}}}
        },
        "responses": {
          "200": {
            "description": "The alarm as it is now.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Alarm"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/devices/{id}/subscriptions": {
      "get": {
        "operationId": "subscriptions",
        "summary": "What a device is asked to report, and whether it does",
        "tags": ["Devices"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Subscriptions"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "changeSubscriptions",
        "summary": "Change what a device is asked to report; what is not given stays",
        "tags": ["Devices"],
        "x-permission": "manageDevices",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SubscriptionsChange"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Subscriptions"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
