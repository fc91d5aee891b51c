import GBCore
import Testing

@testable import Registry

@Suite struct RegistryBacklogTests {
  private static func code(_ number: Int) throws -> DeviceID {
    try Samples.id("3402000000132000000\(number)")
  }

  @Test("A contact that changes after the record, or before it, is written with the record")
  func recordCoversContact() throws {
    let device = try Self.code(1)
    for order in [true, false] {
      var backlog = RegistryBacklog()
      if order { backlog.contactChanged(device) }
      backlog.changed(device)
      if !order { backlog.contactChanged(device) }
      #expect(backlog.devices == [device] && backlog.contacts.isEmpty && backlog.count == 1)
    }
  }

  @Test("Taking empties it; what comes back gives way to what happened since")
  func putBack() throws {
    let (one, two) = (try Self.code(1), try Self.code(2))
    let (kept, gone) = (ChannelKey(device: one, channel: one), ChannelKey(device: one, channel: two))
    var backlog = RegistryBacklog()
    backlog.changed(one)
    backlog.contactChanged(two)
    backlog.changed(gone)
    backlog.deleted(kept)
    let taken = backlog.take()
    #expect(backlog.isEmpty && taken.count == 4)
    backlog.contactChanged(one)
    backlog.deleted(gone)
    backlog.changed(kept)
    backlog.putBack(taken)
    #expect(backlog.devices == [one] && backlog.contacts == [two])
    #expect(backlog.channels == [kept] && backlog.deletedChannels == [gone])
  }

  @Test("Of a device that was removed nothing is left to write")
  func forget() throws {
    let (one, two) = (try Self.code(1), try Self.code(2))
    var backlog = RegistryBacklog()
    for device in [one, two] {
      backlog.changed(device)
      backlog.problemsChanged(device)
      backlog.changed(ChannelKey(device: device, channel: one))
      backlog.deleted(ChannelKey(device: device, channel: two))
    }
    backlog.forget(one)
    #expect(backlog.devices == [two] && backlog.problems == [two])
    #expect(backlog.channels.map(\.device) == [two] && backlog.deletedChannels.map(\.device) == [two])
  }

  @Test("A million changes of ten devices wait as ten")
  func bounded() throws {
    let devices = try (0..<10).map { try Self.code($0) }
    var backlog = RegistryBacklog()
    for turn in 0..<1_000_000 { backlog.contactChanged(devices[turn % 10]) }
    #expect(backlog.count == 10)
  }

  /// What a machine does with a backlog: memory and disk as version numbers, writes that succeed or fail.
  private struct Machine {
    var backlog = RegistryBacklog()
    var memory: [DeviceID: Int] = [:]
    var channels: [ChannelKey: Int] = [:]
    var disk: [DeviceID: Int] = [:]
    var channelsOnDisk: [ChannelKey: Int] = [:]

    mutating func write(succeeds: Bool, most: Int = .max, meanwhile: (inout Machine) -> Void) {
      let taken = backlog.take(channels: most)
      let (devices, channels) = (memory, channels)
      meanwhile(&self)
      guard succeeds else { return backlog.putBack(taken) }
      for device in taken.devices.union(taken.contacts) { disk[device] = devices[device] }
      for key in taken.channels { channelsOnDisk[key] = channels[key] }
      for key in taken.deletedChannels { channelsOnDisk[key] = nil }
    }
  }

  @Test(
    "Whatever changes, fails and changes while it is written: after a last write the disk has the last state")
  func nothingIsLost() throws {
    let codes = try (0..<6).map { try Self.code($0) }
    let keys = codes.map { ChannelKey(device: codes[0], channel: $0) }
    for seed in 0..<200 {
      var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
      func random(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
      }
      func change(_ machine: inout Machine) {
        let (code, key) = (codes[random(6)], keys[random(6)])
        switch random(4) {
        case 0:
          machine.memory[code, default: 0] += 1
          machine.backlog.changed(code)
        case 1:
          machine.memory[code, default: 0] += 1
          machine.backlog.contactChanged(code)
        case 2:
          machine.channels[key, default: 0] += 1
          machine.backlog.changed(key)
        default:
          machine.channels[key] = nil
          machine.backlog.deleted(key)
        }
      }
      var machine = Machine()
      for _ in 0..<100 {
        change(&machine)
        if random(4) == 0 {
          machine.write(succeeds: random(3) > 0, most: random(4) + 1) {
            for _ in 0..<random(4) { change(&$0) }
          }
        }
        #expect(machine.backlog.count <= codes.count + keys.count)
      }
      machine.write(succeeds: true) { _ in }
      #expect(machine.disk == machine.memory && machine.channelsOnDisk == machine.channels, "seed \(seed)")
      #expect(machine.backlog.isEmpty)
    }
  }
}
