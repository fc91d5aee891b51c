import GBCore
import MP4Core
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Registry
import Streaming
import Synchronization

/// Recordings of a device, or of the platform below: one call there for one call from above, its orders passed on and
/// its pictures as they come.
final class DeviceFeed: UpwardFeed {
  private struct State {
    var line: HistoryLine?
    var fileSize: Int64?
    var isClosed = false
  }

  let stream: StreamID
  private let channel: ChannelKey
  private let lines: HistoryLines
  private let turns: HistoryTurns
  private let ticket: HistoryQueue.Ticket
  private let plane: MediaPlane
  private let sink: PassingSink
  private let state = Mutex(State())

  private init(
    _ channel: ChannelKey, label: String, history: HistoryService, ticket: HistoryQueue.Ticket,
    plane: MediaPlane
  ) {
    (self.channel, self.ticket, self.plane) = (channel, ticket, plane)
    (lines, turns) = (history.lines, history.turns)
    stream = plane.openPush(label: label)
    sink = PassingSink(stream, plane)
  }

  /// Takes the turn at the device and calls it.
  static func open(
    _ channel: ChannelKey, _ session: InviteOffer.Session, label: String, user: LinkUser,
    history: HistoryService, plane: MediaPlane, happened: @escaping @Sendable (UpwardFeedEvent) -> Void
  ) async throws(HistoryFailure) -> DeviceFeed {
    let turns = history.turns
    let ticket = turns.newTicket()
    let isIn = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await turns.enter(ticket, channel, user.name) }
      group.addTask {
        try? await Task.sleep(for: UpwardSources.turn)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
    guard isIn else {
      turns.leave(ticket, channel)
      throw HistoryFailure.refused(486)
    }
    let feed = DeviceFeed(channel, label: label, history: history, ticket: ticket, plane: plane)
    do throws(HistoryFailure) {
      try await feed.call(session, history.ladder(channel), user, happened)
    } catch {
      await feed.close()
      throw error
    }
    return feed
  }

  private func call(
    _ session: InviteOffer.Session, _ ladder: TransportLadder, _ user: LinkUser,
    _ happened: @escaping @Sendable (UpwardFeedEvent) -> Void
  ) async throws(HistoryFailure) {
    var path = ladder
    while true {
      do throws(HistoryFailure) {
        let line = try await lines.open(channel, session, path: path.current, sink: sink, for: user) {
          [weak self] event in
          switch event {
          case .announced(let size): self?.state.withLock { $0.fileSize = size > 0 ? size : nil }
          case .fileEnded: happened(.fileEnded)
          case .hungUp, .connectionLost, .displaced: happened(.lost)
          }
        }
        return state.withLock { $0.line = line }
      } catch {
        let isPath = error.status == 488 || error.status == 415 || error == .silent
        guard isPath, path.advance() else { throw error }
      }
    }
  }

  var fileSize: Int64? { state.withLock { $0.fileSize } }

  func begin() { sink.open() }

  func order(_ request: PlaybackRequest) async -> OrderAnswer {
    guard let line = state.withLock({ $0.line }) else { return .noCall }
    return await lines.order(request.method, range: request.range, scale: request.scale, on: line)
  }

  /// BYE, and the turn to the next one.
  func close() async {
    let line = state.withLock { state -> HistoryLine?? in
      guard !state.isClosed else { return .none }
      state.isClosed = true
      return .some(exchange(&state.line, with: nil))
    }
    guard let line else { return }
    plane.close(stream, .closed)
    if let line {
      await lines.close(line)
      // A device needs a moment between two history sessions (§7.7).
      try? await Task.sleep(for: .milliseconds(300))
    }
    turns.leave(ticket, channel)
  }
}

/// Passes units on as they come. What comes before the relay can send waits here: a download has no second chance.
private final class PassingSink: StreamSink {
  private enum Piece {
    case formats([TrackFormat])
    case units([AccessUnit])
  }

  private struct State {
    var isOpen = false
    var waiting: [Piece] = []
    var bytes = 0
  }

  /// Bytes that may wait; what comes beyond them is let go.
  private static let most = 32 << 20

  private let stream: StreamID
  private let plane: MediaPlane
  private let state = Mutex(State())

  init(_ stream: StreamID, _ plane: MediaPlane) { (self.stream, self.plane) = (stream, plane) }

  func open() {
    state.withLock { state in
      guard !state.isOpen else { return }
      state.isOpen = true
      for piece in state.waiting { push(piece) }
      state.waiting = []
    }
  }

  func formatsChanged(_ formats: [TrackFormat]) { take(.formats(formats), bytes: 0) }

  func receive(_ units: [AccessUnit]) { take(.units(units), bytes: units.reduce(0) { $0 + $1.byteCount }) }

  func ended(_ reason: StreamEnd) {}

  private func take(_ piece: Piece, bytes: Int) {
    state.withLock { state in
      guard !state.isOpen else { return push(piece) }
      state.bytes += bytes
      guard state.bytes <= Self.most else { return }
      state.waiting.append(piece)
    }
  }

  private func push(_ piece: Piece) {
    switch piece {
    case .formats(let formats): plane.push(stream, formats: formats, units: [])
    case .units(let units): plane.push(stream, formats: nil, units: units)
    }
  }
}
