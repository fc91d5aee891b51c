import Glibc
import NIOCore

/// Which local address the kernel would send from.
enum RoutedAddress {
  /// The local IP address that routes to `host`, found by connecting a UDP socket, which sends nothing.
  ///
  /// - Returns: nil when `host` is no IP address or no route leads to it.
  static func local(towards host: String) -> String? {
    guard let target = try? SocketAddress(ipAddress: host, port: 9) else { return nil }
    let family = host.contains(":") ? AF_INET6 : AF_INET
    let socket = Glibc.socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    defer { close(socket) }
    let connected = target.withSockAddr { connect(socket, $0, socklen_t($1)) }
    guard connected == 0 else { return nil }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let named = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    guard named == 0 else { return nil }
    return numeric(&storage, length)
  }

  private static func numeric(_ storage: inout sockaddr_storage, _ length: socklen_t) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getnameinfo($0, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      }
    }
    guard result == 0 else { return nil }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The advertised address to use for a peer: the one that routing chose if it is listed, else the one
  /// that shares the longest prefix with the peer, else the first.
  static func advertised(_ list: [String], routed: String?, peer: String) -> String? {
    guard let first = list.first else { return nil }
    if let routed, list.contains(routed) { return routed }
    let target = bits(peer)
    return list.max { commonPrefix(bits($0), target) < commonPrefix(bits($1), target) } ?? first
  }

  /// The address bytes: 4 at offset 4 of `sockaddr_in`, 16 at offset 8 of `sockaddr_in6`.
  private static func bits(_ host: String) -> [UInt8] {
    guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return [] }
    let range = address.protocol == .inet6 ? 8..<24 : 4..<8
    return address.withSockAddr { pointer, length in
      Array(UnsafeRawBufferPointer(start: pointer, count: length)[range])
    }
  }

  private static func commonPrefix(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard left.count == right.count else { return -1 }
    var count = 0
    for (one, other) in zip(left, right) {
      guard one == other else { return count + (one ^ other).leadingZeroBitCount }
      count += 8
    }
    return count
  }
}
