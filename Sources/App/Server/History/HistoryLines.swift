import Federation
import GBCore
import Logging
import MediaTransport
import Registry
import SDPCore
import Streaming
import Synchronization

/// Why a recording on board could not be had.
struct HistoryFailure: Error, Sendable, Hashable {
  /// Stable name for programs.
  var code: String
  var text: String
  /// The SIP status, where the device refused.
  var status: Int?

  static let offline = HistoryFailure(code: "offline", text: "The device is offline.")
  static let silent = HistoryFailure(code: "no-answer", text: "The device does not answer the call.")
  static let noMedia = HistoryFailure(code: "no-media", text: "The device agreed and sends nothing.")
  static let displaced = HistoryFailure(
    code: "link-full", text: "A more urgent picture has its place on the link.")

  /// In the words of who refused.
  static func linkFull(_ words: String) -> HistoryFailure { HistoryFailure(code: "link-full", text: words) }

  static let cancelled = HistoryFailure(code: "cancelled", text: "The session was ended.")

  static func refused(_ status: Int) -> HistoryFailure {
    let text =
      switch status {
      case 486, 600:
        "The device is busy: somebody who does not go through this platform uses its recordings (486)."
      case 404: "The device knows no such channel (404)."
      case 403: "The device does not allow it (403)."
      case 415, 488: "The device cannot send recordings this way (\(status))."
      default: "The device refused with \(status)."
      }
    return HistoryFailure(
      code: status == 486 || status == 600 ? "busy" : "refused", text: text, status: status)
  }
}

/// One call for recorded material: its stream and its dialog.
struct HistoryLine: Sendable {
  let stream: StreamID
  let call: CallHandle
  let ssrc: StreamSSRC
  /// Its place on the link.
  let place: LinkDesk.Recorded
}

/// What happens on a line after it stands.
enum HistoryLineEvent: Sendable, Hashable {
  /// How many bytes the download will have.
  case announced(fileSize: Int64)
  /// MediaStatus 121.
  case fileEnded
  /// BYE from the device.
  case hungUp
  /// The media connection broke.
  case connectionLost
  /// Something more urgent has its place on the link.
  case displaced
}

/// Opens and closes lines: media port first, then INVITE; BYE first, then the port.
final class HistoryLines: Sendable {
  typealias Handler = @Sendable (HistoryLineEvent) -> Void

  private struct State {
    var ssrcs: SSRCAllocator
    var handlers: [StreamID: Handler] = [:]
    var streams: [LinkDesk.Recorded: StreamID] = [:]
  }

  private let plane: MediaPlane
  private let calls: any HistoryCalling
  private let directory: DeviceDirectory
  private let links: LinkDesk
  private let state: Mutex<State>

  init(
    plane: MediaPlane, calls: any HistoryCalling, directory: DeviceDirectory, links: LinkDesk, domain: String
  ) {
    (self.plane, self.calls, self.directory, self.links) = (plane, calls, directory, links)
    let first = Int.random(in: 0..<SSRCAllocator.capacity)
    state = Mutex(State(ssrcs: SSRCAllocator(domain: domain, firstSerial: first)))
  }

  /// Lines that are open.
  var count: Int { state.withLock { $0.ssrcs.inUse } }

  /// Places a call and waits for the device's answer.
  ///
  /// - Parameters:
  ///   - path: how media comes.
  ///   - sink: receives the pictures.
  ///   - user: who wants it, for the link's account.
  ///   - handler: called for what happens later, on no particular thread.
  func open(
    _ channel: ChannelKey, _ session: InviteOffer.Session, path: MediaTransportChoice, sink: any StreamSink,
    for user: LinkUser, handler: @escaping Handler
  ) async throws(HistoryFailure) -> HistoryLine {
    guard let contact = directory.reachable(channel.device) else { throw .offline }
    guard let ssrc = state.withLock({ $0.ssrcs.allocate(.history, now: SystemClock.monotonic()) }) else {
      throw HistoryFailure(code: "resources", text: "All stream numbers (SSRC) for recordings are in use.")
    }
    let place = LinkDesk.Recorded(channel: channel, ssrc: ssrc.description, pace: session.pace ?? 1)
    do throws(LinkLedger.Refusal) { try links.admit(place, for: user) } catch {
      state.withLock { $0.ssrcs.release(ssrc, now: SystemClock.monotonic()) }
      throw .linkFull(error.words())
    }
    let transport: IngestTransport =
      switch path {
      case .udp: .udp
      case .tcpPassive: .tcpPassive
      case .tcpActive: .tcpActive
      }
    let lease: IngestLease
    do {
      lease = try plane.openIngest(
        IngestRequest(
          ssrc: ssrc.value, transport: transport, expectedHost: contact.host, label: place.label))
    } catch {
      links.ended(place)
      state.withLock { $0.ssrcs.release(ssrc, now: SystemClock.monotonic()) }
      throw HistoryFailure(code: "resources", text: "There is no media port: \(error).")
    }
    state.withLock { ($0.handlers[lease.stream], $0.streams[place]) = (handler, lease.stream) }
    _ = plane.attachSink(lease.stream, sink, fromCache: false)
    var request = CallRequest(
      channel: channel, path: path, port: lease.port, ssrc: ssrc.value, streamNumber: nil)
    request.session = session
    let answer = PendingAnswer()
    let call = await calls.place(request) { [plane] event in
      switch event {
      case .answered(let ssrc, let host, let port, let connects):
        plane.answer(lease.stream, ssrc: ssrc, host: host, port: port, connects: connects)
        answer.settle(nil)
      case .refused(let status): answer.settle(.refused(status))
      case .linkFull(let words): answer.settle(.linkFull(words))
      case .noAnswer: answer.settle(.silent)
      case .announced(let size): handler(.announced(fileSize: size))
      case .fileEnded: handler(.fileEnded)
      case .hungUp:
        answer.settle(.refused(487))
        handler(.hungUp)
      }
    }
    guard let call else {
      release(lease.stream, ssrc, place)
      throw .offline
    }
    let failure = await withTaskCancellationHandler {
      await answer.value
    } onCancel: {
      answer.settle(.cancelled)
    }
    if let failure {
      if failure == .cancelled { await calls.hangUp(call) }
      release(lease.stream, ssrc, place)
      throw failure
    }
    return HistoryLine(stream: lease.stream, call: call, ssrc: ssrc, place: place)
  }

  /// An order to the running replay.
  func order(
    _ method: PlaybackRequest.Method, range: PlaybackRange? = nil, scale: Double? = nil, on line: HistoryLine
  ) async -> OrderAnswer {
    await calls.order(method, range: range, scale: scale, of: line.call)
  }

  /// Ends a line and returns when the device has said so, or after 32 s without an answer: some never answer
  /// the BYE of a replay that was moved (§8.3).
  func close(_ line: HistoryLine) async {
    // Nothing that still arrives is wanted.
    release(line.stream, line.ssrc, line.place)
    await calls.end(line.call)
  }

  /// What happened on the media plane.
  func media(_ event: MediaEvent) {
    guard case .ended(let stream, .connectionLost) = event else { return }
    state.withLock { $0.handlers[stream] }?(.connectionLost)
  }

  /// Lines that lost their place on the link.
  func displaced(_ names: Set<String>) {
    let handlers = state.withLock { state in
      state.streams.filter { names.contains($0.key.label) }.compactMap { state.handlers[$0.value] }
    }
    for handler in handlers { handler(.displaced) }
  }

  private func release(_ stream: StreamID, _ ssrc: StreamSSRC, _ place: LinkDesk.Recorded) {
    links.ended(place)
    state.withLock { state in
      (state.handlers[stream], state.streams[place]) = (nil, nil)
      state.ssrcs.release(ssrc, now: SystemClock.monotonic())
    }
    plane.close(stream, .closed)
  }
}

/// The first final word about a call.
private final class PendingAnswer: Sendable {
  private struct State {
    var isSettled = false
    var failure: HistoryFailure?
    var waiting: CheckedContinuation<HistoryFailure?, Never>?
  }

  private let state = Mutex(State())

  func settle(_ failure: HistoryFailure?) {
    let waiting = state.withLock { state -> CheckedContinuation<HistoryFailure?, Never>? in
      guard !state.isSettled else { return nil }
      (state.isSettled, state.failure) = (true, failure)
      return state.waiting
    }
    waiting?.resume(returning: failure)
  }

  var value: HistoryFailure? {
    get async {
      await withCheckedContinuation { continuation in
        let isSettled = state.withLock { state in
          if !state.isSettled { state.waiting = continuation }
          return state.isSettled
        }
        if isSettled { continuation.resume(returning: state.withLock { $0.failure }) }
      }
    }
  }
}
