import Access
import DeviceSimulator
import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

/// Roles that change, the two-person rule, watermarks and narrowed grants on a whole server.
@Suite("People", .serialized)
struct PeopleTests {
  private func person(_ server: RunningServer, _ name: String, _ role: Role) async throws -> HTTPClient {
    try await server.services.gatekeeper.addAccount(name: name, role: role, password: RightsTests.words)
    let token = try await server.services.gatekeeper.signIn(
      user: name, password: RightsTests.words, source: "test"
    ).token
    return HTTPClient(port: server.http.port, token: token)
  }

  private func withCamera(
    _ change: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (RunningServer, ChannelKey) async throws -> Void
  ) async throws {
    try await RunningServer.with(change) { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      let key = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await body(server, key)
      }
    }
  }

  private func live(_ http: HTTPClient, _ key: ChannelKey) async throws -> API.MediaSessionOpened {
    try await http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(), as: API.MediaSessionOpened.self)
  }

  @Test("A picture ends when its viewer gets another role, or leaves the organisation that it was granted to")
  func moved() async throws {
    try await withCamera { server, key in
      let li = try await person(server, "li", .operator)
      let first = try await live(li, key)
      let changed = try await server.http.json(
        "PATCH", "/api/v1/users/li", API.AccountChange(role: "auditor"), as: API.Account.self)
      #expect(changed.role == "auditor")
      #expect(await eventually { server.services.desk.table.find(first.session) == nil })
      #expect(try await li.send("POST", "/api/v1/channels/\(key)/live", API.LiveRequest()).status == 403)
      _ = try await server.http.send("PATCH", "/api/v1/users/li", API.AccountChange(role: "operator"))
      try await server.services.rights.revoke("house-operator", by: "test")
      _ = try await server.http.send(
        "PUT", "/api/v1/organisations/bureau", API.OrganisationChange(name: "Bureau"))
      _ = try await server.http.send("PATCH", "/api/v1/people/li", API.PersonChange(organisation: "bureau"))
      let grant = API.NewGrant(
        grantee: .init(kind: "organisation", name: "bureau"), scope: .init(kind: "all"), operations: ["live"])
      _ = try await server.http.json("POST", "/api/v1/grants", grant, as: API.Grant.self)
      let second = try await live(li, key)
      _ = try await server.http.send("PATCH", "/api/v1/people/li", API.PersonChange(organisation: ""))
      #expect(await eventually { server.services.desk.table.find(second.session) == nil })
    }
  }

  @Test("The last administrator with a password keeps the role")
  func lastAdministrator() async throws {
    try await RunningServer.with { server in
      _ = try await person(server, "root", .administrator)
      let change = API.AccountChange(role: "operator")
      #expect(try await server.http.send("PATCH", "/api/v1/users/root", change).status == 409)
      _ = try await person(server, "second", .administrator)
      #expect(try await server.http.send("PATCH", "/api/v1/users/root", change).status == 200)
      #expect(try await server.http.send("PATCH", "/api/v1/users/nobody", change).status == 404)
    }
  }

  @Test(
    "What is left to two people is done when the second says so, once, and never by a key or by one alone")
  func twoPersons() async throws {
    let change: (inout ServerConfiguration) -> Void = { $0.twoPersons = [.accounts] }
    try await RunningServer.with(change) { server in
      let (first, second) = (
        try await person(server, "first", .administrator), try await person(server, "second", .administrator)
      )
      let watcher = try await person(server, "watcher", .operator)
      let account = API.NewAccount(name: "third", role: "operator", password: "long enough 3")
      #expect(try await server.http.send("POST", "/api/v1/users", account).status == 403, "a key")
      let answer = try await first.send("POST", "/api/v1/users", account)
      #expect(answer.status == 202)
      let proposal = try answer.json(API.Proposal.self)
      #expect(proposal.state == "proposed" && proposal.mine && proposal.proposedBy == "first")
      #expect(proposal.content == #"{"name":"third","role":"operator"}"#, "without the password")
      #expect(!server.services.gatekeeper.accounts().contains { $0.name == "third" })
      let path = "/api/v1/proposals/\(proposal.id)/confirmation"
      #expect(try await first.send("POST", path).status == 403, "the same person")
      #expect(try await watcher.send("POST", path).status == 403, "another role")
      let lists = [
        try await second.json("GET", "/api/v1/proposals", as: API.Page<API.Proposal>.self),
        try await watcher.json("GET", "/api/v1/proposals", as: API.Page<API.Proposal>.self),
      ]
      #expect(lists[0].items.map(\.mine) == [false] && lists[1].items.isEmpty)
      #expect(try await second.send("POST", path).status == 201)
      #expect(server.services.gatekeeper.accounts().contains { $0.name == "third" })
      #expect(try await second.send("POST", path).status == 409, "once")
      let removal = try await second.send("DELETE", "/api/v1/users/third")
      let waiting = try removal.json(API.Proposal.self)
      #expect(try await first.send("DELETE", "/api/v1/proposals/\(waiting.id)").status == 200)
      #expect(try await first.send("POST", "/api/v1/proposals/\(waiting.id)/confirmation").status == 409)
      #expect(server.services.gatekeeper.accounts().contains { $0.name == "third" })
      // What is not left to two people is done by one.
      #expect(
        try await first.send("PUT", "/api/v1/organisations/bureau", API.OrganisationChange(name: "B")).status
          == 200)
    }
  }

  @Test(
    "The viewer's name stands over pictures, unless the level, his organisation or the grant does without")
  func watermark() async throws {
    let change: (inout ServerConfiguration) -> Void = { $0.unmarkedOrganisations = ["cinema"] }
    try await withCamera(change) { server, key in
      let li = try await person(server, "li", .operator)
      let marked = try await live(li, key)
      #expect(marked.watermark)
      _ = try await server.http.send(
        "PUT", "/api/v1/organisations/cinema", API.OrganisationChange(name: "Cinema"))
      _ = try await server.http.send("PATCH", "/api/v1/people/li", API.PersonChange(organisation: "cinema"))
      let unmarked = try await live(li, key)
      #expect(!unmarked.watermark)
      let wang = try await person(server, "wang", .operator)
      try await server.services.rights.revoke("house-operator", by: "test")
      let grant = API.NewGrant(
        grantee: .init(kind: "person", name: "wang"), scope: .init(kind: "all"), operations: ["live"],
        conditions: API.GrantConditions(unmarked: true))
      let given = try await server.http.json("POST", "/api/v1/grants", grant, as: API.Grant.self)
      #expect(given.conditions.unmarked == true)
      let granted = try await live(wang, key)
      #expect(!granted.watermark)
    }
    let off: (inout ServerConfiguration) -> Void = { $0.watermark = false }
    try await withCamera(off) { server, key in
      let opened = try await live(server.http, key)
      #expect(!opened.watermark)
    }
  }

  @Test("Nobody is told of another's pictures: whoever knows a session can watch it")
  func told() async throws {
    try await withCamera { server, key in
      let (li, wang) = (
        try await person(server, "li", .operator), try await person(server, "wang", .operator)
      )
      let events = try await li.events("/api/v1/events")
      #expect(await eventually { server.services.hub.listenerCount > 0 })
      let other = try await live(wang, key)
      _ = try await wang.send("DELETE", "/api/v1/media-sessions/\(other.session)")
      let own = try await live(li, key)
      _ = try await li.send("DELETE", "/api/v1/media-sessions/\(own.session)")
      let lines = try await offPool {
        var lines: [String] = []
        while !lines.contains(where: { $0.contains(own.session) }) { lines.append(try events.line()) }
        return lines
      }
      #expect(!lines.contains { $0.contains(other.session) })
    }
  }

  @Test("An approver gives some of what was asked for, and the grant holds no more")
  func narrowed() async throws {
    try await RunningServer.with { server in
      let li = try await person(server, "li", .operator)
      let asked = try await li.json(
        "POST", "/api/v1/access-requests",
        API.NewAccessRequest(
          scope: .init(kind: "all"), operations: ["live", "replay"], purpose: "incident", words: "flood",
          until: API.Time(SystemClock.wall() + .seconds(3_600))), as: API.AccessRequest.self)
      let path = "/api/v1/access-requests/\(asked.id)/decision"
      let wider = API.AccessRequestDecision(grant: true, operations: ["live", "control"])
      #expect(try await server.http.send("POST", path, wider).status == 422)
      let decision = API.AccessRequestDecision(
        grant: true, operations: ["replay"], hours: API.WeeklyHours(from: "08:00", to: "18:00"),
        footageSeconds: 86_400, viewers: 1)
      let granted = try await server.http.json("POST", path, decision, as: API.AccessRequest.self)
      let grants = try await server.http.json("GET", "/api/v1/grants", as: API.Page<API.Grant>.self).items
      let grant = try #require(grants.first { $0.id == granted.grant })
      #expect(grant.operations == ["replay"] && grant.conditions.viewers == 1)
      #expect(grant.conditions.footageSeconds == 86_400 && grant.conditions.hours?.from == "08:00")
      #expect(grant.conditions.expires == asked.until && grant.conditions.purposes == ["incident"])
    }
  }
}
