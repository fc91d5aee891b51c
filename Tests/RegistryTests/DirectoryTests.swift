import GBCore
import MediaTime
import Testing

@testable import Registry

@Suite struct DirectoryTests {
  private func directory() throws -> Directory {
    Directory(
      devices: [
        try Samples.device(), try Samples.device("34020000001110000002", name: "Depot DVR", status: .offline),
      ],
      channels: [
        try Samples.channel("34020000001320000001", "North Gate 北门", [.address: "1 Example Rd"]),
        try Samples.channel("34020000001320000002", "South gate", [.status: "OFF"]),
        try Samples.channel("34020000001340000001", "Alarm"),
        try Samples.channel("34020000001320000001", "Yard", of: "34020000001110000002"),
      ])
  }

  @Test("A search looks into names, addresses and codes, in any case")
  func search() throws {
    var directory = try directory()
    func names(_ text: String) -> [String] { directory.search(ChannelQuery(text: text)).channels.map(\.name) }
    #expect(names("GATE") == ["North Gate 北门", "South gate"])
    #expect(names("北门") == ["North Gate 北门"])
    #expect(names("example rd") == ["North Gate 北门"])
    #expect(names("1320000001") == ["Yard", "North Gate 北门"])
    #expect(names("nothing like it").isEmpty)
    #expect(names("").count == 4)
  }

  @Test("A query combines filters")
  func filters() throws {
    var directory = try directory()
    func count(_ query: ChannelQuery) -> Int { directory.search(query).total }
    #expect(count(ChannelQuery(presence: .online)) == 2)
    #expect(count(ChannelQuery(presence: .offline)) == 2)
    #expect(count(ChannelQuery(device: try Samples.id(Samples.nvr))) == 3)
    #expect(count(ChannelQuery(isPlayable: true)) == 3)
    #expect(count(ChannelQuery(text: "gate", presence: .offline, isPlayable: true)) == 1)
    #expect(count(ChannelQuery(scope: ChannelScope("34"))) == 4)
    #expect(count(ChannelQuery(scope: ChannelScope("35"))) == 0)
    #expect(count(ChannelQuery(scope: ChannelScope(Samples.nvr))) == 3)
  }

  @Test("Pages follow each other without a gap or an overlap, also when channels come and go")
  func paging() throws {
    var directory = Directory(devices: [try Samples.device()])
    let items = try (0..<25).map { try Samples.item("3402000000132000\(1_000 + $0)", "c\($0)") }
    let nvr = try Samples.id(Samples.nvr)
    directory.apply(CatalogChange(Samples.assembly(items), of: nvr, known: [], seen: Samples.now))
    var seen: [ChannelKey] = []
    var query = ChannelQuery(limit: 10)
    repeat {
      let page = directory.search(query)
      #expect(page.total == 25)
      seen += page.channels.map(\.key)
      query.after = page.next
    } while query.after != nil
    #expect(seen == directory.channels.map(\.key))
    query.after = ChannelKey(device: nvr, channel: try Samples.id("34020000001320001012x"))
    #expect(directory.search(query).channels.first?.name == "c13")
  }

  @Test("A channel is as present as its device and itself allow")
  func presence() throws {
    var directory = try directory()
    let nvr = try Samples.id(Samples.nvr)
    let key = ChannelKey(device: nvr, channel: try Samples.id("34020000001320000001"))
    let channel = try #require(directory[key])
    #expect(directory.presence(of: channel) == .online)
    directory.update(nvr) { $0.status = .suspect }
    #expect(directory.presence(of: channel) == .suspect)
    directory.update(nvr) {
      $0.status = .offline
      $0.since = Samples.now + .seconds(9)
    }
    #expect(directory.presence(of: channel) == .offline)
    #expect(directory.presenceSince(of: channel) == Samples.now + .seconds(9))
    #expect(directory.deviceCounts == [.offline: 2])
  }

  @Test("A heartbeat marks faulty children and clears them again")
  func faulty() throws {
    var directory = try directory()
    let nvr = try Samples.id(Samples.nvr)
    let camera = try Samples.id("34020000001320000001")
    let off = try Samples.id("34020000001320000002")
    #expect(directory.markFaulty([camera, off], of: nvr, now: Samples.now).map(\.channel) == [camera])
    #expect(directory[ChannelKey(device: nvr, channel: camera)]?.status == .fault)
    #expect(directory.markFaulty([camera], of: nvr, now: Samples.now).isEmpty)
    #expect(directory.markFaulty([], of: nvr, now: Samples.now).map(\.channel) == [camera])
    #expect(directory[ChannelKey(device: nvr, channel: off)]?.status == .off)
  }

  @Test("Devices are searched, filtered and paged too")
  func devices() throws {
    let directory = try directory()
    #expect(directory.search(DeviceQuery(text: "depot")).devices.map(\.name) == ["Depot DVR"])
    #expect(directory.search(DeviceQuery(status: .online)).total == 1)
    let first = directory.search(DeviceQuery(limit: 1))
    #expect(first.total == 2)
    #expect(directory.search(DeviceQuery(after: first.next, limit: 1)).next == nil)
  }

  @Test("A deleted device takes its channels along")
  func removal() throws {
    var directory = try directory()
    _ = directory.search(ChannelQuery())
    directory.remove(try Samples.id(Samples.nvr))
    #expect(directory.channelCount == 1)
    #expect(directory.search(ChannelQuery()).total == 1)
  }

  @Test("A hundred thousand channels are searched in a moment, also without optimisation")
  func large() throws {
    var channels: [Channel] = []
    let codes = try (0..<1_000).map { try Samples.id("3402000000132000\(1_000 + $0)") }
    for device in 0..<100 {
      let owner = try Samples.id("3402000000118000\(1_000 + device)")
      for (channel, code) in codes.enumerated() {
        channels.append(
          Channel(
            key: ChannelKey(device: owner, channel: code), catalogName: "Camera \(device)-\(channel)",
            since: Samples.now))
      }
    }
    var directory = Directory(channels: channels)
    #expect(directory.search(ChannelQuery(text: "camera 77-123")).total == 1)
    let clock = ContinuousClock()
    let spent = clock.measure { _ = directory.search(ChannelQuery(text: "camera 77-")) }
    // 50 ms optimised; a debug build on a busy machine gets room.
    #expect(spent < .seconds(2))
  }
}
