import NIOCore
import SIPCore

/// One request of the tester that waits for its answer. Confined to the peer's loop.
final class PendingRequest {
  private let request: SIPRequest
  private let bytes: [UInt8]
  private let loop: any EventLoop
  private let promise: EventLoopPromise<ConformPeer.Reply>
  private let onSend: ([UInt8]) -> Void
  private let isInvite: Bool
  private var plain: NonInviteClientTransaction
  private var invite: InviteClientTransaction
  private var timers: [Scheduled<Void>] = []
  private var isAnswered = false

  init(
    _ request: SIPRequest, bytes: [UInt8], isReliable: Bool, timers: SIPTimers, loop: any EventLoop,
    onSend: @escaping ([UInt8]) -> Void
  ) {
    (self.request, self.bytes, self.loop) = (request, bytes, loop)
    promise = loop.makePromise()
    self.onSend = onSend
    isInvite = request.method == .invite
    plain = NonInviteClientTransaction(timers: timers, isReliable: isReliable)
    invite = InviteClientTransaction(timers: timers, isReliable: isReliable)
  }

  /// The final answer, or that none came in time.
  var reply: EventLoopFuture<ConformPeer.Reply> { promise.futureResult }

  func start(patience: Duration) {
    after(patience) { [weak self] in self?.answer(.silence) }
    if isInvite {
      if case .send(let resend, _) = invite.start() { first(resend) }
    } else if case .send(let resend, _) = plain.start() {
      first(resend)
    }
  }

  private func first(_ resend: Duration?) {
    onSend(bytes)
    if let resend { scheduleResend(resend) }
  }

  private func scheduleResend(_ delay: Duration) {
    after(delay) { [weak self] in
      guard let self else { return }
      if isInvite {
        if case .resend(let next) = invite.resendTimerFired() { repeated(next) }
      } else if case .resend(let next) = plain.resendTimerFired() {
        repeated(next)
      }
    }
  }

  private func repeated(_ next: Duration) {
    onSend(bytes)
    scheduleResend(next)
  }

  /// - Returns: whether the transaction is over and may be forgotten.
  func received(_ response: SIPResponse) -> Bool {
    guard isInvite else {
      if case .deliverFinal = plain.received(status: response.status) { answer(.response(response)) }
      return false
    }
    switch invite.received(status: response.status) {
    case .deliverSuccess: answer(.response(response))
    case .acknowledgeAndDeliver:
      onSend(request.acknowledgement(of: response).serialised())
      answer(.response(response))
    case .repeatACK where response.status >= 300:
      onSend(request.acknowledgement(of: response).serialised())
    case .repeatACK, .send, .resend, .deliverProvisional, .giveUp, .fail, .forget, .ignore: break
    }
    return false
  }

  private func answer(_ reply: ConformPeer.Reply) {
    guard !isAnswered else { return }
    isAnswered = true
    promise.succeed(reply)
    if case .silence = reply { for timer in timers { timer.cancel() } }
  }

  func end() {
    for timer in timers { timer.cancel() }
    answer(.silence)
  }

  private func after(_ delay: Duration, _ body: @escaping () -> Void) {
    let bound = NIOLoopBound(body, eventLoop: loop)
    timers.append(loop.scheduleTask(in: TimeAmount(delay)) { bound.value() })
  }
}

/// The tester's side of an INVITE that it received. Confined to the peer's loop.
final class CalleeTransaction {
  let localTag = Token.random()
  private let request: SIPRequest
  private let loop: any EventLoop
  private let onSend: ([UInt8]) -> Void
  private var transaction: InviteServerTransaction
  private var latest: [UInt8] = []
  private var timer: Scheduled<Void>?
  private(set) var isAcknowledged = false

  init(
    _ request: SIPRequest, timers: SIPTimers, route: Route, loop: any EventLoop,
    onSend: @escaping ([UInt8]) -> Void
  ) {
    (self.request, self.loop, self.onSend) = (request, loop, onSend)
    transaction = InviteServerTransaction(timers: timers, isReliable: route.wire.kind.isReliable)
  }

  /// The same INVITE again, not a new one in the dialog.
  func isRepeat(_ other: SIPRequest) -> Bool { other.cseq == request.cseq && !isAcknowledged }

  func respond(_ status: Int, _ bytes: [UInt8]) {
    latest = bytes
    switch transaction.respond(status: status) {
    case .send: onSend(bytes)
    case .sendFinal(let again, _):
      onSend(bytes)
      if let again { scheduleRepeat(again) }
    case .repeatLatest, .deliverACK, .absorbACK, .unacknowledged, .fail, .forget, .ignore: break
    }
  }

  func receivedAgain() { if case .repeatLatest = transaction.receivedAgain() { onSend(latest) } }

  func receivedACK() {
    isAcknowledged = true
    timer?.cancel()
    _ = transaction.receivedACK()
  }

  func end() { timer?.cancel() }

  private func scheduleRepeat(_ delay: Duration) {
    let bound = NIOLoopBound(self, eventLoop: loop)
    timer = loop.scheduleTask(in: TimeAmount(delay)) {
      let call = bound.value
      guard case .repeatLatest(let next) = call.transaction.repeatTimerFired() else { return }
      call.onSend(call.latest)
      if let next { call.scheduleRepeat(next) }
    }
  }
}
