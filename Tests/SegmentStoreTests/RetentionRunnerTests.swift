import Foundation
import MediaTime
import Recording
import Registry
import SegmentStore
import Testing

/// The index in memory, with the rules of the protocol.
actor MemoryStore: RecordingStore {
  private(set) var all: [SegmentID: SegmentRecord] = [:]
  private(set) var allGaps: [GapID: GapRecord] = [:]
  private var history: [ChannelKey: [PlanEntry]] = [:]

  func putSegment(_ segment: SegmentRecord) { all[segment.id] = segment }
  func markDeleting(_ ids: [SegmentID]) { for id in ids { all[id]?.state = .deleting } }
  func removeSegments(_ ids: [SegmentID]) { for id in ids { all[id] = nil } }
  func segment(_ id: SegmentID) -> SegmentRecord? { all[id] }
  func segments(_ channel: ChannelKey, in range: WallInterval, limit: Int) -> [SegmentRecord] {
    Array(
      sorted {
        $0.channel == channel && $0.state != .deleting && $0.end > range.start && $0.start < range.end
      }
      .prefix(limit))
  }
  func coverage(_ channel: ChannelKey, in range: WallInterval) -> RecordedCoverage {
    RecordedCoverage(segments: segments(channel, in: range, limit: .max))
  }
  func segments(state: SegmentState, limit: Int) -> [SegmentRecord] {
    Array(sorted { $0.state == state }.prefix(limit))
  }
  func oldestSegments(_ retentionClass: RetentionClass, limit: Int) -> [SegmentRecord] {
    Array(
      sorted { $0.retentionClass == retentionClass && ($0.state == .closed || $0.state == .repaired) }
        .prefix(limit))
  }
  func replaceAllSegments(_ segments: [SegmentRecord]) {
    all = Dictionary(segments.map { ($0.id, $0) }) { $1 }
  }
  func putGap(_ gap: GapRecord) { allGaps[gap.id] = gap }
  func removeGap(_ id: GapID) { allGaps[id] = nil }
  func gaps(_ channel: ChannelKey, in range: WallInterval) -> [GapRecord] {
    allGaps.values.filter { gap in
      gap.channel == channel && gap.start <= range.end && gap.end.map { $0 >= range.start } ?? true
    }.sorted { $0.start < $1.start }
  }
  func openGaps() -> [GapRecord] { allGaps.values.filter { $0.end == nil } }
  func putPlan(_ entry: PlanEntry) { history[entry.channel, default: []].append(entry) }
  func plans(_ channel: ChannelKey) -> PlanHistory { PlanHistory(history[channel] ?? []) }
  func currentPlans() -> [PlanEntry] { history.values.compactMap { PlanHistory($0).entries.last } }
  func usage() -> RecordingUsage {
    RecordingUsage(segments: all.count, bytes: all.values.reduce(0) { $0 + $1.bytes })
  }

  private func sorted(_ include: (SegmentRecord) -> Bool) -> [SegmentRecord] {
    all.values.filter(include).sorted { $0.start < $1.start }
  }
}

@Suite("Retention runner")
struct RetentionRunnerTests {
  private func recorded() async throws -> (Bench, MemoryStore) {
    let bench = try Bench("retention")
    let records = try bench.record([Plain.format], Plain.pictures(0, 40))
    let store = MemoryStore()
    for record in records { await store.putSegment(record) }
    #expect(records.count == 10)
    return (bench, store)
  }

  private func files(_ bench: Bench) -> Int {
    let all = FileManager.default.enumerator(atPath: bench.root)?.allObjects ?? []
    return all.filter { "\($0)".hasSuffix(".mp4") }.count
  }

  @Test("old segments go from the disk and the index, and one growing gap says why")
  func byAge() async throws {
    let (bench, store) = try await recorded()
    let runner = RetentionRunner(root: bench.root, store: store, disk: bench.disk)
    let policy = RetentionPolicy(maximumAge: .seconds(20), reserveBytes: 0)
    let report = try await runner.run(policy, now: at(41))
    #expect(report.deletedSegments == 5)
    #expect(files(bench) == 5)
    #expect(await store.all.count == 5)
    let gaps = await store.gaps(try channel(), in: WallInterval(at(0), at(60)))
    #expect(gaps.count == 1)
    #expect(gaps.first?.cause == .purged && gaps.first?.detail == "maximum-age")
    #expect(gaps.first?.start == at(0) && gaps.first?.end == at(20))
    _ = try await runner.run(policy, now: at(100))
    #expect(files(bench) == 0)
    // Empty directories went too, the recordings directory stays.
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.root).isEmpty)
  }

  @Test("space pressure deletes only what is missing to the reserve")
  func bySpace() async throws {
    let (bench, store) = try await recorded()
    let size = try #require(await store.all.values.first).bytes
    bench.disk.set(free: 1_000_000)
    let runner = RetentionRunner(root: bench.root, store: store, disk: bench.disk)
    let policy = RetentionPolicy(maximumAge: nil, reserveBytes: 1_000_000 + size + size / 2)
    let decision = try await runner.decide(policy, now: at(41))
    #expect(decision.deletions.count == 2)
    #expect(await store.all.count == 10)
  }

  @Test("a deletion that was interrupted after the marks is finished by the next run")
  func interrupted() async throws {
    let (bench, store) = try await recorded()
    let oldest = await store.oldestSegments(.normal, limit: 3)
    await store.markDeleting(oldest.map(\.id))
    try FileManager.default.removeItem(atPath: "\(bench.root)/\(oldest[0].path)")
    let runner = RetentionRunner(root: bench.root, store: store, disk: bench.disk)
    let report = try await runner.run(RetentionPolicy(maximumAge: nil, reserveBytes: 0), now: at(41))
    #expect(report.deletedSegments == 3)
    #expect(await store.segments(state: .deleting, limit: 10).isEmpty)
    #expect(files(bench) == 7)
  }
}
