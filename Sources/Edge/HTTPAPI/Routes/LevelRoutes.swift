import Access
import HTTPTypes
import Hummingbird

/// Levels of our kind: keys and enrolment.
enum LevelRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/levels", .needs(.viewRegistry)) { _ in try .json(try await operations.levels()) },
      Route(.get, "/api/v1/levels/visitors", .needs(.manageGrants)) { _ in
        try .json(API.Page(items: try await operations.levelVisitors()))
      },
      Route(.post, "/api/v1/levels/codes", .needs(.manageGrants)) { call in
        let neighbour = try await call.json(API.EnrolmentFor.self)
        return try .json(try await operations.makeEnrolmentCode(neighbour, by: try call.caller()))
      },
      Route(.post, "/api/v1/levels/enrol", .needs(.manageGrants)) { call in
        let code = try await call.json(API.EnrolmentCode.self)
        return try .json(try await operations.enrol(code, by: try call.caller()))
      },
      Route(.post, "/api/v1/levels/rotate", .needs(.manageGrants)) { call in
        try .json(try await operations.rotateLevelKey(by: try call.caller()))
      },
      Route(.post, "/api/v1/levels/{id}/revoke", .needs(.manageGrants)) { call in
        let role = try call.query("role") ?? "lower"
        return try .json(
          try await operations.revokeLevel(try call.id(), role: role, by: try call.caller()))
      },
    ]
  }
}
