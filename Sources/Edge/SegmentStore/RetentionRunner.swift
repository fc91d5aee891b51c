import Glibc
public import MediaTime
public import Recording
import Registry

/// Carries retention decisions out: marks, unlinks, removes, and records what was purged.
///
/// One run at a time. A run that is interrupted anywhere is finished by the next.
public struct RetentionRunner: Sendable {
  /// What a run did.
  public struct Report: Sendable, Hashable {
    public var deletedSegments = 0
    public var deletedBytes: Int64 = 0
    /// See ``RetentionDecision/breaksPromise``.
    public var breaksPromise = false
    /// See ``RetentionDecision/mustStop``.
    public var mustStop = false
  }

  /// Segments looked at per class and round; a run goes on in rounds until nothing is left to do.
  private static let batch = 500
  /// Rounds of one run; what remains is for the next.
  private static let rounds = 200

  private let root: String
  private let store: any RecordingStore
  private let disk: any Disk

  public init(root: String, store: any RecordingStore, disk: any Disk = SystemDisk()) {
    self.root = root
    self.store = store
    self.disk = disk
  }

  /// The decision for the present, without deleting anything: the dry run of a changed rule.
  ///
  /// Covers the oldest segments of every class, as many as one round takes.
  public func decide(_ policy: RetentionPolicy, now: WallTime) async throws -> RetentionDecision {
    guard let figures = disk.figures(of: root) else { return RetentionDecision() }
    var candidates: [SegmentRecord] = []
    for retentionClass in RetentionClass.allCases {
      candidates += try await store.oldestSegments(retentionClass, limit: Self.batch)
    }
    return RetentionDecision.make(policy: policy, candidates: candidates, disk: figures, now: now)
  }

  /// Finishes interrupted deletions, then deletes what `policy` asks for.
  public func run(_ policy: RetentionPolicy, now: WallTime) async throws -> Report {
    var report = Report()
    try await resume(&report, now: now)
    for _ in 0..<Self.rounds {
      let decision = try await decide(policy, now: now)
      report.breaksPromise = report.breaksPromise || decision.breaksPromise
      report.mustStop = decision.mustStop
      guard !decision.deletions.isEmpty else { break }
      try await store.markDeleting(decision.deletions.map(\.segment.id))
      try await purge(decision.deletions.map { ($0.segment, $0.rule.rawValue) }, &report)
    }
    return report
  }

  private func resume(_ report: inout Report, now: WallTime) async throws {
    for _ in 0..<Self.rounds {
      let marked = try await store.segments(state: .deleting, limit: Self.batch)
      guard !marked.isEmpty else { return }
      try await purge(marked.map { ($0, "interrupted deletion") }, &report)
    }
  }

  private func purge(_ segments: [(segment: SegmentRecord, rule: String)], _ report: inout Report)
    async throws
  {
    var removed: [SegmentID] = []
    for (segment, rule) in segments {
      guard unlinkFile(segment.path) else { continue }
      try await recordPurge(segment, rule: rule)
      removed.append(segment.id)
      report.deletedSegments += 1
      report.deletedBytes += segment.bytes
    }
    try await store.removeSegments(removed)
    // Files that cannot be removed would be chosen again for ever.
    if removed.isEmpty, let first = segments.first {
      throw SegmentReadError(path: first.segment.path, reason: "cannot be deleted")
    }
  }

  /// True when the file is gone, whoever removed it.
  private func unlinkFile(_ path: String) -> Bool {
    guard SegmentID(path: path) != nil else { return false }
    guard unlink("\(root)/\(path)") == 0 || errno == ENOENT else { return false }
    // Empty directories go too; `rmdir` refuses all others.
    let parts = path.split(separator: "/")
    rmdir("\(root)/\(parts[0])/\(parts[1])")
    rmdir("\(root)/\(parts[0])")
    return true
  }

  /// One gap per unbroken stretch: the segment before it was purged under the same rule, so that gap grows.
  private func recordPurge(_ segment: SegmentRecord, rule: String) async throws {
    let near = WallInterval(segment.start - Timeline.joinTolerance, segment.end)
    let neighbours = try await store.gaps(segment.channel, in: near)
    var gap = GapRecord(
      channel: segment.channel, start: segment.start, end: segment.end, cause: .purged, detail: rule)
    if let before = neighbours.first(where: {
      $0.cause == .purged && $0.detail == rule && $0.start <= segment.start
        && ($0.end ?? segment.start) >= segment.start - Timeline.joinTolerance
    }) {
      gap.start = before.start
      gap.end = max(before.end ?? segment.end, segment.end)
    }
    try await store.putGap(gap)
  }
}
