import Access
import HTTPTypes
import Hummingbird

/// Platforms above this one.
enum SuperiorRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/superiors", .needs(.viewRegistry)) { call in
        try .json(API.Page(items: try await operations.superiors()))
      },
      Route(.get, "/api/v1/superiors/{id}", .needs(.viewRegistry)) { call in
        try .json(try await operations.superior(try call.id()))
      },
      Route(.put, "/api/v1/superiors/{id}", .needs(.manageDevices)) { call in
        let superior = try await call.json(API.NewSuperior.self)
        return try .json(try await operations.saveSuperior(try call.id(), superior, by: try call.caller()))
      },
      Route(.delete, "/api/v1/superiors/{id}", .needs(.manageDevices)) { call in
        try await operations.removeSuperior(try call.id(), by: try call.caller())
        return .noContent
      },
      Route(.post, "/api/v1/superiors/{id}/register", .needs(.manageDevices)) { call in
        try .json(try await operations.registerNow(superior: try call.id(), by: try call.caller()))
      },
      Route(.get, "/api/v1/superiors/{id}/ladder", .needs(.diagnose)) { call in
        try .json(try await operations.ladder(superior: try call.id()))
      },
    ]
  }
}
