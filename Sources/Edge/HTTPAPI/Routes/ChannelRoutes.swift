import Access
import HTTPTypes
import Hummingbird

/// Channels, trees and diagnoses.
enum ChannelRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/channels", .needs(.viewRegistry)) { call in
        let query = ChannelQuery(
          parent: try call.query("parent"), device: try call.query("device"),
          status: try call.query("status", as: API.ChannelStatus.self), text: try call.query("q"),
          cursor: try call.cursor(), limit: try call.limit())
        return try .json(try await operations.channels(query, for: try call.caller()))
      },
      Route(.get, "/api/v1/channels/{id}", .needs(.viewRegistry), .shown) { call in
        try .json(try await operations.channel(try call.id()))
      },
      Route(.patch, "/api/v1/channels/{id}", .needs(.manageRecording), .asks(.configure)) { call in
        let change = try await call.json(API.ChannelChange.self)
        return try .json(try await operations.changeChannel(try call.id(), change, by: try call.caller()))
      },
      Route(.get, "/api/v1/channels/{id}/doctor", .needs(.diagnose), .shown) { call in
        try .json(try await operations.diagnosis(channel: try call.id()))
      },
      Route(.get, "/api/v1/tree", .needs(.viewRegistry)) { call in
        let view = try call.query("view", as: API.TreeView.self) ?? .device
        return try .json(try await operations.tree(view, for: try call.caller()))
      },
    ]
  }
}
