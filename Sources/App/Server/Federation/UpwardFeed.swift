import Federation
import GBCore
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

/// What happens to recorded material on its way to a superior.
enum UpwardFeedEvent: Sendable, Hashable {
  /// All of it was given out (MediaStatus 121).
  case fileEnded
  /// It stopped before, and does not come back.
  case lost
}

/// Recorded material on its way to one superior: a session of its own for each call (§11.3).
protocol UpwardFeed: AnyObject, Sendable {
  /// What the relay of the call hangs on.
  var stream: StreamID { get }
  /// Bytes of a download, where they are known.
  var fileSize: Int64? { get }
  /// The relay can send: everything is given out, from the first picture on.
  func begin()
  /// MANSRTSP of the superior (§8).
  func order(_ request: PlaybackRequest) async -> OrderAnswer
  func close() async
}

/// Where recorded material comes from: our own disks, or the device and the platform below.
struct UpwardSources: Sendable {
  let recording: RecordingService
  let places: SegmentPlaces
  let history: HistoryService
  let plane: MediaPlane
  let logger: Logger

  /// How long a call may wait for its turn at a device: a superior does not wait longer (§14.2 #54).
  static let turn: Duration = .seconds(8)
  /// What may be missing at the beginning of what we recorded ourselves.
  private static let beginning: Duration = .seconds(5)

  /// Prepares what a call asks for: from our disks where they have its beginning, else from below, and from our
  /// disks again where nothing comes from there.
  func open(
    _ channel: ChannelKey, _ session: InviteOffer.Session, label: String, user: LinkUser,
    happened: @escaping @Sendable (UpwardFeedEvent) -> Void
  ) async throws(HistoryFailure) -> any UpwardFeed {
    guard let range = session.range else { throw HistoryFailure.refused(488) }
    let own = (try? await recording.segments(channel, range)) ?? []
    if let first = own.first, first.start <= range.start + Self.beginning {
      return recorded(channel, session, range, own, label, happened)
    }
    do throws(HistoryFailure) {
      return try await DeviceFeed.open(
        channel, session, label: label, user: user, history: history, plane: plane, happened: happened)
    } catch {
      guard !own.isEmpty else { throw error }
      return recorded(channel, session, range, own, label, happened)
    }
  }

  private func recorded(
    _ channel: ChannelKey, _ session: InviteOffer.Session, _ range: WallInterval, _ own: [SegmentRecord],
    _ label: String, _ happened: @escaping @Sendable (UpwardFeedEvent) -> Void
  ) -> RecordedFeed {
    RecordedFeed(
      channel, range, segments: own, speed: session.speed, label: label, sources: self, happened: happened)
  }
}

extension InviteOffer.Session {
  /// What is asked for, of recordings; the last second is part of it.
  var range: WallInterval? {
    switch self {
    case .live: nil
    case .playback(let start, let end), .download(let start, let end, _):
      WallInterval(WallTime(seconds: start), WallTime(seconds: end) + .milliseconds(999))
    }
  }

  /// Times life's pace at which recorded material is asked for; nil for the live picture.
  var pace: Int? { range == nil ? nil : max(1, speed ?? 1) }

  /// Of a download.
  var speed: Int? { if case .download(_, _, let speed) = self { speed } else { nil } }
}

/// Our own recordings, read from the disks at the pace of the call.
final class RecordedFeed: UpwardFeed {
  private struct State {
    var task: Task<Void, Never>?
    var isClosed = false
  }

  let stream: StreamID
  let fileSize: Int64?
  private let range: WallInterval
  private let plane: MediaPlane
  private let pump: ReplayPump
  private let state = Mutex(State())

  init(
    _ channel: ChannelKey, _ range: WallInterval, segments: [SegmentRecord], speed: Int?, label: String,
    sources: UpwardSources, happened: @escaping @Sendable (UpwardFeedEvent) -> Void
  ) {
    let (plane, logger, recording) = (sources.plane, sources.logger, sources.recording)
    let stream = plane.openPush(label: label)
    (self.stream, self.range, self.plane) = (stream, range, plane)
    fileSize = speed == nil ? nil : Self.size(segments, range)
    pump = ReplayPump(
      places: sources.places, range: range, rate: Double(speed ?? 1), isTransfer: speed != nil
    ) { wanted in
      try await recording.segments(channel, wanted)
    } output: { output in
      switch output {
      case .formats(let formats): plane.push(stream, formats: formats, units: [])
      case .units(let units): plane.push(stream, formats: nil, units: units)
      case .position, .gap: break
      case .ended: happened(.fileEnded)
      case .failed(let text):
        logger.error(
          "a recording for a superior met an unreadable file",
          metadata: ["channel.id": "\(channel)", "error": "\(text)"])
      }
    }
  }

  /// What the files of the interval hold of it, by time.
  private static func size(_ segments: [SegmentRecord], _ range: WallInterval) -> Int64 {
    segments.reduce(0) { sum, segment in
      let length = (segment.end - segment.start).inSeconds
      guard length > 0 else { return sum }
      let part = WallInterval(segment.start, segment.end).clamped(to: range).duration.inSeconds
      return sum + Int64(Double(segment.bytes) * min(part / length, 1))
    }
  }

  func begin() {
    let pump = pump
    state.withLock { state in
      guard state.task == nil, !state.isClosed else { return }
      state.task = Task { await pump.run() }
    }
  }

  func order(_ request: PlaybackRequest) async -> OrderAnswer {
    switch request.method {
    case .pause: pump.order(isPaused: true)
    case .teardown: pump.stop()
    case .play:
      var position: WallTime?
      if case .seconds(let seconds)? = request.range?.start { position = range.start + .seconds(seconds) }
      pump.order(rate: request.scale, position: position, isPaused: false)
    }
    return .done(
      PlaybackResponse(
        cseq: request.cseq, range: request.range, scale: request.scale.map { ReplayClock.usable($0) }))
  }

  func close() async {
    pump.stop()
    state.withLock { $0.isClosed = true }
    plane.close(stream, .closed)
  }
}
