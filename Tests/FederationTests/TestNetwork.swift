import GBCore
import MediaTime
import Registry
import SIPCore
import TestSupport

@testable import Federation

/// Devices with their catalogs, as a registry has them, and what of them is granted.
struct TestNetwork {
  var devices: [DeviceID: Device] = [:]
  var channels: [ChannelKey: Channel] = [:]
  var granted: Set<ChannelKey> = []

  static let seen = WallTime(seconds: 1_700_000_000)

  static func id(_ text: String) -> DeviceID {
    guard let id = DeviceID(text) else { preconditionFailure("no code: \(text)") }
    return id
  }

  /// A code of `type` below county `area`.
  static func code(_ type: Int, _ serial: Int, area: String = "340200") -> DeviceID {
    let digits = String(serial)
    return id(area + "0000" + String(type) + "0" + String(repeating: "0", count: 6 - digits.count) + digits)
  }

  static let superior = code(200, 1, area: "340000")
  static let own = code(200, 1)
  static let card = PlatformCard(id: own, name: "County")

  static func link(
    to id: DeviceID = superior, as own: DeviceID = own, groups: Bool = true
  ) -> Superior {
    let address = SIPHostPort(host: "192.0.2.1", port: 5060)
    guard let superior = Superior(id: id, name: "City", ownID: own, servers: [address], sharesGroups: groups)
    else { preconditionFailure("no address") }
    return superior
  }

  static func device(_ id: DeviceID, name: String = "", status: DeviceStatus = .online) -> Device {
    Device(id: id, name: name.isEmpty ? "Device \(id.text.suffix(4))" : name, added: seen, status: status)
  }

  /// An entry as it comes out of a document.
  static func channel(
    _ code: DeviceID, of device: DeviceID, name: String? = nil, parent: String? = nil, group: DeviceID? = nil,
    civil: String? = nil, status: String = "ON", more: String = ""
  ) -> Channel {
    var text = "<Item><DeviceID>\(code)</DeviceID><Name>\(name ?? "Item \(code.text.suffix(6))")</Name>"
    if let civil { text += "<CivilCode>\(civil)</CivilCode>" }
    if let parent { text += "<ParentID>\(parent)</ParentID>" }
    if let group { text += "<BusinessGroupID>\(group)</BusinessGroupID>" }
    text += "<Status>\(status)</Status>\(more)</Item>"
    guard let item = CatalogItem(rereading: PackedItem(text)) else { preconditionFailure("no item: \(text)") }
    return Channel(item, of: device, seen: seen)
  }

  mutating func add(_ device: Device) { devices[device.id] = device }
  mutating func add(_ channel: Channel) { channels[channel.key] = channel }
  mutating func grant(_ channel: Channel) {
    add(channel)
    granted.insert(channel.key)
  }

  /// Everything, as a keeper takes it over at start.
  var inputs: [ShareInput] {
    devices.values.map { .device($0) } + [.channels(saved: Array(channels.values), removed: [])]
  }

  func keeper(
    _ superior: Superior = link(), card: PlatformCard = card, codes: CodeMap? = nil,
    carriesRoutes: Bool = false
  ) -> SharedViewKeeper {
    let granted = granted
    var keeper = SharedViewKeeper(
      superior: superior, card: card, codes: codes, carriesRoutes: carriesRoutes
    ) { granted.contains($0) }
    keeper.load(inputs)
    return keeper
  }
}

/// One thing of a view, in the terms of its source: what an oracle can say without knowing of codes.
struct SeenItem: Hashable {
  var source: SharedSource
  var name: String
  var isOn: Bool?
  var parents: [SharedSource]
  var group: SharedSource?
  var isParental: Bool?
}

extension SharedViewKeeper {
  /// The view in the terms of its sources.
  var seen: Set<SeenItem> {
    func source(_ code: DeviceID) -> SharedSource {
      code == superior.ownID ? .own : codes.inward(code).map { .item($0) } ?? .area(CivilCode("00")!)
    }
    return Set(
      view.items.map {
        SeenItem(
          source: $0.source, name: $0.name, isOn: $0.isOn, parents: $0.parents.map(source),
          group: $0.businessGroup.map(source), isParental: $0.isParental)
      })
  }
}
