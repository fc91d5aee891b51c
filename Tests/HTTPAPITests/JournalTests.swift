import Access
import Synchronization
import Testing

@testable import HTTPAPI

@Suite("Nothing happens that is not written down") struct JournalTests {
  @Test("Every route that changes something is written down before it is run, and is not run when that fails")
  func writeAhead() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      for route in RouteTests.table() where route.verb != "GET" && route.path != "/api/v1/session/password" {
        guard case .needs(let permission) = route.access else { continue }
        let (path, body, type) = RouteTests.sample(route)
        var headers = fixture.bearer(.administrator)
        if body != nil { headers["Content-Type"] = type }
        fixture.journal.state.withLock { $0.isFull = true }
        let before = fixture.platform.state.withLock { $0.callers.count }
        let answer = try fixture.client().request(route.verb, path, headers: headers, body: body)
        #expect(answer.status == 503, "\(route.verb) \(path): \(answer.status)")
        #expect(answer.problemType == "/problems/access-log-unavailable")
        #expect(fixture.platform.state.withLock { $0.callers.count } == before, "\(route.verb) \(path)")
        fixture.journal.state.withLock { $0 = .init() }
        _ = try fixture.client().request(route.verb, path, headers: headers, body: body)
        let actions = fixture.journal.state.withLock { $0.actions }
        #expect(actions.map(\.permission) == [permission], "\(route.verb) \(path)")
        #expect(actions.first?.verb == route.verb && actions.first?.principal.role == .administrator)
      }
    }
  }

  @Test(
    "Refusals, sign-ins and their failures are written down; a session that cannot be logged does not begin")
  func sessions() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let headers = ["Content-Type": "application/json"]
      func signIn(_ password: String) throws -> Int {
        try fixture.client().request(
          "POST", "/api/v1/session", headers: headers, body: #"{"user":"root","password":"\#(password)"}"#
        ).status
      }
      #expect(try signIn("correct horse") == 201 && signIn("wrong one") == 401)
      fixture.journal.state.withLock { state in
        #expect(state.signIns == ["root"] && state.failures == ["root"])
        state.isFull = true
      }
      #expect(try signIn("correct horse") == 503)
      let answer = try fixture.client().request("GET", "/api/v1/users", headers: fixture.bearer(.auditor))
      #expect(answer.status == 403)
      fixture.journal.state.withLock { state in
        #expect(state.refusals.map(\.permission) == [.manageAccounts])
        #expect(state.refusals.first?.path == "/api/v1/users" && state.actions.isEmpty)
      }
    }
  }
}
