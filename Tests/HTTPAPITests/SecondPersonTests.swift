import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

/// What a level leaves to two people waits, is shown to the second, and is carried out once in the name of the first.
@Suite struct SecondPersonTests {
  /// Every route that may wait, as the table says.
  private static let waiting: [String: SecondPersonKind] = [
    "POST /api/v1/grants": .grants, "POST /api/v1/access-requests/{id}/decision": .grants,
    "POST /api/v1/users": .accounts, "PATCH /api/v1/users/{name}": .accounts,
    "DELETE /api/v1/users/{name}": .accounts, "DELETE /api/v1/holds/{id}": .holds,
    "PUT /api/v1/retention": .retention,
    "POST /api/v1/access-log/entries/{number}/erasure": .logErasure,
  ]

  @Test("The routes that may wait for a second person are these, and revoking is not among them")
  func table() {
    let found = RouteTests.table().filter { $0.secondPerson != nil }
      .map { ("\($0.verb) \($0.path)", $0.secondPerson) }
    #expect(Dictionary(found) { $1 } == Self.waiting.mapValues { Optional($0) })
  }

  @Test("Nothing is done before the second person, and afterwards exactly what was sent")
  func carriedOut() async throws {
    let fixture = try await Fixture()
    try await fixture.gate.addAccount(name: "second", role: .administrator, password: "correct horse")
    let first = try await fixture.gate.signIn(user: "root", password: "correct horse", source: "a").token
    let second = try await fixture.gate.signIn(user: "second", password: "correct horse", source: "a").token
    try await fixture.serving { fixture in
      fixture.platform.state.withLock { $0.twoPersons = Set(SecondPersonKind.allCases) }
      for route in RouteTests.table() where route.secondPerson != nil {
        let (path, body, type) = RouteTests.sample(route)
        var headers = ["Authorization": "Bearer \(first)"]
        if body != nil { headers["Content-Type"] = type }
        fixture.platform.state.withLock { ($0.callers, $0.proposals) = ([], []) }
        let answer = try fixture.client().request(route.verb, path, headers: headers, body: body)
        #expect(answer.status == 202, "\(route.verb) \(path)")
        let kept = try #require(fixture.platform.state.withLock { $0.proposals.first })
        #expect(kept.action.verb == route.verb && kept.action.path == path)
        #expect(kept.action.body == Array((body ?? "").utf8) && kept.proposer.name == "root")
        let done = fixture.platform.state.withLock { $0.callers.map(\.principal.name) }
        #expect(done == ["root"], "only the proposal: \(route.verb) \(path)")
        #expect(
          fixture.journal.done.last?.path == "/api/v1/proposals/\(kept.action.kind.rawValue)",
          "\(route.verb) \(path)")
        let id = fixture.platform.state.withLock { $0.proposals.count }
        let confirmed = try fixture.client()
          .request(
            "POST", "/api/v1/proposals/\(id)/confirmation", headers: ["Authorization": "Bearer \(second)"])
        #expect(
          confirmed.status < 300 || confirmed.status == 404, "\(route.verb) \(path): \(confirmed.status)")
        #expect(
          fixture.journal.done.last?.path == path && fixture.journal.done.last?.principal.name == "root")
      }
    }
  }

  @Test("Who proposed it must still be signed in when it is confirmed")
  func signedOut() async throws {
    let fixture = try await Fixture()
    try await fixture.gate.addAccount(name: "second", role: .administrator, password: "correct horse")
    let first = try await fixture.gate.signIn(user: "root", password: "correct horse", source: "a")
    let second = try await fixture.gate.signIn(user: "second", password: "correct horse", source: "a").token
    fixture.platform.state.withLock { $0.twoPersons = [.accounts] }
    try await fixture.serving { fixture in
      let answer = try fixture.client()
        .request(
          "POST", "/api/v1/users",
          headers: ["Authorization": "Bearer \(first.token)", "Content-Type": "application/json"],
          body: #"{"name":"third","role":"operator","password":"long enough 1"}"#)
      #expect(answer.status == 202)
      _ = try fixture.client()
        .request("DELETE", "/api/v1/session", headers: ["Authorization": "Bearer \(first.token)"])
      let confirmed = try fixture.client()
        .request("POST", "/api/v1/proposals/1/confirmation", headers: ["Authorization": "Bearer \(second)"])
      #expect(confirmed.status == 409)
      #expect(!fixture.gate.accounts().contains { $0.name == "third" })
    }
  }
}

extension FakePlatform {
  func needsSecondPerson(_ kind: SecondPersonKind) async -> Bool {
    state.withLock { $0.twoPersons.contains(kind) }
  }

  func propose(_ action: ProposedAction, by caller: Caller) async throws -> API.Proposal {
    try check(caller)
    state.withLock { $0.proposals.append((action, caller.principal)) }
    return Self.proposal
  }

  func proposals(for caller: Caller) async throws -> [API.Proposal] { [Self.proposal] }

  /// The id is the number of the proposal, from 1.
  func confirmProposal(_ id: String, by caller: Caller) async throws -> (
    action: ProposedAction, proposer: Principal
  ) {
    let known = state.withLock { $0.proposals }
    guard let number = Int(id), known.indices.contains(number - 1) else {
      throw Problem.notFound("There is no such proposal.")
    }
    return known[number - 1]
  }

  func withdrawProposal(_ id: String, by caller: Caller) async throws -> API.Proposal {
    try check(caller)
    return Self.proposal
  }

  static let proposal = API.Proposal(
    id: "p1", kind: "grants", verb: "POST", path: "/api/v1/grants", content: "{}", proposedBy: "li",
    proposed: moment, expires: moment, state: "confirmed", decidedBy: "root", decided: moment, mine: false)
}
