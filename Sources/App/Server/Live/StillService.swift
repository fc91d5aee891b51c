import Codec
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import Registry
import Streaming
import Synchronization

/// Stills: the latest key frame of a camera, decoded in a worker process.
actor StillService {
  /// How long a camera that is not running may take to send its first picture.
  private static let limit: Duration = .seconds(20)

  private let live: LiveService
  private let executable: String
  private let logger: Logger
  private var worker: WorkerProcess?

  init(live: LiveService, executable: String, logger: Logger) {
    (self.live, self.executable, self.logger) = (live, executable, logger)
  }

  /// A JPEG of the camera as it is now.
  func picture(of channel: ChannelKey) async throws -> [UInt8] {
    let catcher = KeyFrameCatcher()
    let hold = await live.hold(channel) { catcher }
    let caught = await catcher.wait(for: Self.limit)
    await live.release(hold)
    guard let (format, unit) = caught else {
      let failure = await live.status(channel)?.failure
      throw Problem.unavailable(failure?.sentence ?? "The camera sent no picture in time.", retryAfter: 5)
    }
    do {
      return try await process().requestPicture(of: unit, format: format, maxWidth: 1_920)
    } catch {
      worker?.stop()
      worker = nil
      logger.error("a still could not be made", metadata: ["channel.id": "\(channel)", "error": "\(error)"])
      throw Problem.unavailable("The picture could not be decoded.")
    }
  }

  func stop() {
    worker?.stop()
    worker = nil
  }

  private func process() throws -> WorkerProcess {
    if let worker { return worker }
    let new = WorkerProcess(executable: executable, arguments: ["worker"]) { _ in }
    try new.start()
    worker = new
    return new
  }
}

/// Waits for one key frame.
private final class KeyFrameCatcher: StreamSink {
  private struct State {
    var format: TrackFormat?
    var caught: (TrackFormat, AccessUnit)?
    var waiting: CheckedContinuation<(TrackFormat, AccessUnit)?, Never>?
    var isOver = false
  }
  private let state = Mutex(State())

  func formatsChanged(_ formats: [TrackFormat]) {
    state.withLock { $0.format = formats.first { $0.codec.isVideo } }
  }

  func receive(_ units: [AccessUnit]) {
    guard let unit = units.last(where: { $0.codec.isVideo && $0.isKeyFrame }) else { return }
    let (waiting, caught) = state.withLock { state in
      guard let format = state.format, state.caught == nil else {
        return (CheckedContinuation<(TrackFormat, AccessUnit)?, Never>?.none, state.caught)
      }
      state.caught = (format, unit)
      defer { state.waiting = nil }
      return (state.waiting, state.caught)
    }
    waiting?.resume(returning: caught)
  }

  func ended(_ reason: StreamEnd) {}

  func wait(for limit: Duration) async -> (TrackFormat, AccessUnit)? {
    let timeout = Task { [weak self] in
      try? await Task.sleep(for: limit)
      if !Task.isCancelled { self?.giveUp() }
    }
    defer { timeout.cancel() }
    return await withCheckedContinuation { continuation in
      let (isReady, caught) = state.withLock { state in
        if state.caught != nil || state.isOver { return (true, state.caught) }
        state.waiting = continuation
        return (false, nil)
      }
      if isReady { continuation.resume(returning: caught) }
    }
  }

  private func giveUp() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: nil)
  }
}
