import Access
import Federation
import GBCore
import Logging
import MPEGCore
import MediaTime
import MediaTransport
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
  let offer: StreamOffer
  let request: SIPRequest
}

/// Pictures on their way to the platforms above: for each call of a superior one consumer of the camera's stream and
/// one relay (§11.3, decision 0009). However many call, the camera is pulled once.
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
    let tag = Signalling.token()
    var camera: CameraStream
    var look: String?
    var hold: HoldID?
    var dialog: Dialog?
    var answer: [UInt8] = []
    var request: RelayRequest?
    var relay: RelayID?
    var isAcknowledged = false
    var began = SystemClock.wall()
    /// Waits for the ACK.
    var patience: Task<Void, Never>?
  }

  struct Figures: Sendable, Hashable {
    var calls: UInt64 = 0
    var refused: UInt64 = 0
    var ended: [String: UInt64] = [:]
  }

  struct State {
    var entries: [String: Entry] = [:]
    var byRelay: [RelayID: String] = [:]
    var figures = Figures()
  }

  struct Limits: Sendable {
    /// How long a camera may take until its stream is there.
    var stream: Duration = .seconds(15)
    /// How long the ACK of a superior may take (64 × T1).
    var acknowledgement: Duration = .seconds(32)
    /// How long a broken stream may take to come back.
    var recovery: Duration = .seconds(10)
    /// Calls of one superior at a time.
    var callsPerSuperior = 10_000
  }

  private let live: LiveService
  private let plane: MediaPlane
  private let looks: LookBook
  let signalling: Signalling
  let grants: UpwardGrants
  private let limits: Limits
  let links: LinkDesk
  /// With a port for each relay it is known only when the relay is there.
  private let hasOwnPorts: Bool
  let logger: Logger
  let state = Mutex(State())

  init(
    live: LiveService, plane: MediaPlane, looks: LookBook, signalling: Signalling, grants: UpwardGrants,
    hasOwnPorts: Bool, limits: Limits = Limits(), links: LinkDesk = LinkDesk(), logger: Logger
  ) {
    self.links = links
    (self.live, self.plane, self.looks, self.signalling) = (live, plane, looks, signalling)
    (self.grants, self.hasOwnPorts, self.limits, self.logger) = (grants, hasOwnPorts, limits, logger)
  }

  var count: Int { state.withLock { $0.entries.count } }
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
    guard case .live = call.offer.session else { return refuse(488, call, transaction) }
    guard grants.looks(call.superior.id, call.channel) else { return refuse(403, call, transaction) }
    await release(earlierOf: call)
    let camera = CameraStream(channel: call.channel, number: call.offer.stream ?? 0)
    let entry = Entry(call: call, transaction: transaction, source: source, camera: camera)
    let isAdmitted = state.withLock { state in
      guard state.entries[callID] == nil,
        state.entries.values.count(where: { $0.call.superior.id == call.superior.id })
          < limits.callsPerSuperior
      else { return false }
      state.entries[callID] = entry
      state.figures.calls += 1
      return true
    }
    guard isAdmitted else { return refuse(486, call, transaction) }
    await takePlace(callID, entry)
    await prepare(callID, entry)
  }

  private func refuse(_ status: Int, _ call: UpwardCall, _ transaction: SIPServerTransaction) {
    state.withLock { $0.figures.refused += 1 }
    transaction.respond(response(status, call, tag: Signalling.token()))
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
    guard let ssrc = call.offer.ssrc else { return }
    let old = state.withLock { state in
      state.entries.first { _, entry in
        entry.call.superior.id == call.superior.id && entry.call.code == call.code
          && entry.call.offer.ssrc == ssrc && entry.dialog != nil
      }?.key
    }
    if let old { await end(old, because: "replaced", tells: false) }
  }

  private func prepare(_ callID: String, _ entry: Entry) async {
    guard isWanted(callID) else { return }
    let call = entry.call
    let viewer = call.request.headers[.monitorUserIdentity].map { " " + $0.prefix(128) } ?? ""
    do {
      let look = try await looks.begin(
        LookRecord(
          user: call.superior.id.text + viewer, role: .machine, channel: call.channel.description,
          kind: .live,
          purpose: "superior \(call.superior.name)", source: entry.source.remote.host, session: callID,
          started: SystemClock.wall()))
      note(callID) { $0.look = look }
      if !isWanted(callID) { await looks.end(look) }
    } catch { return await fail(callID, 503) }
    guard let stream = await open(callID, entry.camera) else {
      let failure = await live.status(entry.camera)?.failure
      if case .linkFull(let words) = failure {
        return await fail(callID, 486, warning: "370 \(signalling.platform) \"\(words)\"")
      }
      return await fail(callID, failure == .deviceOffline ? 480 : 408)
    }
    await answer(callID, stream)
  }

  /// The camera's stream, its main stream where it gives no other.
  private func open(_ callID: String, _ camera: CameraStream) async -> StreamID? {
    let user = find(callID).map { self.user($0.call) } ?? LinkUser.house
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

  private func answer(_ callID: String, _ stream: StreamID) async {
    guard let entry = find(callID) else { return }
    let call = entry.call
    let ssrc = call.offer.ssrc ?? ownNumber()
    var request = RelayRequest(
      ssrc: ssrc.value, transport: RelayTransport(call.offer.path), host: call.offer.host,
      port: UInt16(exactly: call.offer.port) ?? 0)
    request.payloadType = UInt8(truncatingIfNeeded: call.offer.payloadType)
    note(callID) { $0.request = request }
    var port = Int(plane.port)
    if hasOwnPorts || call.offer.path == .listen {
      // Nothing may be sent before the ACK; but a port of its own is there only with its relay.
      guard let relay = attach(callID, stream) else { return await fail(callID, 500) }
      port = Int(relay.port)
    }
    let format = await live.status(entry.camera).flatMap { Self.format($0.formats) }
    let answer = call.offer.answer(
      own: call.superior.ownID, address: address(towards: entry.source.remote.host), port: port, ssrc: ssrc,
      stream: call.offer.stream == nil ? nil : find(callID)?.camera.number, format: format)
    let isStanding = state.withLock { state in
      guard var entry = state.entries[callID] else { return false }
      entry.answer = answer
      entry.dialog = Dialog(called: call.request, localTag: entry.tag, from: entry.source)
      entry.patience = Task { [weak self, limits] in
        try? await Task.sleep(for: limits.acknowledgement)
        if !Task.isCancelled { await self?.end(callID, because: "unacknowledged", tells: true) }
      }
      state.entries[callID] = entry
      // Before any BYE: this only puts it on the event loop.
      entry.transaction.respond(agreement(call, answer, entry.tag))
      return true
    }
    if !isStanding {
      logger.debug("a call of a superior was given up", metadata: ["sip.call_id": "\(callID)"])
    }
  }

  private func agreement(_ call: UpwardCall, _ body: [UInt8], _ tag: String) -> SIPResponse {
    var response = response(200, call, tag: tag)
    response.headers.append(.contentType, InviteOffer.contentType)
    response.body = body
    return response
  }

  /// Every answer to an INVITE names the platforms it came through (Annex H).
  private func response(_ status: Int, _ call: UpwardCall, tag: String) -> SIPResponse {
    var response = SIPResponse(to: call.request, status: status, toTag: tag)
    let lower = call.channel.device
    if let route = RoutePath.answer(at: signalling.platform, lower: lower.isPlatform ? lower : nil) {
      response.headers.append(.routePath, route.description)
    }
    return response
  }

  // MARK: In the call

  /// ACK, BYE or CANCEL that may belong to a call. True when it does.
  func received(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard let callID = request.callID else { return false }
    let isMine = state.withLock { state in
      guard var entry = state.entries[callID] else { return false }
      guard var dialog = entry.dialog else {
        return request.method == .cancel && entry.source.remote.host == source.remote.host
      }
      guard dialog.receive(request, from: source) == .accepted else { return false }
      entry.dialog = dialog
      state.entries[callID] = entry
      return true
    }
    guard isMine else { return false }
    switch request.method {
    case .ack: acknowledged(callID)
    case .bye: Task { await end(callID, because: "superior", tells: false) }
    case .cancel: Task { await fail(callID, 487) }
    default: return false
    }
    return true
  }

  private func acknowledged(_ callID: String) {
    let isFirst = state.withLock { state in
      guard let entry = state.entries[callID], !entry.isAcknowledged else { return false }
      entry.patience?.cancel()
      state.entries[callID]?.isAcknowledged = true
      return entry.relay == nil
    }
    guard isFirst, let camera = find(callID)?.camera else { return }
    Task { await resume(callID, camera, because: "no-stream") }
  }

  /// Sends the stream as it is now.
  private func resume(_ callID: String, _ camera: CameraStream, because reason: String) async {
    guard let stream = await live.readyStream(camera, within: limits.recovery),
      attach(callID, stream) != nil
    else { return await end(callID, because: reason, tells: true) }
  }

  private func attach(_ callID: String, _ stream: StreamID) -> RelayID? {
    guard let request = find(callID)?.request else { return nil }
    do {
      let relay = try plane.attachRelay(stream, request)
      let isWanted = state.withLock { state in
        guard state.entries[callID] != nil else { return false }
        state.entries[callID]?.relay = relay
        state.byRelay[relay] = callID
        return true
      }
      if !isWanted { plane.detachRelay(relay) }
      return isWanted ? relay : nil
    } catch {
      logger.notice(
        "pictures cannot be sent to a superior", metadata: ["sip.call_id": "\(callID)", "error": "\(error)"])
      return nil
    }
  }

  /// Something happened on the media plane.
  func media(_ event: MediaEvent) {
    guard case .relayEnded(let relay, _, _, let end) = event else { return }
    let found = state.withLock { state -> (String, CameraStream)? in
      guard let callID = state.byRelay.removeValue(forKey: relay), let entry = state.entries[callID],
        entry.relay == relay
      else { return nil }
      state.entries[callID]?.relay = nil
      return (callID, entry.camera)
    }
    guard let (callID, camera) = found else { return }
    switch end {
    case .detached: break
    // The camera is called again by itself while somebody wants it.
    case .streamEnded: Task { await resume(callID, camera, because: "stream-lost") }
    case .refused, .disconnected, .notConnected, .stuck:
      Task { await self.end(callID, because: "peer-\(end)", tells: true) }
    }
  }

  // MARK: Ends

  /// Ends what is no longer granted. Call about once a second.
  func sweep() async {
    let lost = state.withLock { state in
      state.entries.filter { !grants.looks($0.value.call.superior.id, $0.value.call.channel) }.map(\.key)
    }
    for callID in lost { await end(callID, because: "revoked", tells: true) }
  }

  func endAll(of superior: DeviceID? = nil) async {
    let all = state.withLock { state in
      state.entries.filter { superior == nil || $0.value.call.superior.id == superior }.map(\.key)
    }
    for callID in all { await end(callID, because: "link", tells: true) }
  }

  /// Refuses a call that has no answer yet.
  func fail(_ callID: String, _ status: Int, warning: String? = nil) async {
    guard let entry = find(callID), entry.dialog == nil else { return }
    var answer = response(status, entry.call, tag: entry.tag)
    if let warning { answer.headers.append(.warning, warning) }
    entry.transaction.respond(answer)
    await end(callID, because: "\(status)", tells: false)
  }

  /// - Parameter tells: whether the superior is sent a BYE.
  func end(_ callID: String, because reason: String, tells: Bool) async {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries.removeValue(forKey: callID) else { return nil }
      if let relay = entry.relay { state.byRelay[relay] = nil }
      state.figures.ended[reason, default: 0] += 1
      return entry
    }
    guard let entry else { return }
    entry.patience?.cancel()
    links.ended(callID, entry.call.superior.id)
    if let relay = entry.relay { plane.detachRelay(relay) }
    if entry.dialog == nil {
      // Preparing: the superior must not wait for an answer.
      entry.transaction.respond(response(487, entry.call, tag: entry.tag))
    } else if tells, var dialog = entry.dialog {
      let target = SIPTarget(entry.source)
      var bye = dialog.request(.bye)
      bye.headers.append(.reason, "SIP ;cause=\(reason == "displaced" ? 486 : 480) ;text=\"\(reason)\"")
      signalling.endpoint?.send(bye, to: target, timeout: .seconds(10)) { _ in }
    }
    if let hold = entry.hold { await live.release(hold) }
    if let look = entry.look { await looks.end(look) }
    logger.info(
      "pictures to a superior ended",
      metadata: [
        "superior.id": "\(entry.call.superior.id)", "channel.id": "\(entry.call.channel)",
        "cause": "\(reason)",
      ])
  }

  // MARK: Small things

  private func find(_ callID: String) -> Entry? { state.withLock { $0.entries[callID] } }
  private func isWanted(_ callID: String) -> Bool { find(callID) != nil }
  private func note(_ callID: String, _ body: (inout Entry) -> Void) {
    state.withLock { state in
      guard var entry = state.entries[callID] else { return }
      body(&entry)
      state.entries[callID] = entry
    }
  }

  private func address(towards host: String) -> String {
    signalling.endpoint?.localAddress(towards: host) ?? host
  }

  /// A number of our own: live, digits of the domain, four at random (§7.3).
  private func ownNumber() -> StreamSSRC {
    let middle = signalling.platform.text.dropFirst(3).prefix(5)
    return StreamSSRC((UInt32(middle) ?? 0) * 10_000 + UInt32.random(in: 1...9_999))
  }

  /// What is sent, in the words of `f=`: advice only.
  private static func format(_ formats: [TrackFormat]) -> MediaFormatLine? {
    let codecs = formats.map(\.codec)
    let video: String? = codecs.contains(.h265) ? "5" : codecs.contains(.h264) ? "2" : nil
    guard let video else { return nil }
    let sound = codecs.contains(.g711A) || codecs.contains(.g711U)
    return MediaFormatLine(
      video: .init(codec: video, resolution: "", frameRate: "", rateType: "", bitRate: ""),
      audio: sound ? .init(codec: "1", bitRate: "8", sampleRate: "1") : nil)
  }
}

extension RelayTransport {
  init(_ path: StreamOffer.Path) {
    switch path {
    case .udp: self = .udp
    case .connect: self = .tcpActive
    case .listen: self = .tcpPassive
    }
  }
}
