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
  private var rules: [SegmentID: String] = [:]
  private var totals: [String: DeletionTotal] = [:]
  private var held: [Hold] = []
  private var damage: [SegmentID: DamagedSegment] = [:]
  private var lastRun: (report: IndexCheckReport, hashedUpTo: SegmentID?)?

  func putSegment(_ segment: SegmentRecord) { all[segment.id] = segment }
  func markDeleting(_ deletions: [RetentionDecision.Deletion], now: WallTime) {
    for deletion in deletions where !isHeld(deletion.segment, now) {
      all[deletion.segment.id]?.state = .deleting
      rules[deletion.segment.id] = deletion.rule.rawValue
    }
  }
  private var known: [KnownDisk] = []

  func disks() -> [KnownDisk] { known }
  func attachDisk(_ id: DiskID, at directory: String, claimsFormer: Bool, now: WallTime) {
    known.removeAll { $0.id == id }
    known.append(KnownDisk(id: id, directory: directory, attached: now))
  }
  func forgetDisk(_ id: DiskID) { known.removeAll { $0.id == id } }
  func finishDeletions(
    on disk: DiskID?, limit: Int, now: WallTime, remove: @escaping @Sendable (SegmentRecord) -> FileRemoval
  ) -> [FinishedDeletion] {
    sorted { $0.state == .deleting && (disk == nil || $0.disk == disk) }.prefix(limit).map { segment in
      let rule = rules[segment.id] ?? "interrupted"
      let removal = remove(segment)
      if case .failed = removal {
        return FinishedDeletion(segment: segment, rule: rule, removal: removal)
      }
      all[segment.id] = nil
      totals[rule, default: DeletionTotal(rule: rule, files: 0, bytes: 0)].files += 1
      return FinishedDeletion(segment: segment, rule: rule, removal: removal)
    }
  }
  func deletionTotals() -> [DeletionTotal] { Array(totals.values) }
  func placeHold(_ hold: Hold) -> Hold {
    held.append(hold)
    return hold
  }
  func releaseHold(_ number: HoldNumber, by account: String, now: WallTime) -> Hold? {
    guard let index = held.firstIndex(where: { $0.number == number }) else { return nil }
    (held[index].released, held[index].releasedBy) = (now, account)
    return held[index]
  }
  func holds(activeAt now: WallTime?) -> [Hold] {
    held.filter { hold in now.map { hold.isActive(at: $0) } ?? true }
  }
  func extent(_ channel: ChannelKey, in range: WallInterval) -> (files: Int, bytes: Int64) {
    let found = segments(channel, in: range, limit: .max)
    return (found.count, found.reduce(0) { $0 + $1.bytes })
  }
  func segments(after id: SegmentID?, limit: Int) -> [SegmentRecord] {
    let order = all.values.sorted {
      ($0.channel, $0.id.startMilliseconds) < ($1.channel, $1.id.startMilliseconds)
    }
    let rest = order.drop { entry in
      id.map { (entry.channel, entry.id.startMilliseconds) <= ($0.channel, $0.startMilliseconds) } ?? false
    }
    return Array(rest.prefix(limit))
  }
  func forgetLost(_ segment: SegmentRecord) {
    all[segment.id] = nil
    putGap(
      GapRecord(channel: segment.channel, start: segment.start, end: segment.end, cause: .fileLost))
  }
  func markDamaged(_ id: SegmentID, _ fault: String?, at moment: WallTime) {
    damage[id] = fault.map { DamagedSegment(id: id, fault: $0, seen: moment) }
  }
  func damagedSegments(limit: Int) -> [DamagedSegment] { Array(damage.values.prefix(limit)) }
  func putCheck(_ report: IndexCheckReport, hashedUpTo: SegmentID?) { lastRun = (report, hashedUpTo) }
  func lastCheck() -> (report: IndexCheckReport, hashedUpTo: SegmentID?)? { lastRun }
  private func isHeld(_ segment: SegmentRecord, _ now: WallTime) -> Bool {
    held.contains { $0.protects(segment, at: now) }
  }
  func removeSegments(_ ids: [SegmentID]) { for id in ids { all[id] = nil } }
  func segment(_ id: SegmentID) -> SegmentRecord? { all[id] }
  func segments(_ channel: ChannelKey, in range: WallInterval, limit: Int) -> [SegmentRecord] {
    Array(
      sorted {
        $0.channel == channel && $0.state != .deleting && $0.end > range.start && $0.start < range.end
      }
      .prefix(limit))
  }
  func coverage(_ channel: ChannelKey, in range: WallInterval, absent: Set<DiskID>) -> RecordedCoverage {
    RecordedCoverage(segments: segments(channel, in: range, limit: .max), absent: absent)
  }
  func segments(state: SegmentState, limit: Int) -> [SegmentRecord] {
    Array(sorted { $0.state == state }.prefix(limit))
  }
  func oldestSegments(
    _ retentionClass: RetentionClass, on disk: DiskID?, now: WallTime, limit: Int
  ) -> [SegmentRecord] {
    Array(
      sorted {
        $0.retentionClass == retentionClass && (disk == nil || $0.disk == disk)
          && ($0.state == .closed || $0.state == .repaired)
          && !isHeld($0, now)
      }
      .prefix(limit))
  }
  func replaceAllSegments(_ segments: [SegmentRecord], on disks: Set<DiskID>?) {
    all = all.filter { entry in disks.map { !$0.contains(entry.value.disk) } ?? false }
    for segment in segments { all[segment.id] = segment }
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

  @Test("old segments go from the disk and the index")
  func byAge() async throws {
    let (bench, store) = try await recorded()
    let runner = RetentionRunner(disks: try bench.disks(), store: store, figures: bench.disk)
    let policy = RetentionPolicy(maximumAge: .seconds(20), reserveBytes: 0)
    let report = try await runner.run(policy, now: at(41))
    #expect(report.deletedSegments == 5)
    #expect(files(bench) == 5)
    #expect(await store.all.count == 5)
    #expect(await store.deletionTotals() == [DeletionTotal(rule: "maximum-age", files: 5, bytes: 0)])
    _ = try await runner.run(policy, now: at(100))
    #expect(files(bench) == 0)
    // Empty directories went too, the recordings directory stays.
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.root) == [DiskMarker.name])
  }

  @Test("space pressure deletes only what is missing to the reserve")
  func bySpace() async throws {
    let (bench, store) = try await recorded()
    let size = try #require(await store.all.values.first).bytes
    bench.disk.set(free: 1_000_000)
    let runner = RetentionRunner(disks: try bench.disks(), store: store, figures: bench.disk)
    let policy = RetentionPolicy(maximumAge: nil, reserveBytes: 1_000_000 + size + size / 2)
    let preview = try await runner.preview(policy, now: at(41))
    #expect(preview.total.files == 2 && preview.isComplete)
    #expect(preview.total.oldest == at(0) && preview.total.newest == at(8))
    #expect(preview.channels[try channel()] == preview.rules[.space])
    #expect(await store.all.count == 10)
    #expect(files(bench) == 10)
    let report = try await runner.run(policy, now: at(41))
    // The disk of this test does not get emptier, so every round takes as much again.
    #expect(report.deletedSegments == 10)
  }

  @Test("a deletion that was interrupted after the marks is finished by the next run")
  func interrupted() async throws {
    let (bench, store) = try await recorded()
    let oldest = await store.oldestSegments(.normal, on: nil, now: at(41), limit: 3)
    await store.markDeleting(oldest.map { .init(segment: $0, rule: .space) }, now: at(41))
    try FileManager.default.removeItem(atPath: "\(bench.root)/\(oldest[0].path)")
    let runner = RetentionRunner(disks: try bench.disks(), store: store, figures: bench.disk)
    let report = try await runner.run(RetentionPolicy(maximumAge: nil, reserveBytes: 0), now: at(41))
    #expect(report.deletedSegments == 3)
    // What had gone before was somebody's work, not this run's.
    #expect(report.deletedBytes == oldest[1].bytes + oldest[2].bytes)
    #expect(await store.segments(state: .deleting, limit: 10).isEmpty)
    #expect(files(bench) == 7)
  }

  @Test("nothing that is held goes, neither for its age nor for want of space")
  func held() async throws {
    let (bench, store) = try await recorded()
    _ = await store.placeHold(
      Hold(
        number: HoldNumber(rawValue: 1), channel: try channel(), interval: WallInterval(at(5), at(9)),
        reason: "accident", by: "chen", placed: at(40)))
    bench.disk.set(free: 0)
    let runner = RetentionRunner(disks: try bench.disks(), store: store, figures: bench.disk)
    let policy = RetentionPolicy(maximumAge: .seconds(1), reserveBytes: 1 << 40)
    let report = try await runner.run(policy, now: at(100))
    #expect(report.deletedSegments == 8)
    #expect(report.mustStop)
    // The two files that reach into the interval, whole.
    #expect(await store.all.values.map(\.start).sorted() == [at(4), at(8)])
    #expect(files(bench) == 2)
  }

  @Test("a file that cannot be removed stays in the index and is reported")
  func stubborn() async throws {
    let (bench, store) = try await recorded()
    let oldest = try #require(await store.oldestSegments(.normal, on: nil, now: at(41), limit: 1).first)
    let path = "\(bench.root)/\(oldest.path)"
    try FileManager.default.removeItem(atPath: path)
    // A directory in its place: even root cannot unlink it.
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let runner = RetentionRunner(disks: try bench.disks(), store: store, figures: bench.disk)
    await #expect(throws: SegmentReadError.self) {
      try await runner.run(RetentionPolicy(maximumAge: .seconds(20), reserveBytes: 0), now: at(41))
    }
    #expect(await store.segment(oldest.id)?.state == .deleting)
    #expect(files(bench) == 6)
  }
}
