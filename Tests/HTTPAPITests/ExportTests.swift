import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct ExportTests {
  static let path = "/api/v1/channels/a_b/export.mp4?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z"
  static let whole = FakePlatform.recording

  @Test("An export is served whole with its digest and a harmless file name")
  func complete() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let answer = try client.request("GET", Self.path, headers: fixture.bearer(.operator))
      #expect(answer.status == 200)
      #expect(answer.body == Self.whole)
      let digest = Data(repeating: 7, count: 32).base64EncodedString()
      #expect(answer.header("digest") == "sha-256=\(digest)")
      #expect(answer.header("repr-digest") == "sha-256=:\(digest):")
      #expect(answer.header("accept-ranges") == "bytes")
      #expect(answer.header("content-type") == "video/mp4")
      #expect(answer.header("content-disposition") == "attachment; filename=\"____1_.mp4\"")
      let head = try client.request("HEAD", Self.path, headers: fixture.bearer(.operator))
      #expect(head.status == 200 && head.header("content-length") == "\(Self.whole.count)")
      #expect(try client.request("GET", "/healthz").status == 200)
    }
  }

  @Test("Ranges are served exactly, a changed file whole, an impossible range not at all")
  func ranges() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      func get(_ headers: [String: String]) throws -> SocketClient.Answer {
        try client.request("GET", Self.path, headers: fixture.bearer(.operator).merging(headers) { $1 })
      }
      let part = try get(["Range": "bytes=1000-300999"])
      #expect(part.status == 206)
      #expect(part.header("content-range") == "bytes 1000-300999/\(Self.whole.count)")
      #expect(part.body == Array(Self.whole[1000..<301_000]))
      let tail = try get(["Range": "bytes=-10"])
      #expect(tail.body == Array(Self.whole.suffix(10)))
      let tag = try #require(part.header("etag"))
      #expect(try get(["Range": "bytes=0-0", "If-Range": tag]).status == 206)
      #expect(try get(["Range": "bytes=0-0", "If-Range": "\"other\""]).status == 200)
      let beyond = try get(["Range": "bytes=700000-"])
      #expect(beyond.status == 416)
      #expect(beyond.header("content-range") == "bytes */700000")
      #expect(beyond.problemType == "/problems/range-not-satisfiable")
    }
  }

  @Test("The platform learns how much of an export was really sent, also when the peer leaves")
  func leaving() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      #expect(
        try fixture.client().request("GET", Self.path, headers: fixture.bearer(.operator)).status == 200)
      #expect(eventually { fixture.platform.state.withLock { $0.exportSent } == [700_000] })
      #expect(
        try fixture.client().request("HEAD", Self.path, headers: fixture.bearer(.operator)).status == 200)
      #expect(eventually { fixture.platform.state.withLock { $0.exportSent } == [700_000, 0] })
      do {
        let client = try fixture.client()
        try client.send(
          "GET \(Self.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.keys[.operator] ?? "")\r\n\r\n"
        )
        _ = try client.receive(count: 100)
      }
      #expect(eventually { fixture.platform.state.withLock { $0.exportSent.count } == 3 })
    }
  }

  @Test(
    "Byte ranges follow RFC 9110",
    arguments: [
      (nil, ByteRange.whole), ("bytes=0-99", .part(0..<100)), ("bytes=50-", .part(50..<100)),
      ("bytes=90-200", .part(90..<100)), ("bytes=-5", .part(95..<100)), ("bytes=-500", .part(0..<100)),
      ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-4", .whole),
      ("bytes=0-1,4-5", .whole), ("items=0-1", .whole), ("bytes=", .whole), ("bytes=a-b", .whole),
      ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<100)),
      ("BYTES=1-1", .part(1..<2)),
    ] as [(String?, ByteRange)])
  func parsing(_ header: String?, _ expected: ByteRange) {
    #expect(ByteRange.parse(header, length: 100) == expected)
  }
}
