import Glibc
import NIOCore

/// A UDP and a listening TCP socket on one port.
struct BoundSockets {
  var datagram: CInt
  var listener: CInt
  var port: Int
  var isIPv6: Bool

  /// Free ports tried when any port will do.
  private static let attempts = 32

  /// - Parameter port: 0 for any port that is free for both.
  static func open(host: String, port: Int, buffer: Int) throws(SIPEndpointError) -> BoundSockets {
    guard (0...65_535).contains(port), let address = try? SocketAddress(ipAddress: host, port: port) else {
      throw SIPEndpointError(code: .badAddress, description: "\(host):\(port) is no address to listen on")
    }
    var failure = EADDRINUSE
    for _ in 0..<(port == 0 ? attempts : 1) {
      let listener = bound(address, type: SOCK_STREAM)
      guard listener >= 0 else { throw error(-listener, host, port, "TCP") }
      let chosen = portOf(listener)
      let same = (try? SocketAddress(ipAddress: host, port: chosen)) ?? address
      let datagram = bound(same, type: SOCK_DGRAM)
      guard datagram >= 0 else {
        close(listener)
        failure = -datagram
        if failure == EADDRINUSE { continue }
        throw error(failure, host, chosen, "UDP")
      }
      guard listen(listener, 1024) == 0 else {
        failure = errno
        close(listener)
        close(datagram)
        throw error(failure, host, chosen, "TCP")
      }
      enlarge(datagram, buffer)
      return BoundSockets(
        datagram: datagram, listener: listener, port: chosen, isIPv6: address.protocol == .inet6)
    }
    throw error(failure, host, port, "UDP")
  }

  /// A listening TCP socket.
  static func listener(host: String, port: Int) throws(SIPEndpointError) -> (descriptor: CInt, port: Int) {
    guard (0...65_535).contains(port), let address = try? SocketAddress(ipAddress: host, port: port) else {
      throw SIPEndpointError(code: .badAddress, description: "\(host):\(port) is no address to listen on")
    }
    let descriptor = bound(address, type: SOCK_STREAM)
    guard descriptor >= 0 else { throw error(-descriptor, host, port, "TLS") }
    guard listen(descriptor, 1024) == 0 else {
      let failure = errno
      close(descriptor)
      throw error(failure, host, port, "TLS")
    }
    return (descriptor, portOf(descriptor))
  }

  /// A bound socket, or a negated error number.
  private static func bound(_ address: SocketAddress, type: __socket_type) -> CInt {
    let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, Int32(type.rawValue) | flags, 0)
    guard descriptor >= 0 else { return -errno }
    var on: CInt = 1
    if family == AF_INET6 {
      // `::` hears IPv4 as well, whatever the system's default is.
      var off: CInt = 0
      setsockopt(
        descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<CInt>.size))
    }
    if type == SOCK_STREAM {
      // A restart must not wait for old connections to leave TIME_WAIT. Not for UDP: two servers
      // could then share the port and each get half of the messages.
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
    }
    let result = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
    guard result == 0 else {
      let failure = errno
      close(descriptor)
      return -failure
    }
    return descriptor
  }

  private static func portOf(_ descriptor: CInt) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    _ = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    // The port is at byte 2 in both families.
    return withUnsafeBytes(of: &storage) {
      Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }
  }

  /// The kernel clamps the size to its limit; a smaller buffer only means earlier loss.
  private static func enlarge(_ descriptor: CInt, _ bytes: Int) {
    var size = CInt(clamping: bytes)
    for option in [SO_RCVBUF, SO_SNDBUF] {
      setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  private static func error(_ number: CInt, _ host: String, _ port: Int, _ kind: String) -> SIPEndpointError {
    let place = "\(kind) \(host.contains(":") ? "[\(host)]" : host):\(port)"
    switch number {
    case EADDRINUSE:
      return SIPEndpointError(code: .addressInUse, description: "\(place) is in use by another program")
    case EACCES, EPERM:
      return SIPEndpointError(code: .notPermitted, description: "no permission to listen on \(place)")
    case EADDRNOTAVAIL:
      return SIPEndpointError(code: .badAddress, description: "\(place): this host has no such address")
    default:
      return SIPEndpointError(code: .other, description: "\(place): error \(number)")
    }
  }
}
