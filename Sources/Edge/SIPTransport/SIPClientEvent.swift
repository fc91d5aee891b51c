public import SIPCore

/// Names a request that was sent: its Via branch.
public struct SIPBranch: Sendable, Hashable {
  let value: String
}

/// What became of a request. Reported on the endpoint's event loop.
///
/// A request gets any number of provisional events and then exactly one other,
/// with one exception: an INVITE that timed out and is answered 2xx after all
/// reports that too, because it must be acknowledged and ended with BYE.
public enum SIPClientEvent: Sendable {
  case provisional(SIPResponse)
  case final(SIPResponse, SIPSource)
  case timeout
  /// The request could not be sent, or its connection was lost. The text is for the operator.
  case transportError(String)
}

/// The end of a request.
public enum SIPOutcome: Sendable {
  case response(SIPResponse, SIPSource)
  case timeout
  case transportError(String)
}
