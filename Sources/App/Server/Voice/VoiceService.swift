import Access
import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import NIOCore
import NIOPosix
import Registry
import SIPCore
import Synchronization
import Voice
import VoiceTransport

/// Who wants to speak: somebody here, or a platform above.
struct VoiceAsker: Sendable {
  let holder: CameraGrips.Holder
  /// As it stands in the log of looks.
  let user: String
  let role: Role
  /// Its network address.
  let source: String
  let correlation: String
  /// For somebody of another level: what the look came with.
  var basis: LookBasis?
}

/// Lets people speak through cameras and loudspeakers (GB/T 28181 §12): one person at a device at a time, apart from
/// every picture.
///
/// What happens comes from four sides: the interface, the SIP event loop, the sockets and the clock. Each event is
/// decided by the session's machine under one lock; what it orders is carried out after that, in order.
final class VoiceService: Sendable {
  struct Limits: Sendable {
    var session = VoiceSession.Limits()
    /// How long a session without a microphone lives, and how long any.
    var patience: Duration = .seconds(15)
    var longest: Duration = .seconds(3_600)
  }

  struct Figures: Sendable {
    var lines = VoiceFigures()
    var opened: UInt64 = 0
    /// By the word of the end.
    var ended: [String: UInt64] = [:]
    /// INVITEs that no broadcast waited for.
    var strangers: UInt64 = 0
  }

  struct State {
    var entries: [String: VoiceEntry] = [:]
    var byDevice: [DeviceID: String] = [:]
    var byCallID: [String: String] = [:]
    var figures = Figures()
  }

  let signalling: Signalling
  let directory: DeviceDirectory
  let ports: VoicePorts
  let limits: Limits
  let logger: Logger
  let state = Mutex(State())
  let group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  private let looks: LookBook
  private let isSignedIn: @Sendable (String) -> Bool
  private let publish: @Sendable (API.Voice) -> Void
  /// Ends the picture of a talk.
  private let endPicture: @Sendable (String) async -> Void

  init(
    signalling: Signalling, directory: DeviceDirectory, looks: LookBook, ports: VoicePorts,
    limits: Limits = Limits(), logger: Logger, isSignedIn: @escaping @Sendable (String) -> Bool,
    publish: @escaping @Sendable (API.Voice) -> Void,
    endPicture: @escaping @Sendable (String) async -> Void
  ) {
    (self.signalling, self.directory, self.looks, self.ports) = (signalling, directory, looks, ports)
    (self.limits, self.logger, self.isSignedIn) = (limits, logger, isSignedIn)
    (self.publish, self.endPicture) = (publish, endPicture)
  }

  // MARK: What people ask

  /// Opens a session and waits until sound can go.
  ///
  /// - Throws: `Problem`, why it cannot.
  func open(
    _ channel: ChannelKey, mode: API.VoiceMode, purpose: String, take: Bool, by caller: Caller
  ) async throws -> VoiceEntry {
    try await open(
      channel, mode: mode, purpose: purpose, take: take,
      by: VoiceAsker(
        holder: Platform.holder(caller), user: caller.principal.name, role: caller.principal.role,
        source: caller.source, correlation: caller.correlation))
  }

  /// The same for anybody.
  func open(
    _ channel: ChannelKey, mode: API.VoiceMode, purpose: String, take: Bool, by asker: VoiceAsker
  ) async throws -> VoiceEntry {
    guard let registration = signalling.registration(of: channel.device),
      directory.device(channel.device)?.status != .offline
    else {
      throw Problem.deviceOffline(channel.device)
    }
    let entry = entry(channel, mode, registration, asker.holder)
    if let old = try reserve(entry, take: take) {
      // Its BYE is on its way before the next call (§12.2).
      apply(old) { $0.machine.hangUp(.taken) }
      _ = try reserve(entry, take: false)
    }
    do {
      let look = try await looks.begin(
        LookRecord(
          user: asker.user, role: asker.role, channel: channel.description,
          kind: .voice, purpose: String(purpose.prefix(200)), source: asker.source,
          session: String(entry.id.prefix(8)), started: entry.started), basis: asker.basis)
      if !note(look, of: entry.id) { await looks.end(look) }
    } catch {
      apply(entry.id) { $0.machine.hangUp() }
      throw error
    }
    logger.info(
      "somebody wants to speak",
      metadata: [
        "session.id": "\(entry.id.prefix(8))", "channel.id": "\(channel)", "mode": "\(mode.rawValue)",
        "user": "\(asker.user)", "purpose": "\(purpose)", "correlation": "\(asker.correlation)",
      ])
    if let end = await begin(entry.id) { throw Problem.voice(end, channel.device) }
    guard let standing = find(entry.id) else { throw Problem.voice(.deviceHungUp, channel.device) }
    return standing
  }

  private func entry(
    _ channel: ChannelKey, _ mode: API.VoiceMode, _ registration: Registration, _ holder: CameraGrips.Holder
  ) -> VoiceEntry {
    let isSingle =
      mode == .talk && directory.habits(of: channel.device).talk == .single
    let targets =
      isSingle
      ? [channel.channel]
      : directory.read { VoiceTargets.of(channel, channels: $0.channels(of: channel.device)) }
    return VoiceEntry(
      id: LookBook.token(), channel: channel, mode: mode, holder: holder, source: signalling.platform,
      registration: registration,
      machine: VoiceSession(isSingle ? .talk : .broadcast, targets: targets, limits: limits.session))
  }

  /// Takes the place at the device.
  ///
  /// - Returns: the session that must end first; nil when the place is taken now.
  private func reserve(_ entry: VoiceEntry, take: Bool) throws -> String? {
    try state.withLock { state -> String? in
      if let id = state.byDevice[entry.device], let other = state.entries[id] {
        let mayTake = take && entry.holder.priority > other.holder.priority
        guard other.holder.name == entry.holder.name || mayTake else {
          throw Problem.speakerHeld(entry.device, other.holder.name, priority: other.holder.priority)
        }
        return id
      }
      state.entries[entry.id] = entry
      state.byDevice[entry.device] = entry.id
      state.figures.opened += 1
      return nil
    }
  }

  private func note(_ look: String, of id: String) -> Bool {
    state.withLock { state in
      guard state.entries[id] != nil else { return false }
      state.entries[id]?.look = look
      return true
    }
  }

  /// Starts the machine and waits for what comes of it: nil when sound can go.
  private func begin(_ id: String) async -> VoiceEnd? {
    await withCheckedContinuation { waiting in
      let isThere = state.withLock { state in
        guard state.entries[id] != nil else { return false }
        state.entries[id]?.waiting.append(waiting)
        return true
      }
      guard isThere else { return waiting.resume(returning: .released) }
      apply(id) { $0.machine.start(now: SystemClock.monotonic()) }
    }
  }

  /// The picture of a talk ends with it. False when it is over already.
  func join(picture: String, to id: String) -> Bool {
    state.withLock { state in
      guard state.entries[id] != nil else { return false }
      state.entries[id]?.listen = picture
      return true
    }
  }

  func close(_ channel: ChannelKey, by holder: CameraGrips.Holder) throws {
    guard let entry = current(channel.device) else {
      throw Problem.gone("Nobody speaks through this device.")
    }
    guard entry.holder.name == holder.name || holder.priority > entry.holder.priority else {
      throw Problem.speakerHeld(channel.device, entry.holder.name, priority: entry.holder.priority)
    }
    apply(entry.id) { $0.machine.hangUp(entry.holder.name == holder.name ? .released : .taken) }
  }

  func current(_ device: DeviceID) -> VoiceEntry? {
    state.withLock { state in state.byDevice[device].flatMap { state.entries[$0] } }
  }

  func find(_ id: String) -> VoiceEntry? { state.withLock { $0.entries[id] } }

  var all: [VoiceEntry] {
    state.withLock { $0.entries.values.sorted { ($0.started, $0.id) < ($1.started, $1.id) } }
  }

  /// What all sessions did since the start, those that stand included.
  var figures: Figures {
    state.withLock { state in
      var figures = state.figures
      for entry in state.entries.values { if let line = entry.line { figures.lines += line.figures } }
      return figures
    }
  }

  // MARK: The microphone

  /// Joins a microphone to its session; a second one takes the place of the first.
  func attach(_ id: String, socket descriptor: Int32, preamble: [UInt8]) async {
    let events = VoiceSocket.Events(
      said: { [weak self] samples in self?.find(id)?.line?.say(samples) },
      closed: { [weak self] in self?.microphoneLeft(id) })
    guard let socket = try? await VoiceSocket.adopt(descriptor, preamble: preamble, on: group, events: events)
    else { return }
    let (entry, replaced) = state.withLock { state -> (VoiceEntry?, VoiceSocket?) in
      let old = state.entries[id]?.socket
      state.entries[id]?.socket = socket
      state.entries[id]?.lastSocket = SystemClock.monotonic()
      return (state.entries[id], old)
    }
    replaced?.close(code: 1008)
    guard let entry else { return socket.close(code: 1001) }
    Self.tell(entry.resource, socket)
  }

  // MARK: Sound from elsewhere

  /// What is said in a session without a microphone here.
  func say(_ samples: [Int16], in id: String) {
    state.withLock { state in
      state.entries[id]?.lastSocket = SystemClock.monotonic()
      return state.entries[id]?.line
    }?.say(samples)
  }

  /// Tells once when a session is over. False when it is over already.
  func onEnd(of id: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      guard state.entries[id] != nil else { return false }
      state.entries[id]?.ended = body
      return true
    }
  }

  /// Ends a session by its name.
  func end(_ id: String) { apply(id) { $0.machine.hangUp() } }

  private func microphoneLeft(_ id: String) {
    state.withLock { state in
      state.entries[id]?.lastSocket = SystemClock.monotonic()
    }
  }

  private static func tell(_ voice: API.Voice, _ socket: VoiceSocket) {
    guard let json = try? JSONEncoder().encode(voice) else { return }
    socket.tell(Array(json))
  }

  // MARK: The clock and the world

  /// Call about once a second.
  func tick() {
    let now = SystemClock.monotonic()
    let wall = SystemClock.wall()
    for entry in all {
      let isDeserted = entry.machine.isSpeaking && !isAttended(entry, now: now)
      if isDeserted || !isSignedIn(entry.holder.credential) || wall - entry.started > limits.longest {
        apply(entry.id) { $0.machine.hangUp() }
      } else {
        apply(entry.id) { $0.machine.tick(now: now) }
      }
    }
  }

  private func isAttended(_ entry: VoiceEntry, now: MonotonicTime) -> Bool {
    entry.socket?.isOpen == true || now - entry.lastSocket < limits.patience
  }

  func presence(_ device: DeviceID, isOnline: Bool) {
    guard !isOnline, let entry = current(device) else { return }
    apply(entry.id) { $0.machine.deviceLeft() }
  }

  /// Ends everything, at the end of the program.
  func endAll() {
    for entry in all { apply(entry.id) { $0.machine.hangUp() } }
  }

  // MARK: Carrying out

  /// Lets the machine of a session decide about an event, and does what it says.
  func apply(_ id: String, _ event: (inout VoiceEntry) -> [VoiceSession.Action]) {
    let result = state.withLock { state -> (VoiceEntry, [VoiceSession.Action], Bool)? in
      guard var entry = state.entries[id] else { return nil }
      let before = entry.state
      let actions = event(&entry)
      state.entries[id] = entry
      return (entry, actions, before != entry.state)
    }
    guard let (entry, actions, isNews) = result else { return }
    for action in actions { perform(action, entry) }
    guard isNews else { return }
    let voice = entry.resource
    publish(voice)
    if let socket = entry.socket { Self.tell(voice, socket) }
    settle(id)
  }

  /// Tells those who wait, once it is decided.
  private func settle(_ id: String) {
    let entry = state.withLock { state -> VoiceEntry? in
      guard let entry = state.entries[id], entry.machine.isSpeaking || entry.machine.end != nil else {
        return nil
      }
      state.entries[id]?.waiting = []
      if entry.machine.end != nil { Self.forget(entry, &state) }
      return entry
    }
    guard let entry else { return }
    let end = entry.machine.end
    for continuation in entry.waiting { continuation.resume(returning: end) }
    if end != nil { entry.socket?.close() }
  }

  private static func forget(_ entry: VoiceEntry, _ state: inout State) {
    state.entries[entry.id] = nil
    if state.byDevice[entry.device] == entry.id { state.byDevice[entry.device] = nil }
    if let callID = entry.invite?.callID { state.byCallID[callID] = nil }
    if let line = entry.line { state.figures.lines += line.figures }
    if let end = entry.machine.end { state.figures.ended[end.word, default: 0] += 1 }
  }

  private func perform(_ action: VoiceSession.Action, _ entry: VoiceEntry) {
    switch action {
    case .ask(let target): ask(target, entry)
    case .call: call(entry)
    case .accept: accept(entry)
    case .refuse(let status): refuse(status, entry)
    case .send(let delay): entry.line?.begin(after: delay)
    case .bye: bye(entry)
    case .cancel: cancel(entry)
    case .release: release(entry)
    }
  }

  private func release(_ entry: VoiceEntry) {
    entry.question?.cancel()
    entry.line?.close()
    entry.ended?()
    logger.info(
      "a voice session ended",
      metadata: [
        "session.id": "\(entry.id.prefix(8))", "channel.id": "\(entry.channel)",
        "cause": "\(entry.machine.end?.cause(entry.device)?.code ?? "released")",
      ])
    Task { [looks, endPicture] in
      if let look = entry.look { await looks.end(look) }
      if let picture = entry.listen { await endPicture(picture) }
    }
  }
}
