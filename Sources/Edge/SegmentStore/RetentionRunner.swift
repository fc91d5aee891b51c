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

  private let root: String
  private let store: any RecordingStore
  private let disk: any Disk

  public init(root: String, store: any RecordingStore, disk: any Disk = SystemDisk()) {
    self.root = root
    self.store = store
    self.disk = disk
  }

  /// What `policy` would delete now, without deleting anything: the dry run of a rule that is to change.
  public func preview(_ policy: RetentionPolicy, now: WallTime) async throws -> RetentionPreview {
    let (decision, isComplete) = try await decide(policy, now: now, limit: Self.previewed)
    return RetentionPreview(decision, isComplete: isComplete)
  }

  /// The decision over the oldest `limit` segments of every class, and whether more of a class might go.
  func decide(_ policy: RetentionPolicy, now: WallTime, limit: Int = batch) async throws
    -> (decision: RetentionDecision, isComplete: Bool)
  {
    guard let figures = disk.figures(of: root) else { return (RetentionDecision(), true) }
    var candidates: [SegmentRecord] = []
    var last: [SegmentID] = []
    for retentionClass in RetentionClass.allCases {
      let found = try await store.oldestSegments(retentionClass, now: now, limit: limit)
      candidates += found
      if found.count == limit, let id = found.last?.id { last.append(id) }
    }
    let decision = RetentionDecision.make(policy: policy, candidates: candidates, disk: figures, now: now)
    let chosen = Set(decision.deletions.map(\.segment.id))
    return (decision, !last.contains(where: chosen.contains))
  }

  /// Finishes interrupted deletions, then deletes what `policy` asks for.
  public func run(_ policy: RetentionPolicy, now: WallTime) async throws -> Report {
    var report = Report()
    try await finish(&report, now: now)
    for _ in 0..<Self.rounds {
      let decision = try await decide(policy, now: now).decision
      report.breaksPromise = report.breaksPromise || decision.breaksPromise
      report.mustStop = decision.mustStop
      guard !decision.deletions.isEmpty else { break }
      try await store.markDeleting(decision.deletions, now: now)
      try await finish(&report, now: now)
    }
    return report
  }

  /// Carries out everything that is marked.
  private func finish(_ report: inout Report, now: WallTime) async throws {
    let root = root
    while true {
      let done = try await store.finishDeletions(limit: Self.transaction, now: now) { segment in
        Self.remove(segment.path, below: root)
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

  private static func remove(_ path: String, below root: String) -> FileRemoval {
    guard SegmentID(path: path) != nil else { return .failed("not the path of a segment") }
    var status = stat()
    guard lstat("\(root)/\(path)", &status) == 0 else {
      return errno == ENOENT ? .missing : .failed(String(cString: strerror(errno)))
    }
    guard unlink("\(root)/\(path)") == 0 || errno == ENOENT else {
      return .failed(String(cString: strerror(errno)))
    }
    // Empty directories go too; `rmdir` refuses all others.
    let parts = path.split(separator: "/")
    rmdir("\(root)/\(parts[0])/\(parts[1])")
    rmdir("\(root)/\(parts[0])")
    return .removed(bytes: Int64(status.st_size))
  }
}
