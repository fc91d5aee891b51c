import Cryptography
import MediaTime
public import Recording
import SegmentStore
import StoreSQLite

/// The rules of deleting without a running server.
extension DataFolder {
  /// The rules in force.
  public func retentionPolicy() async throws -> RetentionPolicy {
    RetentionSettings.policy(from: try await settings(), reserve: ServerRuntime.Options().reserveBytes)
  }

  /// Changes the rules. A running server follows them at its next round, half a minute later at most.
  public func setRetention(_ policy: RetentionPolicy) async throws {
    let now = SystemClock.wall()
    for (key, value) in RetentionSettings.settings(of: policy).sorted(by: { $0.key < $1.key }) {
      try await database.set(key, to: value, by: "command line", at: now)
    }
  }

  /// Holds the recordings index against the files, without a running server.
  ///
  /// - Throws: `IndexCheckError` when the disk seems to be gone.
  public func compareIndex(
    repairs: Bool, hashes: Bool, report: @escaping @Sendable (IndexFault, String) -> Void
  ) async throws -> IndexCheckReport {
    var options = IndexCheck.Options()
    options.repairs = repairs
    options.hashBytes = hashes ? .max : 0
    let check = IndexCheck(
      disks: try await openDisks().disks, store: database, hash: { SHA256Stream() },
      surroundings: IndexCheck.Surroundings(now: { SystemClock.wall() }, report: report))
    let (found, hashedUpTo) = try await check.run(options)
    if repairs { try await database.putCheck(found, hashedUpTo: hashedUpTo) }
    return found
  }

  /// What `policy` would delete now. Deletes nothing.
  public func previewRetention(_ policy: RetentionPolicy) async throws -> RetentionPreview {
    try await RetentionRunner(disks: try await openDisks().disks, store: database)
      .preview(policy, now: SystemClock.wall())
  }
}
