import Access
import HTTPTypes
import Hummingbird

/// Rules of deleting, their dry run, and holds.
enum KeepingRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/retention", .needs(.viewHealth)) { _ in
        try .json(try await operations.retention())
      },
      Route(.put, "/api/v1/retention", .needs(.manageRecording), secondPerson: .retention) { call in
        let rules = try await call.json(API.RetentionRules.self)
        return try .json(try await operations.changeRetention(rules, by: try call.caller()))
      },
      Route(.post, "/api/v1/retention/preview", .needs(.manageRecording)) { call in
        try .json(try await operations.previewRetention(try await call.json(API.RetentionRules.self)))
      },
      Route(.get, "/api/v1/holds", .needs(.viewTimeline)) { call in
        let isEndedToo = try call.query("ended") == "true"
        return try .json(
          API.Page(items: try await operations.holds(ended: isEndedToo, for: try call.caller())))
      },
      Route(.post, "/api/v1/holds", .needs(.holdRecordings)) { call in
        let hold = try await call.json(API.NewHold.self)
        return try .json(try await operations.placeHold(hold, by: try call.caller()), status: .created)
      },
      Route(.delete, "/api/v1/holds/{id}", .needs(.holdRecordings), secondPerson: .holds) { call in
        try .json(try await operations.releaseHold(try call.id(), by: try call.caller()))
      },
      Route(.get, "/api/v1/storage/check", .needs(.viewHealth)) { _ in
        try .json(try await operations.indexCheck())
      },
      Route(.post, "/api/v1/storage/check", .needs(.manageRecording)) { call in
        try .json(try await operations.runIndexCheck(by: try call.caller()))
      },
    ]
  }
}
