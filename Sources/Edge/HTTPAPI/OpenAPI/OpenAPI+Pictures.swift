extension OpenAPIDocument {
  /// Paths: pictures.
  static let picturesPaths = #"""
    "/api/v1/channels/{id}/live": {
      "post": {
        "operationId": "openLive",
        "summary": "Open a live session",
        "tags": ["Pictures"],
        "x-permission": "watchLive",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": false,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/LiveRequest"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaSessionOpened"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/playback": {
      "post": {
        "operationId": "openPlayback",
        "summary": "Open a replay",
        "tags": ["Pictures"],
        "x-permission": "watchRecordings",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlaybackRequest"}}}
        },
        "responses": {
          "201": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaSessionOpened"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/channels/{id}/snapshot.jpg": {
      "get": {
        "operationId": "snapshot",
        "summary": "The latest key frame as a picture",
        "tags": ["Pictures"],
        "x-permission": "watchLive",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/media-sessions": {
      "get": {
        "operationId": "mediaSessions",
        "summary": "The sessions one may see",
        "tags": ["Pictures"],
        "x-permission": "ownSession",
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaSessionPage"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/media-sessions/{session}": {
      "get": {
        "operationId": "mediaSession",
        "summary": "How a session is doing",
        "tags": ["Pictures"],
        "x-permission": "ownSession",
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaSession"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "patch": {
        "operationId": "controlPlayback",
        "summary": "Seek, pause or change the rate of a replay",
        "tags": ["Pictures"],
        "x-permission": "watchRecordings",
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PlaybackControl"}}}
        },
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MediaSession"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "closeMediaSession",
        "summary": "Close a session",
        "tags": ["Pictures"],
        "x-permission": "ownSession",
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "204": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/media/{session}/live.mp4": {
      "get": {
        "operationId": "liveMP4",
        "summary": "The picture as fragmented MP4 without an end; the session is the credential",
        "tags": ["Pictures"],
        "security": [],
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {"video/mp4": {"schema": {"type": "string", "contentMediaType": "video/mp4"}}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/media/{session}/ws": {
      "get": {
        "operationId": "liveWebSocket",
        "summary": "The picture as fragmented MP4 over WebSocket, with JSON text messages between",
        "tags": ["Pictures"],
        "security": [],
        "parameters": [{"name": "session", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "101": {"description": "Done."},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/media/{session}/{file}": {
      "get": {
        "operationId": "hlsFile",
        "summary": "A file of the HLS presentation, beginning with index.m3u8",
        "tags": ["Pictures"],
        "security": [],
        "parameters": [
          {"name": "session", "in": "path", "required": true, "schema": {"type": "string"}},
          {"name": "file", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "The answer.",
            "content": {
              "application/vnd.apple.mpegurl": {
                "schema": {"type": "string", "contentMediaType": "application/vnd.apple.mpegurl"}
              }
            }
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
    """#
}
