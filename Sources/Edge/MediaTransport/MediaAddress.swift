import CMediaIO

/// An IP address and port of a media peer. IPv4 and IPv6 compare by value; no text is made until asked for.
public struct MediaAddress: Hashable, Sendable, CustomStringConvertible, BitwiseCopyable {
  private let high: UInt64
  private let low: UInt64
  /// 0…65 535.
  public let port: UInt16
  private let scope: UInt16

  /// - Returns: nil unless `host` is an IPv4 or IPv6 address in text form. Names are never resolved here.
  public init?(host: String, port: UInt16) {
    var parsed = tio_address()
    guard tio_parse_address(host, port, &parsed) == 0 else { return nil }
    self.init(parsed)
  }

  init(_ address: tio_address) {
    (high, low) = withUnsafeBytes(of: address.bytes) {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    port = address.port
    scope = address.scope
  }

  /// The form that the system calls take.
  var native: tio_address {
    var address = tio_address()
    withUnsafeMutableBytes(of: &address.bytes) {
      $0.storeBytes(of: high, as: UInt64.self)
      $0.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
    }
    address.port = port
    address.scope = scope
    return address
  }

  /// The same address with another port.
  func with(port: UInt16) -> MediaAddress {
    var address = native
    address.port = port
    return MediaAddress(address)
  }

  /// Whether it is `0.0.0.0` or `::`, which names no machine.
  var isUnspecified: Bool {
    var address = native
    return tio_is_any(&address)
  }

  /// Whether both name the same machine, whatever the port.
  public func isSameHost(as other: MediaAddress) -> Bool { high == other.high && low == other.low }

  /// The address without port, as text.
  public var host: String {
    var address = native
    var text = [CChar](repeating: 0, count: 64)
    guard tio_format_host(&address, &text, text.count) == 0 else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `host:port`, IPv6 in brackets.
  public var description: String {
    let host = host
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
