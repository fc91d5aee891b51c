import Access
import Federation
import GBCore
import Logging
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Synchronization

/// Places media calls: INVITE, ACK, CANCEL, BYE, and what comes from the other side.
///
/// ```text
///  placed ── 2xx ──► answered (ACK sent) ── hang up ──► BYE
///    │                    └── BYE from the device ──► over
///    ├── refused, silence ──► over
///    └── hang up ──► cancelling ── late 2xx ──► ACK and BYE
/// ```
///
/// Events arrive on the SIP event loop and are decided under one lock, in order.
final class CallService: Calling {
  /// What a person needs to see of a call that did not work.
  struct Record: Sendable {
    var callID: String
    var peer: String
    var sdpSent: String
    var sdpReceived: String?
    var lastStatus: Int?
    /// A provisional answer came.
    var isTrying = false
    /// The device ended the call.
    var wasHungUp = false
  }

  struct Call {
    let channel: ChannelKey
    let callID: String
    let request: SIPRequest
    let offer: InviteOffer
    let target: SIPTarget
    /// Known before the INVITE goes out: the 2xx may be here before sending has returned.
    let branch: SIPBranch
    var dialog: Dialog?
    var isCancelled = false
    /// Orders sent inside the dialog.
    var orders = 0
    let events: @Sendable (CallEvent) -> Void

    /// Recorded material.
    var isHistory: Bool { offer.session != .live }
  }

  struct State {
    var next: UInt64 = 0
    var calls: [CallHandle: Call] = [:]
    var byCallID: [String: CallHandle] = [:]
    /// The latest call of each channel, kept for diagnosis.
    var records: [ChannelKey: Record] = [:]
    /// The platforms that the latest answer about a channel came through.
    var routes: [ChannelKey: RoutePath] = [:]
  }

  /// How long a device may take to answer an INVITE; the pull's own limit is shorter.
  private static let answerLimit: Duration = .seconds(20)

  let signalling: Signalling
  private let directory: DeviceDirectory
  private let edition: @Sendable (DeviceID) -> GBVersion
  private let logger: Logger
  let state = Mutex(State())

  init(signalling: Signalling, directory: DeviceDirectory, logger: Logger) {
    (self.signalling, self.directory, self.logger) = (signalling, directory, logger)
    edition = { directory.edition(of: $0) }
  }

  /// Calls that are being placed or stand.
  var count: Int { state.withLock { $0.calls.count } }

  func record(_ channel: ChannelKey) -> Record? { state.withLock { $0.records[channel] } }

  /// The platforms below that the latest answer about a channel came through; nil where it named none.
  func route(_ channel: ChannelKey) -> RoutePath? { state.withLock { $0.routes[channel] } }

  // MARK: Calling

  func place(_ request: CallRequest, events: @escaping @Sendable (CallEvent) -> Void) async -> CallHandle? {
    let device = request.channel.device
    guard let endpoint = signalling.endpoint, let registration = signalling.registration(of: device) else {
      return nil
    }
    let address = endpoint.localAddress(towards: registration.source.remote.host)
    let settings = directory.device(device)?.settings
    let offer = InviteOffer(
      session: request.session.shifted(by: settings?.inviteTimeOffset ?? 0), platform: signalling.platform,
      channel: request.channel.channel, address: address,
      port: Int(request.port),
      transport: request.path, ssrc: StreamSSRC(request.ssrc), stream: request.streamNumber,
      selector: directory.habits(of: device).streamSelector, edition: edition(device))
    var invite = signalling.outOfDialog(.invite, to: request.channel.channel, at: registration)
    invite.headers.append(.subject, offer.subject.description)
    invite.headers.append(.contentType, InviteOffer.contentType)
    invite.body = offer.body
    signalling.listeners.dress(&invite, request.channel, request.session.operation)
    let callID = invite.callID ?? ""
    let branch = SIPEndpoint.makeBranch()
    let handle = state.withLock { state in
      state.next += 1
      let handle = CallHandle(serial: state.next)
      state.calls[handle] = Call(
        channel: request.channel, callID: callID, request: invite, offer: offer, target: registration.target,
        branch: branch, events: events)
      state.byCallID[callID] = handle
      // The doctor asks after the main stream.
      if request.session == .live, request.streamNumber == nil {
        state.records[request.channel] = Record(
          callID: callID, peer: registration.source.remote.host,
          sdpSent: String(decoding: invite.body, as: UTF8.self))
      }
      return handle
    }
    endpoint.send(invite, branch: branch, to: registration.target, timeout: Self.answerLimit) {
      [weak self] event in
      self?.answered(event, handle)
    }
    // Whoever hung up before the INVITE was on its way cancelled nothing.
    let isLate = state.withLock { $0.calls[handle]?.isCancelled ?? false }
    if isLate { endpoint.cancel(branch) }
    logger.debug(
      "a call was placed",
      metadata: [
        "channel.id": "\(request.channel)", "sip.call_id": "\(callID)",
        "media.path": "\(request.path.rawValue)",
      ])
    return handle
  }

  func hangUp(_ handle: CallHandle) async {
    enum Step {
      case bye(SIPRequest, Call)
      case cancel(SIPBranch)
      case nothing
    }
    let step = state.withLock { state -> Step in
      guard var call = state.calls[handle] else { return .nothing }
      if call.dialog != nil {
        Self.forget(handle, &state)
        return Self.bye(&call).map { .bye($0, call) } ?? .nothing
      }
      // Kept until the INVITE's end is known: a 200 that crosses the CANCEL must be acknowledged and ended.
      call.isCancelled = true
      state.calls[handle] = call
      return .cancel(call.branch)
    }
    switch step {
    case .bye(let request, let call):
      // The device may have registered on another connection since.
      let target = signalling.registration(of: call.channel.device)?.target ?? call.target
      signalling.endpoint?.send(request, to: target, timeout: .seconds(10)) { _ in }
    case .cancel(let branch): signalling.endpoint?.cancel(branch)
    case .nothing: break
    }
  }

  /// BYE for every call that stands, at the end of the program.
  func hangUpAll() async {
    let all = state.withLock { Array($0.calls.keys) }
    for handle in all { await hangUp(handle) }
  }

  // MARK: What the device does

  private func answered(_ event: SIPClientEvent, _ handle: CallHandle) {
    switch event {
    case .provisional: note(handle) { $0.isTrying = true }
    case .timeout, .transportError: end(handle, .noAnswer)
    case .final(let response, let source):
      state.withLock { state in
        if let call = state.calls[handle] { state.routes[call.channel] = response.routePath }
      }
      guard response.isSuccess else {
        note(handle) { $0.lastStatus = response.status }
        // 487 is the answer to our own CANCEL.
        let words = response.headers.values(of: .warning).lazy
          .compactMap { LinkLedger.Refusal.words(inWarning: $0) }.first
        end(handle, words.map { .linkFull($0) } ?? .refused(status: response.status))
        return
      }
      accepted(response, source, handle)
    }
  }

  private func accepted(_ response: SIPResponse, _ source: SIPSource, _ handle: CallHandle) {
    let result = state.withLock { state -> (Call, SIPRequest, SIPRequest?)? in
      guard var call = state.calls[handle], call.dialog == nil,
        var dialog = Dialog(calling: call.request, answeredBy: response, from: source)
      else { return nil }
      dialog.update(with: response, from: source)
      let acknowledgement = dialog.acknowledgement()
      call.dialog = dialog
      guard !call.isCancelled else {
        Self.forget(handle, &state)
        return (call, acknowledgement, Self.bye(&call))
      }
      state.calls[handle] = call
      return (call, acknowledgement, nil)
    }
    guard let (call, acknowledgement, bye) = result, let endpoint = signalling.endpoint else { return }
    endpoint.sendACK(acknowledgement, for: call.branch)
    if let bye {
      endpoint.send(bye, to: call.target, timeout: .seconds(10)) { _ in }
      return
    }
    note(handle) { record in
      record.sdpReceived = String(decoding: response.body, as: UTF8.self)
      record.lastStatus = response.status
    }
    let answer = InviteAnswer(parsing: response.body)
    let agreed = answer.agreement(with: call.offer)
    if let size = answer.fileSize { call.events(.announced(fileSize: size)) }
    call.events(
      .answered(
        ssrc: agreed.ssrcWasChanged ? agreed.ssrc.value : nil, host: agreed.host,
        port: agreed.port.flatMap { UInt16(exactly: $0) },
        connects: agreed.transport == .tcpActive && call.offer.transport == .tcpPassive))
  }

  /// A request that may belong to a call. True when it does.
  func received(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard let callID = request.callID else { return false }
    let ended = state.withLock { state -> (Bool, (@Sendable (CallEvent) -> Void)?) in
      guard let handle = state.byCallID[callID], var call = state.calls[handle], var dialog = call.dialog
      else {
        return (false, nil)
      }
      let verdict = dialog.receive(request, from: source)
      call.dialog = dialog
      state.calls[handle] = call
      guard verdict == .accepted else { return (false, nil) }
      guard request.method == .bye else { return (true, nil) }
      if state.records[call.channel]?.callID == call.callID {
        state.records[call.channel]?.wasHungUp = true
      }
      Self.forget(handle, &state)
      return (true, call.events)
    }
    ended.1?(.hungUp)
    return ended.0
  }

  // MARK: Inside

  private func end(_ handle: CallHandle, _ event: CallEvent) {
    let call = state.withLock { state -> Call? in
      guard let call = state.calls[handle] else { return nil }
      Self.forget(handle, &state)
      return call
    }
    guard let call, !call.isCancelled else { return }
    call.events(event)
  }

  private func note(_ handle: CallHandle, _ body: (inout Record) -> Void) {
    state.withLock { state in
      guard let call = state.calls[handle], var record = state.records[call.channel],
        record.callID == call.callID
      else { return }
      body(&record)
      state.records[call.channel] = record
    }
  }

  static func forget(_ handle: CallHandle, _ state: inout State) {
    if let call = state.calls.removeValue(forKey: handle) { state.byCallID[call.callID] = nil }
  }

  private static func bye(_ call: inout Call) -> SIPRequest? { call.dialog?.request(.bye) }
}

extension InviteOffer.Session {
  /// What must have been granted for it.
  var operation: AccessOperation {
    switch self {
    case .live: .live
    case .playback: .replay
    case .download: .download
    }
  }

  /// The same for a device that takes the times of an INVITE for local time.
  fileprivate func shifted(by seconds: Int) -> Self {
    let shift = Int64(seconds)
    return switch self {
    case .live: .live
    case .playback(let start, let end): .playback(start: start + shift, end: end + shift)
    case .download(let start, let end, let speed):
      .download(start: start + shift, end: end + shift, speed: speed)
    }
  }
}
