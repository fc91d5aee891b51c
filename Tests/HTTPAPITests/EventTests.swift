import Access
import Testing

@testable import HTTPAPI

@Suite struct EventTests {
  @Test("Events arrive as they happen, with heartbeats in between")
  func stream() async throws {
    let fixture = try await Fixture { $0.eventHeartbeat = .milliseconds(50) }
    try await fixture.serving { fixture in
      let client = try fixture.client()
      try client.send(
        "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.keys[.auditor] ?? "")\r\n\r\n"
      )
      let head = try client.head()
      #expect(head.status == 200)
      #expect(head.header("content-type")?.hasPrefix("text/event-stream") == true)
      #expect(eventually { fixture.platform.listening == 1 })
      fixture.platform.emit(.quarantine(.init(id: "34020000001320000009")))
      fixture.platform.emit(
        .session(.init(session: "s1", state: .error, cause: .init(code: "timeout", text: "no answer"))))
      _ = try client.receive(until: "event: quarantine\ndata: {\"id\":\"34020000001320000009\"}\n\n")
      let more = try client.receive(until: "\n\n\r\n")
      #expect(more.contains("event: session\ndata: {\"cause\":{\"code\":\"timeout\",\"text\":\"no answer\"}"))
      _ = try client.receive(until: ": still here\n\n")
    }
  }

  @Test("An event stream ends when its session does")
  func signedOut() async throws {
    let fixture = try await Fixture { $0.eventHeartbeat = .milliseconds(50) }
    try await fixture.serving { fixture in
      let session = try fixture.client().request("POST", "/api/v1/session", body: AccountTests.login)
        .json(API.SignedInSession.self)
      let client = try fixture.client()
      try client.send(
        "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(session.token)\r\n\r\n")
      _ = try client.receive(until: "retry: 2000\n\n")
      let bearer = ["Authorization": "Bearer \(session.token)"]
      #expect(try fixture.client().request("DELETE", "/api/v1/session", headers: bearer).status == 204)
      _ = try client.receive(until: "0\r\n\r\n")
    }
  }

  @Test("A shutdown ends event streams, closes idle connections and frees the port")
  func shutdown() async throws {
    let fixture = try await Fixture { $0.drain = .seconds(20) }
    try await fixture.serving { fixture in
      let events = try fixture.client()
      try events.send(
        "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.keys[.auditor] ?? "")\r\n\r\n"
      )
      _ = try events.receive(until: "retry: 2000\n\n")
      let idle = try fixture.client()
      #expect(try idle.request("GET", "/healthz").status == 200)
      let port = fixture.port
      fixture.service.shutdown()
      _ = try events.receiveAll()
      #expect(try idle.receiveAll().isEmpty)
      #expect(eventually { (try? SocketClient(port: port)) == nil })
    }
  }
}
