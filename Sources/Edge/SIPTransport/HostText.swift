import Glibc
import NIOCore

/// IP addresses between text and the kernel's form.
enum HostText {
  /// The host of a peer as text: IPv4 also when the kernel shows it mapped into IPv6.
  static func host(of address: SocketAddress) -> String {
    switch address {
    case .v4: address.withSockAddr { pointer, _ in text(word(UnsafeRawPointer(pointer), at: 4)) }
    case .v6: unmapped(address.ipAddress ?? "")
    case .unixDomainSocket: ""
    }
  }

  /// `sockaddr_in` is family, port, address: the port at byte 2, the address at byte 4, most significant
  /// first.
  private static func word(_ pointer: UnsafeRawPointer, at offset: Int) -> UInt32 {
    UInt32(bigEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Dotted decimal. Fits a small string, so that it costs no allocation.
  static func text(_ address: UInt32) -> String {
    String(unsafeUninitializedCapacity: 15) { buffer in
      var count = 0
      for shift in [24, 16, 8, 0] as [UInt32] {
        let byte = UInt8(truncatingIfNeeded: address >> shift)
        if byte >= 100 {
          buffer[count] = 48 + byte / 100
          count += 1
        }
        if byte >= 10 {
          buffer[count] = 48 + byte / 10 % 10
          count += 1
        }
        buffer[count] = 48 + byte % 10
        count += 1
        if shift > 0 {
          buffer[count] = 46
          count += 1
        }
      }
      return count
    }
  }

  private static func unmapped(_ text: String) -> String {
    text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
  }

  /// The socket address of an IP literal for a socket of this family; nil for a name, port 0, or an
  /// address that the family cannot reach.
  static func socketAddress(host: String, port: Int, isIPv6Socket: Bool) -> SocketAddress? {
    guard (1...65_535).contains(port) else { return nil }
    let text = isIPv6Socket && !host.contains(":") ? "::ffff:" + host : host
    guard let address = try? SocketAddress(ipAddress: text, port: port) else { return nil }
    switch address {
    case .v4: return isIPv6Socket ? nil : address
    case .v6: return isIPv6Socket ? address : nil
    case .unixDomainSocket: return nil
    }
  }

  static func isUnspecified(_ host: String) -> Bool { host.isEmpty || host == "0.0.0.0" || host == "::" }
}
