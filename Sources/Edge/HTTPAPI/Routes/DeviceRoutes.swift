import Access
import HTTPTypes
import Hummingbird

/// Devices and the quarantine.
enum DeviceRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    collection(operations) + single(operations) + profiles(operations) + quarantine(operations)
  }

  private static func collection(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/devices", .needs(.viewRegistry)) { call in
        let query = DeviceQuery(
          status: try call.query("status", as: API.DeviceStatus.self), text: try call.query("q"),
          cursor: try call.cursor(), limit: try call.limit())
        return try .json(try await operations.devices(query))
      },
      Route(.post, "/api/v1/devices", .needs(.manageDevices)) { call in
        let device = try await call.json(API.NewDevice.self)
        return try .json(try await operations.addDevice(device, by: try call.caller()), status: .created)
      },
      Route(.post, "/api/v1/devices/import", .needs(.manageDevices)) { call in
        let dryRun = try call.flag("dryRun")
        let csv = try await call.body(limit: HTTPLimits.importBody, types: ["text/csv"])
        return try .json(try await operations.importDevices(csv: csv, dryRun: dryRun, by: try call.caller()))
      },
    ]
  }

  private static func single(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/devices/{id}", .needs(.viewRegistry)) { call in
        try .json(try await operations.device(try call.id()))
      },
      Route(.patch, "/api/v1/devices/{id}", .needs(.manageDevices)) { call in
        let change = try await call.json(API.DeviceChange.self)
        return try .json(try await operations.changeDevice(try call.id(), change, by: try call.caller()))
      },
      Route(.delete, "/api/v1/devices/{id}", .needs(.manageDevices)) { call in
        try await operations.removeDevice(try call.id(), by: try call.caller())
        return .noContent
      },
      Route(.post, "/api/v1/devices/{id}/refresh", .needs(.manageDevices)) { call in
        let sent = try await operations.refreshDevice(try call.id(), by: try call.caller())
        return try .json(sent, status: .accepted)
      },
      Route(.get, "/api/v1/devices/{id}/doctor", .needs(.diagnose)) { call in
        try .json(try await operations.diagnosis(device: try call.id()))
      },
      Route(.get, "/api/v1/devices/{id}/ladder", .needs(.diagnose)) { call in
        try .json(try await operations.ladder(device: try call.id()))
      },
    ]
  }

  private static func profiles(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/profiles", .needs(.viewRegistry)) { _ in
        try .json(try await operations.profiles())
      },
      Route(.get, "/api/v1/devices/{id}/profile", .needs(.viewRegistry)) { call in
        try .json(try await operations.profile(device: try call.id()))
      },
      Route(.patch, "/api/v1/devices/{id}/profile", .needs(.manageDevices)) { call in
        let change = try await call.json(API.DeviceProfileChange.self)
        return try .json(
          try await operations.changeProfile(device: try call.id(), change, by: try call.caller()))
      },
    ]
  }

  private static func quarantine(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/quarantine", .needs(.manageDevices)) { _ in
        try .json(API.Page(items: try await operations.quarantine()))
      },
      Route(.post, "/api/v1/quarantine/{id}/approve", .needs(.manageDevices)) { call in
        let approval = try await call.json(API.Approval.self)
        let device = try await operations.approve(try call.id(), approval, by: try call.caller())
        return try .json(device, status: .created)
      },
      Route(.delete, "/api/v1/quarantine/{id}", .needs(.manageDevices)) { call in
        try await operations.dismiss(try call.id(), by: try call.caller())
        return .noContent
      },
    ]
  }
}
