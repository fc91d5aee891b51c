import GBCore
import GRDB
import MPEGCore
import MediaTime
import Recording
import Registry
import Synchronization
import Testing

@testable import StoreSQLite

@Suite struct DeletionTests {
  private static func at(_ minutes: Int) -> WallTime { StoreFixture.start + .seconds(minutes * 60) }
  private static let late = at(10_000)

  private static func segment(_ number: Int, channel: Int = 1, state: SegmentState = .closed) -> SegmentRecord
  {
    SegmentRecord(
      id: SegmentID(channel: StoreFixture.channel(channel), startMilliseconds: at(number).milliseconds),
      start: at(number), end: at(number + 1), bytes: 100, state: state, codec: .h264)
  }

  private static func hold(_ from: Int, _ to: Int, until: WallTime? = nil) -> Hold {
    Hold(
      number: HoldNumber(rawValue: 0), channel: StoreFixture.channel(1),
      interval: WallInterval(at(from), at(to)), reason: "accident 7", by: "chen", placed: at(1), until: until)
  }

  private static func mark(_ store: SQLiteStore, _ numbers: [Int], _ rule: RetentionRule = .age) async throws
  {
    try await store.markDeleting(numbers.map { .init(segment: segment($0), rule: rule) }, now: late)
  }

  private static func filled(_ count: Int) async throws -> SQLiteStore {
    let store = try StoreFixture().open()
    for number in 0..<count { try await store.putSegment(segment(number)) }
    return store
  }

  private static func gaps(_ store: SQLiteStore) async throws -> [GapRecord] {
    try await store.gaps(StoreFixture.channel(1), in: WallInterval(at(0), late))
  }

  @Test("Deletion has two phases, and usage, accounts and gaps are right after each")
  func phases() async throws {
    let store = try await Self.filled(5)
    try await Self.mark(store, [0, 1, 99])
    try await Self.mark(store, [3], .space)
    var usage = try await store.usage()
    #expect(usage.segments == 2 && usage.bytes == 200)
    #expect(usage.deletingSegments == 3 && usage.deletingBytes == 300)
    #expect(try await store.deletionTotals().isEmpty)
    #expect(try await Self.gaps(store).isEmpty)

    let first = try await store.finishDeletions(limit: 2, now: Self.late) { _ in .removed(bytes: 90) }
    #expect(first.map(\.segment.start) == [Self.at(0), Self.at(1)])
    #expect(first.map(\.rule) == ["maximum-age", "maximum-age"])
    let second = try await store.finishDeletions(limit: 2, now: Self.late) { _ in .missing }
    #expect(second.map(\.rule) == ["reserved-space"])
    #expect(try await store.finishDeletions(limit: 2, now: Self.late) { _ in .missing }.isEmpty)
    usage = try await store.usage()
    #expect(usage.segments == 2 && usage.deletingSegments == 0 && usage.deletingBytes == 0)
    // What was missing counts with the bytes that the index knew of.
    #expect(
      try await store.deletionTotals() == [
        DeletionTotal(rule: "maximum-age", files: 2, bytes: 180),
        DeletionTotal(rule: "reserved-space", files: 1, bytes: 100),
      ])
    #expect(
      try await Self.gaps(store).map {
        "\($0.cause.rawValue) \($0.detail) \(($0.end ?? $0.start) - $0.start)"
      }
        == ["purged maximum-age 120.0 seconds", "purged reserved-space 60.0 seconds"])
  }

  @Test("A purged gap grows as long as nothing else comes between, and begins anew after it")
  func growingGap() async throws {
    let store = try await Self.filled(6)
    for numbers in [[0], [1, 2], [4]] {
      try await Self.mark(store, numbers)
      _ = try await store.finishDeletions(limit: 10, now: Self.late) { _ in .removed(bytes: 1) }
    }
    let gaps = try await Self.gaps(store)
    #expect(gaps.map(\.start) == [Self.at(0), Self.at(4)])
    #expect(gaps.map(\.end) == [Self.at(3), Self.at(5)])
  }

  @Test("After a crash between the file and the index the next run confirms what is gone")
  func crash() async throws {
    let fixture = try StoreFixture()
    let removed = Mutex<[SegmentID]>([])
    struct Crash: Error {}
    do {
      let store = try fixture.open()
      for number in 0..<3 { try await store.putSegment(Self.segment(number)) }
      try await Self.mark(store, [0, 1])
      // The transaction is undone although the files have gone: what a power cut does.
      await #expect(throws: Crash.self) {
        try await store.pool.write { db in
          for id in [Self.segment(0).id, Self.segment(1).id] { removed.withLock { $0.append(id) } }
          try db.execute(sql: "DELETE FROM segment WHERE state = 3")
          throw Crash()
        }
      }
      try store.close()
    }
    let store = try fixture.open()
    #expect(try await store.segments(state: .deleting, limit: 10).count == 2)
    let gone = removed.withLock { Set($0) }
    let done = try await store.finishDeletions(limit: 10, now: Self.late) {
      gone.contains($0.id) ? .missing : .removed(bytes: $0.bytes)
    }
    #expect(done.map(\.removal) == [.missing, .missing])
    #expect(done.map(\.rule) == ["maximum-age", "maximum-age"])
    #expect(try await store.usage().segments == 1)
    #expect(try await store.deletionTotals().map(\.files) == [2])
  }

  @Test("What cannot be removed is put back and does not keep others from being removed")
  func failing() async throws {
    let store = try await Self.filled(4)
    try await Self.mark(store, [0, 1, 2, 3])
    let remove: @Sendable (SegmentRecord) -> FileRemoval = {
      $0.start < Self.at(2) ? .failed("busy") : .removed(bytes: 1)
    }
    let first = try await store.finishDeletions(limit: 2, now: Self.late, remove: remove)
    #expect(first.map(\.removal) == [.failed("busy"), .failed("busy")])
    let second = try await store.finishDeletions(limit: 2, now: Self.late, remove: remove)
    #expect(second.map(\.segment.start) == [Self.at(2), Self.at(3)])
    #expect(try await store.segments(state: .deleting, limit: 9).count == 2)
  }

  @Test("Held files are neither offered nor marked, and a hold that comes between the phases saves them")
  func holds() async throws {
    let store = try await Self.filled(6)
    let hold = try await store.placeHold(Self.hold(1, 2))
    #expect(
      try await store.oldestSegments(.normal, now: Self.late, limit: 9).map(\.start)
        == [0, 2, 3, 4, 5].map(Self.at))
    try await Self.mark(store, [0, 1, 4])
    #expect(try await store.segments(state: .deleting, limit: 9).map(\.start) == [0, 4].map(Self.at))
    _ = try await store.placeHold(Self.hold(4, 5))
    let done = try await store.finishDeletions(limit: 9, now: Self.late) { _ in .removed(bytes: 1) }
    #expect(done.map(\.segment.start) == [Self.at(0)])
    #expect(try await store.segment(Self.segment(4).id)?.state == .closed)
    let coverage = try await store.coverage(StoreFixture.channel(1), in: WallInterval(Self.at(0), Self.late))
    #expect(coverage.stretches.intervals == [WallInterval(Self.at(1), Self.at(6))])

    let released = try #require(await store.releaseHold(hold.number, by: "wang", now: Self.late))
    #expect(released.releasedBy == "wang" && released.released == Self.late)
    #expect(try await store.oldestSegments(.normal, now: Self.late, limit: 1).first?.start == Self.at(1))
    // Releasing again changes nothing, and a number that is none is told.
    #expect(try await store.releaseHold(hold.number, by: "li", now: Self.late)?.releasedBy == "wang")
    #expect(try await store.releaseHold(HoldNumber(rawValue: 99), by: "li", now: Self.late) == nil)
  }

  @Test("A hold ends by itself when its time has come, and stays in the list")
  func ending() async throws {
    let store = try await Self.filled(1)
    let hold = try await store.placeHold(Self.hold(0, 1, until: Self.at(50)))
    #expect(try await store.oldestSegments(.normal, now: Self.at(49), limit: 9).isEmpty)
    #expect(try await store.oldestSegments(.normal, now: Self.at(50), limit: 9).count == 1)
    #expect(try await store.holds(activeAt: Self.at(49)) == [hold])
    #expect(try await store.holds(activeAt: Self.at(50)).isEmpty)
    #expect(try await store.holds(activeAt: nil) == [hold])
    let extent = try await store.extent(hold.channel, in: hold.interval)
    #expect(extent.files == 1 && extent.bytes == 100)
  }
}
