/// The server side of one non-INVITE transaction (RFC 3261 §17.2.2).
///
/// The owner keeps the bytes of the latest response; this machine says when to send them.
///
/// ```text
///   request, delivered by the owner
///      │
///      ▼
///   trying ──1xx: send──► proceeding ◄─┐ 1xx: send, request again: repeat
///      │                    │     └────┘
///      └──── 2xx–6xx: send, keep for J ┐
///                                      ▼
///                                  completed ◄─┐ request again: repeat
///                                      │   └───┘
///                                      │ J, or the transport failed
///                                      ▼
///                                  terminated
/// ```
public struct NonInviteServerTransaction: ~Copyable, Sendable {
  public enum Action: Sendable, Equatable {
    /// Send this response and keep its bytes to repeat them.
    case send
    /// Send this response, keep its bytes, and report ``keepTimerFired()`` after `keep`;
    /// `.zero` means forget at once.
    case sendFinal(keep: Duration)
    /// Send the kept bytes again.
    case repeatLatest
    /// The response could not be sent: tell the user and forget the transaction.
    case fail
    case forget
    case ignore(TransactionIgnoreReason)
  }

  private enum State {
    case trying
    case proceeding
    case completed
    case terminated
  }

  private var state = State.trying
  private let keep: Duration

  public init(timers: SIPTimers, isReliable: Bool) {
    keep = isReliable ? .zero : timers.giveUp
  }

  /// The same request arrived again.
  public mutating func receivedAgain() -> Action {
    switch state {
    case .trying: .ignore(.nothingToRepeat)
    case .proceeding, .completed: .repeatLatest
    case .terminated: .ignore(.terminated)
    }
  }

  /// The user gave a response with this status.
  public mutating func respond(status: Int) -> Action {
    switch state {
    case .trying, .proceeding:
      if status < 200 {
        state = .proceeding
        return .send
      }
      state = keep == .zero ? .terminated : .completed
      return .sendFinal(keep: keep)
    case .completed: return .ignore(.alreadyAnswered)
    case .terminated: return .ignore(.terminated)
    }
  }

  /// Timer J.
  public mutating func keepTimerFired() -> Action {
    switch state {
    case .completed:
      state = .terminated
      return .forget
    case .trying, .proceeding: return .ignore(.timerNotArmed)
    case .terminated: return .ignore(.terminated)
    }
  }

  public mutating func transportFailed() -> Action {
    switch state {
    case .trying, .proceeding, .completed:
      state = .terminated
      return .fail
    case .terminated: return .ignore(.terminated)
    }
  }
}
