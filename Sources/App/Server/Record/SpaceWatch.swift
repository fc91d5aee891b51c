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
    guard let disk = snapshot.disk, let usage = try? await store.usage() else { return }
    alarm.measured(snapshot.bytesPerSecond)
    let forecast = DiskForecast(
      disk: disk, policy: await policy(), recordedBytes: usage.bytes,
      bytesPerSecond: alarm.bytesPerSecond ?? 0)
    self.forecast = forecast
    switch alarm.judge(forecast.timeToFull) {
    case .warn(let time): tell(.warn, disk, "In \(Int(time.inSeconds / 3_600)) hours the disk is full.")
    case .clear: tell(.ok, disk, "The disk is no longer about to be full.")
    case nil: break
    }
  }

  private func tell(_ status: API.CheckStatus, _ disk: DiskFigures, _ text: String) {
    logger.log(
      level: status == .ok ? .notice : .warning, "the forecast of the recordings disk changed",
      metadata: ["free": "\(disk.free)", "text": "\(text)"])
    hub.publish(
      .storage(
        API.StorageEvent(path: recorder.configuration.root, status: status, free: disk.free, text: text)))
  }
}
