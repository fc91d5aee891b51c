import GBCore
import GRDB
import MPEGCore
import MediaTime
import Recording
import Registry
import Testing

@testable import StoreSQLite

@Suite struct RecordingStoreTests {
  private static let start = StoreFixture.start
  private static let minute = Duration.seconds(60)

  private static func at(_ minutes: Int) -> WallTime { start + minute * minutes }

  private static func segment(
    _ channel: Int, _ number: Int, minutes: Int = 1, state: SegmentState = .closed, bytes: Int64 = 1_000,
    retentionClass: RetentionClass = .normal
  ) -> SegmentRecord {
    SegmentRecord(
      id: SegmentID(channel: StoreFixture.channel(channel), startMilliseconds: at(number).milliseconds),
      start: at(number), end: at(number + minutes), bytes: bytes,
      sha256: state == .open ? nil : String(repeating: "0a", count: 32), state: state, codec: .h265,
      width: 1_920,
      height: 1_080, hasAudio: true, retentionClass: retentionClass)
  }

  @Test("A segment comes back exactly as it was put, and putting it again replaces it")
  func roundTrip() async throws {
    let store = try StoreFixture().open()
    var segment = Self.segment(1, 0, state: .open, bytes: 10)
    try await store.putSegment(segment)
    #expect(try await store.segment(segment.id) == segment)
    segment.state = .closed
    segment.bytes = 5_000
    segment.sha256 = String(repeating: "ff", count: 32)
    segment.path = "elsewhere/file.mp4"
    try await store.putSegment(segment)
    #expect(try await store.segment(segment.id) == segment)
    #expect(try await store.usage().segments == 1)
    #expect(try await store.usage().bytes == 5_000)
    #expect(try await store.segment(Self.segment(1, 1).id) == nil)
  }

  @Test("Exactly the segments that overlap an interval are found, a long one far before it too")
  func overlap() async throws {
    let store = try StoreFixture().open()
    for number in 0..<100 where number != 50 { try await store.putSegment(Self.segment(1, number)) }
    try await store.putSegment(Self.segment(2, 0, minutes: 90))
    try await store.putSegment(Self.segment(1, 55, state: .deleting))
    func find(_ channel: Int, _ from: WallTime, _ to: WallTime, limit: Int = 1_000) async throws -> [WallTime]
    {
      try await store.segments(StoreFixture.channel(channel), in: WallInterval(from, to), limit: limit).map(
        \.start)
    }
    #expect(try await find(1, Self.at(48), Self.at(52)) == [48, 49, 51].map(Self.at))
    // Half-open on both sides: touching is not overlapping.
    #expect(try await find(1, Self.at(50), Self.at(51)).isEmpty)
    #expect(
      try await find(1, Self.at(49) + .nanoseconds(1), Self.at(51) + .nanoseconds(1))
        == [49, 51].map(Self.at))
    #expect(try await find(1, Self.at(54), Self.at(57)) == [54, 56].map(Self.at))
    #expect(try await find(1, Self.at(0), Self.at(100), limit: 3) == [0, 1, 2].map(Self.at))
    #expect(try await find(1, Self.at(5), Self.at(5)).isEmpty)
    #expect(try await find(2, Self.at(89), Self.at(91)) == [Self.at(0)])
    #expect(try await find(3, Self.at(0), Self.at(91)).isEmpty)
  }

  @Test("The oldest of a class come first, open and deleting ones are not among them")
  func oldest() async throws {
    let store = try StoreFixture().open()
    try await store.putSegment(Self.segment(1, 3))
    try await store.putSegment(Self.segment(2, 1, state: .repaired))
    try await store.putSegment(Self.segment(1, 0, state: .open))
    try await store.putSegment(Self.segment(1, 2, state: .deleting))
    try await store.putSegment(Self.segment(2, 0, retentionClass: .important))
    #expect(
      try await store.oldestSegments(.normal, now: Self.start, limit: 10).map(\.start) == [
        Self.at(1), Self.at(3),
      ])
    #expect(try await store.oldestSegments(.normal, now: Self.start, limit: 1).count == 1)
    #expect(try await store.oldestSegments(.important, now: Self.start, limit: 10).count == 1)
    #expect(try await store.oldestSegments(.expendable, now: Self.start, limit: 10).isEmpty)
    #expect(try await store.segments(state: .open, limit: 10).map(\.start) == [Self.at(0)])
    #expect(try await store.usage().oldest == Self.at(0))
  }

  @Test("Rebuilding replaces the index and leaves gaps and plans alone")
  func rebuild() async throws {
    let store = try StoreFixture().open()
    try await store.putSegment(Self.segment(1, 0, minutes: 500))
    try await store.putGap(
      GapRecord(channel: StoreFixture.channel(1), start: Self.at(1), end: nil, cause: .network))
    try await store.replaceAllSegments([Self.segment(1, 5), Self.segment(2, 6)])
    #expect(try await store.segment(Self.segment(1, 0).id) == nil)
    #expect(try await store.usage().segments == 2)
    #expect(try await store.usage().bytes == 2_000)
    #expect(try await store.openGaps().count == 1)
  }

  @Test("Gaps are found when they overlap or touch, open ones reach to infinity")
  func gaps() async throws {
    let store = try StoreFixture().open()
    let channel = StoreFixture.channel(1)
    var open = GapRecord(
      channel: channel, start: Self.at(10), end: nil, cause: .deviceOffline, detail: "no answer")
    let short = GapRecord(channel: channel, start: Self.at(2), end: Self.at(3), cause: .network)
    try await store.putGap(open)
    try await store.putGap(short)
    func find(_ from: Int, _ to: Int) async throws -> [GapRecord] {
      try await store.gaps(channel, in: WallInterval(Self.at(from), Self.at(to)))
    }
    #expect(try await find(3, 4) == [short])
    #expect(try await find(1, 2) == [short])
    #expect(try await find(4, 9).isEmpty)
    #expect(try await find(0, 1_000_000) == [short, open])
    #expect(try await find(999, 1_000) == [open])
    #expect(try await store.openGaps() == [open])
    open.end = Self.at(11)
    try await store.putGap(open)
    #expect(try await store.openGaps().isEmpty)
    #expect(try await find(999, 1_000).isEmpty)
    try await store.removeGap(short.id)
    #expect(try await find(0, 100) == [open])
    try await store.removeGap(GapID(channel: StoreFixture.channel(77), start: Self.at(0), cause: .network))
  }

  @Test("A channel's plans are kept with their history")
  func plans() async throws {
    let store = try StoreFixture().open()
    let weekly = RecordingPlan.weekly(WeeklySchedule(minutes: [60..<120, 1_500..<1_600]))
    let entries = [
      PlanEntry(
        channel: StoreFixture.channel(1), since: Self.at(0), plan: .continuous, retentionClass: .important),
      PlanEntry(channel: StoreFixture.channel(1), since: Self.at(5), plan: .off),
      PlanEntry(channel: StoreFixture.channel(2), since: Self.at(1), plan: weekly),
    ]
    for entry in entries { try await store.putPlan(entry) }
    #expect(try await store.plans(StoreFixture.channel(1)) == PlanHistory(Array(entries.prefix(2))))
    #expect(try await store.plans(StoreFixture.channel(3)) == PlanHistory([]))
    #expect(Set(try await store.currentPlans()) == Set(entries.suffix(2)))
    try await store.putPlan(PlanEntry(channel: StoreFixture.channel(1), since: Self.at(5), plan: .continuous))
    #expect(try await store.plans(StoreFixture.channel(1)).plan(at: Self.at(6)) == .continuous)
  }

  @Test("A timeline among two hundred thousand segments reads only what it needs")
  func scale() async throws {
    let store = try StoreFixture().open()
    try await store.putSegment(Self.segment(1, 0))
    // Filled with SQL: the point is the query, not the writing.
    try await store.pool.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
          INSERT INTO segment SELECT channel, startMilliseconds + i * 60000, NULL, start + i * 60000000000,
            "end" + i * 60000000000, bytes, sha256, state, codec, width, height, hasAudio, retentionClass, place
          FROM segment, n WHERE startMilliseconds = ?
          """, arguments: [Self.start.milliseconds])
    }
    let plan = try await store.pool.read { db in
      try Row.fetchAll(
        db,
        sql: """
          EXPLAIN QUERY PLAN SELECT * FROM segment JOIN recordedChannel ON number = channel
          WHERE key = 'x' AND segment.start < 9 AND segment.start >= 5 - longest ORDER BY segment.start
          """
      )
      .map { $0["detail"] as String }
    }
    #expect(plan.contains { $0.contains("segmentByTime (channel=? AND start>? AND start<?)") }, "\(plan)")
    let clock = ContinuousClock()
    var found = 0
    let took = try await clock.measure {
      found = try await store.segments(
        StoreFixture.channel(1), in: WallInterval(Self.at(199_000), Self.at(199_060)), limit: 100
      )
      .count
    }
    #expect(found == 60)
    #expect(took < .seconds(2))
    #expect(try await store.usage().segments == 200_001)
  }
}
