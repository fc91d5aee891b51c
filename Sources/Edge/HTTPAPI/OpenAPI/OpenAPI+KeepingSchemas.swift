extension OpenAPIDocument {
  /// Schemas: how long recordings are kept.
  static let keepingSchemas = #"""
    "RetentionRules": {
      "type": "object",
      "description": "The rules of deleting.",
      "properties": {
        "classes": {"type": "array", "items": {"$ref": "#/components/schemas/RetentionClassRules"}},
        "reserveBytes": {"type": "integer", "description": "Bytes of the disk that recordings leave free."},
        "exhaustion": {
          "type": "string",
          "description": "When even promised recordings would have to go: shed deletes them, stop stops recording."
        }
      },
      "required": ["classes", "reserveBytes", "exhaustion"]
    },
    "RetentionClassRules": {
      "type": "object",
      "description": "The rules of one class of recordings.",
      "properties": {
        "name": {"type": "string", "description": "expendable, normal or important."},
        "maximumDays": {
          "type": "number",
          "description": "Older recordings are deleted; without it they stay until space runs out."
        },
        "minimumDays": {"type": "number", "description": "Space alone does not delete younger recordings."}
      },
      "required": ["name", "minimumDays"]
    },
    "Retention": {
      "type": "object",
      "description": "The rules in force and what they have deleted.",
      "properties": {
        "rules": {"$ref": "#/components/schemas/RetentionRules"},
        "deleted": {"type": "array", "items": {"$ref": "#/components/schemas/DeletedRecordings"}},
        "files": {"type": "integer"},
        "bytes": {"type": "integer"},
        "oldest": {"type": "string", "format": "date-time"},
        "newest": {"type": "string", "format": "date-time"}
      },
      "required": ["rules", "deleted", "files", "bytes"]
    },
    "DeletedRecordings": {
      "type": "object",
      "description": "Files and bytes under one rule.",
      "properties": {
        "rule": {
          "type": "string",
          "description": "maximum-age, reserved-space or reserved-space-below-minimum-age."
        },
        "files": {"type": "integer"},
        "bytes": {"type": "integer"}
      },
      "required": ["rule", "files", "bytes"]
    },
    "RetentionPreview": {
      "type": "object",
      "description": "What rules would delete if they were in force now.",
      "properties": {
        "files": {"type": "integer"},
        "bytes": {"type": "integer"},
        "oldest": {"type": "string", "format": "date-time"},
        "newest": {"type": "string", "format": "date-time"},
        "rules": {"type": "array", "items": {"$ref": "#/components/schemas/DeletedRecordings"}},
        "channels": {"type": "array", "items": {"$ref": "#/components/schemas/ChannelLoss"}},
        "breaksPromise": {
          "type": "boolean",
          "description": "Recordings younger than their promised age would have to go."
        },
        "missingBytes": {"type": "integer", "description": "Bytes that would still be missing to the reserve."},
        "complete": {
          "type": "boolean",
          "description": "False when so much would go that only the beginning was looked at."
        }
      },
      "required": ["files", "bytes", "rules", "channels", "breaksPromise", "missingBytes", "complete"]
    },
    "ChannelLoss": {
      "type": "object",
      "description": "What one channel would lose.",
      "properties": {
        "channel": {"type": "string"},
        "files": {"type": "integer"},
        "bytes": {"type": "integer"},
        "oldest": {"type": "string", "format": "date-time"},
        "newest": {"type": "string", "format": "date-time"}
      },
      "required": ["channel", "files", "bytes", "oldest", "newest"]
    },
    "IndexCheck": {
      "type": "object",
      "description": "The last comparison of index and recorded files.",
      "properties": {
        "running": {"type": "boolean"},
        "started": {"type": "string", "format": "date-time", "description": "Absent before the first."},
        "ended": {"type": "string", "format": "date-time"},
        "files": {"type": "integer", "description": "Entries of the index that were looked at."},
        "hashed": {"type": "integer", "description": "Files whose bytes were read and hashed again."},
        "hashedBytes": {"type": "integer"},
        "faults": {
          "type": "object",
          "additionalProperties": {"type": "integer"},
          "description": "By kind: missing, unknown, size, hash, unreadable."
        },
        "damaged": {
          "type": "array",
          "items": {"$ref": "#/components/schemas/DamagedRecording"},
          "description": "Marked files, the latest first; at most 100."
        }
      },
      "required": ["running", "files", "hashed", "hashedBytes", "faults", "damaged"]
    },
    "DamagedRecording": {
      "type": "object",
      "description": "A recorded file that is not what it was.",
      "properties": {
        "channel": {"type": "string"},
        "start": {"type": "string", "format": "date-time"},
        "fault": {"type": "string", "description": "size, hash or unreadable."},
        "seen": {"type": "string", "format": "date-time"}
      },
      "required": ["channel", "start", "fault", "seen"]
    },
    "Hold": {
      "type": "object",
      "description": "An order that nothing of an interval is deleted.",
      "properties": {
        "id": {"type": "string"},
        "channel": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "reason": {"type": "string"},
        "by": {"type": "string", "description": "The account that placed it."},
        "placed": {"type": "string", "format": "date-time"},
        "until": {"type": "string", "format": "date-time", "description": "When it ends by itself."},
        "released": {"type": "string", "format": "date-time"},
        "releasedBy": {"type": "string"},
        "active": {"type": "boolean", "description": "Whether it protects anything now."},
        "files": {"type": "integer", "description": "Files that reach into the interval."},
        "bytes": {"type": "integer"}
      },
      "required": ["id", "channel", "from", "to", "reason", "by", "placed", "active", "files", "bytes"]
    },
    "NewHold": {
      "type": "object",
      "description": "A hold to be placed.",
      "properties": {
        "channel": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "reason": {"type": "string", "description": "Why: it stands in the list for good."},
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "When it ends by itself; without it, when somebody releases it."
        }
      },
      "required": ["channel", "from", "to", "reason"]
    },
    "HoldPage": {
      "type": "object",
      "description": "All holds that were asked for.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Hold"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    }
    """#
}
