import Foundation
import NIOCore
import NIOPosix

/// A small HTTP/1.1 client: one request a connection, on an event loop.
struct PlainHTTP: Sendable {
  struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var json: Any? { try? JSONSerialization.jsonObject(with: Data(body)) }
    var object: [String: Any] { json as? [String: Any] ?? [:] }
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let host: String
  let port: Int
  var token: String?

  /// - Parameters:
  ///   - limit: for the whole exchange.
  ///   - cut: ends the exchange with what has come by then, for streams without an end.
  func request(
    _ method: String, _ path: String, json: [String: any Sendable]? = nil, limit: Duration = .seconds(20),
    cut: Duration? = nil
  ) async throws -> Answer {
    var body: [UInt8] = []
    if let json { body = [UInt8](try JSONSerialization.data(withJSONObject: json)) }
    return try await exchange(
      method, path, type: json == nil ? nil : "application/json", body, ends: cut ?? limit)
  }

  private func exchange(
    _ method: String, _ path: String, type: String?, _ body: [UInt8], ends: Duration
  ) async throws -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n"
    if let token { head += "Authorization: Bearer \(token)\r\n" }
    if let type { head += "Content-Type: \(type)\r\n" }
    head += "Content-Length: \(body.count)\r\n\r\n"
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: [UInt8].self)
    let handler = NIOLoopBoundBox.makeBoxSendingValue(Collector(promise), eventLoop: loop)
    let channel: any Channel
    do {
      channel = try await ClientBootstrap(group: loop).connectTimeout(.seconds(5))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(handler.value)
          }
        }
        .connect(host: host, port: port).get()
    } catch {
      promise.succeed([])
      throw ActionFailure.refused("nothing answers at \(host):\(port)")
    }
    channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + body), promise: nil)
    let end = loop.scheduleTask(in: TimeAmount(ends)) { channel.close(promise: nil) }
    let bytes = try await promise.futureResult.get()
    end.cancel()
    channel.close(promise: nil)
    guard let answer = Self.parse(bytes) else {
      throw ActionFailure.refused("\(method) \(path) was not answered")
    }
    return answer
  }

  /// Places a file.
  func upload(_ bytes: [UInt8], to path: String) async throws -> Answer {
    try await exchange("PUT", path, type: "application/octet-stream", bytes, ends: .seconds(20))
  }

  /// Sends a picture to an address as a camera does.
  ///
  /// - Returns: the status.
  static func bring(_ bytes: [UInt8], to address: String) async throws -> Int {
    let (http, path) = try target(address)
    return try await http.exchange("PUT", path, type: "image/jpeg", bytes, ends: .seconds(10)).status
  }

  /// Fetches what is at an address, as a device does.
  static func fetch(_ address: String) async throws -> Answer {
    let (http, path) = try target(address)
    return try await http.exchange("GET", path, type: nil, [], ends: .seconds(10))
  }

  private static func target(_ address: String) throws -> (PlainHTTP, String) {
    guard let url = URL(string: address), url.scheme == "http", let host = url.host else {
      throw CaseFailure(
        cause: "an address is none that a device can use", expected: "http://…", came: address)
    }
    return (PlainHTTP(host: host, port: url.port ?? 80), url.path + (url.query.map { "?\($0)" } ?? ""))
  }

  private static func parse(_ bytes: [UInt8]) -> Answer? {
    guard let end = headEnd(bytes) else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    guard let first = lines.first,
      let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    let rest = Array(bytes[(end + 4)...])
    let isChunked = headers["transfer-encoding"]?.lowercased().contains("chunked") == true
    return Answer(status: status, headers: headers, body: isChunked ? unchunked(rest) : rest)
  }

  static func headEnd(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...bytes.count - 4).first {
      bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
    }
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var (body, position) = ([UInt8](), 0)
    while let end = bytes[position...].firstIndex(of: 10) {
      let line = String(decoding: bytes[position..<end], as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      guard let size = Int(line.split(separator: ";").first ?? "", radix: 16), size > 0 else { break }
      body += bytes[min(end + 1, bytes.count)..<min(end + 1 + size, bytes.count)]
      position = min(end + 1 + size + 2, bytes.count)
      if position >= bytes.count { break }
    }
    return body
  }
}

/// Collects an answer until it is whole or the connection ends.
private final class Collector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let promise: EventLoopPromise<[UInt8]>
  private var bytes: [UInt8] = []
  private var wanted: Int?
  private var isHeadRead = false

  init(_ promise: EventLoopPromise<[UInt8]>) { self.promise = promise }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytesView
    if !isHeadRead, let end = PlainHTTP.headEnd(bytes) {
      isHeadRead = true
      let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
      if let field = head.range(of: "\r\ncontent-length:") {
        let value = head[field.upperBound...].prefix { $0 != "\r\n" }
        wanted = Int(value.trimmingCharacters(in: .whitespaces)).map { end + 4 + $0 }
      } else if head.hasPrefix("http/1.1 204") {
        wanted = end + 4
      }
    }
    if let wanted, bytes.count >= wanted { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { promise.succeed(bytes) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
