import Foundation
import MediaTime
import Recording
import SegmentStore
import Synchronization
import Testing

@Suite("Index against files")
struct IndexCheckTests {
  /// Ten files in the index and on the disk, and a check over them a while later.
  private struct Place {
    let bench: Bench
    let store = MemoryStore()
    let records: [SegmentRecord]
    let seen = Seen()

    final class Seen: Sendable {
      let faults = Mutex<[String]>([])
      let pauses = Mutex<Int>(0)
    }

    init() async throws {
      bench = try Bench("check")
      records = try bench.record([Plain.format], Plain.pictures(0, 40))
      for record in records { await store.putSegment(record) }
      try #require(records.count == 10)
    }

    func url(_ index: Int) -> URL { URL(filePath: "\(bench.root)/\(records[index].path)") }

    func run(
      at now: WallTime = WallTime(seconds: 4_000_000_000),
      isBusy: @escaping @Sendable () -> Bool = { false },
      adjusting change: (inout IndexCheck.Options) -> Void = { _ in }
    ) async throws -> (report: IndexCheckReport, hashedUpTo: SegmentID?) {
      let seen = seen
      var options = IndexCheck.Options()
      options.hashBytes = 1 << 30
      change(&options)
      return try await IndexCheck(
        disks: try bench.disks(), store: store, hash: { TestHash() },
        surroundings: IndexCheck.Surroundings(
          now: { now }, isBusy: isBusy, pause: { _ in seen.pauses.withLock { $0 += 1 } },
          report: { fault, path in seen.faults.withLock { $0.append("\(fault.name) \(path)") } })
      ).run(options)
    }
  }

  @Test("an index that equals its files has no fault, and every byte was read")
  func clean() async throws {
    let place = try await Place()
    let (report, hashedUpTo) = try await place.run()
    #expect(report.faults.isEmpty)
    #expect(report.files == 10 && report.hashed == 10)
    #expect(report.hashedBytes == place.records.reduce(0) { $0 + $1.bytes })
    #expect(hashedUpTo == nil)
  }

  @Test("lost, unknown, shortened and altered files are each told, and repaired as far as that goes")
  func repair() async throws {
    let place = try await Place()
    let (store, records) = (place.store, place.records)
    try FileManager.default.removeItem(at: place.url(1))
    await store.removeSegments([records[3].id])
    let shortened = try FileHandle(forWritingTo: place.url(5))
    try shortened.truncate(atOffset: UInt64(records[5].bytes - 10))
    try shortened.close()
    var bytes = try Data(contentsOf: place.url(7))
    bytes[bytes.count - 200] ^= 1
    try bytes.write(to: place.url(7))

    let dry = try await place.run(adjusting: { $0.repairs = false }).report
    #expect(dry.faults["missing"] == 1 && dry.faults["unknown"] == 1 && dry.faults["size"] == 1)
    #expect(await store.all.count == 9)
    #expect(await store.damagedSegments(limit: 9).isEmpty)

    let report = try await place.run().report
    #expect(report.faults["missing"] == 1 && report.faults["unknown"] == 1)
    #expect(report.faults["size"] == 1 && report.faults["hash"] == 1)
    #expect(await store.segment(records[1].id) == nil)
    let gaps = await store.gaps(try channel(), in: records[1].interval)
    #expect(gaps.map(\.cause) == [.fileLost])
    #expect(await store.segment(records[3].id)?.sha256 == records[3].sha256)
    #expect(
      Set(await store.damagedSegments(limit: 9).map(\.id)) == [records[5].id, records[7].id])
    let seen = place.seen.faults.withLock { Set($0) }
    #expect(seen.contains("hash \(records[7].path)") && seen.contains("missing \(records[1].path)"))

    let again = try await place.run().report
    #expect(again.faults["missing"] == nil && again.faults["unknown"] == nil)
    #expect(await store.all.count == 9)
  }

  @Test("when nearly everything is missing the disk is gone, and nothing is forgotten")
  func diskGone() async throws {
    let place = try await Place()
    for number in 10..<40 {
      var record = place.records[0]
      record = SegmentRecord(
        id: SegmentID(channel: record.channel, startMilliseconds: at(Double(number) * 4).milliseconds),
        disk: record.disk,
        start: at(Double(number) * 4), end: at(Double(number) * 4 + 4), bytes: 5, state: .closed,
        codec: record.codec)
      await place.store.putSegment(record)
    }
    await #expect(throws: IndexCheckError.self) { try await place.run() }
    #expect(await place.store.all.count == 40)
  }

  @Test("what is open or young is left alone")
  func young() async throws {
    let place = try await Place()
    try FileManager.default.removeItem(at: place.url(1))
    let (report, _) = try await place.run(at: at(41))
    #expect(report.faults.isEmpty && report.files == 0)
  }

  @Test("hashing stops at its budget, goes on there in the next run, and waits while the disk is busy")
  func budget() async throws {
    let place = try await Place()
    let first = try await place.run(adjusting: { $0.hashBytes = 1 })
    #expect(first.report.hashed == 1)
    #expect(first.hashedUpTo == place.records[0].id)
    let busy = Mutex(3)
    let isBusy: @Sendable () -> Bool = {
      busy.withLock { left in
        left -= 1
        return left >= 0
      }
    }
    let second = try await place.run(
      isBusy: isBusy,
      adjusting: {
        $0.hashBytes = 1
        $0.hashAfter = first.hashedUpTo
      })
    #expect(second.hashedUpTo == place.records[1].id)
    #expect(place.seen.pauses.withLock { $0 } == 3)
  }
}
