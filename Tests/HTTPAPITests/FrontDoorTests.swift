import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct FrontDoorTests {
  /// Writes the preamble and `text`, then reads what the viewer says until it closes.
  static func viewer(_ text: String, heard: @escaping @Sendable ([UInt8]) -> Void = { _ in }) -> MediaHandler
  {
    { request, socket in
      guard request.session == "s1" else {
        return .refused(
          request.session == "old" ? .gone("That session is over.") : .notFound("No such session."))
      }
      let bytes = request.preamble + Array(text.utf8)
      Thread {
        write(socket, bytes, bytes.count)
        var buffer = [UInt8](repeating: 0, count: 1_024)
        var all: [UInt8] = []
        if request.kind == .webSocket {
          while all.isEmpty || all.last != 46 {
            let count = read(socket, &buffer, buffer.count)
            if count > 0 { all += buffer.prefix(count) } else if count == 0 { break } else { usleep(2_000) }
          }
        }
        heard(all)
        close(socket)
      }
      .start()
      return .accepted
    }
  }

  static let upgrade =
    "GET /media/s1/ws?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(Fixture.exampleKey)\r\nOrigin: http://h\r\n\r\n"

  @Test("A WebSocket viewer's bare socket is handed over with the right handshake and not one byte lost")
  func webSocket() async throws {
    let fixture = try await Fixture()
    let heard = Mutex<[UInt8]>([])
    fixture.media.withLock { $0 = Self.viewer("frames") { bytes in heard.withLock { $0 = bytes } } }
    try await fixture.serving { fixture in
      let client = try fixture.client()
      try client.send(Self.upgrade + "first frame.")
      let head = try client.head()
      #expect(head.status == 101)
      #expect(head.header("sec-websocket-accept") == Fixture.exampleAccept)
      #expect(head.header("upgrade") == "websocket" && head.header("connection") == "Upgrade")
      #expect(String(decoding: try client.receiveAll(), as: UTF8.self) == "frames")
      #expect(heard.withLock { $0 } == Array("first frame.".utf8))
      #expect(eventually { fixture.service.counters.media == 1 })
      #expect(eventually { fixture.service.counters.open == 0 })
    }
  }

  @Test("A head that arrives byte by byte is waited for")
  func drip() async throws {
    let fixture = try await Fixture()
    fixture.media.withLock { $0 = Self.viewer("x") }
    try await fixture.serving { fixture in
      let client = try fixture.client()
      for byte in Self.upgrade.utf8 { try client.send([byte]) }
      try client.send(".")
      #expect(try client.head().status == 101)
      let plain = try fixture.client()
      for byte in "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8 { try plain.send([byte]) }
      #expect(try plain.answer().status == 200)
    }
  }

  @Test("A viewer over HTTP gets the stream chunked, one that speaks HTTP/1.0 bare")
  func live() async throws {
    let fixture = try await Fixture()
    let framings = Mutex<[MediaRequest.Framing]>([])
    fixture.media.withLock {
      $0 = { request, socket in
        framings.withLock { $0.append(request.framing) }
        #expect(request.header("X-Test") == "1")
        return Self.viewer(request.framing == .chunked ? "5\r\nhello\r\n0\r\n\r\n" : "hello")(request, socket)
      }
    }
    try await fixture.serving { fixture in
      let chunked = try fixture.client().request("GET", "/media/s1/live.mp4", headers: ["X-Test": "1"])
      #expect(chunked.status == 200 && chunked.text == "hello")
      #expect(chunked.header("content-type") == "video/mp4")
      let old = try fixture.client()
      try old.send("GET /media/s1/live.mp4 HTTP/1.0\r\nX-Test: 1\r\n\r\n")
      #expect(try old.answer().text == "hello")
      #expect(framings.withLock { $0 } == [.chunked, .raw])
    }
  }

  @Test("A viewer on a kept-alive connection is bridged, and the connection goes on afterwards")
  func bridge() async throws {
    let fixture = try await Fixture()
    let framings = Mutex<[MediaRequest.Framing]>([])
    let large = String(repeating: "0123456789", count: 100_000)
    fixture.media.withLock {
      $0 = { request, socket in
        framings.withLock { $0.append(request.framing) }
        guard request.session == "s1" else { return Self.viewer("")(request, socket) }
        Thread {
          let bytes = Array(large.utf8)
          var offset = 0
          while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
              write(socket, $0.baseAddress! + offset, bytes.count - offset)
            }
            if count > 0 { offset += count } else { usleep(1_000) }
          }
          close(socket)
        }
        .start()
        return .accepted
      }
    }
    try await fixture.serving { fixture in
      let client = try fixture.client()
      #expect(try client.request("GET", "/healthz").status == 200)
      let answer = try client.request("GET", "/media/s1/live.mp4")
      #expect(answer.status == 200)
      #expect(answer.header("content-type") == "video/mp4")
      #expect(answer.text == large)
      #expect(try client.request("GET", "/media/old/live.mp4").problemType == "/problems/gone")
      #expect(try client.request("GET", "/healthz").status == 200)
      #expect(framings.withLock { $0 } == [.raw, .raw])
    }
  }

  @Test("When a bridged viewer leaves, the media plane's end of the pair is closed")
  func bridgeLeft() async throws {
    let fixture = try await Fixture()
    let closed = Mutex(false)
    fixture.media.withLock {
      $0 = { _, socket in
        Thread {
          signal(SIGPIPE, SIG_IGN)
          let bytes = [UInt8](repeating: 1, count: 16_384)
          while true {
            if write(socket, bytes, bytes.count) < 0, errno == EPIPE { break }
            usleep(1_000)
          }
          close(socket)
          closed.withLock { $0 = true }
        }
        .start()
        return .accepted
      }
    }
    try await fixture.serving { fixture in
      do {
        let client = try fixture.client()
        #expect(try client.request("GET", "/healthz").status == 200)
        try client.send("GET /media/s1/live.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try client.receive(count: 100_000)
      }
      #expect(eventually { closed.withLock { $0 } })
    }
  }

  @Test("A session that is unknown or over is answered with a problem on both ways in")
  func refused() async throws {
    let fixture = try await Fixture()
    fixture.media.withLock { $0 = Self.viewer("") }
    try await fixture.serving { fixture in
      let direct = try fixture.client().request("GET", "/media/nope/live.mp4")
      #expect(direct.status == 404)
      #expect(direct.header("content-type") == "application/problem+json")
      #expect(direct.problemType == "/problems/not-found")
      #expect(direct.header("connection") == "close")
      #expect(try fixture.client().request("GET", "/media/old/live.mp4").status == 410)
      let socket = try fixture.client()
      try socket.send(Self.upgrade.replacingOccurrences(of: "/s1/", with: "/old/"))
      #expect(try socket.answer().problemType == "/problems/gone")
    }
  }

  @Test("What is no proper WebSocket handshake is told so")
  func noUpgrade() async throws {
    let fixture = try await Fixture()
    fixture.media.withLock { $0 = Self.viewer("") }
    try await fixture.serving { fixture in
      for broken in [
        Self.upgrade.replacingOccurrences(of: "13", with: "8"),
        Self.upgrade.replacingOccurrences(of: Fixture.exampleKey, with: "short"),
        Self.upgrade.replacingOccurrences(of: "keep-alive, Upgrade", with: "keep-alive"),
      ] {
        let client = try fixture.client()
        try client.send(broken)
        #expect(try client.answer().status == 426)
      }
    }
  }

  @Test("The files of a session's HLS presentation are served, paths out of it are not")
  func hls() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let list = try client.request("GET", "/media/s1/index.m3u8")
      #expect(list.text == "#EXTM3U\n")
      #expect(list.header("cache-control") == "no-store")
      for path in ["/media/s1/..%2F..%2Fetc", "/media/s2/index.m3u8", "/media/a%20b/index.m3u8"] {
        #expect(try client.request("GET", path).status == 404, "\(path)")
      }
    }
  }

  @Test("A peer that says nothing, or never finishes its head, is closed in time")
  func slow() async throws {
    let fixture = try await Fixture { $0.headTimeout = .milliseconds(300) }
    try await fixture.serving { fixture in
      let silent = try fixture.client()
      let slow = try fixture.client()
      try slow.send("GET /healthz HTTP/1.1\r\nX-A: ")
      #expect(try silent.receiveAll().isEmpty)
      #expect(try slow.receiveAll().isEmpty)
      #expect(fixture.service.counters.slow == 2)
      #expect(eventually { fixture.service.counters.open == 0 })
      #expect(try fixture.client().request("GET", "/healthz").status == 200)
    }
  }

  @Test("A body that does not come is not waited for longer than agreed")
  func slowBody() async throws {
    let fixture = try await Fixture { $0.bodyTimeout = .milliseconds(200) }
    try await fixture.serving { fixture in
      let client = try fixture.client()
      try client.send(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
      )
      #expect(try client.answer().status == 408)
    }
  }

  @Test("Connections above the limit are answered 503, and places become free again")
  func limits() async throws {
    let fixture = try await Fixture { $0.connectionsPerSource = 2 }
    try await fixture.serving { fixture in
      var held = [try fixture.client(), try fixture.client()]
      for client in held { #expect(try client.request("GET", "/healthz").status == 200) }
      let third = try fixture.client()
      let answer = try third.answer()
      #expect(answer.status == 503)
      #expect(answer.problemType == "/problems/unavailable")
      held.removeAll()
      #expect(eventually { fixture.service.counters.open == 0 })
      #expect(try fixture.client().request("GET", "/healthz").status == 200)
      #expect(fixture.service.counters.refused == 1)
    }
  }

  @Test("An occupied port is reported in one sentence that names it and the setting")
  func occupied() async throws {
    let first = try await Fixture()
    let port = first.port
    let error = await #expect(throws: HTTPServiceError.self) { _ = try await Fixture { $0.port = port } }
    #expect(error?.code == .portOccupied)
    #expect(error?.message.contains("127.0.0.1:\(port)") == true)
    #expect(error?.message.contains("listen.http") == true)
    let nowhere = await #expect(throws: HTTPServiceError.self) {
      _ = try await Fixture { $0.host = "192.0.2.77" }
    }
    #expect(nowhere?.code == .addressUnavailable)
    let nonsense = await #expect(throws: HTTPServiceError.self) {
      _ = try await Fixture { $0.host = "example" }
    }
    #expect(nonsense?.code == .addressUnavailable)
  }

  @Test("Pipelined requests on one connection are answered in order")
  func pipeline() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let one = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      try client.send(one + one.replacingOccurrences(of: "/healthz", with: "/openapi.json") + one)
      #expect(try client.answer().text.contains("ready"))
      #expect(try client.answer().text.contains("openapi"))
      #expect(try client.answer().text.contains("ready"))
    }
  }
}
