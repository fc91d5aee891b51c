import Cryptography
import HTTPAPI
import Logging
import MediaTime
import Recording
import SegmentStore

/// Compares index and files once a day, slowly, and says what was wrong.
actor IndexCheckService {
  private static let interval: Duration = .seconds(86_400)
  /// After the start other things matter more.
  private static let delay: Duration = .seconds(600)
  /// Read and hashed again in one run; the next run goes on where this one ended.
  private static let hashBytes: Int64 = 64 << 30
  private static let bytesPerSecond: Int64 = 4 << 20
  private static let entriesPerSecond = 2_000
  /// The recorder's queue is longer than this: the disk has enough to do.
  private static let busyBytes = 4 << 20

  private let store: any RecordingStore
  private let recorder: Recorder
  private let disks: DiskSet
  private let hub: EventHub
  private let logger: Logger
  private(set) var isRunning = false

  init(
    store: any RecordingStore, recorder: Recorder, disks: DiskSet, hub: EventHub, logger: Logger
  ) {
    (self.store, self.recorder, self.disks) = (store, recorder, disks)
    (self.hub, self.logger) = (hub, logger)
  }

  /// Runs until the surrounding task is cancelled.
  func runDaily() async {
    do {
      try await Task.sleep(for: Self.delay)
      while true {
        let last = try? await store.lastCheck()?.report.started
        let due = last.map { $0 + Self.interval } ?? SystemClock.wall()
        if due <= SystemClock.wall() { await run(pace: true) }
        try await Task.sleep(for: Self.delay)
      }
    } catch {
      return
    }
  }

  /// One comparison; does nothing while one runs.
  ///
  /// - Parameter pace: slowly, as beside recording, and with hashes; otherwise lengths only, as fast as it goes.
  func run(pace: Bool) async {
    guard !isRunning else { return }
    isRunning = true
    defer { isRunning = false }
    do {
      var options = IndexCheck.Options()
      if pace {
        options.bytesPerSecond = Self.bytesPerSecond
        options.entriesPerSecond = Self.entriesPerSecond
        options.hashBytes = Self.hashBytes
        options.hashAfter = try await store.lastCheck()?.hashedUpTo
      }
      let (report, hashedUpTo) = try await check().run(options)
      try await store.putCheck(report, hashedUpTo: hashedUpTo)
      tell(report)
    } catch is CancellationError {
      return
    } catch {
      logger.error("index and files could not be compared", metadata: ["error": "\(error)"])
      publish(.fail, "Index and recorded files could not be compared: \(error)")
    }
  }

  private func check() -> IndexCheck {
    let (recorder, logger) = (recorder, logger)
    return IndexCheck(
      disks: disks, store: store, hash: { SHA256Stream() },
      surroundings: IndexCheck.Surroundings(
        now: { SystemClock.wall() }, isBusy: { recorder.snapshot().queuedBytes > Self.busyBytes },
        report: { fault, path in
          logger.error(
            "index and files disagree", metadata: ["fault": "\(fault.name)", "path": "\(path)"])
        }))
  }

  private func tell(_ report: IndexCheckReport) {
    logger.info(
      "index and files were compared",
      metadata: ["files": "\(report.files)", "hashed": "\(report.hashed)", "faults": "\(report.faultCount)"])
    guard report.faultCount > 0 else { return }
    publish(.warn, "Index and recorded files disagreed in \(report.faultCount) places; see the health page.")
  }

  private func publish(_ status: API.CheckStatus, _ text: String) {
    let free = recorder.snapshot().disk?.free ?? 0
    hub.publish(
      .storage(
        API.StorageEvent(path: recorder.configuration.root, status: status, free: free, text: text)))
  }
}
