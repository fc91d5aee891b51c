import Foundation
import Glibc

/// A small blocking HTTP/1.1 client for commands that talk to a server on this machine.
struct LocalHTTP: Sendable {
  struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
      do { return try JSONDecoder().decode(type, from: Data(body)) } catch {
        throw HTTPFailure("the server's answer is not understood: \(text.prefix(200))")
      }
    }
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  struct HTTPFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  var host = "127.0.0.1"
  let port: Int
  var token: String?

  /// Sends a request and reads the whole answer.
  ///
  /// - Parameter limit: seconds for the whole exchange.
  func request(
    _ method: String, _ path: String, json: (any Encodable)? = nil, headers: [String: String] = [:],
    limit: Double = 60
  ) throws -> Answer {
    var body: [UInt8] = []
    var headers = headers
    if let json {
      body = Array(try JSONEncoder().encode(json))
      headers["Content-Type"] = "application/json"
    }
    let socket = try connect()
    defer { close(socket) }
    try send(head(method, path, headers, body.count) + body, to: socket)
    var reader = Reader(socket: socket, deadline: Date().addingTimeInterval(limit))
    let (status, fields) = try reader.head()
    return Answer(status: status, headers: fields, body: try reader.body(fields))
  }

  /// Reads a stream without an end for a while.
  ///
  /// - Parameter patience: seconds for the first of them.
  /// - Returns: the body bytes that came within `seconds`, and when the first of them came.
  func stream(_ path: String, seconds: Double, patience: Double = 45) throws -> (
    body: [UInt8], firstByte: Double?
  ) {
    let begin = Date()
    let socket = try connect()
    defer { close(socket) }
    try send(head("GET", path, [:], 0), to: socket)
    var reader = Reader(socket: socket, deadline: begin.addingTimeInterval(seconds + patience))
    let (status, fields) = try reader.head()
    guard status == 200 else { throw HTTPFailure("GET \(path) answered \(status)") }
    return try reader.chunks(fields, seconds: seconds, since: begin)
  }

  /// Reads a stream to its end, or as long as it is wanted.
  ///
  /// - Parameter chunk: takes what came and says whether to go on.
  func follow(_ path: String, _ chunk: (ArraySlice<UInt8>) -> Bool) throws {
    let socket = try connect()
    defer { close(socket) }
    try send(head("GET", path, [:], 0), to: socket)
    var reader = Reader(socket: socket, deadline: .distantFuture)
    let (status, _) = try reader.head()
    guard status == 200 else { throw HTTPFailure("GET \(path) answered \(status)") }
    while let bytes = try reader.chunk(), chunk(bytes) {}
  }

  /// Asks for a stream and goes away without reading it.
  func knock(_ path: String) {
    guard let socket = try? connect() else { return }
    try? send(head("GET", path, [:], 0), to: socket)
    close(socket)
  }

  private func head(_ method: String, _ path: String, _ headers: [String: String], _ length: Int) -> [UInt8] {
    var text =
      "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\nContent-Length: \(length)\r\n"
    if let token { text += "Authorization: Bearer \(token)\r\n" }
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  private func connect() throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw HTTPFailure("no socket could be opened") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
      close(socket)
      throw HTTPFailure("\(host) is no IPv4 address")
    }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(socket)
      throw HTTPFailure("nothing answers at \(host):\(port): is the server running?")
    }
    return socket
  }

  private func send(_ bytes: [UInt8], to socket: Int32) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw HTTPFailure("the connection broke while sending") }
      sent += count
    }
  }
}

/// Reads an HTTP answer from a socket with a deadline.
private struct Reader {
  let socket: Int32
  let deadline: Date
  private var buffer: [UInt8] = []
  private var position = 0
  private var isOver = false

  init(socket: Int32, deadline: Date) { (self.socket, self.deadline) = (socket, deadline) }

  mutating func head() throws -> (Int, [String: String]) {
    guard let first = try line(),
      let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw LocalHTTP.HTTPFailure("the server closed the connection without an answer") }
    var fields: [String: String] = [:]
    while let text = try line(), !text.isEmpty {
      guard let colon = text.firstIndex(of: ":") else { continue }
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      fields[text[..<colon].lowercased()] = String(value)
    }
    return (status, fields)
  }

  mutating func body(_ fields: [String: String]) throws -> [UInt8] {
    if let length = fields["content-length"].flatMap({ Int($0) }) {
      while buffer.count - position < length, try fill() {}
      return Array(buffer[position..<min(position + length, buffer.count)])
    }
    if fields["transfer-encoding"]?.lowercased() == "chunked" {
      return try chunks(fields, seconds: .infinity, since: Date()).body
    }
    while try fill() {}
    return Array(buffer[position...])
  }

  mutating func chunks(
    _ fields: [String: String], seconds: Double, since begin: Date
  ) throws -> (body: [UInt8], firstByte: Double?) {
    var body: [UInt8] = []
    var first: Double?
    var firstAt: Date?
    while firstAt.map({ Date().timeIntervalSince($0) < seconds }) ?? true, let part = try chunk() {
      body.append(contentsOf: part)
      if first == nil {
        first = Date().timeIntervalSince(begin)
        firstAt = Date()
      }
    }
    return (body, first)
  }

  /// The next chunk; nil at the end.
  mutating func chunk() throws -> ArraySlice<UInt8>? {
    compact()
    guard let size = try line() else { return nil }
    guard let count = Int(size.split(separator: ";").first ?? "", radix: 16) else {
      throw LocalHTTP.HTTPFailure("a chunk has no size")
    }
    guard count > 0 else { return nil }
    while buffer.count - position < count + 2, try fill() {}
    guard buffer.count - position >= count + 2 else { return nil }
    defer { position += count + 2 }
    return buffer[position..<position + count]
  }

  private mutating func line() throws -> String? {
    while true {
      if let end = buffer[position...].firstIndex(of: 10) {
        let text = String(decoding: buffer[position..<end].filter { $0 != 13 }, as: UTF8.self)
        position = end + 1
        return text
      }
      guard buffer.count - position < 1 << 16 else {
        throw LocalHTTP.HTTPFailure("a header line is too long")
      }
      guard try fill() else { return nil }
    }
  }

  private mutating func compact() {
    guard position > 1 << 20 else { return }
    buffer.removeFirst(position)
    position = 0
  }

  private mutating func fill() throws -> Bool {
    guard !isOver else { return false }
    let left = deadline.timeIntervalSinceNow
    guard left > 0 else { throw LocalHTTP.HTTPFailure("the server did not answer in time") }
    var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Int32(min(left * 1_000, 60_000))) > 0 else {
      throw LocalHTTP.HTTPFailure("the server did not answer in time")
    }
    var block = [UInt8](repeating: 0, count: 64 * 1_024)
    let count = recv(socket, &block, block.count, 0)
    guard count > 0 else {
      isOver = true
      return false
    }
    buffer.append(contentsOf: block[..<count])
    return true
  }
}
