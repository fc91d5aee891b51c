import GBCore
import MPEGCore
import MediaTime
import Recording
import Registry
import Testing

@testable import StoreSQLite

@Suite struct CheckStoreTests {
  private static func at(_ minutes: Int) -> WallTime { StoreFixture.start + .seconds(minutes * 60) }

  private static func segment(_ number: Int, channel: Int = 1) -> SegmentRecord {
    SegmentRecord(
      id: SegmentID(channel: StoreFixture.channel(channel), startMilliseconds: at(number).milliseconds),
      start: at(number), end: at(number + 1), bytes: 100, state: .closed, codec: .h264)
  }

  @Test("Walking the index page by page meets every segment once")
  func walking() async throws {
    let store = try StoreFixture().open()
    for number in 0..<7 {
      for channel in [2, 1, 3] { try await store.putSegment(Self.segment(number, channel: channel)) }
    }
    var met: [SegmentID] = []
    while true {
      let page = try await store.segments(after: met.last, limit: 4)
      if page.isEmpty { break }
      met += page.map(\.id)
    }
    #expect(met.count == 21)
    #expect(Set(met).count == 21)
    #expect(try await store.segments(after: Self.segment(0, channel: 9).id, limit: 1).count == 1)
  }

  @Test("A lost file leaves the index, its stretch is cut, and one growing gap says so")
  func lost() async throws {
    let store = try StoreFixture().open()
    for number in 0..<5 { try await store.putSegment(Self.segment(number)) }
    try await store.markDamaged(Self.segment(2).id, "hash", at: Self.at(9))
    for number in [1, 2, 9] { try await store.forgetLost(Self.segment(number)) }
    let range = WallInterval(Self.at(0), Self.at(20))
    let coverage = try await store.coverage(StoreFixture.channel(1), in: range)
    #expect(
      coverage.stretches.intervals
        == [WallInterval(Self.at(0), Self.at(1)), WallInterval(Self.at(3), Self.at(5))])
    let gaps = try await store.gaps(StoreFixture.channel(1), in: range)
    #expect(gaps.map(\.cause) == [.fileLost])
    #expect(gaps.first?.start == Self.at(1) && gaps.first?.end == Self.at(3))
    // A mark goes with its segment.
    #expect(try await store.damagedSegments(limit: 9).isEmpty)
  }

  @Test("Marks and runs come back as they were put")
  func marks() async throws {
    let store = try StoreFixture().open()
    for number in 0..<2 { try await store.putSegment(Self.segment(number)) }
    try await store.markDamaged(Self.segment(0).id, "size", at: Self.at(8))
    try await store.markDamaged(Self.segment(1).id, "hash", at: Self.at(9))
    #expect(try await store.damagedSegments(limit: 9).map(\.fault) == ["hash", "size"])
    try await store.markDamaged(Self.segment(1).id, nil, at: Self.at(10))
    #expect(
      try await store.damagedSegments(limit: 9)
        == [DamagedSegment(id: Self.segment(0).id, fault: "size", seen: Self.at(8))])

    #expect(try await store.lastCheck()?.report == nil)
    var report = IndexCheckReport(started: Self.at(1), repairs: true)
    try await store.putCheck(report, hashedUpTo: nil)
    (report.ended, report.files, report.hashed, report.hashedBytes) = (Self.at(2), 7, 3, 300)
    report.faults = ["size": 1, "missing": 2]
    try await store.putCheck(report, hashedUpTo: Self.segment(1).id)
    let last = try #require(await store.lastCheck())
    #expect(last.report == report)
    #expect(last.hashedUpTo == Self.segment(1).id)
  }
}
