import GRDB
import MPEGCore
import MediaTime
import Recording
import Testing

@testable import StoreSQLite

@Suite struct DiskStoreTests {
  private static let (one, two) = (DiskID(bits: 1), DiskID(bits: 2))
  private static func at(_ minutes: Int) -> WallTime { StoreFixture.start + .seconds(minutes * 60) }
  private static let all = WallInterval(at(0), at(10_000))

  private static func segment(
    _ number: Int, _ disk: DiskID, bytes: Int64 = 100, state: SegmentState = .closed
  ) -> SegmentRecord {
    SegmentRecord(
      id: SegmentID(channel: StoreFixture.channel(1), startMilliseconds: at(number).milliseconds), disk: disk,
      start: at(number), end: at(number + 1), bytes: bytes, state: state, codec: .h264)
  }

  @Test("An older database keeps its recordings, and the disk that claims them has them")
  func migration() async throws {
    let fixture = try StoreFixture()
    do {
      let queue = try DatabaseQueue(path: fixture.path)
      try Schema.migrator.migrate(queue, upTo: "6-check")
      try await queue.write { db in
        try db.execute(
          sql: """
            INSERT INTO recordedChannel (key) VALUES ('\(StoreFixture.channel(1))');
            INSERT INTO segment SELECT 1, \(Self.at(0).milliseconds), NULL, \(Self.at(0).nanoseconds),
              \(Self.at(1).nanoseconds), 700, NULL, 1, 1, 0, 0, 0, 1;
            INSERT INTO stretch VALUES (1, \(Self.at(0).nanoseconds), \(Self.at(1).nanoseconds));
            """)
      }
      try queue.close()
    }
    let store = try fixture.open()
    let former = try await store.disks()
    #expect(
      former == [
        KnownDisk(id: .former, directory: "", attached: WallTime(nanoseconds: 0), segments: 1, bytes: 700)
      ])
    #expect(try await store.usage().bytes == 700)
    try await store.attachDisk(Self.two, at: "/b", claimsFormer: false, now: Self.at(5))
    try await store.attachDisk(Self.one, at: "/a", claimsFormer: true, now: Self.at(5))
    let id = SegmentID(channel: StoreFixture.channel(1), startMilliseconds: Self.at(0).milliseconds)
    #expect(try await store.segment(id)?.disk == Self.one)
    #expect(try await store.disks().map(\.directory) == ["/a", "/b"])
    #expect(try await store.disks().map(\.segments) == [1, 0])
    // Claimed once is claimed.
    try await store.attachDisk(Self.two, at: "/c", claimsFormer: true, now: Self.at(6))
    #expect(try await store.segments(after: nil, limit: 9).map(\.disk) == [Self.two])
    #expect(try await store.disks().map(\.segments) == [0, 1])
  }

  @Test("A disk that is away takes its seconds out of the coverage, and brings them back")
  func absent() async throws {
    let store = try StoreFixture().open()
    for number in 0..<6 {
      try await store.putSegment(Self.segment(number, number.isMultiple(of: 2) ? Self.one : Self.two))
    }
    let channel = StoreFixture.channel(1)
    let away = try await store.coverage(channel, in: Self.all, absent: [Self.two])
    #expect(away.stretches.intervals.map(\.start) == [Self.at(0), Self.at(2), Self.at(4)])
    #expect(away.away[Self.two]?.intervals.map(\.start) == [Self.at(1), Self.at(3), Self.at(5)])
    #expect(
      try await store.coverage(channel, in: Self.all).stretches.intervals == [
        WallInterval(Self.at(0), Self.at(6))
      ])
    // One that holds nothing changes nothing.
    let other = try await store.coverage(channel, in: Self.all, absent: [DiskID(bits: 9)])
    #expect(other == RecordedCoverage([WallInterval(Self.at(0), Self.at(6))]))
  }

  @Test("Deleting and rebuilding touch the disks they are told, and no other")
  func perDisk() async throws {
    let store = try StoreFixture().open()
    for number in 0..<6 {
      try await store.putSegment(Self.segment(number, number < 4 ? Self.one : Self.two))
    }
    let late = Self.at(9_000)
    #expect(
      try await store.oldestSegments(.normal, on: Self.two, now: late, limit: 9).map(\.start) == [
        Self.at(4), Self.at(5),
      ])
    #expect(try await store.oldestSegments(.normal, now: late, limit: 5).map(\.start) == (0..<5).map(Self.at))
    #expect(try await store.oldestSegments(.normal, on: DiskID(bits: 9), now: late, limit: 5).isEmpty)
    try await store.markDeleting(
      [0, 5].map { .init(segment: Self.segment($0, $0 < 4 ? Self.one : Self.two), rule: .age) }, now: late)
    let done = try await store.finishDeletions(on: Self.two, limit: 9, now: late) { _ in .removed(bytes: 1) }
    #expect(done.map(\.segment.start) == [Self.at(5)])
    #expect(try await store.segments(state: .deleting, limit: 9).map(\.start) == [Self.at(0)])

    try await store.replaceAllSegments([Self.segment(7, Self.two)], on: [Self.two])
    #expect(try await store.segments(after: nil, limit: 99).map(\.start) == [0, 1, 2, 3, 7].map(Self.at))
    let stretches = try await store.coverage(StoreFixture.channel(1), in: Self.all).stretches.intervals
    #expect(stretches == [WallInterval(Self.at(1), Self.at(4)), WallInterval(Self.at(7), Self.at(8))])
  }

  @Test("The sums of every disk follow whatever happens to its segments")
  func usage() async throws {
    let store = try StoreFixture().open()
    var random = SystemRandomNumberGenerator()
    let disks = [Self.one, Self.two, .former]
    for _ in 0..<300 {
      let segment = Self.segment(
        .random(in: 0..<40, using: &random), disks.randomElement(using: &random) ?? .former,
        bytes: .random(in: 1...9_999, using: &random),
        state: SegmentState.allCases.randomElement(using: &random) ?? .open)
      if Bool.random(using: &random) {
        try await store.putSegment(segment)
      } else {
        try await store.removeSegments([segment.id])
      }
    }
    let kept = try await store.segments(after: nil, limit: 1_000).filter { $0.state != .deleting }
    for disk in try await store.disks() {
      let own = kept.filter { $0.disk == disk.id }
      #expect(disk.segments == own.count && disk.bytes == own.reduce(0) { $0 + $1.bytes })
    }
    let usage = try await store.usage()
    #expect(usage.segments == kept.count && usage.bytes == kept.reduce(0) { $0 + $1.bytes })
  }

  @Test("A disk is forgotten only when nothing lies on it")
  func forget() async throws {
    let store = try StoreFixture().open()
    try await store.attachDisk(Self.one, at: "/a", claimsFormer: true, now: Self.at(1))
    try await store.attachDisk(Self.two, at: "/b", claimsFormer: false, now: Self.at(1))
    try await store.putSegment(Self.segment(0, Self.two))
    try await store.forgetDisk(Self.two)
    #expect(try await store.disks().map(\.id) == [Self.one, Self.two])
    try await store.removeSegments([Self.segment(0, Self.two).id])
    for disk in [Self.one, Self.two] { try await store.forgetDisk(disk) }
    #expect(try await store.disks().isEmpty)
    try await store.putSegment(Self.segment(0, .former))
    #expect(try await store.segment(Self.segment(0, .former).id)?.disk == .former)
  }
}
