import Logging
import MediaTime
import Recording
import SegmentStore

/// Runs the retention rules now and then and tells the log what they did.
struct RetentionService: Sendable {
  let runner: RetentionRunner
  let policy: @Sendable () async -> RetentionPolicy
  let logger: Logger

  /// One round. Call about twice a minute, and when space runs low; never twice at once.
  func run() async {
    do {
      let report = try await runner.run(await policy(), now: SystemClock.wall())
      if report.breaksPromise {
        logger.critical("the promised minimum retention cannot be kept: the disk is too small for the plans")
      }
      if report.deletedSegments > 0 {
        logger.notice(
          "recordings were deleted by rule",
          metadata: ["files": "\(report.deletedSegments)", "bytes": "\(report.deletedBytes)"])
      }
    } catch {
      logger.error("retention could not run; it is tried again", metadata: ["error": "\(error)"])
    }
  }
}
