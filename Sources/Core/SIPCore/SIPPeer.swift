/// A host and a port. The host is an IP address or a name, IPv6 without brackets.
public struct SIPHostPort: Sendable, Hashable, CustomStringConvertible {
  public var host: String
  /// 0…65535.
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String { Self.bracketed(host) + ":" + String(port) }

  static func bracketed(_ host: String) -> String {
    host.utf8.contains(ASCII.colon) && host.utf8.first != 91 ? "[" + host + "]" : host
  }

  /// Reads `host`, `host:port` or `[v6]:port` at the start of `range`.
  ///
  /// A port that is empty or out of range is taken as absent: devices write `host:` and `:70000`.
  static func read(_ span: Span<UInt8>, _ range: Range<Int>) -> (host: String, port: Int?, next: Int)? {
    guard let (host, end) = hostRange(span, range) else { return nil }
    var index = end
    var port: Int?
    var after = index
    while after < range.upperBound, ASCII.isBlank(span[after]) { after += 1 }
    if after < range.upperBound, span[after] == ASCII.colon {
      after += 1
      while after < range.upperBound, ASCII.isBlank(span[after]) { after += 1 }
      let start = after
      while after < range.upperBound, ASCII.isDigit(span[after]) { after += 1 }
      if let value = ASCII.decimal(span, start..<after), value <= 65_535 { port = value }
      index = after
    }
    return (ASCII.text(span, host), port, index)
  }

  /// Whether ``read(_:_:)`` would find a host.
  static func hasHost(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool { hostRange(span, range) != nil }

  /// The host at the start of `range` without brackets, and where it ends; nil when it is empty.
  private static func hostRange(
    _ span: Span<UInt8>, _ range: Range<Int>
  ) -> (host: Range<Int>, end: Int)? {
    guard let first = range.first else { return nil }
    var index = first
    var host: Range<Int>
    if span[first] == 91 {
      guard let close = range.first(where: { span[$0] == 93 }) else { return nil }
      host = first + 1..<close
      index = close + 1
    } else {
      while index < range.upperBound, isHost(span[index]) { index += 1 }
      host = first..<index
    }
    host = ASCII.trimmed(span, host)
    return host.isEmpty ? nil : (host, index)
  }

  private static func isHost(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...32, ASCII.colon, ASCII.semicolon, ASCII.question, ASCII.greater, ASCII.comma: false
    default: true
    }
  }
}

/// The transports of this platform. A request may go out on the one its peer used last.
public enum SIPTransportKind: String, Sendable, Hashable {
  case udp = "UDP"
  case tcp = "TCP"
  /// TLS over TCP.
  case tls = "TLS"

  public var isReliable: Bool { self != .udp }

  /// The value of a URI's `transport` parameter; nil for UDP, which its absence means (RFC 3261 §19.1.1).
  public var uriParameter: String? {
    switch self {
    case .udp: nil
    case .tcp: "tcp"
    case .tls: "tls"
    }
  }
}

/// One accepted or opened TCP or TLS connection. Never reused while the process lives.
public struct SIPConnectionID: Sendable, Hashable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }
}

/// Where a message came from: the only address of a device that can be believed (reference §1.6).
public struct SIPSource: Sendable, Hashable {
  public var transport: SIPTransportKind
  public var remote: SIPHostPort
  /// The local address that received it; its host may be unspecified on UDP.
  public var local: SIPHostPort
  /// The TCP or TLS connection, nil on UDP.
  public var connection: SIPConnectionID?

  public init(
    transport: SIPTransportKind, remote: SIPHostPort, local: SIPHostPort, connection: SIPConnectionID? = nil
  ) {
    self.transport = transport
    self.remote = remote
    self.local = local
    self.connection = connection
  }
}

/// Where to send a request.
public enum SIPTarget: Sendable, Hashable {
  case udp(SIPHostPort)
  /// A connection that is already open. If it is gone the request fails at once.
  case connection(SIPConnectionID)
  /// Opens a connection, or uses one that is open to the same address.
  case tcp(SIPHostPort)
  /// The TLS connection that this address opened. A platform opens none: a device has no certificate to show.
  case tls(SIPHostPort)

  /// Back where a message came from.
  public init(_ source: SIPSource) {
    switch source.transport {
    case .udp: self = .udp(source.remote)
    case .tcp: self = source.connection.map(SIPTarget.connection) ?? .tcp(source.remote)
    case .tls: self = source.connection.map(SIPTarget.connection) ?? .tls(source.remote)
    }
  }

  /// Whether requests need not be repeated on the way there.
  public var isReliable: Bool {
    switch self {
    case .udp: false
    case .connection, .tcp, .tls: true
    }
  }
}
