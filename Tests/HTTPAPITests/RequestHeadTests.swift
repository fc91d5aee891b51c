import MediaTime
import Testing

@testable import HTTPAPI

@Suite struct RequestHeadTests {
  private func parse(_ text: String) -> RequestHead? {
    let bytes = Array(text.utf8)
    guard let length = RequestHead.end(bytes.span) else { return nil }
    return RequestHead(bytes.span, length: length)
  }

  @Test("A head is found complete only at its empty line, at every length")
  func truncation() {
    let bytes = Array(FrontDoorTests.upgrade.utf8)
    for count in 0..<bytes.count {
      let part = Array(bytes[..<count])
      #expect(RequestHead.end(part.span) == nil)
    }
    #expect(RequestHead.end((bytes + [1, 2]).span) == bytes.count)
  }

  @Test("Only well-formed heads of the two media paths become media requests")
  func media() {
    #expect(parse(FrontDoorTests.upgrade)?.mediaRequest(source: "x", sha1: { _ in [] })?.kind == .webSocket)
    let live = parse("GET /media/a-b_1/live.mp4 HTTP/1.1\nHost: x\n\n")?.mediaRequest(
      source: "x", sha1: { _ in [] })
    #expect(live?.session == "a-b_1" && live?.framing == .chunked)
    for path in [
      "/media//live.mp4", "/media/a/b/live.mp4", "/media/a%20/live.mp4", "/media/a/other",
      "//media/a/live.mp4",
    ] {
      #expect(
        parse("GET \(path) HTTP/1.1\r\n\r\n")?.mediaRequest(source: "x", sha1: { _ in [] }) == nil, "\(path)")
    }
    for head in [
      "GET /media/a/live.mp4\r\n\r\n", "GET /media/a/live.mp4 HTTP/2.0\r\n\r\n",
      "GET /media/a/live.mp4 HTTP/1.1\r\n folded\r\n\r\n",
      "GET /media/a/live.mp4 HTTP/1.1\r\nno colon\r\n\r\n",
      "GET  /media/a/live.mp4 HTTP/1.1\r\n\r\n",
    ] {
      #expect(parse(head)?.mediaRequest(source: "x", sha1: { _ in [] }) == nil, "\(head)")
    }
    let many = String(repeating: "A: b\r\n", count: HTTPLimits.headerCount + 1)
    #expect(parse("GET /media/a/live.mp4 HTTP/1.1\r\n\(many)\r\n") == nil)
  }

  @Test("Any bytes are judged without a trap")
  func random() {
    var seed: UInt64 = 42
    func next() -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return seed >> 33
    }
    let alphabet = Array("GET /media/s/ws HTTP/1.1\r\n\r\n: Upgrade\0\u{7f}é".utf8)
    for _ in 0..<5_000 {
      var bytes = Array(FrontDoorTests.upgrade.utf8)
      for _ in 0..<(next() % 6) {
        bytes[Int(next() % UInt64(bytes.count))] = alphabet[Int(next() % UInt64(alphabet.count))]
      }
      guard let length = RequestHead.end(bytes.span), let head = RequestHead(bytes.span, length: length)
      else {
        continue
      }
      #expect(head.length <= bytes.count)
      if let request = head.mediaRequest(source: "x", sha1: { _ in [] }) {
        #expect(MediaPath.isIdentifier(request.session))
      }
    }
  }

  @Test("Dates are written as RFC 9110 shows them")
  func date() {
    #expect(HTTPDate.text(WallTime(seconds: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.text(WallTime(seconds: 0)) == "Thu, 01 Jan 1970 00:00:00 GMT")
  }
}
