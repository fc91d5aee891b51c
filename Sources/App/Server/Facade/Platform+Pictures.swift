import Access
import GBCore
import HTTPAPI
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Registry
import Streaming
import Synchronization

extension Platform {
  func openLive(channel id: String, _ request: API.LiveRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  {
    let key = try channelKey(id)
    try requirePlayable(key)
    let (session, isMarked) = try await looking(.live, key, request.statement(of: caller), by: caller) {
      purpose in
      var request = request
      request.purpose = purpose
      return try await services.desk.openLive(key, request, by: caller)
    }
    let state = await state(of: session).0
    return await opened(session, state: state, isMarked: isMarked)
  }

  func openPlayback(channel id: String, _ request: API.PlaybackRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  {
    let key = try channelKey(id)
    guard request.from.wall < request.to.wall else { throw Problem.invalid("from must be before to.") }
    guard request.source.map({ RecordSource(rawValue: $0) != nil }) ?? true else {
      throw Problem.invalid("“source” must be own or device.")
    }
    let range = WallInterval(request.from.wall, request.to.wall)
    let (session, isMarked) = try await looking(
      .replay, key, request.statement(of: caller), footage: range.start..<range.end, by: caller
    ) { purpose in
      var request = request
      request.purpose = purpose
      return try await services.desk.openPlayback(key, range, request, by: caller)
    }
    var answer = await opened(session, state: .connecting, isMarked: isMarked)
    (answer.from, answer.to) = (request.from, request.to)
    return answer
  }

  func mediaSessions(for caller: Caller) async throws -> [API.MediaSession] {
    let snapshot = services.plane.snapshot()
    var result: [API.MediaSession] = []
    for session in services.desk.table.all.sorted(by: { $0.started < $1.started })
    where isOwner(session, caller) {
      result.append(await resource(session, snapshot))
    }
    return result
  }

  func mediaSession(_ session: String, for caller: Caller) async throws -> API.MediaSession {
    await resource(try find(session, caller), services.plane.snapshot())
  }

  func controlPlayback(_ session: String, _ control: API.PlaybackControl, by caller: Caller) async throws
    -> API.MediaSession
  {
    let found = try find(session, caller)
    try await services.desk.control(found.id, control)
    return await resource(found, services.plane.snapshot())
  }

  func closeMediaSession(_ session: String, by caller: Caller) async throws {
    let found = try find(session, caller)
    await services.desk.end(found.id)
  }

  func hlsFile(session: String, name: String, source: String) async throws -> MediaFile {
    try await services.desk.hls(session, name: name)
  }

  func snapshot(channel id: String, by caller: Caller) async throws -> MediaFile {
    let key = try channelKey(id)
    try requirePlayable(key)
    let passed: String?
    do throws(LookRefused) {
      passed = try await services.downward.begin(key, looker(.live, key, by: caller))
    } catch { throw error.problem }
    defer { Task { await services.downward.end(passed) } }
    let look = try await services.looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: key.description, kind: .snapshot,
        purpose: caller.admission?.purpose ?? "", source: caller.source, started: SystemClock.wall()))
    defer { Task { await services.looks.end(look) } }
    return MediaFile(contentType: "image/jpeg", bytes: try await services.stills.picture(of: key))
  }

  // MARK: Inside

  /// Opens a picture that the rights allow, and has it ended when they do not any more.
  private func looking(
    _ operation: AccessOperation, _ key: ChannelKey, _ statement: API.Statement,
    footage: Range<WallTime>? = nil, by caller: Caller,
    _ open: (_ purpose: String) async throws -> MediaSession
  ) async throws -> (session: MediaSession, isMarked: Bool) {
    let look = try services.rights.begin(operation, key, statement, by: caller.principal, footage: footage)
    let passed = try await pass(look, operation, key, by: caller)
    let session: MediaSession
    do { session = try await open(look.permit.purpose) } catch {
      services.rights.abandon(look)
      await services.downward.end(passed)
      throw error
    }
    let (desk, downward) = (services.desk, services.downward)
    await desk.whenEnded(session.id) { await downward.end(passed) }
    downward.attach(passed) { refused in await desk.end(session.id, cause: refused.cause) }
    if !downward.isOpen(passed) { await desk.end(session.id, cause: LookRefused.ended.cause) }
    services.rights.attach(
      look, isAlive: { desk.table.find(session.id) != nil },
      end: { reason in await desk.end(session.id, cause: Problem.accessEnded(reason)) })
    return (session, isMarked(look.permit))
  }

  /// Whether the viewer's name stands over the picture: unless the level, his organisation or the grant does without.
  private func isMarked(_ permit: Permit) -> Bool {
    configuration.watermark && !permit.allowance.isUnmarked
      && configuration.unmarkedOrganisations.isDisjoint(with: permit.question.asker.organisations)
  }

  /// Asks the level that a camera belongs to, when that is another one.
  ///
  /// - Returns: the look's name there.
  private func pass(
    _ look: OpenedLook, _ operation: AccessOperation, _ key: ChannelKey, by caller: Caller
  ) async throws -> String? {
    guard key.device.isPlatform else { return nil }
    let looker = services.book.looker(
      look.permit.question, name: caller.principal.name, role: caller.principal.role)
    guard operation == .live else {
      services.downward.note(looker, key, operation)
      return nil
    }
    do throws(LookRefused) { return try await services.downward.begin(key, looker) } catch {
      services.rights.abandon(look)
      throw error.problem
    }
  }

  private func requirePlayable(_ key: ChannelKey) throws {
    let isPlayable = directory.read { directory in directory[key].map { directory.isPlayable($0) } ?? false }
    guard isPlayable else { throw Problem.invalid("This channel has no picture.") }
  }

  private func isOwner(_ session: MediaSession, _ caller: Caller) -> Bool {
    session.user == caller.principal.name || caller.principal.role == .administrator
  }

  private func find(_ id: String, _ caller: Caller) throws -> MediaSession {
    guard let session = services.desk.table.find(id), isOwner(session, caller) else {
      throw Problem.notFound("There is no such session, or it is over.")
    }
    return session
  }

  private func opened(
    _ session: MediaSession, state: API.MediaSessionState, isMarked: Bool
  ) async -> API.MediaSessionOpened {
    let base = "/media/\(session.id)"
    var transcoded = session.transcoded
    if session.kind == .live, session.needsH264 {
      let formats = await services.live.status(session.camera)?.formats ?? []
      transcoded = formats.contains { $0.codec == .h265 }
    }
    return API.MediaSessionOpened(
      session: session.id,
      urls: API.MediaURLs(fmp4: "\(base)/live.mp4", websocket: "\(base)/ws", hls: "\(base)/index.m3u8"),
      expires: API.Time(session.expires), state: state, transcoded: transcoded,
      transcodeReason: transcoded ? "h265" : nil, watermark: isMarked)
  }

  /// The state a person sees, its step and its cause.
  func state(of session: MediaSession) async -> (API.MediaSessionState, String?, API.Cause?) {
    if let replay = await services.desk.replay(session.id) as? DeviceReplay {
      return Self.state(replay.status.withLock { $0.phase })
    }
    if session.kind == .playback {
      return (await services.desk.replay(session.id)?.isOver == true ? .ended : .live, nil, nil)
    }
    guard let status = await services.live.status(session.camera) else { return (.ended, nil, nil) }
    return Self.state(status.state, status.failure)
  }

  static func state(_ state: LivePull.State, _ failure: PullFailure?) -> (
    API.MediaSessionState, String?, API.Cause?
  ) {
    switch state {
    case .idle: (.ended, nil, nil)
    case .connecting(let step, let path, _):
      (
        .connecting, "\(step.rawValue):\(path.rawValue)",
        failure.map { API.Cause(code: $0.code, text: $0.sentence) }
      )
    case .live: (.live, nil, nil)
    case .resting(let failure, _): (.error, nil, API.Cause(code: failure.code, text: failure.sentence))
    }
  }

  private func resource(_ session: MediaSession, _ snapshot: MediaSnapshot) async -> API.MediaSession {
    var (state, step, cause) = await state(of: session)
    var resource = API.MediaSession(
      session: session.id, channel: session.channel.description, kind: session.kind, user: session.user,
      state: state, started: API.Time(session.started), expires: API.Time(session.expires))
    if session.kind == .live { resource.stream = session.streamNumber == 0 ? "main" : "sub" }
    resource.transcoded = session.transcoded
    resource.transcodeReason = session.transcodeReason
    let status = await services.live.status(session.camera)
    let id = session.kind == .live ? status?.stream : session.stream
    if let stream = snapshot.streams.first(where: { $0.id == id }) {
      resource.codec = stream.video?.codec.apiName
      (resource.width, resource.height) = (stream.video?.width, stream.video?.height)
      resource.fps = (stream.framesPerSecond * 10).rounded() / 10
      resource.bitrate = Int(stream.bitsPerSecond)
      resource.transport = stream.transport.map { "\($0)" }
      let expected = stream.packets + stream.lost
      resource.loss = expected > 0 ? Double(stream.lost) / Double(expected) : 0
      resource.viewers = stream.viewers.count
      if state == .live, let last = stream.lastArrival, session.kind == .live,
        SystemClock.wall() - last > .seconds(3)
      {
        state = .stale
      }
    }
    resource.firstPictureMs = status?.firstPictureAfter.map { Int($0.inSeconds * 1_000) }
    if let replay = await services.desk.replay(session.id) {
      let now = replay.position
      (resource.position, resource.rate, resource.paused) = (
        now.wall.map { API.Time($0) }, now.rate, now.isPaused
      )
      resource.source = replay is DeviceReplay ? "device" : "own"
      if let replay = replay as? DeviceReplay { fill(&resource, replay) }
    }
    (resource.state, resource.step, resource.cause) = (state, step, cause)
    return resource
  }
}

extension MediaCodec {
  /// The name in the API.
  var apiName: String {
    switch self {
    case .h264: "h264"
    case .h265: "h265"
    case .g711A: "g711a"
    case .g711U: "g711u"
    case .aac: "aac"
    }
  }
}
