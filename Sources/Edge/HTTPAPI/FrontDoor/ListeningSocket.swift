import Glibc

/// Why the HTTP service cannot start. The message is one sentence that says what to do.
public struct HTTPServiceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of obstacle; more may be added.
  public struct Code: Sendable, Hashable {
    let name: String
    /// Another program listens there.
    public static let portOccupied = Code(name: "port-occupied")
    /// The address does not belong to this machine, or is no address.
    public static let addressUnavailable = Code(name: "address-unavailable")
    /// Ports below 1 024 need a privilege.
    public static let notPermitted = Code(name: "not-permitted")
    /// Anything else the system refused.
    public static let system = Code(name: "system")
  }

  public let code: Code
  public let message: String
  public var description: String { message }
}

/// A bound TCP socket that listens. Closed when it goes away.
final class ListeningSocket: Sendable {
  let descriptor: Int32
  /// The port in use, also when 0 was asked for.
  let port: UInt16

  /// - Parameter setting: the configuration key that chooses the address, for the error text.
  init(host: String, port: UInt16, setting: String) throws(HTTPServiceError) {
    var address = try SocketAddress(host: host, port: port, setting: setting)
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure(errno, host, port, setting) }
    Descriptor.prepare(descriptor)
    Descriptor.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    // `::` hears IPv4 as well, whatever the system's default is.
    if address.family == AF_INET6 { Descriptor.set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
    let bound = address.withPointer { bind(descriptor, $0, $1) }
    guard bound == 0, listen(descriptor, 1_024) == 0 else {
      let code = errno
      close(descriptor)
      throw Self.failure(code, host, port, setting)
    }
    address.readLocal(of: descriptor)
    self.descriptor = descriptor
    self.port = address.port
  }

  deinit { close(descriptor) }

  private static func failure(_ code: Int32, _ host: String, _ port: UInt16, _ setting: String)
    -> HTTPServiceError
  {
    let place = "\(host):\(port)"
    switch code {
    case EADDRINUSE:
      return HTTPServiceError(
        code: .portOccupied,
        message: "Another program already listens on \(place): stop it, or set \(setting) to a free port.")
    case EADDRNOTAVAIL:
      return HTTPServiceError(
        code: .addressUnavailable,
        message: "\(host) is not an address of this machine: set \(setting) to one, or to 0.0.0.0.")
    case EACCES, EPERM:
      return HTTPServiceError(
        code: .notPermitted,
        message: "Listening on \(place) is not permitted: set \(setting) to a port above 1023.")
    default:
      return HTTPServiceError(
        code: .system, message: "Cannot listen on \(place): \(String(cString: strerror(code))) (\(setting)).")
    }
  }
}

/// An IPv4 or IPv6 address with a port, in the kernel's form.
struct SocketAddress {
  private var storage = sockaddr_storage()

  init() {}

  init(host: String, port: UInt16, setting: String) throws(HTTPServiceError) {
    var v4 = sockaddr_in()
    var v6 = sockaddr_in6()
    if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
    } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
    } else {
      throw HTTPServiceError(
        code: .addressUnavailable,
        message: "“\(host)” is not an IPv4 or IPv6 address: set \(setting) to one, such as 0.0.0.0.")
    }
  }

  var family: Int32 { Int32(storage.ss_family) }

  var port: UInt16 {
    withUnsafeBytes(of: storage) { bytes in
      UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }

  /// The address as text, an IPv4 address in IPv6 clothes as IPv4; `unknown` when it is neither.
  var host: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let written = withUnsafeBytes(of: storage) { bytes -> Bool in
      guard let base = bytes.baseAddress else { return false }
      let offset = family == AF_INET ? 4 : 8
      guard family == AF_INET || family == AF_INET6 else { return false }
      return inet_ntop(family, base + offset, &text, socklen_t(text.count)) != nil
    }
    guard written else { return "unknown" }
    let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
  }

  mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    let length = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    return withUnsafePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }

  mutating func readLocal(of descriptor: Int32) {
    fill { getsockname(descriptor, $0, $1) }
  }

  /// Accepts one connection, non-blocking and close-on-exec; negative with `errno` set when there is none.
  mutating func accept(from descriptor: Int32) -> Int32 {
    let accepted = fill { Glibc.accept(descriptor, $0, $1) }
    if accepted >= 0 { Descriptor.prepare(accepted) }
    return accepted
  }

  @discardableResult
  private mutating func fill(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Int32 {
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
  }
}
