/// The server side of one INVITE transaction (RFC 3261 §17.2.1 as corrected by RFC 6026), with the
/// repetition of the 2xx that §13.3.1.4 asks of the user agent.
///
/// ```text
///   request, delivered by the owner
///      │
///      ▼
///  ┌────────────┐◄─┐ 1xx: send, request again: repeat
///  │ proceeding ├──┘
///  └──┬──────┬──┘
///     │      │ 2xx: send, arm repeat and L
///     │      ▼                    ACK: deliver
///     │   accepted ──────────────────────────────► acknowledged
///     │      │ L: nobody acknowledged                   │ L
///     │      ▼                                          ▼
///     │   terminated ◄──────────────────────────── (forget)
///     │ 3xx–6xx: send, arm G and H                      ▲
///     ▼                       ACK: arm I                │ I
///  completed ─────────────────────────────────────► confirmed
///     │ H: nobody acknowledged
///     ▼
///  terminated
/// ```
public struct InviteServerTransaction: ~Copyable, Sendable {
  public enum Action: Sendable, Equatable {
    /// Send this response and keep its bytes to repeat them.
    case send
    /// Send this final response and keep its bytes. Report ``repeatTimerFired()`` after `repeat`
    /// (nil: never) and ``giveUpTimerFired()`` after `giveUp`.
    case sendFinal(repeat: Duration?, giveUp: Duration)
    /// Send the kept bytes again; report ``repeatTimerFired()`` after `next` unless nil.
    case repeatLatest(next: Duration?)
    /// The ACK of a 2xx: deliver it. The give-up timer goes on running.
    case deliverACK
    /// The ACK of a refusal. Report ``giveUpTimerFired()`` after `linger` instead; `.zero` means forget at
    /// once.
    case absorbACK(linger: Duration)
    /// The final response was never acknowledged: tell the user, who ends the call, and forget.
    case unacknowledged
    /// A response could not be sent: tell the user and forget.
    case fail
    case forget
    case ignore(TransactionIgnoreReason)
  }

  private enum State {
    case proceeding(hasAnswered: Bool)
    case accepted(interval: Duration)
    case acknowledged
    case completed(interval: Duration)
    case confirmed
    case terminated
  }

  private var state = State.proceeding(hasAnswered: false)
  private let timers: SIPTimers
  private let isReliable: Bool

  public init(timers: SIPTimers, isReliable: Bool) {
    self.timers = timers
    self.isReliable = isReliable
  }

  /// No response of any kind was given yet: a 100 is due (§17.2.1).
  public var needsTrying: Bool {
    switch state {
    case .proceeding(let hasAnswered): !hasAnswered
    case .accepted, .acknowledged, .completed, .confirmed, .terminated: false
    }
  }

  /// A CANCEL can still have an effect (§9.2).
  public var isPending: Bool {
    switch state {
    case .proceeding: true
    case .accepted, .acknowledged, .completed, .confirmed, .terminated: false
    }
  }

  /// The INVITE arrived again.
  public mutating func receivedAgain() -> Action {
    switch state {
    case .proceeding(let hasAnswered):
      hasAnswered ? .repeatLatest(next: nil) : .ignore(.nothingToRepeat)
    case .completed: .repeatLatest(next: nil)
    // The 2xx is repeated by its own timer (RFC 6026 §7.1).
    case .accepted, .acknowledged, .confirmed: .ignore(.duplicate)
    case .terminated: .ignore(.terminated)
    }
  }

  /// The user gave a response with this status.
  public mutating func respond(status: Int) -> Action {
    switch state {
    case .proceeding:
      if status < 200 {
        state = .proceeding(hasAnswered: true)
        return .send
      }
      state = status < 300 ? .accepted(interval: timers.t1) : .completed(interval: timers.t1)
      return .sendFinal(repeat: isReliable ? nil : timers.t1, giveUp: timers.giveUp)
    case .accepted, .acknowledged, .completed, .confirmed: return .ignore(.alreadyAnswered)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer G, or its twin for the 2xx.
  public mutating func repeatTimerFired() -> Action {
    guard !isReliable else { return .ignore(.timerNotArmed) }
    switch state {
    case .accepted(let interval):
      let next = timers.next(after: interval)
      state = .accepted(interval: next)
      return .repeatLatest(next: next)
    case .completed(let interval):
      let next = timers.next(after: interval)
      state = .completed(interval: next)
      return .repeatLatest(next: next)
    case .proceeding, .acknowledged, .confirmed: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// An ACK for this INVITE arrived.
  public mutating func receivedACK() -> Action {
    switch state {
    case .accepted:
      state = .acknowledged
      return .deliverACK
    case .completed:
      state = isReliable ? .terminated : .confirmed
      return .absorbACK(linger: isReliable ? .zero : timers.t4)
    case .acknowledged, .confirmed: return .ignore(.duplicate)
    case .proceeding: return .ignore(.unexpected)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer H, I or L, whichever was armed last.
  public mutating func giveUpTimerFired() -> Action {
    switch state {
    case .accepted, .completed:
      state = .terminated
      return .unacknowledged
    case .acknowledged, .confirmed:
      state = .terminated
      return .forget
    case .proceeding: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  public mutating func transportFailed() -> Action {
    switch state {
    case .proceeding, .accepted, .completed:
      state = .terminated
      return .fail
    case .acknowledged, .confirmed:
      state = .terminated
      return .forget
    case .terminated: return .ignore(.terminated)
    }
  }
}
