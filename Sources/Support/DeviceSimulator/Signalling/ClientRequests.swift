import NIOCore
import SIPCore

/// A device's own requests that wait for their answers. Confined to the signalling event loop.
final class ClientRequests {
  /// The final answer, or nil when none came.
  typealias Completion = (SIPResponse?) -> Void

  private final class Pending {
    let bytes: [UInt8]
    var link: DeviceLink
    let completion: Completion
    var transaction: NonInviteClientTransaction
    var resend: Scheduled<Void>?
    var end: Scheduled<Void>?

    init(_ bytes: [UInt8], over link: DeviceLink, timers: SIPTimers, completion: @escaping Completion) {
      (self.bytes, self.link, self.completion) = (bytes, link, completion)
      transaction = NonInviteClientTransaction(timers: timers, isReliable: link.isReliable)
    }
  }

  private let loop: any EventLoop
  private let timers = SIPTimers()
  private var pending: [String: Pending] = [:]

  init(loop: any EventLoop) { self.loop = loop }

  /// Sends a request, again as often as UDP needs it, and reports its final answer once.
  func send(_ request: SIPRequest, branch: String, over link: DeviceLink, completion: @escaping Completion) {
    let entry = Pending(request.serialised(), over: link, timers: timers, completion: completion)
    pending[branch] = entry
    perform(entry.transaction.start(), branch, nil)
  }

  /// What waits for an answer is repeated over another socket from now on.
  func move(to link: DeviceLink) {
    for entry in pending.values { entry.link = link }
  }

  /// Takes an answer; unknown ones are ignored.
  func received(_ response: SIPResponse) {
    guard let branch = response.via?.branch, let entry = pending[branch] else { return }
    perform(entry.transaction.received(status: response.status), branch, response)
  }

  /// Forgets every request; nobody is told.
  func removeAll() {
    for entry in pending.values {
      entry.resend?.cancel()
      entry.end?.cancel()
    }
    pending = [:]
  }

  private func perform(
    _ action: NonInviteClientTransaction.Action, _ branch: String, _ response: SIPResponse?
  ) {
    guard let entry = pending[branch] else { return }
    switch action {
    case .send(let resend, let giveUp):
      entry.link.send(entry.bytes)
      if let resend { scheduleResend(entry, resend, branch) }
      entry.end = schedule(giveUp) { [weak self] in
        self?.perform(entry.transaction.giveUpTimerFired(), branch, nil)
      }
    case .resend(let next):
      entry.link.send(entry.bytes)
      scheduleResend(entry, next, branch)
    case .deliverFinal:
      // Later copies of the answer find nothing and are ignored: the linger time needs no entry.
      finish(branch)
      entry.completion(response)
    case .giveUp, .fail:
      finish(branch)
      entry.completion(nil)
    case .forget:
      finish(branch)
    case .deliverProvisional, .ignore:
      break
    }
  }

  private func scheduleResend(_ entry: Pending, _ delay: Duration, _ branch: String) {
    entry.resend = schedule(delay) { [weak self] in
      self?.perform(entry.transaction.resendTimerFired(), branch, nil)
    }
  }

  private func finish(_ branch: String) {
    guard let entry = pending.removeValue(forKey: branch) else { return }
    entry.resend?.cancel()
    entry.end?.cancel()
  }

  private func schedule(_ delay: Duration, _ body: @escaping () -> Void) -> Scheduled<Void> {
    let bound = NIOLoopBound(body, eventLoop: loop)
    return loop.scheduleTask(in: TimeAmount(delay)) { bound.value() }
  }
}
