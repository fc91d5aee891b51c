/// The base values of the transaction timers (RFC 3261 §17.1.1.1 and table 4).
public struct SIPTimers: Sendable, Hashable {
  /// Round-trip estimate: the first retransmission interval.
  public var t1: Duration
  /// The longest retransmission interval of non-INVITE requests and INVITE responses.
  public var t2: Duration
  /// How long a message may stay in the network.
  public var t4: Duration

  public init(
    t1: Duration = .milliseconds(500), t2: Duration = .seconds(4), t4: Duration = .seconds(5)
  ) {
    self.t1 = t1
    self.t2 = t2
    self.t4 = t4
  }

  /// `64 × T1`: timers B, F, H, J, L and M. 32 s by default.
  public var giveUp: Duration { t1 * 64 }

  func next(after interval: Duration) -> Duration { min(interval * 2, t2) }
}

/// Why an event changed nothing. For counters and tests, not for control flow.
public enum TransactionIgnoreReason: Sendable, Equatable {
  /// The request came again before there was anything to answer.
  case nothingToRepeat
  /// A second final answer; the first stands (RFC 3261 §17.2).
  case alreadyAnswered
  /// The message was seen before and needs no action.
  case duplicate
  /// The timer belongs to a state that is over.
  case timerNotArmed
  /// The message makes no sense in this state.
  case unexpected
  case terminated
}
