import Glibc
import NIOCore

/// Sends datagrams on the socket that the datagram channel reads.
///
/// Not through the channel: one unreachable or forbidden destination (ENETUNREACH,
/// EPERM, a reply to port 0) makes the channel close itself, and with it the
/// port that every device depends on.
struct DatagramSocket {
  let descriptor: CInt

  /// - Returns: 0, or an error number. A full send buffer loses the datagram; retransmission brings it back.
  func send(_ bytes: [UInt8], to address: SocketAddress) -> CInt {
    while true {
      let sent = bytes.withUnsafeBytes { buffer in
        address.withSockAddr { target, length in
          sendto(
            descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
            target, socklen_t(length))
        }
      }
      if sent >= 0 { return 0 }
      if errno != EINTR { return errno }
    }
  }

  static func text(_ number: CInt) -> String {
    switch number {
    case EMSGSIZE: "message too large for UDP"
    case ENETUNREACH, EHOSTUNREACH: "no route to host"
    case EPERM, EACCES: "not permitted"
    case EAGAIN, ENOBUFS: "send buffer full"
    default: "error \(number)"
    }
  }
}
