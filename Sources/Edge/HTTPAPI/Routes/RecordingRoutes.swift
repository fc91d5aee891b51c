import Access
import HTTPTypes
import Hummingbird

/// Timelines, exports and the log of looks.
enum RecordingRoutes {
  static func table(_ operations: any PlatformOperations, _ afterCare: AfterCare) -> [Route] {
    [
      Route(.get, "/api/v1/channels/{id}/timeline", .needs(.viewTimeline), .shown) { call in
        let (from, to) = try call.interval()
        let id = try call.id()
        let sources = try call.sources(default: [.own])
        let found = try await operations.timeline(channels: [id], from: from, to: to, sources: sources)
        guard let timeline = found.first else { throw Problem.notFound("There is no such channel.") }
        return try .json(timeline)
      },
      Route(.get, "/api/v1/timeline", .needs(.viewTimeline)) { call in
        let (from, to) = try call.interval()
        let channels = (try call.query("channels") ?? "").split(separator: ",").map(String.init)
        guard (1...HTTPLimits.timelineChannels).contains(channels.count),
          channels.allSatisfy({ MediaPath.isIdentifier($0) })
        else {
          throw Problem.badRequest("“channels” must list 1 to \(HTTPLimits.timelineChannels) channels.")
        }
        for channel in channels {
          try await operations.requireShown(channel: channel, by: try call.caller())
        }
        let timelines = try await operations.timeline(
          channels: channels, from: from, to: to, sources: [.own])
        return try .json(API.Timelines(from: API.Time(from), to: API.Time(to), timelines: timelines))
      },
      Route(.get, "/api/v1/channels/{id}/export.mp4", .needs(.exportRecordings), .inside(.download)) { call in
        let (from, to) = try call.interval()
        let id = try call.id()
        let content = try await operations.export(channel: id, from: from, to: to, by: try call.caller())
        return ExportResponse.make(ExportTransfer(content, afterCare), for: call.request)
      },
      Route(.get, "/api/v1/looks", .needs(.viewAccessLog)) { call in
        try .json(try await operations.looks(try lookQuery(call)))
      },
    ]
  }

  private static func lookQuery(_ call: APICall) throws -> LookQuery {
    var before: Int64?
    if let cursor = try call.cursor() {
      guard let id = Int64(cursor) else { throw Problem.badRequest("“cursor” is not one of ours.") }
      before = id
    }
    return LookQuery(
      user: try call.query("user"), channel: try call.query("channel"), from: try call.time("from"),
      to: try call.time("to"), before: before, limit: try call.limit())
  }
}
