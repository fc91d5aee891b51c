extension OpenAPIDocument {
  /// Paths: recordings on board of devices.
  static let deviceRecordsPaths = #"""
    "/api/v1/channels/{id}/records": {
      "get": {
        "operationId": "records",
        "summary": "The recordings of an interval, one by one: those on board of the device, our own, or both",
        "tags": ["Device recordings"],
        "x-permission": "viewTimeline",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
          {"$ref": "#/components/parameters/from"},
          {"$ref": "#/components/parameters/to"},
          {
            "name": "source",
            "in": "query",
            "description": "own, device, or own,device; device when absent.",
            "schema": {"type": "string"}
          }
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RecordList"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/downloads": {
      "post": {
        "operationId": "beginDownload",
        "summary": "Fetch an interval from the device into an MP4",
        "tags": ["Device recordings"],
        "x-permission": "exportRecordings",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewDownload"}}}
        },
        "responses": {
          "201": {
            "description": "It waits for its turn or runs.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Download"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/downloads": {
      "get": {
        "operationId": "downloads",
        "summary": "Your downloads; an administrator sees all",
        "tags": ["Device recordings"],
        "x-permission": "exportRecordings",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DownloadPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/downloads/{download}": {
      "get": {
        "operationId": "download",
        "summary": "How far a download is",
        "tags": ["Device recordings"],
        "x-permission": "exportRecordings",
        "parameters": [{"name": "download", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Download"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "removeDownload",
        "summary": "Stop a download, or remove its file",
        "tags": ["Device recordings"],
        "x-permission": "exportRecordings",
        "parameters": [{"name": "download", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "It is gone."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/downloads/{download}/file.mp4": {
      "get": {
        "operationId": "downloadedFile",
        "summary": "The finished file, with range requests",
        "tags": ["Device recordings"],
        "x-permission": "exportRecordings",
        "parameters": [{"name": "download", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"video/mp4": {"schema": {"type": "string", "contentMediaType": "video/mp4"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: recordings on board of devices.
  static let deviceRecordsSchemas = #"""
    "Record": {
      "type": "object",
      "description": "One recording, as whoever holds it tells of it.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "source": {"type": "string", "description": "own or device."},
        "name": {"type": "string"},
        "type": {"type": "string", "description": "Why it was recorded: time, alarm or manual."},
        "size": {"type": "integer", "description": "Bytes."},
        "path": {"type": "string", "description": "The device's name for the file."},
        "recorder": {"type": "string"},
        "secret": {"type": "boolean"}
      },
      "required": ["from", "to", "source"]
    },
    "RecordList": {
      "type": "object",
      "description": "The recordings of an interval.",
      "properties": {
        "channel": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "records": {"type": "array", "items": {"$ref": "#/components/schemas/Record"}},
        "complete": {"type": "boolean", "description": "False when a device announced more than came."}
      },
      "required": ["channel", "from", "to", "records", "complete"]
    },
    "DeviceSource": {
      "type": "object",
      "description": "How far a device's answer about its recordings can be trusted.",
      "properties": {
        "state": {"type": "string", "enum": ["complete", "partial", "unanswered", "refused", "offline"]},
        "text": {"type": "string"}
      },
      "required": ["state"]
    },
    "HistoryQueue": {
      "type": "object",
      "description": "Who uses a device's recordings, and how many wait.",
      "properties": {
        "holder": {"type": "string", "description": "The account that holds the channel."},
        "since": {"type": "string", "format": "date-time"},
        "ahead": {"type": "integer", "description": "How many are before this one."},
        "waiting": {"type": "integer"}
      },
      "required": ["holder", "since", "ahead", "waiting"]
    },
    "DeviceRecordings": {
      "type": "object",
      "description": "How a device's recordings are asked for. What is given is changed; 0 restores the default.",
      "properties": {
        "listOffset": {"type": "integer", "description": "Seconds its list's times are ahead of Beijing time."},
        "inviteOffset": {"type": "integer", "description": "Seconds added to the times of an INVITE."},
        "sessions": {"type": "integer", "description": "Replays and downloads at once; 0: one per channel."}
      }
    },
    "NewDownload": {
      "type": "object",
      "description": "What to fetch from a device.",
      "properties": {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "speed": {"type": "integer", "minimum": 1, "maximum": 16, "description": "Multiple of real time."},
        "purpose": {"type": "string", "description": "Why; goes into the log of looks."},
        "caseNumber": {"type": "string", "description": "When the purpose needs one."},
        "approver": {"type": "string", "description": "Who approved, when the purpose needs that."}
      },
      "required": ["from", "to"]
    },
    "DownloadState": {"type": "string", "enum": ["queued", "running", "complete", "failed", "cancelled"]},
    "Download": {
      "type": "object",
      "description": "A recording that is fetched from a device, or was.",
      "properties": {
        "id": {"type": "string"},
        "channel": {"type": "string"},
        "user": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "state": {"$ref": "#/components/schemas/DownloadState"},
        "progress": {"type": "number", "description": "0…1."},
        "bytes": {"type": "integer", "description": "Received so far."},
        "expectedBytes": {"type": "integer", "description": "As the device announced it."},
        "reached": {"type": "string", "format": "date-time", "description": "The moment the pictures have reached."},
        "created": {"type": "string", "format": "date-time"},
        "ended": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time", "description": "When the file will be removed."},
        "file": {"type": "string", "description": "Path of the finished file."},
        "size": {"type": "integer"},
        "sha256": {"type": "string", "description": "Lower-case hexadecimal."},
        "queue": {"$ref": "#/components/schemas/HistoryQueue"},
        "cause": {
          "$ref": "#/components/schemas/Cause",
          "description": "Why it failed, or why a complete file ends before what was asked for."
        }
      },
      "required": ["id", "channel", "user", "from", "to", "state", "progress", "bytes", "created"]
    },
    "DownloadPage": {
      "type": "object",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Download"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    }
    """#
}
