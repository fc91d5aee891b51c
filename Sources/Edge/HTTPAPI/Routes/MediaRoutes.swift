import Access
import HTTPTypes
import Hummingbird

/// Opening, watching over and closing pictures; and the pictures that pass the HTTP stack.
enum MediaRoutes {
  static func table(_ operations: any PlatformOperations, _ media: @escaping MediaHandler) -> [Route] {
    opening(operations) + sessions(operations) + pictures(operations, media)
  }

  private static func opening(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.post, "/api/v1/channels/{id}/live", .needs(.watchLive), .inside(.live)) { call in
        let request = try await call.json(API.LiveRequest.self, ifEmpty: API.LiveRequest())
        let opened = try await operations.openLive(
          channel: try call.id(), request, by: try call.caller())
        return try .json(opened, status: .created)
      },
      Route(.post, "/api/v1/channels/{id}/playback", .needs(.watchRecordings), .inside(.replay)) { call in
        let request = try await call.json(API.PlaybackRequest.self)
        try APICall.check(request.from.wall, request.to.wall)
        let opened = try await operations.openPlayback(
          channel: try call.id(), request, by: try call.caller())
        return try .json(opened, status: .created)
      },
      Route(.get, "/api/v1/channels/{id}/snapshot.jpg", .needs(.watchLive), .asks(.live)) { call in
        let file = try await operations.snapshot(channel: try call.id(), by: try call.caller())
        return .bytes(file.bytes, type: file.contentType)
      },
    ]
  }

  private static func sessions(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/media-sessions", .needs(.ownSession)) { call in
        try .json(API.Page(items: try await operations.mediaSessions(for: try call.caller())))
      },
      Route(.get, "/api/v1/media-sessions/{session}", .needs(.ownSession)) { call in
        try .json(try await operations.mediaSession(try call.id("session"), for: try call.caller()))
      },
      Route(.patch, "/api/v1/media-sessions/{session}", .needs(.watchRecordings)) { call in
        let control = try await call.json(API.PlaybackControl.self)
        if let rate = control.rate, !rate.isFinite || abs(rate) > 64 {
          throw Problem.invalid("“rate” must be a number from −64 to 64.")
        }
        return try .json(
          try await operations.controlPlayback(try call.id("session"), control, by: try call.caller()))
      },
      Route(.delete, "/api/v1/media-sessions/{session}", .needs(.ownSession)) { call in
        try await operations.closeMediaSession(try call.id("session"), by: try call.caller())
        return .noContent
      },
    ]
  }

  /// The session in the path is the credential here.
  private static func pictures(_ operations: any PlatformOperations, _ media: @escaping MediaHandler)
    -> [Route]
  {
    [
      Route(.get, "/media/{session}/live.mp4", .open) { call in
        try MediaBridge.response(session: try call.id("session"), call: call, media: media)
      },
      Route(.get, "/media/{session}/ws", .open) { _ in
        throw Problem.upgradeRequired(
          "This path needs a WebSocket handshake of version 13 as the first request of its connection.")
      },
      Route(.get, "/media/{session}/{file}", .open) { call in
        let name = try call.text("file")
        guard name.utf8.count <= 64, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 && $0 != 92 })
        else {
          throw Problem.notFound("There is no such file.")
        }
        let file = try await operations.hlsFile(
          session: try call.id("session"), name: name, source: call.source)
        return .bytes(file.bytes, type: file.contentType)
      },
    ]
  }
}
