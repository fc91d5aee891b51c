import MediaTime
import TestSupport
import Testing

@testable import GBCore

@Suite struct LivenessTests {
  private func at(_ seconds: Int) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000)
  }

  @Test("The rule of the standard: suspect after one missed heartbeat, offline after three, with grace")
  func rule() {
    let rule = LivenessRule()
    #expect(rule.grace == .seconds(32))
    #expect(rule.suspectAfter == .seconds(92))
    #expect(rule.offlineAfter == .seconds(212))
    let fast = LivenessRule(interval: .seconds(5), count: 3)
    #expect(fast.suspectAfter == .seconds(8))
    #expect(fast.offlineAfter == .seconds(18))
    #expect(LivenessRule(interval: .zero, count: 0).offlineAfter > .seconds(1))
  }

  @Test("Silence is back-dated to the last sign of life plus one interval")
  func backDating() {
    let record = LivenessRecord(rule: LivenessRule(), registeredUntil: at(10_000), lastSeen: at(100))
    #expect(record.assess(now: at(191)).state == .online)
    let suspect = record.assess(now: at(192))
    #expect(suspect.state == .suspect)
    #expect(suspect.since == at(160))
    #expect(suspect.holdsUntil == at(312))
    let offline = record.assess(now: at(312))
    #expect(offline.state == .offline)
    #expect(offline.since == at(160))
    #expect(offline.cause == .silent)
  }

  @Test("A registration that ends makes a device offline, however talkative it is")
  func expiry() {
    let record = LivenessRecord(rule: LivenessRule(), registeredUntil: at(200), lastSeen: at(199))
    #expect(record.assess(now: at(207)).state == .online)
    let assessment = record.assess(now: at(208))
    #expect(assessment.state == .offline)
    #expect(assessment.cause == .expired)
    #expect(assessment.since == at(200))
  }

  @Test("A device that may be silent is online until its registration ends")
  func untilExpiry() {
    let rule = LivenessRule(onlineUntilExpiry: true)
    let record = LivenessRecord(rule: rule, registeredUntil: at(5_000), lastSeen: at(0))
    #expect(record.assess(now: at(4_999)).state == .online)
    #expect(record.assess(now: at(5_008)).state == .offline)
  }

  @Test("The table tells each change once, with its cause and back-dated time")
  func table() throws {
    let device = try #require(DeviceID("34020000001180000001"))
    var table = LivenessTable(now: at(0))
    #expect(table.touch(device, now: at(0)) == .unregistered)
    let arrival = table.register(device, rule: LivenessRule(), until: at(1_000), now: at(0))
    let online = try #require(arrival)
    #expect(online.state == .online)
    #expect(online.previous == .offline)
    #expect(table.register(device, rule: LivenessRule(), until: at(2_000), now: at(5)) == nil)
    #expect(table.touch(device, now: at(60)) == .alive)
    #expect(table.tick(now: at(151)).isEmpty)
    #expect(table.tick(now: at(153)).map(\.state) == [.suspect])
    #expect(table.since(of: device) == at(120))
    #expect(table.tick(now: at(271)).isEmpty)
    let offline = table.tick(now: at(273))
    #expect(offline.map(\.state) == [.offline])
    #expect(offline.first?.since == at(120))
    #expect(offline.first?.previous == .suspect)
    #expect(table.tick(now: at(400)).isEmpty)
    guard case .changed(let back) = table.touch(device, now: at(500)) else {
      Issue.record("a heartbeat after silence brings the device back")
      return
    }
    #expect(back.state == .online)
    #expect(back.cause == .heard)
    #expect(table.end(device, cause: .unregistered, now: at(501))?.cause == .unregistered)
    #expect(table.touch(device, now: at(502)) == .unregistered)
  }

  @Test("Only heartbeats count for a device set so; a rule can be changed at any time")
  func rules() throws {
    let device = try #require(DeviceID("1"))
    var table = LivenessTable(now: at(0))
    _ = table.register(device, rule: LivenessRule(anyRequestCounts: false), until: at(9_999), now: at(0))
    #expect(table.touch(device, isKeepalive: false, now: at(90)) == .alive)
    #expect(table.tick(now: at(93)).map(\.state) == [.suspect])
    let longer = LivenessRule(interval: .seconds(600), count: 3)
    #expect(table.setRule(longer, of: device, now: at(100))?.state == .online)
    #expect(
      table.setRule(LivenessRule(interval: .seconds(1), count: 1), of: device, now: at(101))?.state
        == .offline)
  }

  @Test("A registration from before a restart is suspect until the device is heard")
  func restore() throws {
    let device = try #require(DeviceID("1"))
    var table = LivenessTable(now: at(10))
    table.restore(device, rule: LivenessRule(), until: at(5_000), now: at(10))
    #expect(table.state(of: device) == .suspect)
    #expect(table.touch(device, now: at(11)) != .alive)
    #expect(table.state(of: device) == .online)
    let gone = try #require(DeviceID("2"))
    table.restore(gone, rule: LivenessRule(), until: at(9), now: at(10))
    #expect(table.state(of: gone) == nil)
  }

  @Test("For any run of events the table agrees with the one function, at most a second late")
  func agreement() throws {
    var random = SeededRandom(seed: 7)
    let devices = try (0..<40).map { try #require(DeviceID("device\($0)")) }
    var table = LivenessTable(now: at(0))
    for second in 1..<4_000 {
      for device in devices where Int.random(in: 0..<60, using: &random) == 0 {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: _ = table.end(device, cause: .unregistered, now: at(second))
        case 1...4:
          let interval = Duration.seconds(Int.random(in: 1...700, using: &random))
          let rule = LivenessRule(interval: interval, count: Int.random(in: 1...4, using: &random))
          let until = at(second + Int.random(in: 1...2_000, using: &random))
          _ = table.register(device, rule: rule, until: until, now: at(second))
        case 5: table.remove(device)
        default: _ = table.touch(device, now: at(second))
        }
      }
      _ = table.tick(now: at(second))
      guard second.isMultiple(of: 50) else { continue }
      for device in devices {
        guard let record = table.record(of: device) else { continue }
        let states = [record.assess(now: at(second)).state, record.assess(now: at(second - 1)).state]
        #expect(states.contains(try #require(table.state(of: device))), "\(device) at \(second)")
      }
    }
  }
}
