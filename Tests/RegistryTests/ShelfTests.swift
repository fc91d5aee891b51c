import GBCore
import MediaTime
import TestSupport
import Testing

@testable import Registry

@Suite struct ShelfTests {
  @Test("Channels that come bit by bit stand as if all had come at once", arguments: Array(UInt64(1)...60))
  func bitByBit(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let device = try Samples.id(Samples.nvr)
    var (directory, known) = (Directory(devices: [try Samples.device()]), [DeviceID: Channel]())
    for step in 0..<30 {
      let isAppending = Bool.random(using: &random)
      var saved: [DeviceID: Channel] = [:]
      for place in 0..<Int.random(in: 0...4, using: &random) {
        let number = isAppending ? 1_000 + step * 10 + place : Int.random(in: 1...60, using: &random) + 1_000
        // Some are what others hang at, some name another parent than before, and one is the device itself.
        let kind = ["132", "131", "118", "216"][number % 4]
        let code = number == 1_007 ? Samples.nvr : "3402000000\(kind)000\(number)"
        let parent =
          "3402000000\(["118", "216"][Int.random(in: 0...1, using: &random)])000\(1_000 + number % 9)"
        let channel = try Samples.channel(code, "c\(step)", [.parentID: parent])
        saved[channel.key.channel] = channel
      }
      let mayGo = Int.random(in: 0..<4, using: &random) == 0
      var gone: [DeviceID] = []
      if mayGo {
        gone = known.keys.sorted().filter { saved[$0] == nil && Int.random(in: 0..<4, using: &random) == 0 }
      }
      directory.apply(
        CatalogChange(
          device: device, saved: saved.values.sorted { $0.key < $1.key },
          deleted: gone.map { ChannelKey(device: device, channel: $0) }, statusChanged: [], problems: []))
      known.merge(saved) { $1 }
      for code in gone { known[code] = nil }
      let anew = Directory(devices: [try Samples.device()], channels: Array(known.values))
      #expect(directory.channels(of: device) == anew.channels(of: device))
      for channel in anew.channels {
        #expect(directory.isPlayable(channel) == anew.isPlayable(channel))
        #expect(directory.hasChildren(channel.key) == anew.hasChildren(channel.key))
        #expect(directory[channel.key] == channel)
      }
    }
  }
}
