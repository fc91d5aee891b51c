import Glibc
public import MediaTime
public import Recording
import Registry

/// Carries retention decisions out: marks in the index, removes files, confirms, and keeps accounts.
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
  /// Files removed in one transaction: other writers of the database wait for so many `unlink`s.
  private static let transaction = 50
  /// Rounds of one run; what remains is for the next.
  private static let rounds = 200
  /// Segments of each class that a preview looks at.
  private static let previewed = 200_000

  private let disks: DiskSet
  private let store: any RecordingStore
  private let figures: any Disk

  /// - Parameter figures: tells how full a disk is.
  public init(disks: DiskSet, store: any RecordingStore, figures: any Disk = SystemDisk()) {
    (self.disks, self.store, self.figures) = (disks, store, figures)
  }

  /// What `policy` would delete now, without deleting anything: the dry run of a rule that is to change.
  ///
  /// Of disks that are away nothing is deleted.
  public func preview(_ policy: RetentionPolicy, now: WallTime) async throws -> RetentionPreview {
    var whole = RetentionDecision()
    var isComplete = true
    for disk in disks.present {
      let (decision, isWhole) = try await decide(policy, disk, now: now, limit: Self.previewed)
      whole.add(decision)
      isComplete = isComplete && isWhole
    }
    return RetentionPreview(whole, isComplete: isComplete)
  }

  /// The decision over the oldest `limit` segments of every class on a disk, and whether more of a class might go.
  private func decide(_ policy: RetentionPolicy, _ disk: RecordingDisk, now: WallTime, limit: Int = batch)
    async throws -> (decision: RetentionDecision, isComplete: Bool)
  {
    guard let figures = figures.figures(of: disk.path) else { return (RetentionDecision(), true) }
    var policy = policy
    policy.reserveBytes = disk.directory.reserveBytes ?? policy.reserveBytes
    var candidates: [SegmentRecord] = []
    var last: [SegmentID] = []
    for retentionClass in RetentionClass.allCases {
      let found = try await store.oldestSegments(
        retentionClass, on: disk.id, now: now, limit: limit)
      candidates += found
      if found.count == limit, let id = found.last?.id { last.append(id) }
    }
    let decision = RetentionDecision.make(policy: policy, candidates: candidates, disk: figures, now: now)
    let chosen = Set(decision.deletions.map(\.segment.id))
    return (decision, !last.contains(where: chosen.contains))
  }

  /// On every disk that is there: finishes interrupted deletions, then deletes what `policy` asks for.
  ///
  /// A disk where that fails does not keep the others from being served; the first failure is thrown at the end.
  public func run(_ policy: RetentionPolicy, now: WallTime) async throws -> Report {
    var report = Report()
    var failure: (any Error)?
    for disk in disks.present {
      do { try await run(policy, disk, &report, now: now) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    return report
  }

  private func run(
    _ policy: RetentionPolicy, _ disk: RecordingDisk, _ report: inout Report, now: WallTime
  ) async throws {
    try await finish(disk, &report, now: now)
    var mustStop = false
    for _ in 0..<Self.rounds {
      let decision = try await decide(policy, disk, now: now).decision
      report.breaksPromise = report.breaksPromise || decision.breaksPromise
      mustStop = decision.mustStop
      guard !decision.deletions.isEmpty else { break }
      try await store.markDeleting(decision.deletions, now: now)
      try await finish(disk, &report, now: now)
    }
    report.mustStop = report.mustStop || mustStop
  }

  /// Carries out everything that is marked on a disk.
  private func finish(_ disk: RecordingDisk, _ report: inout Report, now: WallTime) async throws {
    // Asked of the open directory: a file is missing only where its disk says so.
    while let handle = disk.handle {
      let done = try await store.finishDeletions(on: disk.id, limit: Self.transaction, now: now) { segment in
        Self.remove(segment.path, in: handle)
      }
      var failure: SegmentReadError?
      var removed = 0
      for deletion in done {
        switch deletion.removal {
        case .failed(let reason):
          failure = SegmentReadError(path: deletion.segment.path, reason: "cannot be deleted: \(reason)")
        case .removed(let bytes):
          removed += 1
          report.deletedBytes += bytes
        case .missing: removed += 1
        }
      }
      report.deletedSegments += removed
      // Files that cannot be removed would be tried again for ever.
      if let failure, removed == 0 { throw failure }
      if done.isEmpty { return }
    }
  }

  private static func remove(_ path: String, in handle: DirectoryHandle) -> FileRemoval {
    guard SegmentID(path: path) != nil else { return .failed("not the path of a segment") }
    let bytes: Int64
    switch handle.status(of: path) {
    case .failure(let error): return error.code == ENOENT ? .missing : .failed(error.text)
    case .success(let status): bytes = Int64(status.st_size)
    }
    let code = handle.remove(path)
    guard code == 0 || code == ENOENT else { return .failed(SystemError(code: code).text) }
    // Empty directories go too; those that hold something refuse.
    let parts = path.split(separator: "/")
    handle.removeDirectory("\(parts[0])/\(parts[1])")
    handle.removeDirectory("\(parts[0])")
    return .removed(bytes: bytes)
  }
}
