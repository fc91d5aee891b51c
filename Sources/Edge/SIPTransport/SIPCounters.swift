/// What an endpoint has done since it started.
public struct SIPCounters: Sendable, Equatable {
  public var datagramsIn: UInt64 = 0
  public var datagramsOut: UInt64 = 0
  public var requestsIn: UInt64 = 0
  public var responsesIn: UInt64 = 0
  public var requestsOut: UInt64 = 0
  public var responsesOut: UInt64 = 0
  /// Bytes or messages that could not be read or lacked what every message needs.
  public var malformed: UInt64 = 0
  /// Line ends and NULs between messages.
  public var keepAlives: UInt64 = 0
  /// Requests of known scanning tools, dropped.
  public var scanners: UInt64 = 0
  /// Junk that was only counted because its source sent too much of it.
  public var suppressedJunk: UInt64 = 0
  /// Requests that had been received before.
  public var retransmissionsIn: UInt64 = 0
  /// Requests and responses sent again.
  public var retransmissionsOut: UInt64 = 0
  /// Responses and ACKs that belong to nothing.
  public var strays: UInt64 = 0
  /// Requests that nobody answered in time.
  public var timeouts: UInt64 = 0
  public var sendFailures: UInt64 = 0
  public var connectionsAccepted: UInt64 = 0
  public var connectionsRefused: UInt64 = 0
  public var connectionsOpened: UInt64 = 0
  /// Answered transactions forgotten early to bound memory.
  public var evictedTransactions: UInt64 = 0

  /// Connections to the TLS port that never came to speak SIP.
  public var handshakesFailed: UInt64 = 0

  /// TCP and TLS connections open now.
  public var connections = 0
  /// Requests that wait for a final response now.
  public var clientTransactions = 0
  /// Requests received that are unanswered or kept to answer retransmissions now.
  public var serverTransactions = 0
}
