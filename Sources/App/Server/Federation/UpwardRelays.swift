import Access
import Federation
import GBCore
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Streaming
import Synchronization

/// A superior's INVITE, understood.
struct UpwardCall: Sendable {
  let superior: Superior
  /// What it calls the camera.
  let code: DeviceID
  let channel: ChannelKey
  let session: InviteOffer.Session
  /// Nil where we are to offer: then the answer comes with the ACK (§7.6).
  let offer: StreamOffer?
  let request: SIPRequest

  /// What the superior calls the stream in `Subject`; nil where it writes nothing that tells two apart.
  var senderSequence: String? {
    let sequence = request.headers[.subject].map { Subject(parsing: $0).senderSequence } ?? ""
    return sequence.utf8.count >= Self.shortestSequence ? sequence : nil
  }

  /// Some write 0 or 1 into every call.
  private static let shortestSequence = 4

  /// What it is about of recordings.
  var footage: Range<WallTime>? { session.range.map { $0.start..<$0.end } }
}

/// Pictures on their way to the platforms above: for each call of a superior one consumer of the camera's stream and
/// one relay (§11.3, decision 0009). However many call, the camera is pulled once; recorded material is a session of
/// its own for each call (``UpwardFeed``).
///
/// ```text
///   INVITE ─► preparing ── stream there, 200 ─► answered ── ACK ─► sending ─► over: BYE of either side, the grant is
///                │ CANCEL: 487                     │ no ACK: BYE     │         gone, the peer is gone, the superior is
///                │ no stream: 480, 408             │                 │         not registered any more
///                └─► over                          └─► over          └─ stream called again: sent on
/// ```
final class UpwardRelays: Sendable {
  struct Entry: Sendable {
    let call: UpwardCall
    let transaction: SIPServerTransaction
    let source: SIPSource
    let permit: UpwardPermit
    let tag = Signalling.token()
    var camera: CameraStream
    /// Where and how it is sent; of a call that offered nothing, once it has answered.
    var offer: StreamOffer?
    var look: String?
    /// The look as the level below knows it.
    var passed: String?
    var hold: HoldID?
    var feed: (any UpwardFeed)?
    var dialog: Dialog?
    var answer: [UInt8] = []
    var request: RelayRequest?
    var relay: RelayID?
    var isAcknowledged = false
    /// The relay can send.
    var isConnected = false
    /// All of a recording was given out, and the superior was told.
    var isOver = false
    var began = SystemClock.wall()
    /// Waits for the ACK, or for the BYE after the end of a recording.
    var patience: Task<Void, Never>?

    init(
      call: UpwardCall, transaction: SIPServerTransaction, source: SIPSource, permit: UpwardPermit,
      camera: CameraStream
    ) {
      (self.call, self.transaction, self.source, self.permit) = (call, transaction, source, permit)
      (self.camera, offer) = (camera, call.offer)
    }
  }

  struct Figures: Sendable, Hashable {
    var calls: UInt64 = 0
    /// Of them, for recorded material.
    var history: UInt64 = 0
    var refused: UInt64 = 0
    var ended: [String: UInt64] = [:]
  }

  struct State {
    var entries: [String: Entry] = [:]
    var byRelay: [RelayID: String] = [:]
    /// Connected before it was written down whose they are.
    var early: Set<RelayID> = []
    var figures = Figures()
  }

  struct Limits: Sendable {
    /// How long a camera may take until its stream is there.
    var stream: Duration = .seconds(15)
    /// How long the ACK of a superior may take (64 × T1).
    var acknowledgement: Duration = .seconds(32)
    /// How long a broken stream may take to come back: it was silent for 12 s before, and a superior is to hear
    /// within 15 (Annex K).
    var recovery: Duration = .seconds(2)
    /// Calls of one superior at a time.
    var callsPerSuperior = 10_000
    /// Of them, for recorded material: each reads a disk or holds a session of a device.
    var historyPerSuperior = 64
    /// How long what was given out last may take on its way before its end is told.
    var drain: Duration = .milliseconds(500)
  }

  let live: LiveService
  let plane: MediaPlane
  let signalling: Signalling
  let limits: Limits
  let logger: Logger
  let gate: UpwardGate
  let links: LinkDesk
  let state = Mutex(State())
  let looks: LookBook
  let passing = Mutex<DownwardLooks?>(nil)
  private let sources: UpwardSources
  /// With a port for each relay it is known only when the relay is there.
  let hasOwnPorts: Bool
  /// The platforms that the last answer from below came through.
  let route: @Sendable (ChannelKey) -> RoutePath?

  init(
    live: LiveService, plane: MediaPlane, looks: LookBook, signalling: Signalling, gate: UpwardGate,
    sources: UpwardSources, hasOwnPorts: Bool, limits: Limits = Limits(), links: LinkDesk = LinkDesk(),
    logger: Logger, route: @escaping @Sendable (ChannelKey) -> RoutePath?
  ) {
    (self.live, self.plane, self.looks, self.signalling) = (live, plane, looks, signalling)
    (self.gate, self.sources, self.hasOwnPorts) = (gate, sources, hasOwnPorts)
    (self.limits, self.links, self.logger, self.route) = (limits, links, logger, route)
  }

  /// Says who asks levels below. Call before the SIP port is open.
  func connect(_ passing: DownwardLooks) { self.passing.withLock { $0 = passing } }

  var count: Int { state.withLock { $0.entries.count } }
  /// Calls that go on under a grant; those that people looked for one by one count there.
  func count(under grant: String) -> Int {
    state.withLock { $0.entries.values.count { $0.permit.grant == grant && !$0.permit.isCovered } }
  }
  var figures: Figures { state.withLock { $0.figures } }
  func entries(of superior: DeviceID) -> [Entry] {
    state.withLock { $0.entries.values.filter { $0.call.superior.id == superior } }
  }

  // MARK: A call comes

  func invite(_ call: UpwardCall, _ source: SIPSource, _ transaction: SIPServerTransaction) async {
    guard let callID = call.request.callID else {
      return transaction.respond(SIPResponse(to: call.request, status: 400))
    }
    if repeats(call, callID, source, transaction) { return }
    if case .loop? = call.request.preferredPath?.step(at: signalling.platform) {
      return refuse(482, call, transaction)
    }
    let asked = UpwardRequest(
      superior: call.superior, code: call.code, channel: call.channel, act: UpwardAct(call.session),
      footage: call.footage, message: call.request)
    let permit: UpwardPermit
    switch gate.judge(asked) {
    case .success(let allowed): permit = allowed
    case .failure(let refusal): return refuse(refusal.status, call, transaction, refusal.reason)
    }
    await release(earlierOf: call)
    let entry = Entry(
      call: call, transaction: transaction, source: source, permit: permit,
      camera: CameraStream(channel: call.channel, number: call.offer?.stream ?? 0))
    guard admit(callID, entry) else { return refuse(486, call, transaction) }
    // Two that were judged at once: the second one is one too many.
    guard gate.holds(permit) else {
      state.withLock { $0.entries[callID] = nil }
      return refuse(403, call, transaction, Denial.Reason.tooManyViewers.rawValue)
    }
    await takePlace(callID, entry)
    await prepare(callID, entry)
  }

  private func admit(_ callID: String, _ entry: Entry) -> Bool {
    state.withLock { state in
      let own = state.entries.values.filter { $0.call.superior.id == entry.call.superior.id }
      let isHistory = entry.call.session != .live
      let history = own.count { $0.call.session != .live }
      guard state.entries[callID] == nil, own.count < limits.callsPerSuperior,
        !isHistory || history < limits.historyPerSuperior
      else { return false }
      state.entries[callID] = entry
      state.figures.calls += 1
      if isHistory { state.figures.history += 1 }
      return true
    }
  }

  private func refuse(
    _ status: Int, _ call: UpwardCall, _ transaction: SIPServerTransaction, _ reason: String? = nil
  ) {
    state.withLock { $0.figures.refused += 1 }
    var response = response(status, call, tag: Signalling.token())
    if let reason { response.headers.append(.reason, "SIP;cause=\(status);text=\"\(reason)\"") }
    transaction.respond(response)
    logger.notice(
      "a call of a superior was refused",
      metadata: [
        "superior.id": "\(call.superior.id)", "channel.id": "\(call.channel)", "status": "\(status)",
      ])
  }

  /// A repetition inside the dialog gets the same answer again.
  private func repeats(
    _ call: UpwardCall, _ callID: String, _ source: SIPSource, _ transaction: SIPServerTransaction
  ) -> Bool {
    let known = state.withLock { state -> (answer: [UInt8], tag: String, isIn: Bool)? in
      guard var entry = state.entries[callID] else { return nil }
      guard var dialog = entry.dialog else { return ([], entry.tag, false) }
      let isIn = dialog.receive(call.request, from: source) == .accepted
      if isIn { entry.dialog = dialog }
      state.entries[callID] = entry
      return (entry.answer, entry.tag, isIn)
    }
    guard let known else { return false }
    guard known.isIn else {
      transaction.respond(SIPResponse(to: call.request, status: 482))
      return true
    }
    transaction.respond(agreement(call, known.answer, known.tag))
    return true
  }

  /// Who asks again for what is being sent has lost the first link: it is replaced (§7.1).
  private func release(earlierOf call: UpwardCall) async {
    let (ssrc, sequence) = (call.offer?.ssrc, call.senderSequence)
    guard ssrc != nil || sequence != nil else { return }
    let old = state.withLock { state in
      state.entries.first { _, entry in
        entry.call.superior.id == call.superior.id && entry.call.code == call.code
          && entry.dialog != nil
          && (ssrc.map { $0 == entry.call.offer?.ssrc } ?? false
            || sequence.map { $0 == entry.call.senderSequence } ?? false)
      }?.key
    }
    if let old { await end(old, because: "replaced", tells: false) }
  }

  // MARK: Preparing

  private func prepare(_ callID: String, _ entry: Entry) async {
    guard isWanted(callID) else { return }
    let call = entry.call
    // Whoever looks was asked about and logged by himself.
    if !entry.permit.isCovered {
      if let status = await beginLook(callID, entry) { return await fail(callID, status) }
    }
    guard call.session == .live else { return await prepareHistory(callID, entry) }
    guard let stream = await open(callID, entry.camera) else {
      let failure = await live.status(entry.camera)?.failure
      if case .linkFull(let words) = failure {
        let warning = LinkLedger.Refusal.warning(host: signalling.platform.text, words)
        return await fail(callID, 486, warning: warning)
      }
      return await fail(callID, failure == .deviceOffline ? 480 : 408)
    }
    await answer(callID, stream)
  }

  /// Asks the level below, when the camera is not ours, and writes the beginning.
  ///
  /// - Returns: the status of the refusal; nil when it has begun.
  private func beginLook(_ callID: String, _ entry: Entry) async -> Int? {
    let call = entry.call
    if call.session == .live, let passing = passing.withLock({ $0 }), let looker = entry.permit.looker {
      do throws(LookRefused) {
        let passed = try await passing.begin(call.channel, looker)
        passing.attach(passed) { [weak self] _ in await self?.end(callID, because: "revoked", tells: true) }
        note(callID) { $0.passed = passed }
        guard isWanted(callID), passing.isOpen(passed) else {
          await passing.end(passed)
          return 403
        }
      } catch { return 403 }
    }
    do {
      let look = try await looks.begin(
        LookRecord(
          user: entry.permit.viewer, role: .machine, channel: call.channel.description,
          kind: call.session.lookKind, purpose: purpose(entry), source: entry.source.remote.host,
          session: callID, started: SystemClock.wall(), footage: call.footage), basis: entry.permit.basis)
      note(callID) { $0.look = look }
      if !isWanted(callID) { await looks.end(look) }
      return nil
    } catch { return 503 }
  }

  private func purpose(_ entry: Entry) -> String {
    let stated = entry.permit.question?.purpose ?? RightsService.levelPurpose
    guard stated != RightsService.levelPurpose else { return "superior \(entry.call.superior.name)" }
    return stated.line
  }

  private func prepareHistory(_ callID: String, _ entry: Entry) async {
    let call = entry.call
    do throws(HistoryFailure) {
      let label = LinkDesk.Upward(
        callID: callID, superior: call.superior.id, camera: entry.camera, pace: call.session.pace
      ).label
      let user = LinkUser(name: call.superior.name, priority: entry.permit.linkPriority)
      let feed = try await sources.open(call.channel, call.session, label: label, user: user) {
        [weak self] event in self?.happened(event, callID)
      }
      guard isWanted(callID) else { return await feed.close() }
      note(callID) { $0.feed = feed }
      await answer(callID, feed.stream)
    } catch {
      let words = error.code == "link-full" ? error.text : nil
      let warning = words.map { LinkLedger.Refusal.warning(host: signalling.platform.text, $0) }
      await fail(callID, error.upwardStatus, warning: warning)
    }
  }

  /// The camera's stream, its main stream where it gives no other.
  private func open(_ callID: String, _ camera: CameraStream) async -> StreamID? {
    let user = find(callID).map { self.user($0) } ?? LinkUser.house
    let hold = await live.hold(camera, sink: nil, for: user)
    guard isWanted(callID) else {
      await live.release(hold)
      return nil
    }
    note(callID) { ($0.hold, $0.camera) = (hold, camera) }
    if let stream = await live.readyStream(camera, within: limits.stream) { return stream }
    guard !camera.isMain, isWanted(callID), await live.status(camera)?.failure != .deviceOffline else {
      return nil
    }
    note(callID) { $0.hold = nil }
    await live.release(hold)
    return await open(callID, .main(camera.channel))
  }
}
