import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct RequestTests {
  struct Secret: Error {
    let password = "hunter2"
  }

  @Test("Filters, cursor and limit reach the platform, and the answer carries the next cursor")
  func paging() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let answer = try fixture.client()
        .request(
          "GET", "/api/v1/devices?status=online&q=%E4%B8%9C%E9%97%A8&cursor=abc&limit=7",
          headers: fixture.bearer(.operator))
      #expect(answer.status == 200)
      let page = try answer.json(API.Page<API.Device>.self)
      #expect(page.next == "more" && page.total == 7)
      #expect(answer.text.contains(#""since":"2023-11-14T22:13:20.000Z""#))
      #expect(
        fixture.platform.state.withLock { $0.deviceQueries }
          == [DeviceQuery(status: .online, text: "东门", cursor: "abc", limit: 7)])
    }
  }

  @Test(
    "A value that breaks a rule is refused with a problem that names it",
    arguments: [
      ("/api/v1/devices?limit=0", "limit"), ("/api/v1/devices?limit=1001", "limit"),
      ("/api/v1/devices?status=asleep", "status"), ("/api/v1/tree?view=tall", "view"),
      ("/api/v1/devices?cursor=" + String(repeating: "x", count: 600), "cursor"),
      ("/api/v1/channels/a_b/timeline?from=2026-01-01T00:00:00Z", "to"),
      ("/api/v1/channels/a_b/timeline?from=2026-01-01T00:00:00&to=2026-01-02T00:00:00Z", "from"),
      ("/api/v1/channels/a_b/timeline?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
      ("/api/v1/channels/a_b/timeline?from=2020-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "interval"),
      ("/api/v1/timeline?channels=..%2F&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "channels"),
      ("/api/v1/looks?cursor=abc", "cursor"),
    ])
  func badQuery(_ path: String, _ name: String) async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let answer = try fixture.client().request("GET", path, headers: fixture.bearer(.administrator))
      #expect(answer.status == 400)
      #expect(answer.problemType == "/problems/bad-request")
      #expect((answer.problem["detail"] as? String)?.contains(name) == true, "\(answer.text)")
    }
  }

  @Test("A bad body is refused: broken JSON, a missing member, another type, too much of it")
  func badBody() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      func post(_ body: String, type: String = "application/json") throws -> SocketClient.Answer {
        try client.request(
          "POST", "/api/v1/devices",
          headers: fixture.bearer(.administrator).merging(["Content-Type": type]) { $1 }, body: body)
      }
      #expect(try post("{").status == 400)
      let missing = try post(#"{"id":"1","name":"x"}"#)
      #expect(missing.status == 400)
      #expect((missing.problem["detail"] as? String)?.contains("password") == true)
      let wrong = try post(#"{"id":1,"name":"x","password":"y"}"#)
      #expect((wrong.problem["detail"] as? String)?.contains("id") == true)
      #expect(try post("<x/>", type: "text/xml").status == 415)
      #expect(try post("{}", type: "application/json; charset=utf-8").status == 400)
      let large = try fixture.client()
        .request(
          "POST", "/api/v1/devices", headers: fixture.bearer(.administrator),
          body: String(repeating: " ", count: HTTPLimits.jsonBody + 1))
      #expect(large.status == 413)
    }
  }

  @Test("A CSV body reaches the platform byte by byte as it is")
  func importing() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let csv = "id,name\n" + String(repeating: "x,东\n", count: 20_000)
      let answer = try fixture.client()
        .request(
          "POST", "/api/v1/devices/import?dryRun=true",
          headers: fixture.bearer(.deviceManager).merging(["Content-Type": "text/csv"]) { $1 }, body: csv)
      #expect(try answer.json(API.ImportResult.self).dryRun)
      #expect(fixture.platform.state.withLock { $0.imported } == Array(csv.utf8))
      #expect(fixture.platform.state.withLock { $0.callers.first?.principal.role } == .deviceManager)
      #expect(fixture.platform.state.withLock { $0.callers.first?.source } == "127.0.0.1")
    }
  }

  @Test("Unknown paths, other methods and unknown objects are told apart")
  func notFound() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let bearer = fixture.bearer(.administrator)
      #expect(
        try client.request("GET", "/api/v1/nothing", headers: bearer).problemType == "/problems/not-found")
      #expect(try client.request("GET", "/api/v1/devices/missing", headers: bearer).status == 404)
      #expect(try client.request("GET", "/api/v1/devices/a%2Fb", headers: bearer).status == 404)
      let method = try client.request("PUT", "/api/v1/devices", headers: bearer)
      #expect(method.status == 405)
      #expect(method.header("allow") == "GET, POST")
      #expect(try client.request("GET", "/no/such/file.js").status == 404)
    }
  }

  @Test("A failure inside is told without its details, a problem as it is")
  func failures() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      fixture.platform.fail(Secret())
      let hidden = try client.request("GET", "/api/v1/platform", headers: fixture.bearer(.operator))
      #expect(hidden.status == 500)
      #expect(!hidden.text.contains("hunter2") && !hidden.text.contains("Secret"))
      fixture.platform.fail(Problem.timeout("The device did not answer in 5 s.", fix: "Look at its network."))
      let told = try client.request("GET", "/api/v1/platform", headers: fixture.bearer(.operator))
      #expect(told.status == 504)
      #expect(told.problem["fix"] as? String == "Look at its network.")
      #expect(told.problem["status"] as? Int == 504)
      #expect(fixture.service.counters.failures == 2)
    }
  }

  @Test("The console comes with validators and headers that keep everything from elsewhere out")
  func console() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      let page = try client.request("GET", "/")
      #expect(page.status == 200 && page.text == "<html>")
      #expect(page.header("content-security-policy")?.contains("default-src 'self'") == true)
      #expect(page.header("x-content-type-options") == "nosniff")
      #expect(page.header("date")?.hasSuffix("GMT") == true)
      #expect(try client.request("GET", "/", headers: ["If-None-Match": "\"v1\""]).status == 304)
      let head = try client.request("HEAD", "/")
      #expect(head.status == 200 && head.header("content-length") == "6")
      let api = try client.request("GET", "/openapi.json")
      #expect(api.header("x-frame-options") == "DENY")
    }
  }

  @Test("The metrics listener gives metrics and health without a log-in, and nothing else")
  func metrics() async throws {
    let fixture = try await Fixture { $0.metricsHost = "127.0.0.1" }
    try await fixture.serving { fixture in
      let client = try SocketClient(port: try #require(fixture.service.metricsPort))
      #expect(try client.request("GET", "/metrics").text == "tributary_up 1\n")
      #expect(try client.request("GET", "/healthz").status == 200)
      #expect(try client.request("GET", "/api/v1/devices").status == 404)
      #expect(try client.request("GET", "/media/s1/live.mp4").status == 404)
      fixture.platform.state.withLock { $0.ready = false }
      #expect(try client.request("GET", "/healthz").status == 503)
      #expect(try fixture.client().request("GET", "/healthz").status == 503)
    }
  }
}
