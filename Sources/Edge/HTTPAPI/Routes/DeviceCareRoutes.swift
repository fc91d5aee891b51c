import Access
import HTTPTypes
import Hummingbird

/// Commands to devices, their state, cards and configuration.
enum DeviceCareRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    device(operations)
      + configuration(operations, "/api/v1/devices/{id}/configuration")
      + configuration(operations, "/api/v1/channels/{id}/configuration")
  }

  private static func device(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.post, "/api/v1/devices/{id}/controls", .needs(.configure), .asks(.configure)) { call in
        let request = try await call.json(API.ControlRequest.self)
        return try .json(try await operations.command(device: try call.id(), request, by: try call.caller()))
      },
      Route(.get, "/api/v1/devices/{id}/status", .needs(.diagnose)) { call in
        try .json(try await operations.deviceState(try call.id(), again: try call.flag("again")))
      },
      Route(.get, "/api/v1/devices/{id}/cards", .needs(.diagnose)) { call in
        try .json(
          API.Page(items: try await operations.cards(device: try call.id(), again: try call.flag("again"))))
      },
      Route(.get, "/api/v1/configuration-blocks", .needs(.configure)) { _ in
        try .json(API.Page(items: try await operations.configurationForms()))
      },
    ]
  }

  /// The identifier says which it is: a channel's has two codes.
  private static func configuration(_ operations: any PlatformOperations, _ path: String) -> [Route] {
    [
      Route(.get, path, .needs(.configure), .asks(.configure)) { call in
        let names = try call.query("blocks")?.split(separator: ",").map(String.init)
        return try .json(
          try await operations.configuration(try call.id(), blocks: names, again: try call.flag("again")))
      },
      Route(.get, path + "/{block}", .needs(.configure), .asks(.configure)) { call in
        let found = try await operations.configuration(
          try call.id(), blocks: [try call.id("block")], again: try call.flag("again"))
        guard let block = found.items.first else {
          throw Problem.notFound("The device did not send this block.")
        }
        return try .json(block)
      },
      Route(.put, path + "/{block}", .needs(.configure), .asks(.configure)) { call in
        let change = try await call.json(API.ConfigurationChange.self)
        return try .json(
          try await operations.configure(
            try call.id(), block: try call.id("block"), change, by: try call.caller()))
      },
    ]
  }
}
