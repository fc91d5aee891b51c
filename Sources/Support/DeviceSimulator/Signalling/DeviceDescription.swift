import GBCore

/// What a simulated device says about itself and its channels (§4.5, §6).
struct DeviceDescription {
  let configuration: SimulatorConfiguration
  let index: Int
  let id: DeviceID

  init(_ configuration: SimulatorConfiguration, index: Int) {
    (self.configuration, self.index) = (configuration, index)
    id = configuration.deviceID(index)
  }

  /// The channel's own index, or nil when the code is none of ours.
  func channel(_ id: DeviceID) -> Int? {
    (0..<configuration.channelsPerDevice).first { configuration.channelID(device: index, channel: $0) == id }
  }

  /// Which picture a channel shows; scenes are shared in turn.
  func feed(of channel: Int) -> Int {
    (index * configuration.channelsPerDevice + channel) % configuration.media.feedCount
  }

  var info: DeviceInfoReply {
    DeviceInfoReply(
      name: configuration.deviceName(index), manufacturer: "Tributary", model: "Simulated recorder",
      firmware: "1.0",
      channels: configuration.channelsPerDevice)
  }

  /// The catalog in parts.
  func parts() -> [[CatalogItem]] {
    let items = (0..<configuration.channelsPerDevice).map(item)
    return stride(from: 0, to: items.count, by: configuration.catalogItemsPerPart).map {
      Array(items[$0..<min($0 + configuration.catalogItemsPerPart, items.count)])
    }
  }

  private func item(_ channel: Int) -> CatalogItem {
    let place = StreetScene.places[feed(of: channel)]
    let code = configuration.channelID(device: index, channel: channel)
    // A grid of streets around one point, a hundred metres apart.
    let number = index * configuration.channelsPerDevice + channel
    let (east, north) = (Double(number % 100) * 0.001, Double(number / 100 % 100) * 0.001)
    return CatalogItem(
      id: code, name: configuration.channelName(index, channel, place),
      values: [
        .manufacturer: "Tributary", .model: "Simulated camera", .owner: "Tributary",
        .civilCode: String(id.text.prefix(6)), .address: place, .parental: "0", .parentID: id.text,
        .registerWay: "1", .secrecy: "0", .status: "ON", .longitude: Self.degrees(118.376 + east),
        .latitude: Self.degrees(31.326 + north), .ptzType: "3",
      ])
  }

  /// Six digits after the point.
  private static func degrees(_ value: Double) -> String {
    let millionths = Int((value * 1e6).rounded())
    let fraction = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }
}
