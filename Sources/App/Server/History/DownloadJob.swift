import Cryptography
import GBCore
import Logging
import MP4Core
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming
import Synchronization

/// One recording on its way from a device to a file.
///
/// ```text
///  queued ─turn─► running ─121, end of interval, silence─► complete
///     │              ├─ device, disk ─► failed
///     └──────────────┴─ DELETE ─► cancelled
/// ```
actor DownloadJob {
  enum Phase: Sendable, Hashable {
    case queued, running, complete, cancelled
    case failed(HistoryFailure)

    var isOver: Bool {
      switch self {
      case .queued, .running: false
      case .complete, .cancelled, .failed: true
      }
    }
  }

  /// What it is and how far; read from anywhere.
  struct Status: Sendable {
    var phase = Phase.queued
    /// Of the present or last file, by its pictures.
    var reached: WallTime?
    var expectedBytes: Int64?
    var receivedBytes: Int64 = 0
    var segments: [SegmentRecord] = []
    var ended: WallTime?
    var file: ExportFile?
    var digest: [UInt8]?
    /// Why a finished file ends before what was asked for; nil when it does not.
    var shortfall: HistoryFailure?
  }

  static let silence: Duration = .seconds(12)
  static let silenceAtEnd: Duration = .seconds(2)
  /// What may be missing at the end, since devices cut where their pictures end.
  static let tolerance: Duration = .seconds(3)

  nonisolated let id: String
  nonisolated let channel: ChannelKey
  nonisolated let range: WallInterval
  nonisolated let user: LinkUser
  nonisolated let speed: Int
  nonisolated let created: WallTime
  nonisolated let directory: String
  nonisolated let status = Mutex(Status())
  nonisolated let ticket: HistoryQueue.Ticket
  private let recorded: IntervalSet
  private let lines: HistoryLines
  private let turns: HistoryTurns
  private let ladder: TransportLadder
  private let digests: ExportDigests
  private let onOver: @Sendable () async -> Void
  private let logger: Logger
  private var line: HistoryLine?
  private var sink: FetchSink?
  private var target: FetchedFile?
  private var work: Task<Void, Never>?
  private var isEnding = false
  private var since = SystemClock.monotonic()

  init(
    id: String, channel: ChannelKey, range: WallInterval, recorded: IntervalSet, speed: Int, user: LinkUser,
    directory: String, lines: HistoryLines, turns: HistoryTurns, ladder: TransportLadder,
    digests: ExportDigests, logger: Logger, onOver: @escaping @Sendable () async -> Void
  ) {
    (self.id, self.channel, self.range, self.recorded) = (id, channel, range, recorded)
    (self.speed, self.user, self.directory) = (speed, user, directory)
    (self.lines, self.turns, self.ladder, self.digests) = (lines, turns, ladder, digests)
    (self.logger, self.onOver) = (logger, onOver)
    created = SystemClock.wall()
    ticket = turns.newTicket()
  }

  nonisolated var person: String { user.name }
  nonisolated var phase: Phase { status.withLock { $0.phase } }

  /// 0…1: by the size that the device announced, else by the time that the pictures have reached.
  nonisolated var progress: Double {
    status.withLock { status in
      if status.phase == .complete { return 1 }
      let reached =
        status.reached.map { ($0 - range.start).inSeconds / max(range.duration.inSeconds, 1) } ?? 0
      guard let expected = status.expectedBytes, expected > 0 else { return min(max(reached, 0), 0.99) }
      return min(max(Double(status.receivedBytes) / Double(expected), 0), 0.99)
    }
  }

  nonisolated var wait: HistoryQueue.Wait? { turns.wait(of: ticket, channel) }

  nonisolated func start() { Task { await self.begin() } }

  private func begin() {
    guard work == nil else { return }
    work = Task { await self.run() }
  }

  private func run() async {
    guard await turns.enter(ticket, channel, person) else {
      if !isEnding {
        end(
          .failed(
            HistoryFailure(code: "queue-full", text: "Too many wait for the recordings of this device.")))
      }
      return
    }
    var path = ladder
    while !isEnding {
      do {
        try await dial(path.current)
        return
      } catch {
        guard !isEnding else { return }
        if error.code == "busy", await turns.refused(ticket, channel) { continue }
        let isPath = error.status == 488 || error.status == 415 || error == .silent
        guard isPath, path.advance() else { return end(.failed(error)) }
      }
    }
  }

  private func dial(_ path: MediaTransportChoice) async throws(HistoryFailure) {
    let target: FetchedFile
    do {
      target = try self.target ?? FetchedFile(root: directory, channel: channel, hash: { SHA256Stream() })
    } catch {
      throw HistoryFailure(code: "disk", text: "\(error)")
    }
    self.target = target
    let sink = FetchSink(DeviceReplayClock(range: range, recorded: recorded), into: target) { [weak self] in
      guard let self else { return }
      Task { await self.finish() }
    }
    let session = InviteOffer.Session.download(
      start: range.start.seconds, end: (range.end + .milliseconds(999)).seconds, speed: speed)
    let line = try await lines.open(channel, session, path: path, sink: sink, for: user) {
      [weak self] event in
      guard let self else { return }
      Task { await self.handle(event) }
    }
    guard !isEnding else {
      await lines.close(line)
      return
    }
    (self.line, self.sink, since) = (line, sink, SystemClock.monotonic())
    change { $0.phase = .running }
  }

  private func change(_ body: (inout Status) -> Void) {
    let isOver = status.withLock { status in
      let wasOver = status.phase.isOver
      body(&status)
      return status.phase.isOver && !wasOver
    }
    if isOver { Task { [onOver] in await onOver() } }
  }

  private func handle(_ event: HistoryLineEvent) async {
    switch event {
    case .announced(let size): if size > 0 { change { $0.expectedBytes = size } }
    case .fileEnded:
      // It is often said before the last pictures are here (§8.4).
      try? await Task.sleep(for: .milliseconds(1_500))
      await finish()
    case .hungUp, .connectionLost: await finish()
    case .displaced: await finish(because: .displaced)
    }
  }

  /// Call about once a second.
  func tick() async {
    guard phase == .running, let sink, !isEnding else { return }
    let now = SystemClock.monotonic()
    let seen = sink.seen
    status.withLock { status in
      (status.reached, status.receivedBytes) = (seen.position, seen.bytes)
    }
    if let failure = target?.failure {
      return end(.failed(HistoryFailure(code: "disk", text: failure.description)))
    }
    let quiet = now - max(seen.last ?? since, since)
    if quiet > (seen.isAtEnd ? Self.silenceAtEnd : Self.silence) { await finish() }
  }

  /// What there is becomes the file.
  /// - Parameter cause: why it ends before its time.
  private func finish(because cause: HistoryFailure? = nil) async {
    guard !isEnding else { return }
    isEnding = true
    let seen = sink?.seen
    letGo()
    do {
      let segments = try await target?.finish() ?? []
      guard !segments.isEmpty else { throw cause ?? HistoryFailure.noMedia }
      let file = try ExportFile(
        root: directory, segments: segments, range: WallInterval(segments[0].start, range.end))
      let digest = try await digests.digest(of: file, key: "download \(id)")
      change { status in
        (status.file, status.digest, status.segments) = (file, digest, segments)
        (status.reached, status.ended, status.phase) = (seen?.position, SystemClock.wall(), .complete)
        status.receivedBytes = seen?.bytes ?? status.receivedBytes
        status.shortfall = cause ?? shortfall(reached: seen?.position)
      }
    } catch {
      let failure = target?.failure.map { HistoryFailure(code: "disk", text: $0.description) }
      fail(
        failure ?? error as? HistoryFailure
          ?? HistoryFailure(code: "file", text: "The file cannot be made: \(error)."))
    }
    target?.close()
    target = nil
  }

  /// What the device says it has and did not send.
  private func shortfall(reached: WallTime?) -> HistoryFailure? {
    let last = min(recorded.intervals.last?.end ?? range.end, range.end)
    guard let reached, last - reached > Self.tolerance else { return nil }
    return HistoryFailure(
      code: "incomplete",
      text: "The device ended the transfer at \(reached.rfc3339) and has recordings until \(last.rfc3339).")
  }

  private func fail(_ failure: HistoryFailure) {
    logger.notice("a download failed", metadata: ["channel.id": "\(channel)", "cause": "\(failure.code)"])
    change { status in (status.phase, status.ended) = (.failed(failure), SystemClock.wall()) }
  }

  /// Stops it; what came so far is thrown away by whoever owns the directory.
  func cancel() {
    guard !phase.isOver else { return }
    end(.cancelled)
  }

  private func end(_ phase: Phase) {
    isEnding = true
    letGo()
    let target = exchange(&target, with: nil)
    target?.close()
    if case .failed(let failure) = phase { return fail(failure) }
    change { status in (status.phase, status.ended) = (phase, SystemClock.wall()) }
  }

  /// BYE, and the turn to the next one.
  private func letGo() {
    sink?.close()
    let (line, ticket) = (exchange(&line, with: nil), ticket)
    work?.cancel()
    Task { [lines, turns, channel] in
      if let line {
        await lines.close(line)
        try? await Task.sleep(for: .milliseconds(300))
      }
      turns.leave(ticket, channel)
    }
  }
}

/// The end of a download's stream: gives each picture the moment it was recorded and hands it to the file.
private final class FetchSink: StreamSink {
  struct Seen: Sendable {
    var position: WallTime?
    var bytes: Int64 = 0
    var last: MonotonicTime?
    var isAtEnd = false
  }

  private struct State {
    var clock: DeviceReplayClock
    var seen = Seen()
    var isClosed = false
  }

  private let state: Mutex<State>
  private let file: FetchedFile
  private let onEnd: @Sendable () -> Void

  init(_ clock: DeviceReplayClock, into file: FetchedFile, onEnd: @escaping @Sendable () -> Void) {
    (self.file, self.onEnd) = (file, onEnd)
    state = Mutex(State(clock: clock))
  }

  var seen: Seen { state.withLock { $0.seen } }

  func close() { state.withLock { $0.isClosed = true } }

  func formatsChanged(_ formats: [TrackFormat]) { file.formatsChanged(formats) }

  func receive(_ units: [AccessUnit]) {
    let isOver = state.withLock { state -> Bool in
      guard !state.isClosed else { return false }
      let now = SystemClock.monotonic()
      var shown: [AccessUnit] = []
      for unit in units where !state.isClosed {
        state.seen.bytes += Int64(unit.byteCount)
        switch state.clock.receive(unit, now: now) {
        case .drop: break
        case .show(let unit, _, _): shown.append(unit)
        case .end: state.isClosed = true
        }
      }
      state.seen.last = now
      if !shown.isEmpty { state.seen.position = state.clock.position }
      state.seen.isAtEnd = state.clock.isAtEnd
      if !shown.isEmpty { file.receive(shown) }
      return state.isClosed
    }
    if isOver { onEnd() }
  }

  func ended(_ reason: StreamEnd) {}
}
