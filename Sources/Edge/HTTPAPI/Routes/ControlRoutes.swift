import Access
import HTTPTypes
import Hummingbird

/// Moving cameras, and asking where they look.
enum ControlRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    orders(operations) + views(operations)
  }

  private static func orders(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/channels/{id}/ptz", .needs(.viewRegistry), .shown) { call in
        try .json(try await operations.cameraControl(channel: try call.id()))
      },
      Route(.post, "/api/v1/channels/{id}/ptz", .needs(.control), .asks(.control)) { call in
        let request = try await call.json(API.PTZRequest.self)
        return try .json(try await operations.move(channel: try call.id(), request, by: try call.caller()))
      },
      Route(.post, "/api/v1/channels/{id}/controls", .needs(.control), .asks(.control)) { call in
        let request = try await call.json(API.ControlRequest.self)
        return try .json(try await operations.command(channel: try call.id(), request, by: try call.caller()))
      },
    ]
  }

  private static func views(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/channels/{id}/presets", .needs(.control), .asks(.control)) { call in
        try .json(try await operations.presets(channel: try call.id(), again: try call.flag("again")))
      },
      Route(.patch, "/api/v1/channels/{id}/presets/{number}", .needs(.control), .asks(.control)) { call in
        guard let number = Int(try call.text("number")), (1...255).contains(number) else {
          throw Problem.notFound("Presets have the numbers 1 to 255.")
        }
        let name = try await call.json(API.PresetName.self).name
        return try .json(
          try await operations.namePreset(
            channel: try call.id(), number: number, name: name, by: try call.caller()))
      },
      Route(.get, "/api/v1/channels/{id}/cruises", .needs(.control), .asks(.control)) { call in
        try .json(
          API.Page(items: try await operations.cruises(channel: try call.id(), again: try call.flag("again")))
        )
      },
      Route(.get, "/api/v1/channels/{id}/cruises/{number}", .needs(.control), .asks(.control)) { call in
        guard let number = Int(try call.text("number")), (0...255).contains(number) else {
          throw Problem.notFound("Cruises have the numbers 0 to 255.")
        }
        return try .json(
          try await operations.cruise(channel: try call.id(), number: number, again: try call.flag("again")))
      },
      Route(.get, "/api/v1/channels/{id}/home-position", .needs(.control), .asks(.control)) { call in
        try .json(try await operations.homePosition(channel: try call.id(), again: try call.flag("again")))
      },
      Route(.put, "/api/v1/channels/{id}/home-position", .needs(.control), .asks(.control)) { call in
        let home = try await call.json(API.HomePosition.self)
        return try .json(
          try await operations.setHomePosition(channel: try call.id(), home, by: try call.caller()))
      },
      Route(.get, "/api/v1/channels/{id}/ptz-position", .needs(.control), .asks(.control)) { call in
        try .json(try await operations.ptzPosition(channel: try call.id(), again: try call.flag("again")))
      },
    ]
  }
}
