import Access
import HTTPTypes
import Hummingbird

/// Alarms, and what devices are asked to report.
enum AlarmRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/alarms", .needs(.viewAlarms)) { call in
        try .json(try await operations.alarms(try query(call), for: try call.caller()))
      },
      Route(.get, "/api/v1/alarms/{id}", .needs(.viewAlarms)) { call in
        try .json(try await operations.alarm(try call.id(), for: try call.caller()))
      },
      Route(.post, "/api/v1/alarms/{id}/acknowledge", .needs(.acknowledgeAlarms)) { call in
        let note = try await call.json(API.AlarmNote.self, ifEmpty: API.AlarmNote())
        return try .json(
          try await operations.acknowledgeAlarm(try call.id(), note, by: try call.caller()))
      },
      Route(.get, "/api/v1/devices/{id}/subscriptions", .needs(.viewRegistry)) { call in
        try .json(try await operations.subscriptions(device: try call.id()))
      },
      Route(.put, "/api/v1/devices/{id}/subscriptions", .needs(.manageDevices)) { call in
        let change = try await call.json(API.SubscriptionsChange.self)
        return try .json(
          try await operations.changeSubscriptions(device: try call.id(), change, by: try call.caller()))
      },
    ]
  }

  private static func query(_ call: APICall) throws(Problem) -> AlarmListQuery {
    var acknowledged: Bool?
    if try call.query("acknowledged") != nil { acknowledged = try call.flag("acknowledged") }
    var priority: Int?
    if let text = try call.query("priority") {
      guard let value = Int(text), (1...4).contains(value) else {
        throw .badRequest("“priority” must be a number from 1 to 4.")
      }
      priority = value
    }
    return AlarmListQuery(
      device: try call.query("device"), channel: try call.query("channel"), method: try call.query("method"),
      priority: priority, acknowledged: acknowledged, from: try call.time("from"), to: try call.time("to"),
      cursor: try call.cursor(), limit: try call.limit())
  }
}
