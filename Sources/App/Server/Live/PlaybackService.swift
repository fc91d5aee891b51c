import Foundation
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Registry
import SegmentStore
import Streaming
import Synchronization

/// Opens replays of our own recordings.
struct PlaybackService: Sendable {
  /// The longest interval of one replay.
  static let longest: Duration = .seconds(31 * 86_400)

  let plane: MediaPlane
  let recording: RecordingService
  let places: SegmentPlaces
  let logger: Logger

  /// Prepares a replay. It runs when its first viewer is there.
  func open(_ channel: ChannelKey, _ range: WallInterval, label: String) async throws -> Replay {
    guard range.duration <= Self.longest else { throw Problem.invalid("A replay covers at most 31 days.") }
    guard let first = try await recording.segments(channel, range, limit: 1).first else {
      throw await recording.nothingReadable(channel, range)
    }
    let formats: [TrackFormat]
    do { formats = try places.reader(first).formats } catch {
      logger.error("a recording cannot be read", metadata: ["path": "\(first.path)", "error": "\(error)"])
      throw Problem.unavailable("The first recorded file of that time cannot be read.")
    }
    return Replay(
      channel: channel, range: range, formats: formats, plane: plane, recording: recording, places: places,
      label: "replay \(label)", logger: logger)
  }
}

/// One running replay: a pump that reads files into a pushed stream, and what its viewer is told.
final class Replay: Replaying {
  private struct State {
    var bridge: TranscodeBridge?
    var formats: [TrackFormat]?
    var task: Task<Void, Never>?
    var isOver = false
    var isClosed = false
  }

  let channel: ChannelKey
  let stream: StreamID
  /// Of the first file.
  let formats: [TrackFormat]
  private let plane: MediaPlane
  private let recording: RecordingService
  private let logger: Logger
  private let state = Mutex(State())
  // Set once in the initialiser's last step, before anybody else can see the object.
  private let pump: Mutex<ReplayPump?>

  init(
    channel: ChannelKey, range: WallInterval, formats: [TrackFormat], plane: MediaPlane,
    recording: RecordingService,
    places: SegmentPlaces, label: String, logger: Logger
  ) {
    (self.channel, self.formats, self.plane) = (channel, formats, plane)
    (self.recording, self.logger) = (recording, logger)
    stream = plane.openPush(label: label)
    pump = Mutex(nil)
    let made = ReplayPump(places: places, range: range) { wanted in
      try await recording.segments(channel, wanted)
    } output: { [weak self] output in
      self?.handle(output)
    }
    pump.withLock { $0 = made }
  }

  /// Begins, the first time it is called.
  func start() {
    guard let pump = pump.withLock({ $0 }) else { return }
    state.withLock { state in
      guard state.task == nil, !state.isClosed else { return }
      state.task = Task { await pump.run() }
    }
  }

  /// Sends everything through a transcoder from now on.
  func route(into bridge: TranscodeBridge) { state.withLock { $0.bridge = bridge } }

  /// Whether the end of the interval was reached and nobody moved back since.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// The wall-clock time of what is shown, nil before the first picture.
  var position: ReplayPosition {
    guard let position = pump.withLock({ $0 })?.position else {
      return ReplayPosition(wall: nil, rate: 1, isPaused: false)
    }
    return ReplayPosition(wall: position.wall, rate: position.rate, isPaused: position.isPaused)
  }

  func readyFormats(within limit: Duration) async -> [TrackFormat] { formats }

  func apply(_ control: API.PlaybackControl) throws {
    guard let pump = pump.withLock({ $0 }) else { return }
    if let rate = control.rate {
      guard rate != 0, abs(rate) <= 32, abs(rate) >= 0.125 else {
        throw Problem.invalid("The rate must be from 1/8 to 32, or the same backwards.")
      }
    }
    pump.order(rate: control.rate, position: control.position?.wall, isPaused: control.paused)
    state.withLock { $0.isOver = false }
  }

  func close() {
    pump.withLock { $0 }?.stop()
    state.withLock { $0.isClosed = true }
    plane.close(stream, .closed)
  }

  // MARK: On the replay's thread

  private func handle(_ output: ReplayOutput) {
    switch output {
    case .formats(let formats):
      let bridge = state.withLock { state in
        state.formats = formats
        return state.bridge
      }
      if let bridge {
        bridge.formatsChanged(formats)
      } else {
        plane.push(stream, formats: formats, units: [])
      }
    case .units(let units):
      if let bridge = state.withLock({ $0.bridge }) {
        bridge.receive(units)
      } else {
        plane.push(stream, formats: nil, units: units)
      }
    case .position(let wall, let ticks, let rate):
      tell(["type": "position", "wall": wall.rfc3339, "media": ticks.seconds, "rate": rate])
    case .gap(let from, let to):
      Task { await self.explain(from, to) }
    case .ended(let end):
      state.withLock { $0.isOver = true }
      tell(["type": "ended", "wall": end.rfc3339])
    case .failed(let text):
      logger.error(
        "a replay met an unreadable file", metadata: ["channel.id": "\(channel)", "error": "\(text)"])
    }
  }

  /// A skipped stretch, with the cause that the timeline gives it.
  private func explain(_ from: WallTime, _ to: WallTime) async {
    let timeline = try? await recording.timeline(channel, WallInterval(from, to))
    let cause = timeline?.gaps.max { $0.interval.duration < $1.interval.duration }?.cause ?? .unknown
    tell(["type": "gap", "from": from.rfc3339, "to": to.rfc3339, "cause": cause.rawValue])
  }

  private func tell(_ object: [String: any Sendable]) {
    guard let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]) else {
      return
    }
    let text = String(decoding: data, as: UTF8.self)
    if let bridge = state.withLock({ $0.bridge }) { bridge.say(text) } else { plane.sendText(stream, text) }
  }
}
