public import MediaTime
public import SIPCore

/// How a ``SIPEndpoint`` listens and what it limits.
public struct SIPEndpointConfiguration: Sendable {
  /// An IP address; `0.0.0.0` or `::` for all.
  public var host: String
  /// Also speak SIP over TLS, on a port of its own; nil does not.
  public var tls: SIPTLSConfiguration?
  /// UDP and TCP port; 0 takes a port that is free for both.
  public var port: Int
  public var timers = SIPTimers()
  /// Put into messages that have no `User-Agent`; nil adds none.
  public var userAgent: String? = "Tributary"
  /// Addresses to write into Via, Contact and SDP instead of the routed local one, for hosts behind NAT.
  public var advertised: [String] = []
  /// Bytes of the kernel's receive and send buffers for UDP.
  public var socketBuffer = 4 * 1024 * 1024
  /// Answered transactions kept to answer retransmissions; the oldest goes first.
  public var answeredTransactions = 65_536
  /// TCP connections open at once.
  public var connections = 20_000
  /// Bytes of unfinished messages held for all TCP connections together.
  public var streamBuffer = 256 * 1024 * 1024
  /// A connection that brought no message for this long after opening is closed.
  public var silentConnection = Duration.seconds(30)
  /// Opening a TCP connection may take this long.
  public var connectTimeout = Duration.seconds(5)
  /// Junk from one host that is answered or traced within ten seconds; more is only counted.
  public var junkPerSource = 10

  /// Sees every message and every piece of junk that is not suppressed, on the endpoint's event loop.
  public var onTrace: (@Sendable (SIPTraceEntry) -> Void)?
  /// The last look at a request that is sent, but for ACK and CANCEL, before Via and the like are added; with the
  /// address it goes to. On the event loop.
  public var onSend: (@Sendable (inout SIPRequest, SIPHostPort) -> Void)?
  /// A TCP connection is gone, on the endpoint's event loop.
  public var onConnectionClosed: (@Sendable (SIPConnectionID, SIPHostPort) -> Void)?
  /// A TLS handshake failed: with whom, and why in the library's words. On the event loop, and no more often than
  /// junk is traced.
  public var onHandshakeFailed: (@Sendable (SIPHostPort, String) -> Void)?
  /// A response that an INVITE got was never acknowledged: the call must be ended. On the event loop.
  public var onUnacknowledged: (@Sendable (SIPRequest, SIPSource) -> Void)?

  public init(host: String = "0.0.0.0", port: Int = 5060) {
    self.host = host
    self.port = port
  }
}

/// How an endpoint speaks SIP over TLS: 1.2 or later, certificates of devices are not asked for.
public struct SIPTLSConfiguration: Sendable, Equatable {
  /// An IP address; `0.0.0.0` or `::` for all.
  public var host: String
  /// 0 takes a free one.
  public var port: Int
  /// Path of a PEM file: the platform's own certificate first, then those that lead to one that devices trust.
  public var certificate: String
  /// Path of the PEM file of its private key, not encrypted.
  public var key: String

  public init(host: String = "0.0.0.0", port: Int = 5061, certificate: String, key: String) {
    (self.host, self.port, self.certificate, self.key) = (host, port, certificate, key)
  }
}

/// One message as it was on the wire, for the message ladder.
public struct SIPTraceEntry: Sendable {
  public enum Direction: String, Sendable {
    case incoming = "in"
    case outgoing = "out"
  }

  public var direction: Direction
  public var transport: SIPTransportKind
  public var remote: SIPHostPort
  public var time: WallTime
  public var bytes: [UInt8]
}

/// Why an endpoint could not start.
public struct SIPEndpointError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    case addressInUse
    case notPermitted
    case badAddress
    case alreadyStarted
    /// The certificate or its key cannot be used.
    case badCertificate
    case other
  }

  public let code: Code
  /// For the operator: names the address and port.
  public let description: String
}
