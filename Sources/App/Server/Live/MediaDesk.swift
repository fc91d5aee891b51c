import Access
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

/// Where pictures are asked for: opens and ends sessions, gives viewers' sockets to streams.
///
/// Every session begins with an entry in the log of looks and ends with its end.
actor MediaDesk {
  /// What a session keeps open.
  private struct Holding {
    var hold: HoldID?
    var replay: (any Replaying)?
    var transcode: (key: String, bridge: TranscodeBridge, hold: HoldID?)?
    var hls: (window: HLSWindow, sink: SinkID, stream: StreamID)?
  }

  /// How long a camera that gave no sub-stream is shown by its main stream at once.
  private static let subRest: Duration = .seconds(600)

  /// How long a viewer's socket waits for the camera's first picture.
  private static let firstPictureLimit: Duration = .seconds(40)

  nonisolated let table = MediaSessionTable()
  private var holdings: [String: Holding] = [:]
  /// What else ends with a session.
  private var endings: [String: @Sendable () async -> Void] = [:]
  /// Cameras that gave no sub-stream when it was asked for, and until when they are not asked again.
  private var withoutSub: [ChannelKey: MonotonicTime] = [:]
  private let live: LiveService
  private let playback: PlaybackService
  private let history: HistoryService
  private let plane: MediaPlane
  private let transcoding: Transcoding
  private let looks: LookBook
  private let hub: EventHub
  private let logger: Logger

  init(
    live: LiveService, playback: PlaybackService, history: HistoryService, plane: MediaPlane,
    transcoding: Transcoding, looks: LookBook, hub: EventHub, logger: Logger
  ) {
    (self.live, self.playback, self.plane, self.transcoding) = (live, playback, plane, transcoding)
    self.history = history
    (self.looks, self.hub, self.logger) = (looks, hub, logger)
  }

  // MARK: Opening

  func openLive(_ channel: ChannelKey, _ request: API.LiveRequest, by caller: Caller) async throws
    -> MediaSession
  {
    guard let wanted = Self.number(request.stream) else {
      throw Problem.invalid("The stream must be main or sub.")
    }
    let user = LinkUser(name: caller.principal.name, priority: Platform.priority(of: caller))
    let asked = CameraStream(channel: channel, number: wanted > 0 && isWithoutSub(channel) ? 0 : wanted)
    if let refusal = await live.refusal(of: asked, for: user) { throw Problem.linkFull(refusal) }
    var session = try await begin(
      .live, channel, codecs: request.codecs, purpose: request.purpose, footage: nil, by: caller)
    session.streamNumber = asked.number
    let number = session.streamNumber
    _ = table.update(session.id) { $0.streamNumber = number }
    holdings[session.id] = Holding(hold: await live.hold(session.camera, sink: nil, for: user))
    return session
  }

  func openPlayback(
    _ channel: ChannelKey, _ range: WallInterval, _ request: API.PlaybackRequest, by caller: Caller
  ) async throws -> MediaSession {
    let session = try await begin(
      .playback, channel, codecs: request.codecs, purpose: request.purpose, footage: range.start..<range.end,
      by: caller)
    do {
      let label = String(session.id.prefix(8))
      let replay: any Replaying =
        request.source == "device"
        ? try await deviceReplay(session, channel, range, label: label, by: caller)
        : try await playback.open(channel, range, label: label)
      guard table.find(session.id) != nil else {
        replay.close()
        throw Problem.gone("This session is over.")
      }
      holdings[session.id] = Holding(replay: replay)
    } catch {
      await end(session.id)
      throw error
    }
    return session
  }

  private func deviceReplay(
    _ session: MediaSession, _ channel: ChannelKey, _ range: WallInterval, label: String, by caller: Caller
  ) async throws -> DeviceReplay {
    let user = LinkUser(name: session.user, priority: Platform.priority(of: caller))
    return try await history.replay(channel, range, user: user, label: label) { [hub] phase in
      let (state, step, cause) = Platform.state(phase)
      hub.publish(
        .session(
          API.MediaSessionEvent(
            session: session.id, channel: channel.description, state: state, step: step, cause: cause,
            viewer: session.user)))
    }
  }

  private func begin(
    _ kind: API.MediaSessionKind, _ channel: ChannelKey, codecs: [String]?, purpose: String?,
    footage: Range<WallTime>?, by caller: Caller
  ) async throws -> MediaSession {
    let id = LookBook.token()
    let now = SystemClock.wall()
    let look = try await looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: channel.description,
        kind: kind == .live ? .live : .playback, purpose: String((purpose ?? "").prefix(200)),
        source: caller.source, session: String(id.prefix(8)), started: now, footage: footage))
    let session = MediaSession(
      id: id, kind: kind, channel: channel, user: caller.principal.name,
      credential: caller.principal.credential,
      codecs: codecs.map { Set($0) }, started: now,
      expires: now + MediaSessionTable.lifetime, look: look, lastUse: SystemClock.monotonic())
    guard table.insert(session) else {
      await looks.end(look)
      throw Problem.tooManyRequests(
        "You have \(MediaSessionTable.perUser) pictures open; close some first.", retryAfter: 10)
    }
    logger.info(
      "a picture was asked for",
      metadata: [
        "session.id": "\(id.prefix(8))", "channel.id": "\(channel)", "user": "\(caller.principal.name)",
        "kind": "\(kind.rawValue)", "purpose": "\(purpose ?? "")", "correlation": "\(caller.correlation)",
      ])
    return session
  }

  // MARK: Viewers

  /// Gives a viewer's socket to the session's stream, as soon as it is known which one that is.
  func attach(_ id: String, socket: Int32, framing: ViewerFraming, preamble: [UInt8]) async {
    guard let session = table.find(id), let stream = await stream(for: session) else {
      PlaneSocket.refuse(socket)
      return
    }
    let viewer = plane.attachViewer(stream, socket: socket, framing: framing, preamble: preamble)
    guard let replaced = table.viewerOpened(viewer, of: id, stream: stream, now: SystemClock.monotonic())
    else {
      // The session ended while its picture was on the way.
      plane.detachViewer(viewer)
      return
    }
    // The session is one viewer's credential: a second connection takes the place of the first.
    if let replaced { plane.detachViewer(replaced) }
    holdings[id]?.replay?.start()
  }

  /// The stream that this session's viewer can decode.
  private func stream(for session: MediaSession) async -> StreamID? {
    switch session.kind {
    case .live:
      // It may have been refused before the viewer's socket came.
      if session.streamNumber > 0, case .resting = await live.status(session.camera)?.state,
        let main = await mainInstead(session)
      {
        return await stream(for: main)
      }
      guard let source = await live.readyStream(session.camera, within: Self.firstPictureLimit) else {
        guard let main = await mainInstead(session) else { return nil }
        return await stream(for: main)
      }
      let formats = await live.status(session.camera)?.formats ?? []
      return await decodable(session, source, formats) { [live] bridge in
        await live.hold(session.camera) { bridge }
      }
    case .playback:
      guard let replay = holdings[session.id]?.replay else { return nil }
      var formats = replay.formats
      if session.needsH264, formats.isEmpty {
        // What a device sends is known when it sends it.
        replay.start()
        formats = await replay.readyFormats(within: Self.firstPictureLimit)
      }
      return await decodable(session, replay.stream, formats) { bridge in
        replay.route(into: bridge)
        return nil
      }
    }
  }

  /// Shows the main stream in the place of a sub-stream that the camera does not give; nil when there is nothing
  /// else to show.
  private func mainInstead(_ session: MediaSession) async -> MediaSession? {
    let failure = await live.status(session.camera)?.failure
    guard session.streamNumber > 0, failure != .deviceOffline, holdings[session.id] != nil else { return nil }
    withoutSub[session.channel] = SystemClock.monotonic() + Self.subRest
    let hold = await live.hold(session.channel, sink: nil)
    guard let old = holdings[session.id]?.hold, table.update(session.id, { $0.streamNumber = 0 }) != nil
    else {
      await live.release(hold)
      return nil
    }
    holdings[session.id]?.hold = hold
    await live.release(old)
    logger.notice(
      "a camera gives no sub-stream; its main stream is shown",
      metadata: ["channel.id": "\(session.channel)", "session.id": "\(session.id.prefix(8))"])
    return table.find(session.id)
  }

  private func isWithoutSub(_ channel: ChannelKey) -> Bool {
    guard let until = withoutSub[channel] else { return false }
    if until > SystemClock.monotonic() { return true }
    withoutSub[channel] = nil
    return false
  }

  /// 0 for the main stream, 1 for the sub-stream; nil for another word.
  private static func number(_ word: String?) -> Int? {
    switch word {
    case nil, "", "main": 0
    case "sub": 1
    default: nil
    }
  }

  private func decodable(
    _ session: MediaSession, _ source: StreamID, _ formats: [TrackFormat],
    connect: (TranscodeBridge) async -> HoldID?
  ) async -> StreamID? {
    guard session.needsH264, formats.contains(where: { $0.codec == .h265 }) else { return source }
    if let running = holdings[session.id]?.transcode { return running.bridge.stream }
    let key = session.kind == .live ? session.camera.description : session.id
    guard let bridge = transcoding.acquire(key) else {
      _ = table.update(session.id) { session in
        session.transcodeReason = "budget"
      }
      // The browser gets what there is and says that it cannot show it.
      return source
    }
    let hold = await connect(bridge)
    guard holdings[session.id] != nil else {
      if let hold { await live.release(hold) }
      transcoding.release(key)
      return nil
    }
    holdings[session.id]?.transcode = (key, bridge, hold)
    _ = table.update(session.id) { session in
      session.transcoded = true
      session.transcodeReason = "h265"
    }
    return bridge.stream
  }

  // MARK: HLS

  /// A file of the session's HLS presentation.
  func hls(_ id: String, name: String) async throws -> MediaFile {
    guard let session = table.find(id) else { throw Problem.gone("This session is over.") }
    _ = table.update(id) { $0.lastUse = SystemClock.monotonic() }
    if holdings[id]?.hls == nil || name == "index.m3u8" { try await openWindow(session) }
    guard let window = holdings[id]?.hls?.window else { throw Problem.gone("This session is over.") }
    if name == "index.m3u8" {
      guard let text = await firstPlaylist(window) else {
        throw Problem.unavailable("The first segment is not complete yet.", retryAfter: 2)
      }
      return MediaFile(contentType: "application/vnd.apple.mpegurl", bytes: Array(text.utf8))
    }
    guard let bytes = window.file(name) else { throw Problem.notFound("There is no such segment any more.") }
    return MediaFile(contentType: "video/mp4", bytes: bytes)
  }

  /// Sees to it that the session has a window on its present stream: a camera that was called again has a new one.
  private func openWindow(_ session: MediaSession) async throws {
    guard let stream = await stream(for: session) else {
      throw Problem.unavailable("The camera sends no picture.", retryAfter: 5)
    }
    // Several requests may have waited for the picture; the first one opens.
    guard let holding = holdings[session.id] else { throw Problem.gone("This session is over.") }
    if let open = holding.hls {
      guard open.stream != stream else { return }
      plane.detachSink(open.sink)
    }
    let window = HLSWindow(makeAudioTranscoder: SoundConversion.make)
    holdings[session.id]?.hls = (window, plane.attachSink(stream, window, fromCache: true), stream)
    holding.replay?.start()
  }

  /// A player expects a playlist with something in it: the first one waits for the first segment.
  private func firstPlaylist(_ window: HLSWindow) async -> String? {
    for _ in 0..<60 {
      if let text = window.playlist(baseName: "") { return text }
      try? await Task.sleep(for: .milliseconds(250))
    }
    return nil
  }

  // MARK: Control and end

  func control(_ id: String, _ control: API.PlaybackControl) async throws {
    guard let replay = holdings[id]?.replay else {
      throw Problem.conflict("This session is live; only a replay can be paused or moved.")
    }
    try await replay.apply(control)
    _ = table.update(id) { $0.lastUse = SystemClock.monotonic() }
  }

  func replay(_ id: String) -> (any Replaying)? { holdings[id]?.replay }

  /// Ends a session.
  ///
  /// - Parameter cause: why, when its viewer did not want it.
  func end(_ id: String, cause: API.Cause? = nil) async {
    guard let session = table.remove(id) else { return }
    let holding = holdings.removeValue(forKey: id)
    if let viewer = session.viewer { plane.detachViewer(viewer) }
    if let hls = holding?.hls { plane.detachSink(hls.sink) }
    if let transcode = holding?.transcode {
      if let hold = transcode.hold { await live.release(hold) }
      transcoding.release(transcode.key)
    }
    if let hold = holding?.hold { await live.release(hold) }
    if let replay = holding?.replay { replay.close() }
    await looks.end(session.look)
    await endings.removeValue(forKey: id)?()
    hub.publish(
      .session(
        API.MediaSessionEvent(
          session: id, channel: session.channel.description, state: .ended, cause: cause, viewer: session.user
        ))
    )
  }

  /// Does something when a session ends, or at once when it is over.
  func whenEnded(_ id: String, _ body: @escaping @Sendable () async -> Void) async {
    guard table.find(id) != nil else { return await body() }
    endings[id] = body
  }

  /// Ends sessions that nobody uses. Call every few seconds.
  func sweep() async {
    for id in table.idle(now: SystemClock.monotonic(), wall: SystemClock.wall()) { await end(id) }
  }

  func endAll() async {
    for session in table.all { await end(session.id) }
  }
}

extension HLSWindow {
  /// The bytes behind a name that the playlist gave out: `init-<version>.mp4` or `segment-<number>.m4s`.
  func file(_ name: String) -> [UInt8]? {
    if name.hasPrefix("init-"), name.hasSuffix(".mp4") {
      return Int(name.dropFirst(5).dropLast(4)).flatMap { initSegment($0) }
    }
    if name.hasPrefix("segment-"), name.hasSuffix(".m4s") {
      return UInt64(name.dropFirst(8).dropLast(4)).flatMap { segment($0) }
    }
    return nil
  }
}
