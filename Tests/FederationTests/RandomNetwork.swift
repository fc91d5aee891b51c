import GBCore
import Registry
import TestSupport

@testable import Federation

/// Makes networks as crooked as real ones, and changes them.
struct RandomNetwork {
  var random: SeededRandom
  var network = TestNetwork()
  /// Platforms that may appear inside catalogs: the superior itself, this platform, strangers.
  var systems: [DeviceID]

  init(seed: UInt64, systems: [DeviceID]? = nil) {
    random = SeededRandom(seed: seed)
    self.systems =
      systems
      ?? [TestNetwork.superior, TestNetwork.own] + (5...8).map { TestNetwork.code(200, $0) }
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func grow() {
    for serial in 0..<number(1..<5) { addDevice(serial) }
    regrant()
  }

  private mutating func addDevice(_ serial: Int) {
    let kind = [118, 118, 132, 200, 200].randomElement(using: &random) ?? 200
    var id = TestNetwork.code(kind, 10 + serial)
    if kind == 200, chance(12) { id = TestNetwork.superior }
    let status: DeviceStatus =
      [.online, .online, .online, .suspect, .offline, .unknown].randomElement(using: &random) ?? .online
    network.add(TestNetwork.device(id, status: status))
    if kind == 132, chance(2) { return }
    for _ in 0..<number(1..<14) { network.add(entry(of: id)) }
  }

  /// A code out of few, so that sources share codes and parents exist.
  private mutating func anyCode(of device: DeviceID) -> DeviceID {
    switch number(0..<14) {
    case 0: device
    case 1, 2: TestNetwork.code(215, number(1..<4))
    case 3, 4: TestNetwork.code(216, number(1..<6))
    case 5, 6: systems.randomElement(using: &random) ?? device
    case 7, 8: TestNetwork.code(118, number(1..<4))
    case 9:
      TestNetwork.id(["34", "3402", "340200", "340203", "34020301"].randomElement(using: &random) ?? "34")
    default: TestNetwork.code(chance(8) ? 134 : 131, number(1..<12))
    }
  }

  private mutating func entry(of device: DeviceID) -> Channel {
    let code = anyCode(of: device)
    var parents: [String] = []
    for _ in 0..<number(0..<4) {
      parents.append(chance(9) ? code.text : anyCode(of: device).text)
    }
    let group = chance(3) ? TestNetwork.code(215, number(1..<4)) : nil
    let civil = chance(2) ? ["34", "340203", "34020301", "null", "3402"].randomElement(using: &random) : nil
    let status = ["ON", "ON", "ON", "OFF", "VLOST", "", "DEFECT"].randomElement(using: &random) ?? "ON"
    var more = chance(6) ? "<Vendor>x</Vendor>" : ""
    if chance(15) {
      more += "<RoutePath>\(device)-\((systems.randomElement(using: &random) ?? device))</RoutePath>"
    }
    return TestNetwork.channel(
      code, of: device, name: "Item \(number(0..<1_000))",
      parent: parents.isEmpty ? nil : parents.joined(separator: "/"),
      group: group, civil: civil, status: status, more: more)
  }

  /// Grants anew, at random.
  mutating func regrant() {
    let share = number(1..<5)
    network.granted = []
    let roots = network.devices.keys.map { ChannelKey(device: $0, channel: $0) }
    for key in (Array(network.channels.keys) + roots).sorted() where chance(share) {
      network.granted.insert(key)
    }
  }

  /// Something happens. What a keeper is told of it comes back.
  mutating func change() -> [ShareInput] {
    switch number(0..<12) {
    case 0:
      addDevice(number(0..<6))
      return everythingAgain()
    case 1:
      guard let id = network.devices.keys.sorted().randomElement(using: &random), network.devices.count > 1
      else { return [] }
      network.devices[id] = nil
      for key in network.channels.keys where key.device == id { network.channels[key] = nil }
      return [.deviceRemoved(id)]
    case 2, 3:
      guard let id = network.devices.keys.sorted().randomElement(using: &random),
        var device = network.devices[id]
      else { return [] }
      device.status = DeviceStatus.allCases.randomElement(using: &random) ?? .online
      if chance(3) { device.name = "Device \(number(0..<1_000))" }
      network.devices[id] = device
      return [.device(device)]
    case 4:
      regrant()
      return [.allGrants]
    case 5:
      guard let key = network.channels.keys.sorted().randomElement(using: &random) else { return [] }
      if network.granted.remove(key) == nil { network.granted.insert(key) }
      return [.grants([key])]
    case 6, 7:
      guard let key = network.channels.keys.sorted().randomElement(using: &random) else { return [] }
      network.channels[key] = nil
      return [.channels(saved: [], removed: [key])]
    case 8, 9:
      guard let key = network.channels.keys.sorted().randomElement(using: &random),
        var channel = network.channels[key]
      else { return [] }
      if chance(3) {
        channel.chosenName = "Chosen \(number(0..<100))"
      } else {
        channel.status = ChannelStatus.allCases.randomElement(using: &random) ?? .on
      }
      network.channels[key] = channel
      return [.channels(saved: [channel], removed: [])]
    default:
      guard let id = network.devices.keys.sorted().randomElement(using: &random) else { return [] }
      var saved: [ChannelKey: Channel] = [:]
      for _ in 0..<number(1..<5) {
        let channel = entry(of: id)
        saved[channel.key] = channel
        network.channels[channel.key] = channel
      }
      return [.channels(saved: Array(saved.values), removed: [])]
    }
  }

  private func everythingAgain() -> [ShareInput] { network.inputs }
}
