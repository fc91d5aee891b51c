/// The client side of one non-INVITE transaction (RFC 3261 §17.1.2).
///
/// The owner keeps the request's bytes and the clock; this machine says when to
/// use them. Every event returns one ``Action``, and no event can trap.
///
/// ```text
///  start: send, arm E and F
///     │        E: send again          E: send again every T2
///     ▼       ┌──┐                   ┌──┐
///  ┌──────────┴──▼┐  1xx: deliver  ┌─┴──▼───────┐
///  │    trying    ├───────────────►│ proceeding │──┐ 1xx: deliver
///  └──────┬───────┘                └─────┬──────┘◄─┘
///         │ 2xx–6xx: deliver, arm K      │ F: give up     transport failed
///         ▼                              ▼                      │
///  ┌──────────────┐  K             ┌────────────┐               │
///  │  completed   ├───────────────►│ terminated │◄──────────────┘
///  └──────────────┘                └────────────┘
/// ```
public struct NonInviteClientTransaction: ~Copyable, Sendable {
  public enum Action: Sendable, Equatable {
    /// Send the request. Report ``resendTimerFired()`` after `resend` (nil: never) and
    /// ``giveUpTimerFired()`` after `giveUp`.
    case send(resend: Duration?, giveUp: Duration)
    /// Send the request again and report ``resendTimerFired()`` after `next`.
    case resend(next: Duration)
    case deliverProvisional
    /// Deliver the response and report ``lingerTimerFired()`` after `linger`; `.zero` means forget at once.
    case deliverFinal(linger: Duration)
    /// Nobody answered: tell the user and forget the transaction.
    case giveUp
    /// The transport failed: tell the user and forget the transaction.
    case fail
    case forget
    case ignore(TransactionIgnoreReason)
  }

  private enum State {
    case idle
    case trying(interval: Duration)
    case proceeding
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

  public mutating func start() -> Action {
    switch state {
    case .idle:
      state = .trying(interval: timers.t1)
      return .send(resend: isReliable ? nil : timers.t1, giveUp: timers.giveUp)
    case .trying, .proceeding, .completed: return .ignore(.unexpected)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer E.
  public mutating func resendTimerFired() -> Action {
    switch state {
    case .trying(let interval):
      guard !isReliable else { return .ignore(.timerNotArmed) }
      let next = timers.next(after: interval)
      state = .trying(interval: next)
      return .resend(next: next)
    case .proceeding: return isReliable ? .ignore(.timerNotArmed) : .resend(next: timers.t2)
    case .idle, .completed: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer F.
  public mutating func giveUpTimerFired() -> Action {
    switch state {
    case .trying, .proceeding:
      state = .terminated
      return .giveUp
    case .idle, .completed: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// A response with this status arrived.
  public mutating func received(status: Int) -> Action {
    switch state {
    case .trying, .proceeding:
      if status < 200 {
        state = .proceeding
        return .deliverProvisional
      }
      state = isReliable ? .terminated : .completed
      return .deliverFinal(linger: isReliable ? .zero : timers.t4)
    case .idle: return .ignore(.unexpected)
    case .completed: return .ignore(.duplicate)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer K.
  public mutating func lingerTimerFired() -> Action {
    switch state {
    case .completed:
      state = .terminated
      return .forget
    case .idle, .trying, .proceeding: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  public mutating func transportFailed() -> Action {
    switch state {
    case .idle, .trying, .proceeding:
      state = .terminated
      return .fail
    case .completed:
      state = .terminated
      return .forget
    case .terminated: return .ignore(.terminated)
    }
  }
}
