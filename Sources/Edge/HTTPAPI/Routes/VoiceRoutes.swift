import Access
import HTTPTypes
import Hummingbird

/// Speaking through cameras and loudspeakers.
enum VoiceRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.post, "/api/v1/channels/{id}/voice", .needs(.talk), .inside(.audio)) { call in
        let request = try await call.json(API.VoiceRequest.self, ifEmpty: API.VoiceRequest())
        let opened = try await operations.openVoice(channel: try call.id(), request, by: try call.caller())
        return try .json(opened, status: .created)
      },
      Route(.get, "/api/v1/channels/{id}/voice", .needs(.viewRegistry), .shown) { call in
        guard let voice = try await operations.voice(channel: try call.id()) else {
          throw Problem.notFound("Nobody speaks through this device.")
        }
        return try .json(voice)
      },
      Route(.delete, "/api/v1/channels/{id}/voice", .needs(.talk), .shown) { call in
        try await operations.closeVoice(channel: try call.id(), by: try call.caller())
        return .noContent
      },
      Route(.get, "/api/v1/voices", .needs(.viewRegistry)) { _ in
        try .json(API.Page(items: try await operations.voices()))
      },
      Route(.get, "/media/{session}/voice", .open) { _ in
        throw Problem.upgradeRequired(
          "This path needs a WebSocket handshake of version 13 as the first request of its connection.")
      },
    ]
  }
}
