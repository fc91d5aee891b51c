public import SIPCore

/// How a peer's signalling reaches us.
public enum SignallingTransport: String, Sendable, Hashable, CaseIterable {
  case udp, tcp, tls
}

/// A host and port as seen on packets.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
  /// A numeric IPv4 or IPv6 address, without brackets.
  public var host: String
  /// 1…65 535; 0 when unknown.
  public var port: Int

  public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

  /// `192.0.2.20:5060`, with brackets around IPv6.
  public var description: String { host.utf8.contains(58) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Parses ``description``.
  public init?(_ text: some StringProtocol) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }
}

/// Degrees on WGS-84.
public struct GeoPosition: Sendable, Hashable {
  /// −180…180
  public var longitude: Double
  /// −90…90
  public var latitude: Double

  /// - Returns: nil for coordinates off the globe and for 0,0, which devices send when they do not know.
  public init?(longitude: Double, latitude: Double) {
    guard longitude.isFinite, latitude.isFinite, abs(longitude) <= 180, abs(latitude) <= 90,
      longitude != 0 || latitude != 0
    else { return nil }
    (self.longitude, self.latitude) = (longitude, latitude)
  }
}

extension PeerAddress {
  public init(_ peer: SIPHostPort) { self.init(host: peer.host, port: peer.port) }

  public var sipHostPort: SIPHostPort { SIPHostPort(host: host, port: port) }
}

extension SignallingTransport {
  public init(_ kind: SIPTransportKind) {
    switch kind {
    case .udp: self = .udp
    case .tcp: self = .tcp
    case .tls: self = .tls
    }
  }

  public var sipTransport: SIPTransportKind {
    switch self {
    case .udp: .udp
    case .tcp: .tcp
    case .tls: .tls
    }
  }
}
