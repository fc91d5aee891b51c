/// What a peer can do wrong; the raw value is its name in scenarios.
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
  /// The final answer to an INVITE comes later.
  case answerDelay = "answer-delay"
  /// An INVITE is refused with a status.
  case inviteRefused = "invite-refused"
  /// The call is set up but nothing is sent.
  case silentMedia = "silent-media"
  /// A media packet gets lost.
  case packetLoss = "packet-loss"
  /// RTP carries another SSRC than the one that was agreed (§7.3: common).
  case wrongSSRC = "wrong-ssrc"
  /// A catalog query is answered by 200 and then by nothing.
  case noCatalog = "no-catalog"

  /// What the value of a fault of this kind means.
  public enum Parameter: Sendable, Hashable {
    case none
    /// A length of time.
    case duration
    /// A SIP status, 300…699.
    case status
  }

  public var parameter: Parameter {
    switch self {
    case .answerDelay: .duration
    case .inviteRefused: .status
    case .silentMedia, .packetLoss, .wrongSSRC, .noCatalog: .none
    }
  }
}
