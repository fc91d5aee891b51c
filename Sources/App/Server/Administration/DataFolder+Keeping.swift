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

  /// What `policy` would delete now. Deletes nothing.
  public func previewRetention(_ policy: RetentionPolicy) async throws -> RetentionPreview {
    try await RetentionRunner(root: recordings, store: database).preview(policy, now: SystemClock.wall())
  }
}
