import GBCore
import MediaTime
import Testing

@testable import Registry

/// Devices and channels for the tests of this target.
enum Samples {
  static let now = WallTime(seconds: 1_704_159_000)
  static let nvr = "34020000001180000001"

  static func id(_ text: String) throws -> DeviceID { try #require(DeviceID(text)) }

  static func device(_ text: String = nvr, name: String = "NVR", status: DeviceStatus = .online) throws
    -> Device
  {
    Device(id: try id(text), name: name, added: now, status: status)
  }

  static func item(_ code: String, _ name: String = "", _ values: [CatalogField: String] = [:]) throws
    -> CatalogItem
  {
    CatalogItem(id: try id(code), name: name, values: values)
  }

  static func channel(
    _ code: String, _ name: String = "", of device: String = nvr, _ values: [CatalogField: String] = [:]
  ) throws -> Channel {
    Channel(try item(code, name, values), of: try id(device), seen: now)
  }

  static func assembly(_ items: [CatalogItem], isComplete: Bool = true) -> CatalogAssembly {
    CatalogAssembly(sn: 1, items: items, problems: [], expected: items.count, isComplete: isComplete)
  }
}
