extension OpenAPIDocument {
  /// Schemas: state, configuration, pictures and firmware of devices.
  static let deviceCareSchemas = #"""
    "DeviceState": {
      "type": "object",
      "description": "What a device answered to DeviceStatus.",
      "properties": {
        "ok": {"type": "boolean"},
        "online": {"type": "boolean"},
        "working": {"type": "boolean"},
        "reason": {"type": "string"},
        "encoding": {"type": "boolean"},
        "recording": {"type": "boolean"},
        "deviceTime": {"type": "string", "format": "date-time", "description": "Its clock."},
        "clockOffset": {"type": "number", "description": "Seconds that its clock is ahead of ours."},
        "alarmInputs": {"type": "array", "items": {"$ref": "#/components/schemas/AlarmInput"}}
      },
      "required": ["ok", "online", "working", "alarmInputs"]
    },
    "AlarmInput": {
      "type": "object",
      "description": "An alarm input of a device.",
      "properties": {
        "id": {"type": "string"},
        "duty": {"type": "string", "description": "on-duty, off-duty or alarm."}
      },
      "required": ["id", "duty"]
    },
    "StorageCard": {
      "type": "object",
      "description": "A storage card in a device.",
      "properties": {
        "number": {"type": "integer"},
        "name": {"type": "string"},
        "status": {
          "type": "string",
          "description": "ok, formatting, unformatted, idle, error, or what the device wrote."
        },
        "formatProgress": {"type": "integer", "description": "Per cent."},
        "capacity": {"type": "integer", "description": "Megabytes."},
        "free": {"type": "integer", "description": "Megabytes."}
      },
      "required": ["number", "status"]
    },
    "ConfigurationForm": {
      "type": "object",
      "description": "What may stand in a configuration block: what an editor needs.",
      "properties": {
        "block": {"type": "string"},
        "edition": {"type": "string", "description": "The first edition that has it: 2.0 or 3.0."},
        "writable": {"type": "boolean"},
        "fields": {"type": "array", "items": {"$ref": "#/components/schemas/ConfigurationField"}}
      },
      "required": ["block", "edition", "writable", "fields"]
    },
    "ConfigurationField": {
      "type": "object",
      "description": "One value of a configuration block.",
      "properties": {
        "name": {"type": "string", "description": "Its name in values."},
        "type": {"type": "string", "description": "integer, number, text, list or xml."},
        "required": {"type": "boolean"},
        "readOnly": {"type": "boolean", "description": "Only devices write it."},
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "most": {"type": "integer", "description": "Bytes of a text, entries of a list."},
        "fields": {
          "type": "array",
          "items": {"$ref": "#/components/schemas/ConfigurationField"},
          "description": "Of each entry of a list."
        }
      },
      "required": ["name", "type", "required", "readOnly"]
    },
    "ConfigurationBlock": {
      "type": "object",
      "description": "A configuration block as a device has it.",
      "properties": {
        "block": {"type": "string"},
        "values": {"type": "object", "description": "Under the names of the standard."}
      },
      "required": ["block", "values"]
    },
    "Configuration": {
      "type": "object",
      "description": "The configuration of a channel or device.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ConfigurationBlock"}},
        "missing": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Blocks that were asked for and did not come."
        }
      },
      "required": ["items", "missing"]
    },
    "ConfigurationChange": {
      "type": "object",
      "description": "New values for a configuration block.",
      "properties": {"values": {"type": "object", "description": "Under the names of the standard."}},
      "required": ["values"]
    },
    "ConfigurationResult": {
      "type": "object",
      "description": "What became of a change.",
      "properties": {
        "block": {"type": "string"},
        "confirmed": {"type": "boolean", "description": "Whether the device said that it took it."},
        "values": {"type": "object", "description": "What the device has now; absent when it does not tell."},
        "differences": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Names of what it has otherwise than was asked for."
        }
      },
      "required": ["block", "confirmed", "differences"]
    },
    "SnapshotRequest": {
      "type": "object",
      "description": "Pictures that a camera shall take itself.",
      "properties": {
        "count": {"type": "integer", "description": "1…10"},
        "interval": {"type": "integer", "description": "Seconds between two, at least 1."}
      }
    },
    "SnapshotSession": {
      "type": "object",
      "description": "Pictures that were asked for, and what came.",
      "properties": {
        "session": {"type": "string"},
        "channel": {"type": "string"},
        "state": {"type": "string", "description": "asked, complete, partial or failed."},
        "by": {"type": "string"},
        "started": {"type": "string", "format": "date-time"},
        "asked": {"type": "integer"},
        "arrived": {"type": "integer"},
        "reported": {
          "type": "integer",
          "description": "How many the camera says it uploaded; absent until it does."
        },
        "reason": {"type": "string", "description": "Why it failed."}
      },
      "required": ["session", "channel", "state", "by", "started", "asked", "arrived"]
    },
    "SnapshotFile": {
      "type": "object",
      "description": "A picture that a camera took itself.",
      "properties": {
        "file": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "bytes": {"type": "integer"}
      },
      "required": ["file", "time", "bytes"]
    },
    "Snapshots": {
      "type": "object",
      "description": "Pictures of a channel, and the orders of the last hour.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/SnapshotFile"}},
        "sessions": {"type": "array", "items": {"$ref": "#/components/schemas/SnapshotSession"}}
      },
      "required": ["items", "sessions"]
    },
    "FirmwareFile": {
      "type": "object",
      "description": "A file for upgrades.",
      "properties": {
        "name": {"type": "string"},
        "bytes": {"type": "integer", "format": "int64"},
        "sha256": {"type": "string", "description": "64 hexadecimal digits."},
        "placed": {"type": "string", "format": "date-time"}
      },
      "required": ["name", "bytes", "sha256", "placed"]
    },
    "Upgrade": {
      "type": "object",
      "description": "An upgrade of a device.",
      "properties": {
        "session": {"type": "string"},
        "device": {"type": "string"},
        "file": {"type": "string"},
        "firmware": {"type": "string"},
        "state": {
          "type": "string",
          "description": "offered, accepted, downloading, downloaded, restarted, done or failed."
        },
        "reason": {"type": "string", "description": "Why it failed."},
        "by": {"type": "string"},
        "started": {"type": "string", "format": "date-time"},
        "changed": {"type": "string", "format": "date-time"}
      },
      "required": ["session", "device", "file", "firmware", "state", "by", "started", "changed"]
    }
    """#
}
