extension OpenAPIDocument {
  /// Schemas: cameras that move, and commands.
  static let controlSchemas = #"""
    "PTZActionName": {
      "type": "string",
      "description": "What a camera can be told (§4.9).",
      "enum": [
        "move", "lens", "stop", "preset-call", "preset-set", "preset-delete", "cruise-start",
        "cruise-stop", "cruise-add", "cruise-remove", "cruise-clear", "cruise-speed", "cruise-stay",
        "scan-start", "scan-stop", "scan-left", "scan-right", "scan-speed", "auxiliary",
        "drag-zoom-in", "drag-zoom-out", "precise"
      ]
    },
    "PTZRequest": {
      "type": "object",
      "description": "One order to a camera. Which values it needs depends on action.",
      "properties": {
        "action": {"$ref": "#/components/schemas/PTZActionName"},
        "pan": {
          "type": "number",
          "description": "Of a movement: −1 (left) … 1 (right). Of precise: degrees 0…360."
        },
        "tilt": {
          "type": "number",
          "description": "Of a movement: −1 (down) … 1 (up). Of precise: degrees −30…90, down positive."
        },
        "zoom": {"type": "number", "description": "Of a movement: −1 (out) … 1 (in). Of precise: times."},
        "focus": {"type": "number", "description": "−1 (near) … 1 (far)"},
        "iris": {"type": "number", "description": "−1 (close) … 1 (open)"},
        "hold": {
          "type": "integer",
          "description": "Milliseconds after which a movement ends unless it is renewed."
        },
        "number": {"type": "integer", "description": "Preset 1…255, or switch 0…255 (1 is the wiper)."},
        "name": {"type": "string", "description": "Name of a preset that is set."},
        "group": {"type": "integer", "description": "Cruise or scan 0…255."},
        "value": {
          "type": "integer",
          "description": "Speed of a cruise or scan, or seconds at each point: 0…4095."
        },
        "on": {"type": "boolean", "description": "Switch on or off."},
        "box": {"$ref": "#/components/schemas/DragBox"}
      },
      "required": ["action"]
    },
    "DragBox": {
      "type": "object",
      "description": "A rectangle drawn in a picture. Pixels, origin top left.",
      "properties": {
        "windowWidth": {"type": "integer"},
        "windowHeight": {"type": "integer"},
        "centreX": {"type": "integer"},
        "centreY": {"type": "integer"},
        "width": {"type": "integer"},
        "height": {"type": "integer"}
      },
      "required": ["windowWidth", "windowHeight", "centreX", "centreY", "width", "height"]
    },
    "CameraGrip": {
      "type": "object",
      "description": "Who moves a camera.",
      "properties": {
        "by": {"type": "string"},
        "priority": {"type": "integer", "description": "1…254: the higher moves."},
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "When it is free again unless another order comes."
        },
        "moving": {"type": "boolean", "description": "Whether it moves now."}
      },
      "required": ["by", "priority", "until", "moving"]
    },
    "PTZAnswer": {
      "type": "object",
      "description": "What became of an order to a camera.",
      "properties": {
        "command": {"type": "string", "description": "The element that was sent."},
        "hex": {"type": "string", "description": "PTZCmd as it was sent, when it was one."},
        "milliseconds": {"type": "integer", "description": "Until the device's SIP side took it."},
        "holder": {"$ref": "#/components/schemas/CameraGrip"}
      },
      "required": ["command", "milliseconds"]
    },
    "CameraControl": {
      "type": "object",
      "description": "What a console needs to know before it offers to move a camera.",
      "properties": {
        "edition": {"type": "string", "description": "The edition that the device speaks: 2.0, 3.0 …"},
        "ptzType": {"type": "integer", "description": "PTZType of its catalog, 1…7; absent when it says none."},
        "unknown": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Actions and queries that its edition does not know."
        },
        "unanswered": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Queries that it left unanswered; asked again with again=true, or when it registers with other firmware."
        },
        "holder": {"$ref": "#/components/schemas/CameraGrip"}
      },
      "required": ["edition", "unknown", "unanswered"]
    },
    "ControlName": {
      "type": "string",
      "description": "Commands that go to a channel or its device.",
      "enum": [
        "key-frame", "home-position", "record-start", "record-stop", "guard-on", "guard-off",
        "alarm-reset", "reboot", "format-card", "upgrade"
      ]
    },
    "ControlRequest": {
      "type": "object",
      "description": "A command.",
      "properties": {
        "command": {"$ref": "#/components/schemas/ControlName"},
        "target": {
          "type": "string",
          "description": "channel or device: some recorders act only on their own code. Without it what is set for the device."
        },
        "stream": {"type": "integer", "description": "Of record-start: 0 main, 1 first sub-stream (2022)."},
        "method": {"type": "string", "description": "Of alarm-reset: AlarmMethod, several joined with /."},
        "type": {"type": "string", "description": "Of alarm-reset: AlarmType."},
        "card": {"type": "integer", "description": "Of format-card: from 1; 0 means all."},
        "file": {
          "type": "string",
          "description": "Of upgrade: the name of a file that was placed under /api/v1/firmware."
        },
        "firmware": {"type": "string", "description": "Of upgrade: the version that the device will have."}
      },
      "required": ["command"]
    },
    "ControlAnswer": {
      "type": "object",
      "description": "What became of a command.",
      "properties": {
        "command": {"$ref": "#/components/schemas/ControlName"},
        "confirmed": {
          "type": "boolean",
          "description": "Whether the device said in a document that it did it. Absent for commands that none answers; false when the answer did not come, though the device took the command."
        },
        "milliseconds": {"type": "integer", "description": "Until the device answered."},
        "session": {"type": "string", "description": "Of upgrade: its session."}
      },
      "required": ["command", "milliseconds"]
    },
    "Preset": {
      "type": "object",
      "description": "A stored position of a camera.",
      "properties": {
        "number": {"type": "integer"},
        "name": {"type": "string"},
        "source": {
          "type": "string",
          "description": "device: the device lists it. platform: it was set here, and the device cannot list its presets."
        }
      },
      "required": ["number", "source"]
    },
    "PresetName": {
      "type": "object",
      "description": "Another name for a preset.",
      "properties": {
        "name": {
          "type": "string",
          "description": "At most 32 letters or 16 Chinese characters; empty gives the device's own name back."
        }
      },
      "required": ["name"]
    },
    "Presets": {
      "type": "object",
      "description": "The presets of a camera.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Preset"}},
        "listed": {
          "type": "boolean",
          "description": "False when the device did not answer and the list is what was set from here."
        },
        "complete": {"type": "boolean", "description": "False when the device announced more than it sent."}
      },
      "required": ["items", "listed", "complete"]
    },
    "HomePosition": {
      "type": "object",
      "description": "The preset to which a camera returns by itself.",
      "properties": {
        "enabled": {"type": "boolean"},
        "resetTime": {"type": "integer", "description": "Seconds."},
        "preset": {"type": "integer", "description": "0…255"}
      },
      "required": ["enabled"]
    },
    "PTZPosition": {
      "type": "object",
      "description": "Where a camera looks.",
      "properties": {
        "pan": {"type": "number"},
        "tilt": {"type": "number"},
        "zoom": {"type": "number"},
        "horizontalFieldAngle": {"type": "number"},
        "verticalFieldAngle": {"type": "number"},
        "maxViewDistance": {"type": "number"}
      }
    },
    "Cruise": {
      "type": "object",
      "description": "A cruise that a device knows.",
      "properties": {
        "number": {"type": "integer"},
        "name": {"type": "string"},
        "points": {
          "type": "array",
          "items": {"$ref": "#/components/schemas/CruisePoint"},
          "description": "Only when one cruise is asked for."
        }
      },
      "required": ["number"]
    },
    "CruisePoint": {
      "type": "object",
      "description": "One stop of a cruise.",
      "properties": {
        "preset": {"type": "integer"},
        "stay": {"type": "integer", "description": "Seconds."},
        "speed": {"type": "integer", "description": "1…15"}
      },
      "required": ["preset"]
    }
    """#
}
