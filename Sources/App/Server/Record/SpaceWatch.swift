import HTTPAPI
import Logging
import MediaTime
import Recording
import SegmentStore

/// Foretells when the disk reaches its reserve, and tells people a day before.
actor SpaceWatch {
  private let store: any RecordingStore
  private let recorder: Recorder
  private let policy: @Sendable () async -> RetentionPolicy
  private let hub: EventHub
  private let logger: Logger
  private var alarm = SpaceAlarm()
  /// The latest forecast; nil before the first, and where nothing is written.
  private(set) var forecast: DiskForecast?

  init(
    store: any RecordingStore, recorder: Recorder, policy: @escaping @Sendable () async -> RetentionPolicy,
    hub: EventHub, logger: Logger
  ) {
    (self.store, self.recorder, self.policy) = (store, recorder, policy)
    (self.hub, self.logger) = (hub, logger)
  }

  /// One look. Call once a minute.
  func look() async {
    let snapshot = recorder.snapshot()
    guard let disk = snapshot.fullest, let usage = try? await store.usage() else { return }
    alarm.measured(snapshot.bytesPerSecond)
    let forecast = DiskForecast(
      room: snapshot.room(await policy()), recordedBytes: usage.bytes,
      bytesPerSecond: alarm.bytesPerSecond ?? 0)
    self.forecast = forecast
    switch alarm.judge(forecast.timeToFull) {
    case .warn(let time):
      tell(.warn, disk, "In \(Int(time.inSeconds / 3_600)) hours \(snapshot.subject) full.")
    case .clear: tell(.ok, disk, "There is room for more than a day again.")
    case nil: break
    }
  }

  private func tell(_ status: API.CheckStatus, _ disk: DiskSnapshot, _ text: String) {
    let free = disk.figures?.free ?? 0
    logger.log(
      level: status == .ok ? .notice : .warning, "the forecast of the recordings disk changed",
      metadata: ["path": "\(disk.path)", "free": "\(free)", "text": "\(text)"])
    hub.publish(.storage(API.StorageEvent(path: disk.path, status: status, free: free, text: text)))
  }
}

extension RecorderSnapshot {
  /// Disks that are there.
  var present: [DiskSnapshot] { disks.filter { $0.loss == nil && $0.figures != nil } }

  /// The disk with the least room above its reserve, of those that are there.
  var fullest: DiskSnapshot? {
    present.min { left, right in
      (left.figures?.free ?? 0) - left.reserveBytes < (right.figures?.free ?? 0) - right.reserveBytes
    }
  }

  var subject: String { disks.count > 1 ? "all disks of recordings are" : "the disk is" }

  /// Bytes above the reserves, all disks that are there together.
  func room(_ policy: RetentionPolicy) -> Int64 {
    present.reduce(0) { sum, disk in
      let reserve = disk.hasOwnReserve ? disk.reserveBytes : policy.reserveBytes
      return sum + max(0, (disk.figures?.free ?? 0) - reserve)
    }
  }
}
