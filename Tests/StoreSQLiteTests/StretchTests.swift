import GBCore
import GRDB
import MPEGCore
import MediaTime
import Recording
import Registry
import Testing

@testable import StoreSQLite

@Suite struct StretchTests {
  private static func at(_ seconds: Int) -> WallTime { StoreFixture.start + .seconds(seconds) }

  private static func span(_ from: Int, _ to: Int) -> WallInterval { WallInterval(at(from), at(to)) }

  private static func segment(_ from: Int, _ to: Int, state: SegmentState = .closed, channel: Int = 1)
    -> SegmentRecord
  {
    SegmentRecord(
      id: SegmentID(channel: StoreFixture.channel(channel), startMilliseconds: at(from).milliseconds),
      start: at(from), end: at(to), bytes: 1, state: state, codec: .h264)
  }

  private static let all = span(-1_000_000, 1_000_000)

  private static func stretches(_ store: SQLiteStore, channel: Int = 1) async throws -> [WallInterval] {
    try await store.coverage(StoreFixture.channel(channel), in: all).stretches.intervals
  }

  @Test("Files that meet are one stretch, however they arrive")
  func joining() async throws {
    let store = try StoreFixture().open()
    for (from, to) in [(0, 60), (120, 180), (60, 120), (300, 360), (240, 299)] {
      try await store.putSegment(Self.segment(from, to))
    }
    try await store.putSegment(Self.segment(0, 60, channel: 2))
    #expect(
      try await Self.stretches(store) == [Self.span(0, 180), Self.span(240, 299), Self.span(300, 360)])
    // The rows themselves: joining when reading would hide a mistake.
    #expect(try await store.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM stretch") } == 4)
    let middle = try await store.coverage(StoreFixture.channel(1), in: Self.span(100, 241))
    #expect(middle.stretches.intervals == [Self.span(0, 180), Self.span(240, 299)])
    #expect(
      try await store.coverage(StoreFixture.channel(1), in: Self.span(180, 240)).stretches.isEmpty)
    #expect(try await store.coverage(StoreFixture.channel(9), in: Self.all) == RecordedCoverage())
  }

  @Test("A file that grows moves the end of its stretch, and one that shrinks takes it back")
  func growing() async throws {
    let store = try StoreFixture().open()
    try await store.putSegment(Self.segment(0, 60))
    for end in [62, 70, 100] {
      try await store.putSegment(Self.segment(60, end, state: .open))
      #expect(try await Self.stretches(store) == [Self.span(0, end)])
    }
    var coverage = try await store.coverage(StoreFixture.channel(1), in: Self.all)
    #expect(coverage.openEnd == Self.at(100))
    #expect(try await store.coverage(StoreFixture.channel(1), in: Self.span(0, 60)).openEnd == nil)
    try await store.putSegment(Self.segment(60, 90))
    coverage = try await store.coverage(StoreFixture.channel(1), in: Self.all)
    #expect(coverage == RecordedCoverage([Self.span(0, 90)]))
  }

  @Test("Marking a file for deletion cuts its stretch, where no other file covers the time")
  func deleting() async throws {
    let store = try StoreFixture().open()
    for from in [0, 60, 120, 180] { try await store.putSegment(Self.segment(from, from + 60)) }
    try await store.putSegment(Self.segment(70, 80))
    try await store.markDeleting([.init(segment: Self.segment(60, 120), rule: .age)], now: Self.at(999))
    #expect(
      try await Self.stretches(store) == [Self.span(0, 60), Self.span(70, 80), Self.span(120, 240)])
    try await store.removeSegments([Self.segment(60, 120).id, Self.segment(0, 60).id])
    #expect(try await Self.stretches(store) == [Self.span(70, 80), Self.span(120, 240)])
  }

  @Test("Whatever is done to the segments, the stretches are their union")
  func random() async throws {
    let store = try StoreFixture().open()
    var random = SystemRandomNumberGenerator()
    var expected: [SegmentID: SegmentRecord] = [:]
    for step in 0..<400 {
      let from = Int.random(in: 0..<60, using: &random) * 10
      let record = Self.segment(
        from, from + Int.random(in: 0..<40, using: &random),
        state: Bool.random(using: &random) ? .closed : .open)
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        try await store.markDeleting([.init(segment: record, rule: .age)], now: Self.at(999))
        if expected[record.id]?.state == .closed { expected[record.id]?.state = .deleting }
      case 1:
        try await store.removeSegments([record.id])
        expected[record.id] = nil
      default:
        try await store.putSegment(record)
        expected[record.id] = record
      }
      let union = RecordedCoverage(segments: expected.values.filter { $0.state != .deleting })
      let found = try await store.coverage(StoreFixture.channel(1), in: Self.all)
      try #require(found == union, "step \(step)")
      let rows = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM stretch") }
      try #require(rows == union.stretches.intervals.count, "step \(step)")
    }
    let records = Array(expected.values)
    try await store.replaceAllSegments(records)
    #expect(
      try await Self.stretches(store)
        == RecordedCoverage(segments: records.filter { $0.state != .deleting }).stretches.intervals)
  }

  @Test("A database of the version before gets its stretches from the segments it holds")
  func migration() async throws {
    let fixture = try StoreFixture()
    do {
      let queue = try DatabaseQueue(path: fixture.path)
      try Schema.migrator.migrate(queue, upTo: "3-access")
      try await queue.write { db in
        try db.execute(
          sql: "INSERT INTO recordedChannel VALUES (7, ?, 0), (8, ?, 0)",
          arguments: [StoreFixture.channel(1).description, StoreFixture.channel(2).description])
        // Overlapping, meeting, apart, inside another, marked for deletion, empty.
        let rows: [(channel: Int, from: Int, to: Int, state: Int)] = [
          (7, 0, 60, 1), (7, 60, 120, 2), (7, 100, 130, 0), (7, 10, 20, 1), (7, 140, 200, 3),
          (7, 300, 360, 1), (7, 400, 400, 1), (8, 60, 120, 1),
        ]
        for (channel, from, to, state) in rows {
          try db.execute(
            sql: "INSERT INTO segment VALUES (?, ?, NULL, ?, ?, 5, NULL, ?, 1, 0, 0, 0, 1)",
            arguments: [
              channel, Self.at(from).milliseconds, Self.at(from).column, Self.at(to).column, state,
            ])
        }
      }
      try queue.close()
    }
    let store = try fixture.open()
    #expect(try await Self.stretches(store) == [Self.span(0, 130), Self.span(300, 360)])
    #expect(try await Self.stretches(store, channel: 2) == [Self.span(60, 120)])
    #expect(try await store.coverage(StoreFixture.channel(1), in: Self.all).openEnd == Self.at(130))
    #expect(try await store.usage().segments == 7)
    #expect(try await store.segment(Self.segment(10, 20).id)?.end == Self.at(20))
  }
}
