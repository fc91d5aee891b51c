import GBCore
import NIOCore
import SIPCore

/// One INVITE dialog of a camera.
///
/// Proof for @unchecked: everything mutable is touched on the signalling event loop only.
///
/// ```text
///  answering ──200──► confirming ──ACK──► running ──BYE (either side)──► ended
///      │ refusal                │ no ACK in 32 s
///      └──────► ended ◄─────────┘
/// ```
final class SimulatedCall: @unchecked Sendable {
  enum State { case answering, confirming, running, ended }

  let callID: String
  let channel: DeviceID
  /// The INVITE, to make responses and the BYE from.
  let request: SIPRequest
  let localTag: String
  private(set) var state = State.answering
  var leg: MediaLeg?
  /// For recorded material.
  var player: OnBoardPlayer?
  /// When a paused replay is hung up.
  var pauseEnd: Scheduled<Void>?

  /// Ends the call without being asked to.
  var byItself: Scheduled<Void>?
  private let userAgent: String
  private var link: DeviceLink
  private let loop: any EventLoop
  private var transaction: InviteServerTransaction
  private var latest: [UInt8] = []
  private var timer: Scheduled<Void>?
  private var end: Scheduled<Void>?
  /// Told when nobody acknowledges the answer.
  private let onAbandoned: () -> Void

  init(
    _ request: SIPRequest, callID: String, channel: DeviceID, userAgent: String, tag: String,
    link: DeviceLink, loop: any EventLoop, onAbandoned: @escaping () -> Void
  ) {
    (self.request, self.callID, self.channel, self.link, self.loop) = (request, callID, channel, link, loop)
    self.userAgent = userAgent
    self.onAbandoned = onAbandoned
    localTag = tag
    transaction = InviteServerTransaction(timers: SIPTimers(), isReliable: link.isReliable)
  }

  /// Gives a response. The first final one counts.
  func respond(_ status: Int, body: [UInt8] = [], contact: SIPURI? = nil) {
    var response = SIPResponse(to: request, status: status, toTag: status == 100 ? nil : localTag)
    if let contact { response.headers.append(.contact, "<\(contact)>") }
    if !body.isEmpty { response.headers.append(.contentType, InviteOffer.contentType) }
    response.headers.append(.userAgent, userAgent)
    response.body = body
    let action = transaction.respond(status: status)
    switch action {
    case .send, .sendFinal:
      latest = response.serialised()
      link.send(latest)
    case .repeatLatest, .deliverACK, .absorbACK, .unacknowledged, .fail, .forget, .ignore:
      break
    }
    guard case .sendFinal(let again, let giveUp) = action else { return }
    state = status < 300 ? .confirming : .ended
    if let again { scheduleRepeat(again) }
    end = schedule(giveUp) { [weak self] in self?.giveUp() }
  }

  /// Answers go over another socket from now on.
  func move(to link: DeviceLink) { self.link = link }

  /// The INVITE came again.
  func receivedAgain() {
    if case .repeatLatest = transaction.receivedAgain() { link.send(latest) }
  }

  /// - Returns: whether media may begin now.
  func acknowledged() -> Bool {
    switch transaction.receivedACK() {
    case .deliverACK:
      timer?.cancel()
      guard state == .confirming else { return false }
      state = .running
      return true
    case .absorbACK:
      timer?.cancel()
      return false
    case .send, .sendFinal, .repeatLatest, .unacknowledged, .fail, .forget, .ignore:
      return false
    }
  }

  /// A CANCEL arrived; true when it still had an effect.
  func cancelled() -> Bool {
    guard transaction.isPending else { return false }
    respond(487)
    return true
  }

  /// Ends the call on this side; says nothing to the peer.
  ///
  /// - Parameter streaming: how long its media go on nevertheless.
  func finish(on mediaLoop: any EventLoop, streaming: Duration = .zero) {
    state = .ended
    timer?.cancel()
    end?.cancel()
    byItself?.cancel()
    pauseEnd?.cancel()
    guard let leg else { return }
    self.leg = nil
    guard streaming > .zero else { return mediaLoop.execute { leg.end() } }
    mediaLoop.scheduleTask(in: TimeAmount(streaming)) { leg.end() }
  }

  private func giveUp() {
    switch transaction.giveUpTimerFired() {
    case .unacknowledged: onAbandoned()
    case .send, .sendFinal, .repeatLatest, .deliverACK, .absorbACK, .fail, .forget, .ignore: break
    }
  }

  private func scheduleRepeat(_ delay: Duration) {
    timer = schedule(delay) { [weak self] in
      guard let self, case .repeatLatest(let next) = transaction.repeatTimerFired() else { return }
      link.send(latest)
      if let next { scheduleRepeat(next) }
    }
  }

  private func schedule(_ delay: Duration, _ body: @escaping () -> Void) -> Scheduled<Void> {
    let bound = NIOLoopBound(body, eventLoop: loop)
    return loop.scheduleTask(in: TimeAmount(delay)) { bound.value() }
  }
}
