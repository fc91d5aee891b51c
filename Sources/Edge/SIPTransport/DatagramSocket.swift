import CDatagram
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

/// Responses that leave together when everything that was read at once has been answered.
///
/// One system call for all, and one wake-up of a peer that sends for many devices:
/// waking a sleeper on another processor costs more than the datagram.
/// Confined to the endpoint's event loop.
final class DatagramOutbox {
  private static let datagrams: UInt32 = 64
  private static let bytes = 128 * 1024

  private let box: OpaquePointer?

  init() { box = datagram_outbox_new(Self.datagrams, Self.bytes) }

  deinit { datagram_outbox_free(box) }

  var isEmpty: Bool { box.map { datagram_outbox_count($0) == 0 } ?? true }

  /// - Returns: false when there is no room.
  func add(_ bytes: [UInt8], to address: SocketAddress) -> Bool {
    guard let box else { return false }
    return address.withSockAddr { target, length in
      datagram_outbox_add(box, bytes, bytes.count, target, socklen_t(length))
    }
  }

  /// Sends everything, in order.
  ///
  /// - Returns: how many could not be sent. Retransmission brings them back.
  func send(on socket: DatagramSocket) -> Int {
    guard let box else { return 0 }
    return Int(datagram_outbox_send(box, socket.descriptor))
  }
}
