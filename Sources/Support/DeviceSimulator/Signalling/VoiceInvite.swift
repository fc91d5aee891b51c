import NIOCore
import SIPCore

/// An INVITE that a device sends: for the voice of a broadcast. On the signalling event loop.
///
/// Proof for @unchecked: everything mutable is touched on that loop only.
final class VoiceInvite: @unchecked Sendable {
  let request: SIPRequest
  let branch: String
  private let link: DeviceLink
  private let loop: any EventLoop
  /// The final answer, nil when none came.
  private let completion: (SIPResponse?) -> Void
  private var transaction: InviteClientTransaction
  private var timers: [Scheduled<Void>] = []
  private var acknowledgement: [UInt8]?

  init(
    _ request: SIPRequest, branch: String, over link: DeviceLink, on loop: any EventLoop,
    completion: @escaping (SIPResponse?) -> Void
  ) {
    (self.request, self.branch, self.link, self.loop) = (request, branch, link, loop)
    self.completion = completion
    transaction = InviteClientTransaction(timers: SIPTimers(), isReliable: link.isReliable)
  }

  func start() { perform(transaction.start(), nil) }

  /// Acknowledges the 200, now and whenever it comes again.
  func acknowledge(_ ack: SIPRequest) {
    acknowledgement = ack.serialised()
    if let acknowledgement { link.send(acknowledgement) }
  }

  func stop() {
    for timer in timers { timer.cancel() }
    timers = []
  }

  /// - Returns: whether the answer was to this INVITE.
  func received(_ response: SIPResponse) -> Bool {
    guard response.via?.branch == branch, response.cseq?.method == .invite else { return false }
    perform(transaction.received(status: response.status), response)
    return true
  }

  private func perform(_ action: InviteClientTransaction.Action, _ response: SIPResponse?) {
    switch action {
    case .send(let resend, let giveUp):
      link.send(request.serialised())
      if let resend { later(resend) { [weak self] in self?.fire() } }
      later(giveUp) { [weak self] in
        guard let self else { return }
        perform(transaction.giveUpTimerFired(), nil)
      }
    case .resend(let next):
      link.send(request.serialised())
      later(next) { [weak self] in self?.fire() }
    case .deliverSuccess: completion(response)
    case .acknowledgeAndDeliver:
      if let response { acknowledge(request.acknowledgement(of: response)) }
      completion(response)
    case .repeatACK: if let acknowledgement { link.send(acknowledgement) }
    case .giveUp, .fail: completion(nil)
    case .deliverProvisional, .forget, .ignore: break
    }
  }

  private func fire() { perform(transaction.resendTimerFired(), nil) }

  private func later(_ delay: Duration, _ body: @escaping () -> Void) {
    let bound = NIOLoopBound(body, eventLoop: loop)
    timers.append(loop.scheduleTask(in: TimeAmount(delay)) { bound.value() })
  }
}
