import GBCore
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Registry
import Streaming
import Synchronization

/// One person's replay of a device's recordings.
///
/// ```text
///  idle ─viewer─► queued ─turn─► calling ─200─► playing ⇄ paused ──device drops it──► resting
///                   ▲               │ refused, ours in the way                          │ resume, seek
///                   └───────────────┘            ▲──────────── new INVITE ──────────────┘
///  calling ─no use─► failed          playing ─121, end, silence─► ended ─seek back─► queued
/// ```
/// Positions are those of the pictures (``ReplayFeed``); orders go through one door, one after the other.
actor DeviceReplay: Replaying {
  enum Phase: Sendable, Hashable {
    case idle, queued, calling, playing, paused
    /// Paused, and the device has ended the call: taken up again where it stood.
    case resting
    case ended
    case failed(HistoryFailure)
    case closed
  }

  /// Media silence that ends a replay; a paused one may be silent as long as it likes.
  static let silence: Duration = .seconds(12)
  /// Silence after the last second of the interval, where nobody says that it is over.
  static let silenceAtEnd: Duration = .seconds(2)
  /// What is on its way when a device stops has arrived after this.
  static let quiet: Duration = .milliseconds(300)
  /// A paused device is reminded that the dialog is wanted.
  static let keepAlive: Duration = .seconds(20)

  nonisolated let channel: ChannelKey
  nonisolated let stream: StreamID
  nonisolated let feed: ReplayFeed
  nonisolated let status = Mutex(Status())
  let range: WallInterval
  let user: LinkUser
  let lines: HistoryLines
  let turns: HistoryTurns
  let traits: DeviceTraits
  let plane: MediaPlane
  let ladder: TransportLadder
  let orders = Turnstile()
  let logger: Logger
  let onChange: @Sendable (Phase) -> Void

  var phase = Phase.idle { didSet { publish() } }
  var ticket: HistoryQueue.Ticket?
  var line: HistoryLine?
  /// The call's own zero: `npt` counts from here.
  var callStart: WallTime
  var generation = 0
  var work: Task<Void, Never>?
  var rate = 1.0
  var wantsPause = false
  /// Where the next call begins instead, ordered before there was one.
  var wanted: WallTime?
  /// Where a paused replay goes on.
  var pendingSeek: WallTime?
  var pendingRate: Double?
  var since = SystemClock.monotonic()
  var lastKeepAlive = SystemClock.monotonic()
  /// Where it was last taken up after the device had let go.
  var takenUpAt: WallTime?

  struct Status: Sendable {
    var phase = Phase.idle
    var wait: HistoryQueue.Wait?
    var rates: [Double] = []
    var formats: [TrackFormat] = []
  }

  init(
    _ channel: ChannelKey, _ range: WallInterval, recorded: IntervalSet, user: LinkUser, lines: HistoryLines,
    turns: HistoryTurns, traits: DeviceTraits, plane: MediaPlane, ladder: TransportLadder, label: String,
    logger: Logger, onChange: @escaping @Sendable (Phase) -> Void
  ) {
    (self.channel, self.range, self.user) = (channel, range, user)
    (self.lines, self.turns, self.traits, self.plane) = (lines, turns, traits, plane)
    (self.ladder, self.logger, self.onChange) = (ladder, logger, onChange)
    stream = plane.openPush(label: label)
    callStart = range.start
    let box = HappeningBox()
    feed = ReplayFeed(DeviceReplayClock(range: range, recorded: recorded), stream: stream, plane: plane) {
      box.handle($0)
    }
    status.withLock { $0.rates = traits.rates(of: channel.device) }
    box.connect { [weak self] happening in
      guard let self else { return }
      Task { await self.handle(happening) }
    }
  }

  // MARK: What the desk asks

  nonisolated var formats: [TrackFormat] { feed.change { $0.formats } }
  nonisolated var isOver: Bool { status.withLock { $0.phase == .ended } }

  nonisolated var position: ReplayPosition {
    let (wall, rate, hasShown) = feed.change { ($0.clock.position, $0.clock.effectiveRate, $0.hasShown) }
    let phase = status.withLock { $0.phase }
    return ReplayPosition(
      wall: hasShown ? wall : nil, rate: rate, isPaused: phase == .paused || phase == .resting)
  }

  nonisolated func start() { Task { await self.begin() } }
  nonisolated func route(into bridge: TranscodeBridge) { feed.route(into: bridge) }
  nonisolated func close() { Task { await self.end() } }

  /// Waits until it is known what the tracks are, for viewers that may need another codec.
  nonisolated func readyFormats(within limit: Duration) async -> [TrackFormat] {
    let deadline = SystemClock.monotonic() + limit
    while SystemClock.monotonic() < deadline {
      let formats = formats
      if !formats.isEmpty || isFinal { return formats }
      try? await Task.sleep(for: .milliseconds(50))
      if Task.isCancelled { break }
    }
    return formats
  }

  private nonisolated var isFinal: Bool {
    switch status.withLock({ $0.phase }) {
    case .failed, .closed, .ended: true
    case .idle, .queued, .calling, .playing, .paused, .resting: false
    }
  }

  func publish() {
    status.withLock { status in
      status.phase = phase
      status.rates = traits.rates(of: channel.device)
    }
    onChange(phase)
  }

  // MARK: Beginning

  private func begin() {
    guard phase == .idle else { return }
    call(at: range.start)
  }

  /// Takes the turn, if it is not ours, and places a call from `moment` on.
  func call(at moment: WallTime) {
    generation += 1
    let generation = generation
    let before = work
    phase = ticket == nil ? .queued : .calling
    work = Task { [weak self] in
      _ = await before?.value
      await self?.connect(from: moment, generation)
    }
  }

  private func connect(from moment: WallTime, _ generation: Int) async {
    guard self.generation == generation, phase != .closed else { return }
    if ticket == nil {
      let ticket = turns.newTicket()
      self.ticket = ticket
      guard await turns.enter(ticket, channel, user.name) else {
        return fail(
          HistoryFailure(code: "queue-full", text: "Too many wait for the recordings of this device."),
          generation)
      }
      guard self.generation == generation, phase != .closed else { return leaveTurn() }
    }
    var path = ladder
    while self.generation == generation, phase != .closed {
      phase = .calling
      do {
        try await dial(from: moment, path: path.current, generation)
        return
      } catch {
        guard self.generation == generation, phase != .closed else { return }
        if error.code == "busy", let ticket {
          phase = .queued
          if await turns.refused(ticket, channel) { continue }
        }
        let isPath = error.status == 488 || error.status == 415 || error == .silent || error == .noMedia
        guard isPath, path.advance() else { return fail(error, generation) }
      }
    }
  }

  private func dial(
    from moment: WallTime, path: MediaTransportChoice, _ generation: Int
  ) async throws(HistoryFailure) {
    let moment = exchange(&wanted, with: nil) ?? moment
    let start = WallTime(seconds: moment.seconds)
    feed.change { $0.clock.restart(at: start) }
    let sink = feed.nextSink()
    let session = InviteOffer.Session.playback(
      start: start.seconds, end: (range.end + .milliseconds(999)).seconds)
    let line = try await lines.open(channel, session, path: path, sink: sink, for: user) {
      [weak self] event in
      guard let self else { return }
      Task { await self.handle(event, generation) }
    }
    guard self.generation == generation, phase != .closed else {
      await lines.close(line)
      return
    }
    self.line = line
    callStart = start
    since = SystemClock.monotonic()
    phase = .playing
    // A call begins at life's pace, whatever was before.
    feed.change { $0.clock.setRate(1, pace: .scaled, now: SystemClock.monotonic()) }
    if rate != 1 { await changeRate(rate) }
    // What was ordered while the call was being placed.
    let generation = self.generation
    if let target = exchange(&wanted, with: nil), phase == .playing { try? await seek(to: target) }
    if wantsPause, phase == .playing, self.generation == generation { try? await pause() }
  }

  func fail(_ failure: HistoryFailure, _ generation: Int) {
    guard self.generation == generation, phase != .closed else { return }
    logger.notice(
      "a recording on board could not be had",
      metadata: ["channel.id": "\(channel)", "cause": "\(failure.code)"])
    phase = .failed(failure)
    feed.tell(["type": "failed", "code": failure.code, "text": failure.text])
    hangUp(.failed(failure))
  }

  // MARK: Ending

  /// Ends the call; the turn goes on to the next one when the device has said so.
  func hangUp(_ next: Phase) {
    generation += 1
    feed.detach()
    let (line, ticket) = (line, ticket)
    self.line = nil
    phase = next
    let keepsTurn = next == .resting
    if !keepsTurn { self.ticket = nil }
    let before = work
    work = Task { [lines, turns, channel] in
      _ = await before?.value
      if let line {
        await lines.close(line)
        // A device needs a moment between two history sessions (§7.7).
        try? await Task.sleep(for: .milliseconds(300))
      }
      if let ticket, !keepsTurn { turns.leave(ticket, channel) }
    }
  }

  private func leaveTurn() {
    if let ticket { turns.leave(ticket, channel) }
    ticket = nil
  }

  private func end() {
    guard phase != .closed else { return }
    // Whoever waits for the turn waits no more.
    if phase == .queued, let ticket { turns.leave(ticket, channel) }
    work?.cancel()
    hangUp(.closed)
    plane.close(stream, .closed)
  }

  func finish() {
    guard phase == .playing else { return }
    let wall = feed.change { $0.clock.position }
    feed.tell(["type": "ended", "wall": wall.rfc3339])
    hangUp(.ended)
  }

  // MARK: What happens

  private func handle(_ happening: ReplayFeed.Happening) {
    switch happening {
    case .formats: publish()
    case .end: finish()
    case .pace(let pace):
      if pace == .ignored {
        traits.forget(rate: rate, of: channel.device)
      } else {
        traits.remember(pace, of: channel.device)
      }
      publish()
    }
  }

  private func handle(_ event: HistoryLineEvent, _ generation: Int) {
    guard self.generation == generation else { return }
    switch event {
    case .announced: break
    case .fileEnded:
      // The last pictures may still be on their way.
      Task { [weak self] in
        try? await Task.sleep(for: .milliseconds(1_200))
        await self?.drained(generation)
      }
    case .displaced: fail(.displaced, generation)
    case .hungUp, .connectionLost: lost()
    }
  }

  private func drained(_ generation: Int) { if self.generation == generation { finish() } }

  /// The device has let go of the call.
  func lost() {
    switch phase {
    case .paused: hangUp(.resting)
    case .playing:
      if feed.change({ $0.clock.isAtEnd }) { return finish() }
      takeUp()
    case .idle, .queued, .calling, .resting, .ended, .failed, .closed: break
    }
  }

  /// Goes on with a new call where the pictures stopped; once for each place.
  private func takeUp() {
    let position = feed.change { $0.clock.position }
    if let before = takenUpAt, abs((position - before).inSeconds) < 2 {
      return fail(HistoryFailure(code: "stopped", text: "The device ended the replay."), generation)
    }
    takenUpAt = position
    hangUp(.resting)
    call(at: position)
  }

  /// Call about once a second.
  func tick() async {
    let now = SystemClock.monotonic()
    switch phase {
    case .queued: tellQueue()
    case .playing:
      let (last, isAtEnd) = feed.change { ($0.lastUnit, $0.clock.isAtEnd) }
      let quiet = now - max(last ?? since, since)
      if isAtEnd, quiet > Self.silenceAtEnd { return finish() }
      guard quiet > Self.silence else { return }
      if last == nil { return fail(.noMedia, generation) }
      takeUp()
    case .paused where now - lastKeepAlive > Self.keepAlive:
      lastKeepAlive = now
      let generation = generation
      try? await orders.pass { @Sendable [self] in try await remind(generation) }
    case .idle, .calling, .paused, .resting, .ended, .failed, .closed: break
    }
  }

  func remind(_ generation: Int) async throws {
    guard phase == .paused, self.generation == generation, let line else { return }
    switch await lines.order(.pause, on: line) {
    case .noCall, .refused(status: 481): if self.generation == generation { hangUp(.resting) }
    case .done, .refused, .noAnswer: break
    }
  }

  private func tellQueue() {
    let wait = ticket.flatMap { turns.wait(of: $0, channel) }
    let isNew = status.withLock { status in
      defer { status.wait = wait }
      return status.wait != wait
    }
    guard isNew, let wait else { return }
    feed.tell([
      "type": "queued", "holder": wait.holder.person, "since": wait.holder.since.rfc3339, "ahead": wait.ahead,
      "waiting": wait.waiting,
    ])
    onChange(phase)
  }
}

/// Joins the feed to the session that is made after it.
private final class HappeningBox: Sendable {
  private let handler = Mutex<(@Sendable (ReplayFeed.Happening) -> Void)?>(nil)

  func connect(_ body: @escaping @Sendable (ReplayFeed.Happening) -> Void) { handler.withLock { $0 = body } }
  func handle(_ happening: ReplayFeed.Happening) { handler.withLock { $0 }?(happening) }
}
