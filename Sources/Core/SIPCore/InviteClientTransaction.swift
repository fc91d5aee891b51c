/// The client side of one INVITE transaction (RFC 3261 §17.1.1 as corrected by RFC 6026).
///
/// ```text
///  start: send, arm A and B
///     │    A: send again, twice the interval
///     ▼    ┌──┐
///  ┌───────┴──▼┐  1xx: deliver   ┌────────────┐◄─┐
///  │  calling  ├────────────────►│ proceeding ├──┘ 1xx: deliver
///  └─┬──┬───┬──┘                 └──┬──────┬──┘
///  B │  │   └──────── 2xx: deliver ─┼──────┴───────┐
///    │  │ 3xx–6xx: deliver, ACK, arm D             │ arm M
///    │  ▼                           ▼              ▼
///    │ ┌────────────────────────────────┐   ┌──────────────┐
///    │ │ completed  again: repeat ACK   │   │   accepted   │ 2xx again: repeat ACK
///    │ └───────────────┬────────────────┘   └──────┬───────┘
///    │                 │ D                         │ M
///    └──────────► terminated ◄─────────────────────┘
/// ```
///
/// In `proceeding` no timer runs: how long a callee may ring is the user's decision.
public struct InviteClientTransaction: ~Copyable, Sendable {
  public enum Action: Sendable, Equatable {
    /// Send the request. Report ``resendTimerFired()`` after `resend` (nil: never) and
    /// ``giveUpTimerFired()`` after `giveUp`.
    case send(resend: Duration?, giveUp: Duration)
    /// Send the request again and report ``resendTimerFired()`` after `next`.
    case resend(next: Duration)
    case deliverProvisional
    /// Deliver the 2xx; its ACK is the user's (RFC 3261 §13.2.2.4). Report ``lingerTimerFired()`` after
    /// `linger`.
    case deliverSuccess(linger: Duration)
    /// Send the ACK of §17.1.1.3 and deliver the response. Report ``lingerTimerFired()`` after `linger`;
    /// `.zero` means forget at once.
    case acknowledgeAndDeliver(linger: Duration)
    /// The final response came again: send the same ACK again, deliver nothing.
    case repeatACK
    /// Nobody answered: tell the user and forget the transaction.
    case giveUp
    /// The transport failed: tell the user and forget the transaction.
    case fail
    case forget
    case ignore(TransactionIgnoreReason)
  }

  private enum State {
    case idle
    case calling(interval: Duration)
    case proceeding
    case accepted
    case completed
    case terminated
  }

  private var state = State.idle
  private let timers: SIPTimers
  private let isReliable: Bool

  public init(timers: SIPTimers, isReliable: Bool) {
    self.timers = timers
    self.isReliable = isReliable
  }

  /// Whether a CANCEL may be sent now: a provisional answer came and no final one (RFC 3261 §9.1).
  public var mayCancel: Bool {
    switch state {
    case .proceeding: true
    case .idle, .calling, .accepted, .completed, .terminated: false
    }
  }

  /// Whether a final answer came, or nothing will.
  public var isOver: Bool {
    switch state {
    case .accepted, .completed, .terminated: true
    case .idle, .calling, .proceeding: false
    }
  }

  public mutating func start() -> Action {
    switch state {
    case .idle:
      state = .calling(interval: timers.t1)
      return .send(resend: isReliable ? nil : timers.t1, giveUp: timers.giveUp)
    case .calling, .proceeding, .accepted, .completed: return .ignore(.unexpected)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer A.
  public mutating func resendTimerFired() -> Action {
    switch state {
    case .calling(let interval):
      guard !isReliable else { return .ignore(.timerNotArmed) }
      state = .calling(interval: interval * 2)
      return .resend(next: interval * 2)
    case .idle, .proceeding, .accepted, .completed: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer B.
  public mutating func giveUpTimerFired() -> Action {
    switch state {
    case .calling:
      state = .terminated
      return .giveUp
    case .idle, .proceeding, .accepted, .completed: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// The user will not wait any longer, for instance because a CANCEL brought no answer (§9.1).
  public mutating func abandon() -> Action {
    switch state {
    case .idle, .calling, .proceeding:
      state = .terminated
      return .giveUp
    case .accepted, .completed: return .ignore(.unexpected)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// A response with this status arrived.
  public mutating func received(status: Int) -> Action {
    switch state {
    case .calling, .proceeding: return firstAnswers(status)
    case .accepted: return (200..<300).contains(status) ? .repeatACK : .ignore(.unexpected)
    case .completed: return status >= 300 ? .repeatACK : .ignore(.unexpected)
    case .idle: return .ignore(.unexpected)
    case .terminated: return .ignore(.terminated)
    }
  }

  private mutating func firstAnswers(_ status: Int) -> Action {
    if status < 200 {
      state = .proceeding
      return .deliverProvisional
    }
    if status < 300 {
      state = .accepted
      return .deliverSuccess(linger: timers.giveUp)
    }
    state = isReliable ? .terminated : .completed
    return .acknowledgeAndDeliver(linger: isReliable ? .zero : timers.giveUp)
  }

  /// Timer D or M.
  public mutating func lingerTimerFired() -> Action {
    switch state {
    case .accepted, .completed:
      state = .terminated
      return .forget
    case .idle, .calling, .proceeding: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  public mutating func transportFailed() -> Action {
    switch state {
    case .idle, .calling, .proceeding:
      state = .terminated
      return .fail
    case .accepted, .completed:
      state = .terminated
      return .forget
    case .terminated: return .ignore(.terminated)
    }
  }
}
