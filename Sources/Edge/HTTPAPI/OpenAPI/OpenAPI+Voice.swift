extension OpenAPIDocument {
  /// Paths: speaking through cameras and loudspeakers.
  static let voicePaths = #"""
    "/api/v1/channels/{id}/voice": {
      "post": {
        "operationId": "openVoice",
        "summary": "Speak through a camera or its loudspeaker; answers when sound can go, or why it cannot",
        "tags": ["Voice"],
        "x-permission": "talk",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": false,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VoiceRequest"}}}
        },
        "responses": {
          "201": {
            "description": "The device has called; its loudspeaker is this caller's.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VoiceOpened"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "get": {
        "operationId": "voice",
        "summary": "Who speaks through the channel's device",
        "tags": ["Voice"],
        "x-permission": "viewRegistry",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Voice"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "closeVoice",
        "summary": "End the voice session, also one that is being opened",
        "tags": ["Voice"],
        "x-permission": "talk",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/voices": {
      "get": {
        "operationId": "voices",
        "summary": "Everybody who speaks through a device",
        "tags": ["Voice"],
        "x-permission": "viewRegistry",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Voice"}},
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
    "/media/{session}/voice": {
      "get": {
        "operationId": "voiceSocket",
        "summary": "WebSocket for the sound of a voice session; the session is the credential",
        "description": "Binary messages are samples, mono, 8 000 a second: 16 bits little-endian, or G.711 after the text {\"format\": \"pcma\"} or {\"format\": \"pcmu\"}. Texts from the server are the Voice as it changes; binary messages from it are samples of a talk in one session.",
        "tags": ["Voice"],
        "security": [],
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "101": {"description": "The WebSocket is open."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#

  /// Schemas: speaking through cameras and loudspeakers.
  static let voiceSchemas = #"""
    "VoiceMode": {
      "type": "string",
      "description": "broadcast: down only. talk: both ways.",
      "enum": ["broadcast", "talk"]
    },
    "VoiceState": {
      "type": "string",
      "description": "asking: the device is being asked or called. waiting: it agreed and has not called yet. speaking: sound goes.",
      "enum": ["asking", "waiting", "speaking", "ended"]
    },
    "VoiceRequest": {
      "type": "object",
      "description": "What somebody wants to say, and why.",
      "properties": {
        "mode": {"$ref": "#/components/schemas/VoiceMode"},
        "purpose": {"type": "string", "description": "Why; goes into the log of looks."},
        "caseNumber": {"type": "string", "description": "When the purpose needs one."},
        "approver": {"type": "string", "description": "Who approved, when the purpose needs that."},
        "take": {"type": "boolean", "description": "Take the loudspeaker from somebody with a lower priority."}
      }
    },
    "Voice": {
      "type": "object",
      "description": "Who speaks through a device.",
      "properties": {
        "channel": {"type": "string", "description": "The channel that was chosen."},
        "device": {"type": "string"},
        "by": {"type": "string", "description": "Who speaks."},
        "priority": {"type": "integer", "description": "1…254: the higher may take the loudspeaker."},
        "mode": {"$ref": "#/components/schemas/VoiceMode"},
        "state": {"$ref": "#/components/schemas/VoiceState"},
        "since": {"type": "string", "format": "date-time"},
        "target": {
          "type": "string",
          "description": "The code that was asked: a loudspeaker, the channel or the device."
        },
        "coding": {"type": "string", "description": "pcma, pcmu or ps, once the device has called."},
        "transport": {
          "type": "string",
          "description": "udp, tcp-active or tcp-passive, named from our side."
        },
        "packets": {"type": "integer", "description": "RTP packets that went out."},
        "silent": {"type": "integer", "description": "Those of them that were silence."},
        "received": {"type": "integer", "description": "RTP packets that came back, in a talk of one session."},
        "cause": {"$ref": "#/components/schemas/Cause"}
      },
      "required": [
        "channel", "device", "by", "priority", "mode", "state", "since", "target", "packets", "silent",
        "received"
      ]
    },
    "VoiceOpened": {
      "type": "object",
      "description": "A voice session that stands.",
      "properties": {
        "session": {"type": "string", "description": "The credential of the sound."},
        "url": {"type": "string", "description": "WebSocket for the sound."},
        "voice": {"$ref": "#/components/schemas/Voice"},
        "listen": {"$ref": "#/components/schemas/MediaSessionOpened"}
      },
      "required": ["session", "url", "voice"]
    }
    """#
}
