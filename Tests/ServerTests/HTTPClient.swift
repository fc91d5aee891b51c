import Foundation
import Glibc

/// A small HTTP client over plain sockets; the waiting happens on threads of its own, never on Swift's pool.
struct HTTPClient: Sendable {
  struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(body))
    }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let port: Int
  var token: String?

  func request(
    _ method: String, _ path: String, body: [UInt8]? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    try await offPool {
      let connection = try Connection(port: port)
      connection.send(head(method, path, headers, body?.count) + (body ?? []))
      let answer = try connection.head()
      if let length = answer.headers["content-length"].flatMap({ Int($0) }) {
        return Answer(status: answer.status, headers: answer.headers, body: try connection.take(length))
      }
      guard answer.headers["transfer-encoding"] == "chunked" else { return answer }
      return Answer(status: answer.status, headers: answer.headers, body: try connection.chunks(upTo: .max))
    }
  }

  func json<Value: Decodable>(
    _ method: String, _ path: String, _ body: (any Encodable)? = nil, as type: Value.Type
  ) async throws -> Value {
    let answer = try await send(method, path, body)
    guard answer.status < 300 else { throw Failure(description: "\(path): \(answer.status) \(answer.text)") }
    return try answer.json(type)
  }

  @discardableResult
  func send(_ method: String, _ path: String, _ body: (any Encodable)? = nil) async throws -> Answer {
    let bytes = try body.map { Array(try JSONEncoder().encode($0)) }
    return try await request(
      method, path, body: bytes, headers: bytes == nil ? [:] : ["Content-Type": "application/json"])
  }

  /// Opens a stream without an end and reads until there are `bytes` of body.
  func stream(_ path: String, bytes: Int) async throws -> Answer {
    try await offPool {
      let connection = try Connection(port: port)
      connection.send(head("GET", path, [:], nil))
      var answer = try connection.head()
      guard answer.status == 200 else { return answer }
      answer.body = try connection.chunks(upTo: bytes)
      return answer
    }
  }

  /// A WebSocket, after its handshake.
  func webSocket(_ path: String) async throws -> WebSocket {
    try await offPool {
      let connection = try Connection(port: port)
      let fields = [
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      ]
      connection.send(head("GET", path, fields, nil, close: false))
      let answer = try connection.head()
      guard answer.status == 101, answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
      else {
        throw Failure(description: "handshake: \(answer.status) \(answer.headers)")
      }
      return WebSocket(connection: connection)
    }
  }

  /// Opens an event stream.
  func events(_ path: String) async throws -> Connection {
    try await offPool {
      let connection = try Connection(port: port)
      connection.send(head("GET", path, [:], nil))
      let answer = try connection.head()
      guard answer.status == 200 else { throw Failure(description: "events: \(answer.status)") }
      return connection
    }
  }

  private func head(
    _ method: String, _ path: String, _ headers: [String: String], _ length: Int?, close: Bool = true
  ) -> [UInt8] {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
    if close { text += "Connection: close\r\n" }
    if let length { text += "Content-Length: \(length)\r\n" }
    if let token { text += "Authorization: Bearer \(token)\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8)
  }
}

/// Runs blocking work on a thread that nobody else waits for.
func offPool<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
  }
}

/// One TCP connection with a buffer and a limit of 30 s for every wait.
final class Connection: @unchecked Sendable {
  // Used by one task at a time.
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw HTTPClient.Failure(description: "cannot connect to \(port)") }
  }

  deinit { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  private func fill() throws {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { throw HTTPClient.Failure(description: count == 0 ? "closed" : "nothing came") }
    buffer += chunk[..<count]
  }

  func take(_ count: Int) throws -> [UInt8] {
    while buffer.count < count { try fill() }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  func line() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        defer { buffer.removeFirst(end + 1) }
        return String(decoding: buffer[..<end], as: UTF8.self).trimmingCharacters(in: .whitespaces)
          .replacingOccurrences(of: "\r", with: "")
      }
      try fill()
    }
  }

  func head() throws -> HTTPClient.Answer {
    let words = try line().split(separator: " ")
    guard words.count >= 2, let status = Int(words[1]) else {
      throw HTTPClient.Failure(description: "no status line: \(words)")
    }
    var headers: [String: String] = [:]
    while true {
      let field = try line()
      if field.isEmpty { break }
      let parts = field.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return HTTPClient.Answer(status: status, headers: headers, body: [])
  }

  /// The bodies of chunks, until there are enough or the last one came.
  func chunks(upTo limit: Int) throws -> [UInt8] {
    var body: [UInt8] = []
    while body.count < limit {
      guard let size = Int(try line(), radix: 16) else { throw HTTPClient.Failure(description: "no chunk") }
      if size == 0 { break }
      body += try take(size)
      _ = try take(2)
    }
    return body
  }
}

/// The client's end of a WebSocket: reads unmasked frames.
struct WebSocket: Sendable {
  enum Message: Sendable {
    case text(String)
    case binary([UInt8])
    case close
  }

  let connection: Connection

  func next() async throws -> Message {
    try await offPool { [connection] in
      while true {
        let head = try connection.take(2)
        var length = Int(head[1] & 0x7f)
        if length == 126 {
          length = try connection.take(2).reduce(0) { $0 << 8 | Int($1) }
        } else if length == 127 {
          length = try connection.take(8).reduce(0) { $0 << 8 | Int($1) }
        }
        let payload = try connection.take(length)
        switch head[0] & 0x0f {
        case 1: return .text(String(decoding: payload, as: UTF8.self))
        case 2: return .binary(payload)
        case 8: return .close
        default: continue
        }
      }
    }
  }

  /// The next text that contains `word`; binary messages before it are counted.
  func text(containing word: String) async throws -> (text: String, binaries: Int) {
    var binaries = 0
    while true {
      switch try await next() {
      case .text(let text) where text.contains(word): return (text, binaries)
      case .text: continue
      case .binary: binaries += 1
      case .close: throw HTTPClient.Failure(description: "closed before \(word)")
      }
    }
  }
}

/// The four-letter types of the boxes at the top level.
func boxTypes(_ bytes: [UInt8]) -> [String] {
  var types: [String] = []
  var position = 0
  while position + 8 <= bytes.count {
    let size = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    types.append(String(decoding: bytes[position + 4..<position + 8], as: UTF8.self))
    guard size >= 8 else { break }
    position += size
  }
  return types
}
