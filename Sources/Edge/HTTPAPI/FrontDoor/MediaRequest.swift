import Foundation

/// A viewer that asks for a stream: what the media plane needs to take the connection over.
public struct MediaRequest: Sendable {
  /// What is asked for.
  public enum Kind: Sendable, Hashable {
    /// `GET /media/{session}/live.mp4`
    case fragmentedMP4
    /// `GET /media/{session}/ws`
    case webSocket
    /// `GET /media/{session}/voice`: a WebSocket that brings sound.
    case voice
  }

  /// How bytes must be framed after the preamble.
  public enum Framing: Sendable, Hashable {
    /// RFC 6455 frames, unmasked.
    case webSocket
    /// HTTP/1.1 chunks (RFC 9112 §7.1).
    case chunked
    /// Bare bytes: an HTTP/1.0 peer, or the bridge into a kept-alive connection.
    case raw
  }

  /// The credential in the path: letters, digits, `-` and `_`, at most ``HTTPLimits/identifier`` long.
  public let session: String
  public let kind: Kind
  public let framing: Framing
  /// The response head that must go out first; empty for the bridge.
  public let preamble: [UInt8]
  /// Network address of the viewer.
  public let source: String
  let headers: [(name: String, value: String)]

  /// The first header of that name, whatever its case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name.lowercased() }?.value
  }
}

/// What became of a ``MediaRequest``.
public enum MediaAnswer: Sendable {
  /// The handler owns the socket now, writes the preamble and closes it in the end.
  case accepted
  /// The front door answers with the problem and closes the socket.
  case refused(Problem)
}

/// Takes over a viewer's connected, non-blocking, close-on-exec stream socket.
///
/// Called on the front door's thread or on a request's task; it must not block.
/// The socket is TCP, or one end of a UNIX socket pair when a kept-alive connection is bridged.
public typealias MediaHandler = @Sendable (_ request: MediaRequest, _ socket: Int32) -> MediaAnswer

/// Response heads written by hand, for connections that do not pass the HTTP stack.
enum ResponseHead {
  /// 101 for a WebSocket viewer (RFC 6455 §4.2.2).
  static func webSocket(accept: String) -> [UInt8] {
    bytes(
      "101 Switching Protocols",
      [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)])
  }

  /// 200 for a stream without an end.
  static func stream(chunked: Bool) -> [UInt8] {
    let fields = [
      ("Content-Type", "video/mp4"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
      ("Cross-Origin-Resource-Policy", "same-origin"), ("Connection", "close"),
    ]
    return bytes("200 OK", chunked ? fields + [("Transfer-Encoding", "chunked")] : fields)
  }

  /// A whole response with a problem document.
  static func problem(_ problem: Problem, correlation: String) -> [UInt8] {
    let body = ProblemDocument(problem, correlation: correlation).json
    let head = bytes(
      "\(problem.status) \(problem.title)",
      [
        ("Content-Type", ProblemDocument.contentType), ("Content-Length", String(body.count)),
        ("Cache-Control", "no-store"), ("Connection", "close"),
      ])
    return head + body
  }

  /// The value of `Sec-WebSocket-Accept` for a key (RFC 6455 §4.2.2, step 5.4).
  static func accept(key: String, sha1: ([UInt8]) -> [UInt8]) -> String {
    Data(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
  }

  private static func bytes(_ status: String, _ fields: [(String, String)]) -> [UInt8] {
    var text = "HTTP/1.1 \(status)\r\n"
    for (name, value) in fields { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8)
  }
}
