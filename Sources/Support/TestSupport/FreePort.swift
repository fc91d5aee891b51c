import Glibc

/// Ports of the loopback interface that nobody uses at the moment.
public enum FreePort {
  /// A port free for UDP and TCP alike, or nil when the system refuses sockets.
  ///
  /// Another process may take it before the caller does; prefer binding port 0 where that is possible.
  public static func loopback() -> UInt16? {
    for _ in 0..<64 {
      guard let port = bound(Int32(SOCK_STREAM.rawValue), to: 0), port > 0 else { return nil }
      if bound(Int32(SOCK_DGRAM.rawValue), to: port) != nil { return port }
    }
    return nil
  }

  /// The port that a short-lived socket of `type` got, nil when it was taken.
  private static func bound(_ type: Int32, to port: UInt16) -> UInt16? {
    let descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
      }
    }
    return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }
}
