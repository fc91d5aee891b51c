import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

/// What every route asks of the rights: a table of all routes, so that none is forgotten.
@Suite struct RouteRightsTests {
  /// Routes whose path names no channel, or only what their permission is about.
  private static let withoutRights: Set<String> = [
    "DELETE /api/v1/access-requests/{id}", "DELETE /api/v1/devices/{id}",
    "DELETE /api/v1/downloads/{download}", "DELETE /api/v1/firmware/{name}", "DELETE /api/v1/grants/{id}",
    "DELETE /api/v1/holds/{id}", "DELETE /api/v1/media-sessions/{session}",
    "DELETE /api/v1/organisations/{id}",
    "DELETE /api/v1/quarantine/{id}", "DELETE /api/v1/session", "DELETE /api/v1/session/purpose",
    "DELETE /api/v1/sessions/{id}", "DELETE /api/v1/tokens/{id}", "DELETE /api/v1/users/{name}",
    "DELETE /api/v1/users/{name}/second-factor",
    "GET /api/v1/levels", "GET /api/v1/levels/visitors", "POST /api/v1/levels/codes",
    "POST /api/v1/levels/enrol",
    "POST /api/v1/levels/rotate",
    "POST /api/v1/levels/{id}/revoke", "GET /api/v1/access-log/witnesses",
    "GET /api/v1/superiors", "GET /api/v1/superiors/{id}", "PUT /api/v1/superiors/{id}",
    "DELETE /api/v1/superiors/{id}", "POST /api/v1/superiors/{id}/register",
    "GET /api/v1/superiors/{id}/ladder", "GET /api/v1/lower-platforms",
    "GET /api/v1/lower-platforms/{id}", "POST /api/v1/lower-platforms/{id}/compare",
    "GET /api/v1/links", "PUT /api/v1/links/{id}",
    "POST /api/v1/session/second-factor", "POST /api/v1/session/second-factor/confirm",
    "POST /api/v1/session/second-factor/remove",
    "GET /api/v1/access-log", "GET /api/v1/access-log/checkpoint", "GET /api/v1/access-log/consistency",
    "GET /api/v1/access-log/entries/{number}", "GET /api/v1/access-log/entries/{number}/proof",
    "GET /api/v1/access-log/head", "POST /api/v1/access-log/entries/{number}/erasure",
    "GET /api/v1/access-requests", "GET /api/v1/alarms", "GET /api/v1/alarms/{id}", "GET /api/v1/break-glass",
    "GET /api/v1/channels", "GET /api/v1/configuration-blocks", "GET /api/v1/devices",
    "GET /api/v1/devices/{id}",
    "GET /api/v1/devices/{id}/cards", "GET /api/v1/devices/{id}/doctor", "GET /api/v1/devices/{id}/ladder",
    "GET /api/v1/devices/{id}/profile", "GET /api/v1/devices/{id}/status",
    "GET /api/v1/devices/{id}/subscriptions", "GET /api/v1/devices/{id}/upgrades", "GET /api/v1/downloads",
    "GET /api/v1/downloads/{download}", "GET /api/v1/events", "GET /api/v1/firmware", "GET /api/v1/grants",
    "GET /api/v1/health", "GET /api/v1/holds", "GET /api/v1/looks", "GET /api/v1/media-sessions",
    "GET /api/v1/media-sessions/{session}", "GET /api/v1/organisations", "GET /api/v1/people",
    "GET /api/v1/platform", "GET /api/v1/profiles", "GET /api/v1/purposes", "GET /api/v1/quarantine",
    "GET /api/v1/retention", "GET /api/v1/session", "GET /api/v1/session/purpose", "GET /api/v1/sessions",
    "GET /api/v1/storage/check", "GET /api/v1/timeline", "GET /api/v1/tokens", "GET /api/v1/tree",
    "GET /api/v1/users", "GET /api/v1/voices", "GET /firmware/{session}/{file}", "GET /healthz",
    "GET /media/{session}/live.mp4", "GET /media/{session}/voice", "GET /media/{session}/ws",
    "GET /media/{session}/{file}", "GET /metrics", "GET /openapi.json", "PATCH /api/v1/devices/{id}",
    "PATCH /api/v1/devices/{id}/profile", "PATCH /api/v1/media-sessions/{session}",
    "PATCH /api/v1/people/{name}", "POST /api/v1/access-requests",
    "POST /api/v1/access-requests/{id}/decision", "POST /api/v1/alarms/{id}/acknowledge",
    "POST /api/v1/break-glass", "POST /api/v1/break-glass/{id}/review", "POST /api/v1/devices",
    "POST /api/v1/devices/import", "POST /api/v1/devices/{id}/refresh", "POST /api/v1/grants",
    "POST /api/v1/grants/explain", "POST /api/v1/holds", "POST /api/v1/quarantine/{id}/approve",
    "POST /api/v1/retention/preview", "POST /api/v1/session", "POST /api/v1/session/password",
    "POST /api/v1/storage/check", "POST /api/v1/tokens", "POST /api/v1/users",
    "POST /upload/snapshots/{session}", "POST /upload/snapshots/{session}/{file}",
    "PUT /api/v1/devices/{id}/subscriptions", "PUT /api/v1/firmware/{name}", "PUT /api/v1/organisations/{id}",
    "PUT /api/v1/purposes/{code}", "PUT /api/v1/retention", "PUT /api/v1/session/purpose",
    "GET /api/v1/proposals", "POST /api/v1/proposals/{id}/confirmation", "DELETE /api/v1/proposals/{id}",
    "PATCH /api/v1/users/{name}", "GET /api/v1/sign-in", "GET /api/v1/session/external",
    "GET /api/v1/session/external/callback",
    "PUT /upload/snapshots/{session}", "PUT /upload/snapshots/{session}/{file}",
  ]

  /// What the others ask for.
  private static let rights: [String: Route.Rights] = [
    "DELETE /api/v1/channels/{id}/voice": .shown, "GET /api/v1/channels/{id}": .shown,
    "GET /api/v1/channels/{id}/configuration": .asks(.configure),
    "GET /api/v1/channels/{id}/configuration/{block}": .asks(.configure),
    "GET /api/v1/channels/{id}/cruises": .asks(.control),
    "GET /api/v1/channels/{id}/cruises/{number}": .asks(.control), "GET /api/v1/channels/{id}/doctor": .shown,
    "GET /api/v1/channels/{id}/export.mp4": .inside(.download),
    "GET /api/v1/channels/{id}/home-position": .asks(.control), "GET /api/v1/channels/{id}/labels": .shown,
    "GET /api/v1/channels/{id}/presets": .asks(.control), "GET /api/v1/channels/{id}/ptz": .shown,
    "GET /api/v1/channels/{id}/ptz-position": .asks(.control), "GET /api/v1/channels/{id}/records": .shown,
    "GET /api/v1/channels/{id}/snapshot.jpg": .asks(.live), "GET /api/v1/channels/{id}/snapshots": .shown,
    "GET /api/v1/channels/{id}/snapshots/{file}": .asks(.live), "GET /api/v1/channels/{id}/timeline": .shown,
    "GET /api/v1/channels/{id}/voice": .shown, "GET /api/v1/devices/{id}/configuration": .asks(.configure),
    "GET /api/v1/devices/{id}/configuration/{block}": .asks(.configure),
    "GET /api/v1/downloads/{download}/file.mp4": .inside(.download),
    "PATCH /api/v1/channels/{id}": .asks(.configure),
    "PATCH /api/v1/channels/{id}/presets/{number}": .asks(.control),
    "POST /api/v1/channels/{id}/controls": .asks(.control),
    "POST /api/v1/channels/{id}/downloads": .inside(.download),
    "POST /api/v1/channels/{id}/live": .inside(.live),
    "POST /api/v1/channels/{id}/playback": .inside(.replay),
    "POST /api/v1/channels/{id}/ptz": .asks(.control),
    "POST /api/v1/channels/{id}/snapshots": .asks(.live), "POST /api/v1/channels/{id}/voice": .inside(.audio),
    "POST /api/v1/devices/{id}/controls": .asks(.configure),
    "PUT /api/v1/channels/{id}/configuration/{block}": .asks(.configure),
    "PUT /api/v1/channels/{id}/home-position": .asks(.control), "PUT /api/v1/channels/{id}/labels": .shown,
    "PUT /api/v1/devices/{id}/configuration/{block}": .asks(.configure),
  ]

  @Test("Every route stands in this table with what it asks of the rights")
  func table() {
    for route in RouteTests.table() {
      let name = "\(route.verb) \(route.path)"
      let known = Self.withoutRights.contains(name) ? Route.Rights.none : Self.rights[name]
      #expect(known == route.rights, "\(name) asks for \(route.rights)")
      if route.path.hasPrefix("/api/v1/channels/{id}") { #expect(route.rights != .none, "\(name)") }
      // What nobody needs to sign in for has a credential of its own in the path, or tells nothing.
      if route.access == .open { #expect(route.rights == .none, "\(name)") }
    }
  }

  @Test(
    "What is decided before the platform is asked is decided for the right channel, and a denial ends it there"
  )
  func decided() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let client = try fixture.client()
      for route in RouteTests.table() {
        let expected: String
        switch route.rights {
        case .none, .inside: continue
        case .shown: expected = "shown a_b"
        case .asks(let operation): expected = "\(operation.rawValue) a_b"
        }
        let (path, body, type) = RouteTests.sample(route)
        var headers = fixture.bearer(.administrator)
        if body != nil { headers["Content-Type"] = type }
        fixture.platform.state.withLock { $0.asked = [] }
        _ = try client.request(route.verb, path, headers: headers, body: body)
        #expect(fixture.platform.state.withLock { $0.asked } == [expected], "\(route.verb) \(path)")
        var denial = Problem(slug: "access-denied", status: 403, title: "t", detail: "d")
        denial.reason = "no-grant"
        fixture.platform.state.withLock { [denial] in ($0.denial, $0.callers) = (denial, []) }
        let answer = try client.request(route.verb, path, headers: headers, body: body)
        #expect(answer.status == 403 && answer.problemType == "/problems/access-denied")
        #expect(answer.problem["reason"] as? String == "no-grant")
        #expect(fixture.platform.state.withLock { $0.callers.isEmpty }, "\(route.verb) \(path) went on")
        fixture.platform.state.withLock { $0.denial = nil }
      }
    }
  }

  @Test("A purpose in the query travels with the caller, completed by what the body leaves out")
  func stated() {
    let caller = Caller(
      principal: Principal(name: "li", role: .operator, kind: .user, credential: "c", expires: nil),
      source: "", correlation: "", stated: API.Statement(purpose: "case", caseNumber: "7"))
    var live = API.LiveRequest()
    #expect(live.statement(of: caller) == API.Statement(purpose: "case", caseNumber: "7"))
    (live.purpose, live.approver) = ("training", "chief")
    #expect(
      live.statement(of: caller) == API.Statement(purpose: "training", caseNumber: "7", approver: "chief"))
  }
}
