extension OpenAPIDocument {
  /// Schemas: alarms, subscriptions, positions.
  static let alarmsSchemas = #"""
    "AlarmMethod": {
      "type": "string",
      "enum": ["telephone", "device", "sms", "position", "video", "fault", "other"]
    },
    "Alarm": {
      "type": "object",
      "description": "Something a device reported. Also the data of the event “alarm”.",
      "properties": {
        "id": {"type": "string"},
        "device": {"type": "string", "description": "The device that reported it."},
        "source": {"type": "string", "description": "The code of what raised it."},
        "name": {"type": "string", "description": "The name of what raised it."},
        "camera": {"type": "string", "description": "The channel that shows the place, where it is known."},
        "method": {"$ref": "#/components/schemas/AlarmMethod"},
        "type": {"type": "integer", "description": "AlarmType; its meaning depends on the method."},
        "kind": {"type": "string", "description": "The standard's word for method and type, such as tamper."},
        "typeName": {"type": "string", "description": "What the device wrote instead of a number."},
        "event": {"type": "integer", "description": "For an intrusion: 1 enter, 2 leave."},
        "priority": {"type": "integer", "description": "1 (most urgent) to 4."},
        "time": {"type": "string", "format": "date-time", "description": "By the device's own clock."},
        "moment": {
          "type": "string",
          "format": "date-time",
          "description": "When it happened on our clock: the device's time where it can be true."
        },
        "received": {"type": "string", "format": "date-time"},
        "last": {"type": "string", "format": "date-time", "description": "When it came in last."},
        "count": {"type": "integer", "description": "Equal alarms soon after each other are counted."},
        "text": {"type": "string"},
        "longitude": {"type": "number"},
        "latitude": {"type": "number"},
        "acknowledged": {"$ref": "#/components/schemas/AlarmAcknowledgement"}
      },
      "required": ["id", "device", "source", "method", "priority", "moment", "received", "last", "count"]
    },
    "AlarmAcknowledgement": {
      "type": "object",
      "description": "That a person has taken note.",
      "properties": {
        "by": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string"}
      },
      "required": ["by", "at", "note"]
    },
    "AlarmNote": {
      "type": "object",
      "description": "Takes note of an alarm.",
      "properties": {"note": {"type": "string", "maxLength": 500}}
    },
    "AlarmPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Alarm"}},
        "next": {"type": "string", "description": "Cursor of the next page; absent at the end."},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "Subscriptions": {
      "type": "object",
      "description": "What a device is asked to report.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Subscription"}},
        "resetsAlarms": {
          "type": "boolean",
          "description": "Whether an alarm input is set back after each alarm, so that it reports the next."
        },
        "armsGuard": {
          "type": "boolean",
          "description": "Whether the device is armed before it is asked for alarms: some report only then."
        },
        "positionInterval": {"type": "integer", "description": "Seconds between two positions of a mobile camera."}
      },
      "required": ["items", "resetsAlarms", "armsGuard", "positionInterval"]
    },
    "Subscription": {
      "type": "object",
      "description": "One kind of report.",
      "properties": {
        "kind": {"type": "string", "enum": ["catalog", "alarm", "position", "ptz-position"]},
        "choice": {"type": "string", "enum": ["on", "off", "usual"]},
        "wanted": {"type": "boolean"},
        "state": {
          "type": "string",
          "enum": ["off", "asleep", "asking", "active", "refreshing", "pausing"],
          "description": "asleep: the device is not registered; pausing: not granted, asked again later."
        },
        "expires": {"type": "string", "format": "date-time"},
        "lastReport": {"type": "string", "format": "date-time"},
        "reports": {"type": "integer"},
        "cause": {"type": "string", "description": "Why it is not granted."}
      },
      "required": ["kind", "choice", "wanted", "state", "reports"]
    },
    "SubscriptionsChange": {
      "type": "object",
      "description": "What is given is changed.",
      "properties": {
        "choices": {
          "type": "object",
          "additionalProperties": {"type": "string", "enum": ["on", "off", "usual"]},
          "description": "By kind."
        },
        "resetsAlarms": {"type": "boolean"},
        "armsGuard": {"type": "boolean"},
        "positionInterval": {"type": "integer", "minimum": 1, "maximum": 3600}
      }
    },
    "View": {
      "type": "object",
      "description": "Where a camera looks, as it last reported.",
      "properties": {
        "pan": {"type": "number", "description": "Degrees."},
        "tilt": {"type": "number", "description": "Degrees."},
        "zoom": {"type": "number", "description": "Times."},
        "received": {"type": "string", "format": "date-time"}
      },
      "required": ["received"]
    },
    "Position": {
      "type": "object",
      "description": "Where a mobile camera is: the latest report; earlier ones are not kept.",
      "properties": {
        "longitude": {"type": "number", "description": "Degrees east, WGS-84."},
        "latitude": {"type": "number", "description": "Degrees north, WGS-84."},
        "time": {"type": "string", "format": "date-time", "description": "By the device's own clock."},
        "received": {"type": "string", "format": "date-time"},
        "speed": {"type": "number", "description": "Kilometres per hour."},
        "direction": {"type": "number", "description": "Degrees clockwise from north."},
        "altitude": {"type": "number", "description": "Metres above the sea."}
      },
      "required": ["longitude", "latitude", "received"]
    }
    """#
}
