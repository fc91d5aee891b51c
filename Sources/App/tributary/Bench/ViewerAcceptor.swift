import Cryptography
import Foundation
import Glibc
import LoadGenerator
import MediaTransport

/// The plainest front door: reads a request and hands the socket to the media plane, as the real one does.
///
/// Handing over happens once per viewer and is not what fan-out measures.
final class ViewerAcceptor: Sendable {
  let port: UInt16
  private let listener: Int32

  init(plane: MediaPlane, stream: StreamID) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 4_096) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard isOpen else { throw LoadError("no port for viewers could be opened") }
    listener = socket
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { Self.accept(socket, plane, stream) }
  }

  /// Wakes and ends the accepting thread.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func accept(_ listener: Int32, _ plane: MediaPlane, _ stream: StreamID) {
    while true {
      let viewer = Glibc.accept(listener, nil, nil)
      guard viewer >= 0 else { break }
      var bytes = [UInt8](repeating: 0, count: 4_096)
      let count = recv(viewer, &bytes, bytes.count, 0)
      guard count > 0 else {
        Glibc.close(viewer)
        continue
      }
      let request = String(decoding: bytes[..<count], as: UTF8.self)
      if let key = header("Sec-WebSocket-Key", in: request) {
        plane.attachViewer(stream, socket: viewer, framing: .webSocket, preamble: switching(key))
      } else {
        plane.attachViewer(stream, socket: viewer, framing: .chunkedHTTP, preamble: Array(chunked.utf8))
      }
    }
    Glibc.close(listener)
  }

  private static let chunked =
    "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\nCache-Control: no-store\r\n\r\n"

  /// RFC 6455 §4.2.2.
  private static func switching(_ key: String) -> [UInt8] {
    let accept = Data(Hash.sha1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    return Array(
      ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: \(accept.base64EncodedString())\r\n\r\n").utf8)
  }

  private static func header(_ name: String, in request: String) -> String? {
    for line in request.split(separator: "\r\n") where line.hasPrefix("\(name):") {
      return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
    }
    return nil
  }
}
