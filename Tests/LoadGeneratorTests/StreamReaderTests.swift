import Foundation
import LoadGenerator
import Testing

@Suite("Readers of live streams")
struct StreamReaderTests {
  private static func box(_ type: String, _ body: [UInt8]) -> [UInt8] {
    let size = UInt32(body.count + 8)
    return [UInt8(size >> 24), UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255)]
      + Array(type.utf8) + body
  }

  private static func fragment(sequence: UInt8, samples: UInt8) -> [UInt8] {
    let trun = box("trun", [0, 0, 0, 0, 0, 0, 0, samples])
    return box(
      "moof", box("mfhd", [0, 0, 0, 0, 0, 0, 0, sequence]) + box("traf", box("tfhd", [0, 0, 0, 0]) + trun))
      + box("mdat", [UInt8](repeating: 7, count: 700))
  }

  /// Initialisation segment, three fragments; one sequence number is missing.
  private static let movie =
    box("ftyp", Array("iso6".utf8)) + box("moov", box("mvhd", [0, 0, 0, 0]))
    + fragment(sequence: 1, samples: 2)
    + fragment(sequence: 2, samples: 1) + fragment(sequence: 4, samples: 1)

  private func read(_ head: String, _ body: [UInt8], overWebSocket: Bool) throws -> StreamReaders.Result {
    let server = try OneAnswerServer(Array(head.utf8) + body)
    var options = StreamReaders.Options(port: server.port, paths: ["/live"], viewers: 1, seconds: 0.3)
    options.overWebSocket = overWebSocket
    options.warmUp = 0.2
    options.headers = ["Authorization: Bearer token"]
    let result = try StreamReaders.run(options)
    #expect(server.request.contains("GET /live HTTP/1.1\r\n"))
    #expect(server.request.contains("Authorization: Bearer token\r\n"))
    #expect(server.request.contains("Upgrade: websocket") == overWebSocket)
    return result
  }

  private func check(_ result: StreamReaders.Result) {
    #expect(result.streaming == 1)
    #expect(result.fragments == 3)
    #expect(result.samples == 4)
    #expect(result.sequenceGaps == 1)
    #expect(result.brokenBoxes == 0)
    #expect(result.firstFragment.median > 0)
    #expect(result.firstFragmentAt > 0)
  }

  @Test("chunks of any size are put together and the boxes in them are counted")
  func chunked() throws {
    var body: [UInt8] = []
    for start in stride(from: 0, to: Self.movie.count, by: 37) {
      let part = Self.movie[start..<min(start + 37, Self.movie.count)]
      body += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10]
    }
    check(
      try read(
        "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n", body,
        overWebSocket: false))
  }

  @Test("WebSocket messages of every length form are read, text is counted apart")
  func webSocket() throws {
    let text = Array(#"{"type":"tracks"}"#.utf8)
    let (first, rest) = (Self.movie[..<100], Self.movie[100...])
    let body =
      [0x81, UInt8(text.count)] + text + [0x82, 100] + first + [
        0x82, 126, UInt8(rest.count >> 8), UInt8(rest.count & 255),
      ]
      + rest
    let result = try read(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Array(body),
      overWebSocket: true)
    check(result)
    #expect(result.textMessages == 1)
  }

  @Test("a refusal is counted with its status")
  func refused() throws {
    let result = try read("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", [], overWebSocket: false)
    #expect(result.badStatus == 404)
    #expect(result.answered == 0)
  }
}

/// Accepts one connection, reads the request and writes fixed bytes in small pieces.
private final class OneAnswerServer: @unchecked Sendable {
  let port: UInt16
  // Proof for @unchecked: guarded by `lock`.
  private var received = ""
  private let lock = NSLock()

  var request: String { lock.withLock { received } }

  init(_ answer: [UInt8]) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard status, listen(listener, 4) == 0 else { throw CancellationError() }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      let connection = accept(listener, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 4_096)
      let count = recv(connection, &buffer, buffer.count, 0)
      lock.withLock { received = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self) }
      for start in stride(from: 0, to: answer.count, by: 501) {
        let part = Array(answer[start..<min(start + 501, answer.count)])
        send(connection, part, part.count, Int32(MSG_NOSIGNAL))
      }
      usleep(2_000_000)
      close(connection)
      close(listener)
    }
  }
}
