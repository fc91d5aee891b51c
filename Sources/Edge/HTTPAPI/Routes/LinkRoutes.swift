import Access
import HTTPTypes
import Hummingbird

/// Links to the platforms above and below.
enum LinkRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/links", .needs(.viewRegistry)) { _ in
        try .json(API.Page(items: try await operations.links()))
      },
      Route(.put, "/api/v1/links/{id}", .needs(.manageDevices)) { call in
        let declaration = try await call.json(API.LinkDeclaration.self)
        return try .json(try await operations.declareLink(try call.id(), declaration, by: try call.caller()))
      },
    ]
  }
}
