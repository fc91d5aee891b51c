import Foundation

/// A blocking HTTP/1.1 client over a bare socket, so that a test decides about every byte.
///
/// Every wait ends after 20 s, so that a broken server fails a test instead of hanging it.
final class SocketClient {
  struct Failure: Error {
    let text: String
  }
  struct Answer {
    var status: Int
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(body))
    }
    var problem: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }
    var problemType: String? { problem["type"] as? String }
  }

  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(text: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Foundation.send(descriptor, raw.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(text: "send: \(String(cString: strerror(errno)))") }
      offset += count
    }
  }

  /// One read; empty at the end of the stream.
  func receive() throws -> [UInt8] {
    if !buffer.isEmpty {
      defer { buffer = [] }
      return buffer
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    if count < 0, errno == ECONNRESET { return [] }
    guard count >= 0 else { throw Failure(text: "nothing came: \(String(cString: strerror(errno)))") }
    return Array(bytes.prefix(count))
  }

  /// Everything up to the end of the stream.
  func receiveAll() throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let more = try receive()
      if more.isEmpty { return all }
      all += more
    }
  }

  /// Reads up to and including `end`.
  func receive(until end: String) throws -> String {
    let mark = Array(end.utf8)
    var all: [UInt8] = []
    while true {
      if let range = all.firstRange(of: mark) {
        buffer = Array(all[range.upperBound...])
        return String(decoding: all[..<range.upperBound], as: UTF8.self)
      }
      let more = try receive()
      guard !more.isEmpty else { throw Failure(text: "ended after: \(String(decoding: all, as: UTF8.self))") }
      all += more
    }
  }

  func receive(count: Int) throws -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count {
      let more = try receive()
      guard !more.isEmpty else { throw Failure(text: "ended after \(all.count) of \(count) bytes") }
      all += more
    }
    buffer = Array(all[count...])
    return Array(all[..<count])
  }

  /// Only the head of an answer.
  func head() throws -> Answer {
    let lines = try receive(until: "\r\n\r\n").split(separator: "\r\n").map(String.init)
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure(text: "no status line: \(lines)")
    }
    let headers = lines.dropFirst()
      .map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (
          name: parts[0].lowercased(),
          value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        )
      }
    return Answer(status: status, headers: headers, body: [])
  }

  /// One chunk of a chunked body; empty is the last.
  func chunk() throws -> [UInt8] {
    let size = try receive(until: "\r\n").dropLast()
    guard let count = Int(size, radix: 16) else { throw Failure(text: "chunk size “\(size)”") }
    let bytes = try receive(count: count + 2)
    return Array(bytes.dropLast(2))
  }

  /// A whole answer. HEAD has no body whatever its headers say.
  func answer(bodyless: Bool = false) throws -> Answer {
    var answer = try head()
    if bodyless || answer.status == 204 || answer.status == 304 { return answer }
    if answer.header("transfer-encoding") == "chunked" {
      while true {
        let chunk = try chunk()
        if chunk.isEmpty { break }
        answer.body += chunk
      }
    } else if let length = answer.header("content-length").flatMap({ Int($0) }) {
      answer.body = try receive(count: length)
    } else {
      answer.body = try receiveAll()
    }
    return answer
  }

  @discardableResult
  func request(
    _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil
  ) throws -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if let body {
      if !headers.keys.contains("Content-Type") { head += "Content-Type: application/json\r\n" }
      head += "Content-Length: \(body.utf8.count)\r\n"
    }
    try send(head + "\r\n" + (body ?? ""))
    return try answer(bodyless: method == "HEAD")
  }
}
