import Access
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

/// Grants, purposes and requests on a whole server.
@Suite("Rights", .serialized)
struct RightsTests {
  static let words = "correct horse battery"

  /// A server with one device of two cameras.
  private func with(
    _ body: (RunningServer, [ChannelKey], SimulatedFleet) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 2)
      let keys = (0..<2).map {
        ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: $0))
      }
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { Set(server.runtime.playableChannels).isSuperset(of: keys) })
        try await body(server, keys, fleet)
      }
    }
  }

  /// An account, signed in.
  private func person(_ server: RunningServer, _ name: String, _ role: Role) async throws -> HTTPClient {
    try await server.services.gatekeeper.addAccount(name: name, role: role, password: Self.words)
    let signedIn = try await HTTPClient(port: server.http.port, token: nil).json(
      "POST", "/api/v1/session", API.SignIn(user: name, password: Self.words), as: API.SignedInSession.self)
    return HTTPClient(port: server.http.port, token: signedIn.token)
  }

  private func live(
    _ http: HTTPClient, _ key: ChannelKey, _ request: API.LiveRequest = API.LiveRequest()
  ) async throws -> API.MediaSessionOpened {
    try await http.json(
      "POST", "/api/v1/channels/\(key)/live", request, as: API.MediaSessionOpened.self)
  }

  /// The problem's slug and reason.
  private func refusal(_ answer: HTTPClient.Answer) throws -> [String] {
    struct Document: Decodable {
      var type: String
      var reason: String?
      var fix: String?
    }
    let document = try answer.json(Document.self)
    #expect(answer.status == 403 && document.fix != nil)
    return [document.type, document.reason ?? ""]
  }

  private func give(_ server: RunningServer, _ grant: API.NewGrant) async throws -> API.Grant {
    try await server.http.json("POST", "/api/v1/grants", grant, as: API.Grant.self)
  }

  private func revoke(_ server: RunningServer, _ id: String) async throws {
    #expect(try await server.http.send("DELETE", "/api/v1/grants/\(id)").status == 200)
  }

  @Test("A new level has one grant of the house for each role, seen and revocable, and revoked for good")
  func house() async throws {
    try await Folder.with { folder in
      var server = try await RunningServer.start(folder: folder)
      let grants = try await server.http.json("GET", "/api/v1/grants", as: API.Page<API.Grant>.self).items
      #expect(Set(grants.map(\.id)) == Set(Role.allCases.map { "house-\($0.rawValue)" }))
      #expect(grants.allSatisfy { $0.inForce && $0.scope.kind == "all" && $0.grantee.kind == "role" })
      let operations = Dictionary(grants.map { ($0.grantee.name, $0.operations) }) { $1 }
      #expect(operations["operator"] == ["audio", "control", "download", "live", "replay"])
      #expect(operations["auditor"] == [] && operations["device-manager"] == ["configure"])
      try await revoke(server, "house-operator")
      #expect(try await server.http.send("DELETE", "/api/v1/grants/house-operator").status == 409)
      try await server.stop()
      server = try await RunningServer.start(folder: folder)
      let after = try await server.http.json("GET", "/api/v1/grants", as: API.Page<API.Grant>.self).items
      #expect(after.count == Role.allCases.count)
      #expect(after.filter { !$0.inForce }.map(\.id) == ["house-operator"])
      try await server.stop()
    }
  }

  @Test("A revoked grant ends the picture, says so, and shows nothing any more; what stays granted stays")
  func revoked() async throws {
    try await with { server, keys, _ in
      try await revoke(server, "house-operator")
      let li = try await person(server, "li", .operator)
      let channels = try await li.json("GET", "/api/v1/channels", as: API.Page<API.Channel>.self).items
      #expect(channels.isEmpty)
      #expect(try await li.json("GET", "/api/v1/tree", as: API.Tree.self).nodes.isEmpty)
      let path = "/api/v1/channels/\(keys[0])"
      #expect(
        try refusal(try await li.send("POST", path + "/live", API.LiveRequest()))
          == ["/problems/access-denied", "revoked"])
      let grant = try await give(
        server,
        API.NewGrant(
          grantee: .init(kind: "person", name: "li"),
          scope: .init(kind: "list", channels: [keys[0].description]), operations: ["live"]))
      let listed = try await li.json("GET", "/api/v1/channels", as: API.Page<API.Channel>.self).items
      #expect(listed.map(\.id) == [keys[0].description])
      let tree = try await li.json("GET", "/api/v1/tree", as: API.Tree.self).nodes
      #expect(tree.compactMap(\.channel) == [keys[0].description] && tree.count == 2)
      let now = SystemClock.wall()
      var holds: [API.Hold] = []
      for key in keys {
        let hold = API.NewHold(
          channel: key.description, from: API.Time(now - .seconds(60)), to: API.Time(now), reason: "accident")
        holds.append(try await server.http.json("POST", "/api/v1/holds", hold, as: API.Hold.self))
      }
      let held = try await li.json("GET", "/api/v1/holds", as: API.Page<API.Hold>.self).items
      #expect(held.map(\.id) == [holds[0].id])
      #expect(try await li.send("DELETE", "/api/v1/holds/\(holds[1].id)").status == 404)
      let other = try await li.send("GET", "/api/v1/channels/\(keys[1])")
      #expect(try refusal(other) == ["/problems/access-denied", "no-grant"])
      #expect(
        try refusal(try await li.send("POST", path + "/ptz", API.PTZRequest(action: .stop)))
          == ["/problems/access-denied", "revoked"])
      let events = server.services.hub.listen()
      let opened = try await live(li, keys[0])
      #expect(try await li.stream(opened.urls.fmp4, bytes: 20_000).status == 200)
      try await revoke(server, grant.id)
      for await case .session(let event) in events
      where event.session == opened.session && event.state == .ended {
        #expect(event.cause?.code == "access-revoked" && event.cause?.fix != nil)
        break
      }
      #expect(server.services.desk.table.find(opened.session) == nil)
      #expect(await eventually { server.services.calls.count == 0 })
      let looks = try await server.http.json("GET", "/api/v1/looks?user=li", as: API.Page<API.Look>.self)
        .items
      #expect(looks.count == 1 && looks[0].ended != nil && looks[0].purpose == "patrol")
    }
  }

  @Test("A picture ends with its grant and with its purpose, without anybody doing anything")
  func expiry() async throws {
    try await with { server, keys, _ in
      let li = try await person(server, "li", .operator)
      try await revoke(server, "house-operator")
      let soon = API.Time(SystemClock.wall() + .seconds(3))
      _ = try await give(
        server,
        API.NewGrant(
          grantee: .init(kind: "person", name: "li"), scope: .init(kind: "subtree", name: Cameras.first),
          operations: ["live"], conditions: API.GrantConditions(expires: soon)))
      let first = try await live(li, keys[0])
      #expect(await eventually { server.services.desk.table.find(first.session) == nil })
      #expect(
        try refusal(try await li.send("POST", "/api/v1/channels/\(keys[0])/live", API.LiveRequest()))
          == ["/problems/access-denied", "expired"])
      let zhao = try await person(server, "zhao", .administrator)
      let standing = API.StandingPurpose(
        purpose: "case", caseNumber: "2026-7", until: API.Time(SystemClock.wall() + .seconds(3)))
      _ = try await zhao.json("PUT", "/api/v1/session/purpose", standing, as: API.OwnPurpose.self)
      let second = try await live(zhao, keys[0])
      #expect(await eventually { server.services.desk.table.find(second.session) == nil })
      #expect(
        try refusal(try await zhao.send("POST", "/api/v1/channels/\(keys[0])/live", API.LiveRequest()))
          == ["/problems/purpose-needed", "purpose-expired"])
      let looks = try await server.http.json("GET", "/api/v1/looks?user=zhao", as: API.Page<API.Look>.self)
      #expect(looks.items.map(\.purpose) == ["case · 2026-7"])
      let back = try await zhao.json("DELETE", "/api/v1/session/purpose", as: API.OwnPurpose.self)
      #expect(back == API.OwnPurpose(standing: .init(purpose: "maintenance"), byRole: true))
      _ = try await live(zhao, keys[0])
    }
  }

  @Test(
    "A purpose that needs a case is asked for it, an unknown word is kept as words, a reserved one is refused"
  )
  func purposes() async throws {
    try await with { server, keys, _ in
      let li = try await person(server, "li", .operator)
      let path = "/api/v1/channels/\(keys[0])/live"
      #expect(
        try refusal(try await li.send("POST", path, API.LiveRequest(purpose: "case")))
          == ["/problems/purpose-needed", "case-needed"])
      #expect(
        try refusal(try await li.send("POST", path, API.LiveRequest(purpose: "break-glass")))
          == ["/problems/access-denied", "wrong-purpose"])
      var request = API.LiveRequest(purpose: "case")
      request.caseNumber = "A 1"
      _ = try await live(li, keys[0], request)
      _ = try await live(li, keys[0], API.LiveRequest(purpose: "children on the ice"))
      let looks = try await server.http.json("GET", "/api/v1/looks?user=li", as: API.Page<API.Look>.self)
        .items
      #expect(looks.map(\.purpose) == ["children on the ice", "case · A 1"])
      let unset = try await li.send(
        "PUT", "/api/v1/session/purpose", API.StandingPurpose(purpose: "nonsense"))
      #expect(unset.status == 422)
      // Who has no standing duty must say why.
      let key = try await server.services.gatekeeper.addToken(name: "probe", role: .auditor, by: "test").key
      let auditor = HTTPClient(port: server.http.port, token: key)
      let own = try await auditor.json("GET", "/api/v1/session/purpose", as: API.OwnPurpose.self)
      #expect(own == API.OwnPurpose(standing: nil, byRole: true))
    }
  }

  @Test("Access is asked for, granted by somebody else, used, and gone with the account")
  func requests() async throws {
    try await with { server, keys, _ in
      let li = try await person(server, "li", .operator)
      try await revoke(server, "house-operator")
      let asked = try await li.json(
        "POST", "/api/v1/access-requests",
        API.NewAccessRequest(
          scope: .init(kind: "list", channels: [keys[0].description]), operations: ["live"],
          purpose: "incident", words: "flood", until: API.Time(SystemClock.wall() + .seconds(3_600))),
        as: API.AccessRequest.self)
      #expect(asked.state == "asked" && asked.asker == "li")
      #expect(
        try await li.send("POST", "/api/v1/access-requests/\(asked.id)/decision", ["grant": true]).status
          == 403)
      let granted = try await server.http.json(
        "POST", "/api/v1/access-requests/\(asked.id)/decision",
        API.AccessRequestDecision(grant: true, answer: "yes"), as: API.AccessRequest.self)
      #expect(granted.state == "granted" && granted.decidedBy == "test" && granted.answer == "yes")
      let mine = try await li.json("GET", "/api/v1/access-requests", as: API.Page<API.AccessRequest>.self)
      #expect(mine.items == [granted])
      #expect(
        try refusal(try await li.send("POST", "/api/v1/channels/\(keys[0])/live", API.LiveRequest()))
          == ["/problems/access-denied", "wrong-purpose"])
      _ = try await live(li, keys[0], API.LiveRequest(purpose: "incident"))
      let again = try await server.http.send(
        "POST", "/api/v1/access-requests/\(asked.id)/decision", API.AccessRequestDecision(grant: false))
      #expect(again.status == 409)
      #expect(try await server.http.send("DELETE", "/api/v1/users/li").status == 204)
      let grant = try #require(server.services.rights.grants.first { $0.id == granted.grant })
      #expect(grant.revoked?.by == "tributary")
    }
  }

  @Test("Broken glass shows everything for a while, is reviewed by somebody else, and ends with that")
  func glass() async throws {
    try await with { server, keys, _ in
      let li = try await person(server, "li", .operator)
      let chief = try await person(server, "chief", .administrator)
      try await revoke(server, "house-operator")
      #expect(
        try await li.send("POST", "/api/v1/break-glass", API.NewBreakGlass(reason: "quick")).status == 422)
      let glass = try await li.json(
        "POST", "/api/v1/break-glass", API.NewBreakGlass(reason: "smoke in the school"),
        as: API.BreakGlass.self)
      let opened = try await live(li, keys[0], API.LiveRequest(purpose: "break-glass"))
      let path = "/api/v1/break-glass/\(glass.id)/review"
      #expect(try await li.send("POST", path, API.BreakGlassReview(verdict: "justified")).status == 403)
      let reviewed = try await chief.json(
        "POST", path, API.BreakGlassReview(verdict: "justified", words: "there was"), as: API.BreakGlass.self)
      #expect(reviewed.reviewedBy == "chief" && reviewed.verdict == "justified")
      #expect(await eventually { server.services.desk.table.find(opened.session) == nil })
      #expect(try await chief.send("POST", path, API.BreakGlassReview(verdict: "justified")).status == 409)
    }
  }

  @Test("An explanation says what would be decided, by which grant, and counts for nothing")
  func explained() async throws {
    try await with { server, keys, _ in
      _ = try await person(server, "li", .operator)
      let decided = Locked(0)
      server.services.rights.onDecision { _, _ in decided.with { $0 += 1 } }
      var trial = API.AccessTrial(
        asker: .init(kind: "person", name: "li"), operation: "live", channel: keys[0].description)
      let yes = try await server.http.json(
        "POST", "/api/v1/grants/explain", trial, as: API.AccessExplanation.self)
      #expect(yes.allowed && yes.grant == "house-operator" && yes.considered.count == 1)
      trial.operation = "configure"
      let no = try await server.http.json(
        "POST", "/api/v1/grants/explain", trial, as: API.AccessExplanation.self)
      #expect(!no.allowed && no.reason == "operation-not-granted" && no.fix != nil)
      #expect(decided.with { $0 } == 0)
      _ = try await live(server.http, keys[0])
      #expect(decided.with { $0 } == 1)
    }
  }

  @Test("A grant's limit of viewers holds, and its priority is that of who moves the camera")
  func limits() async throws {
    try await with { server, keys, _ in
      let li = try await person(server, "li", .operator)
      try await revoke(server, "house-operator")
      _ = try await give(
        server,
        API.NewGrant(
          grantee: .init(kind: "role", name: "operator"), scope: .init(kind: "all"),
          operations: ["live", "control"], priority: 222, conditions: API.GrantConditions(viewers: 1)))
      let first = try await live(li, keys[0])
      let path = "/api/v1/channels/\(keys[1])/live"
      #expect(
        try refusal(try await li.send("POST", path, API.LiveRequest()))
          == ["/problems/access-denied", "too-many-viewers"])
      #expect(try await li.send("DELETE", "/api/v1/media-sessions/\(first.session)").status == 204)
      let second = try await live(li, keys[1])
      #expect(try await li.send("DELETE", "/api/v1/media-sessions/\(second.session)").status == 204)
      let move = try await li.json(
        "POST", "/api/v1/channels/\(keys[0])/ptz", API.PTZRequest(action: .move, pan: 0.5, hold: 1_000),
        as: API.PTZAnswer.self)
      #expect(move.holder?.priority == 222)
    }
  }

  @Test("Another level is decided by the grants for it alone, and whose turn it is is told")
  func levels() async throws {
    try await with { server, keys, _ in
      let rights = server.services.rights
      let city = try #require(DeviceID("34020000002000000009"))
      func decide(_ code: String?) -> AccessDecision {
        rights.decide(question(code))
      }
      func question(_ code: String?) -> AccessQuestion {
        AccessQuestion(
          asker: Asker(person: "test", level: city.text), operation: .live, channel: rights.facts(keys[0]),
          purpose: code.map { StatedPurpose(code: $0) }, moment: SystemClock.wall())
      }
      #expect(decide("patrol") == .denied(Denial(.noGrant)))
      let grant = try await give(
        server,
        API.NewGrant(
          grantee: .init(kind: "level", name: city.text), scope: .init(kind: "subtree", name: "34"),
          operations: ["live"]))
      #expect(decide("patrol").allowance?.grant == grant.id)
      let upward = UpwardQuestion(
        level: city, operation: .live, channel: keys[0], purpose: RightsService.levelPurpose)
      #expect(rights.upward.sees(city, keys[0]) && rights.upward.holds(upward, nil))
      #expect(decide(nil).denial?.reason == .purposeNeeded)
      let look = try #require(rights.begin(question("patrol"), keys[0]).1)
      let ended = Locked<Denial.Reason?>(nil)
      rights.attach(
        look, isAlive: { ended.with { $0 } == nil }, end: { reason in ended.with { $0 = reason } })
      try await revoke(server, grant.id)
      #expect(await eventually { ended.with { $0 } == .revoked })
      #expect(await eventually { rights.lookCount == 0 })
      #expect(!rights.upward.sees(city, keys[0]) && !rights.upward.holds(upward, nil))
    }
  }

  @Test("Sessions are listed and ended, the own ones by everybody, others by administrators")
  func sessions() async throws {
    try await RunningServer.with { server in
      let li = try await person(server, "li", .operator)
      let zhao = try await person(server, "zhao", .operator)
      let mine = try await li.json("GET", "/api/v1/sessions", as: API.Page<API.SignedInElsewhere>.self).items
      #expect(mine.map(\.user) == ["li"] && mine[0].own)
      let all = try await server.http.json(
        "GET", "/api/v1/sessions", as: API.Page<API.SignedInElsewhere>.self
      )
      .items
      #expect(Set(all.map(\.user)) == ["li", "zhao"] && !all.contains { $0.own })
      #expect(try await zhao.send("DELETE", "/api/v1/sessions/\(mine[0].id)").status == 404)
      #expect(try await server.http.send("DELETE", "/api/v1/sessions/\(mine[0].id)").status == 204)
      #expect(try await li.send("GET", "/api/v1/session").status == 401)
      #expect(try await zhao.send("GET", "/api/v1/session").status == 200)
    }
  }
}
