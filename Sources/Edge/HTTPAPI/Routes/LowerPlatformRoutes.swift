import Access
import HTTPTypes
import Hummingbird

/// Platforms below this one. As devices they have all that devices have; this is what only platforms have.
enum LowerPlatformRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/lower-platforms", .needs(.viewRegistry)) { _ in
        try .json(API.Page(items: try await operations.lowerPlatforms()))
      },
      Route(.get, "/api/v1/lower-platforms/{id}", .needs(.viewRegistry)) { call in
        try .json(try await operations.lowerPlatform(try call.id()))
      },
      Route(.post, "/api/v1/lower-platforms/{id}/compare", .needs(.manageDevices)) { call in
        try .json(try await operations.compareNow(lowerPlatform: try call.id(), by: try call.caller()))
      },
    ]
  }
}
