import Codec
import Logging
import MPEGCore
import MediaTransport
import Registry
import Streaming
import Synchronization

/// Turns H.265 into H.264 for browsers that cannot decode it, in processes of their own and within a budget.
///
/// One transcoded stream serves all who need it of the same source. A source is
/// a camera's pull or one replay.
final class Transcoding: Sendable {
  private struct Entry {
    let bridge: TranscodeBridge
    var users: Int
  }

  private let plane: MediaPlane
  private let executable: String
  private let budget: Int
  private let logger: Logger
  private let entries = Mutex<[String: Entry]>([:])

  /// - Parameters:
  ///   - executable: this program; its `worker` subcommand is the other end.
  ///   - budget: streams transcoded at once.
  init(plane: MediaPlane, executable: String, budget: Int, logger: Logger) {
    (self.plane, self.executable, self.budget, self.logger) = (plane, executable, budget, logger)
  }

  /// Streams being transcoded.
  var used: Int { entries.withLock { $0.count } }

  /// Joins or starts the transcoding of a source. Nil when the budget is used up or the process cannot start.
  ///
  /// - Parameter key: names the source; the same key shares one process.
  func acquire(_ key: String) -> TranscodeBridge? {
    entries.withLock { entries in
      if let entry = entries[key] {
        entries[key]?.users += 1
        return entry.bridge
      }
      guard entries.count < budget else { return nil }
      let bridge = TranscodeBridge(key: key, plane: plane, executable: executable, logger: logger)
      guard bridge.start() else { return nil }
      entries[key] = Entry(bridge: bridge, users: 1)
      return bridge
    }
  }

  /// Ends one use; the last one ends the process.
  func release(_ key: String) {
    let ended = entries.withLock { entries -> TranscodeBridge? in
      guard var entry = entries[key] else { return nil }
      entry.users -= 1
      entries[key] = entry.users == 0 ? nil : entry
      return entry.users == 0 ? entry.bridge : nil
    }
    ended?.stop()
  }

  func stopAll() {
    let all = entries.withLock { entries in
      defer { entries = [:] }
      return Array(entries.values)
    }
    for entry in all { entry.bridge.stop() }
  }
}

/// One source on its way through a worker process into a pushed stream.
final class TranscodeBridge: StreamSink {
  private struct State {
    var video: TrackFormat?
    var audio: TrackFormat?
    /// What the worker makes of the picture.
    var output: TrackFormat?
    var announced = false
  }

  let key: String
  let stream: StreamID
  private let plane: MediaPlane
  private let logger: Logger
  private let state = Mutex(State())
  private let worker: Mutex<WorkerProcess?>
  private let executable: String

  init(key: String, plane: MediaPlane, executable: String, logger: Logger) {
    (self.key, self.plane, self.executable, self.logger) = (key, plane, executable, logger)
    stream = plane.openPush(label: "transcoded \(key)")
    worker = Mutex(nil)
  }

  func start() -> Bool {
    let process = WorkerProcess(executable: executable, arguments: ["worker"]) { [weak self] event in
      self?.worked(event)
    }
    do {
      try process.start()
      worker.withLock { $0 = process }
      return true
    } catch {
      logger.error("no transcoder could be started", metadata: ["error": "\(error)"])
      plane.close(stream, .closed)
      return false
    }
  }

  func stop() {
    let process = worker.withLock { worker in
      defer { worker = nil }
      return worker
    }
    process?.stop()
    plane.close(stream, .closed)
  }

  // MARK: From the source

  func formatsChanged(_ formats: [TrackFormat]) {
    let video = formats.first { $0.codec.isVideo }
    let changed = state.withLock { state in
      let changed = state.video != video
      state.video = video
      state.audio = formats.first { !$0.codec.isVideo }
      if changed { state.output = nil }
      state.announced = false
      return changed
    }
    if changed, let video { worker.withLock { $0 }?.transcode(video, to: VideoTarget()) }
  }

  func receive(_ units: [AccessUnit]) {
    let process = worker.withLock { $0 }
    var sound: [AccessUnit] = []
    for unit in units {
      if unit.codec.isVideo { process?.send(unit) } else { sound.append(unit) }
    }
    if !sound.isEmpty, state.withLock({ $0.announced }) { plane.push(stream, formats: nil, units: sound) }
  }

  func ended(_ reason: StreamEnd) {}

  /// Words for the viewers, in their place between the pictures.
  func say(_ json: String) { plane.sendText(stream, json) }

  // MARK: From the worker

  private func worked(_ event: WorkerEvent) {
    switch event {
    case .format(let format):
      state.withLock { state in
        state.output = format
        state.announced = false
      }
    case .unit(let unit):
      let formats = state.withLock { state -> [TrackFormat]? in
        guard let output = state.output, !state.announced else { return nil }
        state.announced = true
        return [output] + (state.audio.map { [$0] } ?? [])
      }
      plane.push(stream, formats: formats, units: [unit])
    case .restarted(let reason):
      logger.warning(
        "the transcoder was started again", metadata: ["source": "\(key)", "error": "\(reason)"])
    case .failed(let reason):
      logger.error("the transcoder gave up", metadata: ["source": "\(key)", "error": "\(reason)"])
      plane.close(stream, .closed)
    }
  }
}
