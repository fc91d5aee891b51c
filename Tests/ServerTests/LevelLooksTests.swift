import Access
import AccessLog
import Cryptography
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import LevelCore
import MediaTime
import Registry
import SDPCore
import SIPCore
import SIPTransport
import TestSupport
import Testing

@testable import Server

@Suite("Looks through levels of our kind, over real sockets", .serialized)
struct LevelLooksTests {
  private func with(areEnrolled: Bool = true, _ body: (Levels, ChannelKey) async throws -> Void) async throws
  {
    try await Levels.with(areEnrolled: areEnrolled, byGrants: true) { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var configuration = try Cameras.configuration(sip: levels.county.runtime.addresses.sip, channels: 2)
      configuration.platformID = levels.countyID
      try await Cameras.with(configuration) { _ in
        try await body(levels, try await levels.camera(configuration))
      }
    }
  }

  private func open(
    _ server: RunningServer, _ key: ChannelKey, purpose: String = "case", caseNumber: String? = "2026-117"
  ) async throws -> API.MediaSessionOpened {
    var request = API.LiveRequest(purpose: purpose)
    request.caseNumber = caseNumber
    return try await server.http.json(
      "POST", "/api/v1/channels/\(key)/live", request, as: API.MediaSessionOpened.self)
  }

  private func log(_ server: RunningServer, _ kind: LogKind) async throws -> [LoggedEntry] {
    try await server.services.accessLog.find(LogQuery(kinds: [kind]))
  }

  private func isOver(_ server: RunningServer, _ session: String) -> Bool {
    server.services.desk.table.find(session) == nil
  }

  @Test(
    "The county's log names each person of the region, why, and the way, although the picture goes up once")
  func named() async throws {
    try await with { levels, key in
      let first = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(first.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      let second = try await open(levels.region, key, purpose: "patrol", caseNumber: nil)
      for server in [levels.county, levels.city] {
        let looks = try await log(server, .lookBegin)
        #expect(looks.map { $0.facts[.purpose] } == ["patrol", "case"])
        #expect(looks.allSatisfy { $0.words[.user] == "test" && $0.facts[.grant] == Levels.grantID })
        #expect(looks.last?.words[.caseNumber] == "2026-117" && looks.last?.facts[.digest] != nil)
        #expect(server.services.relays.count == 1)
      }
      let route = [levels.countyID, levels.cityID, levels.regionID].map(\.text).joined(separator: ">")
      #expect(try await log(levels.county, .lookBegin).allSatisfy { $0.facts[.route] == route })
      #expect(levels.county.services.calls.count == 1)
      // One leaves: one look ends everywhere, the picture goes on.
      _ = try await levels.region.http.send("DELETE", "/api/v1/media-sessions/\(first.session)")
      #expect(
        await eventually {
          let ends = try? await log(levels.county, .lookEnd)
          return ends?.count == 1 && ends?.first?.facts[.seconds] != nil
        })
      #expect(levels.county.services.upward.figures.open == 1 && levels.county.services.relays.count == 1)
      _ = try await levels.region.http.send("DELETE", "/api/v1/media-sessions/\(second.session)")
      #expect(await eventually { levels.county.services.upward.figures.open == 0 })
      #expect(await eventually { levels.county.services.calls.count == 0 })
      #expect(
        levels.city.services.downward.figures.open == 0 && levels.region.services.downward.figures.open == 0)
    }
  }

  @Test("What the county revokes is cut at the region, through the city")
  func revoked() async throws {
    try await with { levels, key in
      let opened = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      _ = try await levels.county.services.rights.revoke(Levels.grantID, by: "test")
      #expect(await eventually { isOver(levels.region, opened.session) })
      #expect(await eventually { levels.county.services.relays.count == 0 })
      #expect(await eventually { levels.county.services.calls.count == 0 })
      #expect(levels.region.services.downward.figures.cut == 1)
      #expect(
        await eventually {
          levels.county.services.lookCount == 0 && levels.city.services.lookCount == 0
        })
    }
  }

  @Test("What the county grants for one purpose it refuses for another, and everybody on the way learns why")
  func purposes() async throws {
    try await with { levels, key in
      let rights = levels.county.services.rights
      try await rights.give(
        Grant(
          id: "case-only", issuer: levels.countyID.text, grantee: .level(levels.cityID.text), scope: .all,
          operations: [.live], conditions: GrantConditions(purposes: ["case"]), created: SystemClock.wall(),
          createdBy: "test"))
      _ = try await rights.revoke(Levels.grantID, by: "test")
      let allowed = try await open(levels.region, key)
      let answer = try await levels.region.http.send(
        "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "patrol"))
      struct Refusal: Decodable { var reason: String? }
      #expect(answer.status == 403)
      #expect(try answer.json(Refusal.self).reason == "wrong-purpose")
      for server in [levels.county, levels.city] {
        let denial = try await log(server, .denial).first
        #expect(denial?.facts[.reason] == "wrong-purpose" && denial?.words[.user] == "test")
        #expect(denial?.facts[.purpose] == "patrol")
      }
      // Only who was refused is: the other one looks on.
      #expect(!isOver(levels.region, allowed.session) && levels.county.services.upward.figures.open == 1)
    }
  }

  @Test("What the county grants to one person of the region, another one of the region does not get")
  func visitors() async throws {
    try await with { levels, key in
      let gate = levels.region.services.gatekeeper
      try await gate.addAccount(name: "li", role: .operator, password: RightsTests.words)
      let token = try await gate.signIn(user: "li", password: RightsTests.words, source: "test").token
      let li = HTTPClient(port: levels.region.http.port, token: token)
      let path = "/api/v1/channels/\(key)/live"
      // The county learns what the region calls its people as they look.
      _ = try await open(levels.region, key)
      let county = levels.county.http
      let known = try await county.json(
        "GET", "/api/v1/levels/visitors", as: API.Page<API.LevelVisitor>.self
      ).items
      #expect(known.map(\.name) == ["test"] && known.first?.neighbour == levels.cityID.text)
      let name = try #require(known.first?.person)
      let pseudonym = levels.region.services.book.pseudonym(of: "test")
      #expect(name == "\(levels.regionID)/person/\(pseudonym)")
      let before = try await li.json(
        "POST", path, API.LiveRequest(purpose: "patrol"), as: API.MediaSessionOpened.self)
      let grant = API.NewGrant(
        grantee: .init(kind: "level", name: levels.cityID.text), scope: .init(kind: "all"),
        operations: ["live"], conditions: .init(visitors: [name]))
      #expect(try await county.send("POST", "/api/v1/grants", grant).status == 201)
      _ = try await levels.county.services.rights.revoke(Levels.grantID, by: "test")
      // Who is named looks on under the new grant, the other one is cut.
      #expect(await eventually { isOver(levels.region, before.session) })
      #expect(await eventually { levels.county.services.upward.figures.open == 1 })
      let refused = try await li.send("POST", path, API.LiveRequest(purpose: "patrol"))
      struct Refusal: Decodable { var reason: String? }
      #expect(try refused.status == 403 && refused.json(Refusal.self).reason == "other-visitor")
      #expect(try await log(levels.county, .denial).first?.words[.user] == "li")
      _ = try await open(levels.region, key)
      // A person's name there is for levels alone, and must be one.
      var wrong = grant
      wrong.grantee = .init(kind: "role", name: "operator")
      #expect(try await county.send("POST", "/api/v1/grants", wrong).status == 422)
      wrong = grant
      wrong.conditions?.visitors = ["li"]
      #expect(try await county.send("POST", "/api/v1/grants", wrong).status == 422)
    }
  }

  @Test("A grant's limit of looks at once counts the calls of a platform that names nobody")
  func limit() async throws {
    try await with(areEnrolled: false) { levels, key in
      let county = levels.county.services
      try await county.rights.give(
        Grant(
          id: "one", issuer: levels.countyID.text, grantee: .level(levels.cityID.text), scope: .all,
          operations: [.live, .replay], conditions: GrantConditions(viewers: 1), created: SystemClock.wall(),
          createdBy: "test"))
      _ = try await county.rights.revoke(Levels.grantID, by: "test")
      let other = ChannelKey(
        device: key.device, channel: try #require(DeviceID(String(key.channel.text.dropLast()) + "2")))
      let first = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(first.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      let second = try await open(levels.region, other)
      #expect(await eventually { county.superiors.house.gate.figures.refused[.live, default: 0] > 0 })
      #expect(county.relays.count == 1 && county.relays.count(under: "one") == 1)
      let denials = try await log(levels.county, .denial)
      #expect(denials.first?.facts[.reason] == "too-many-viewers")
      for session in [first.session, second.session] {
        _ = try await levels.region.http.send("DELETE", "/api/v1/media-sessions/\(session)")
      }
      #expect(await eventually { county.relays.count == 0 })
      let third = try await open(levels.region, other)
      #expect(try await levels.region.http.stream(third.urls.fmp4, bytes: 10_000).body.count >= 10_000)
    }
  }

  // MARK: Bad input

  /// A call for the county's camera as the city would make it, with a header of our choice.
  private func call(_ levels: Levels, _ channel: DeviceID, _ header: String?) async throws -> SIPResponse? {
    let signalling = levels.city.services.signalling
    let registration = try #require(signalling.registration(of: levels.countyID))
    let offer = InviteOffer(
      session: .live, platform: levels.cityID, channel: channel, address: "127.0.0.1", port: 40_002,
      transport: .udp, ssrc: StreamSSRC(200_001), stream: nil, selector: nil, edition: .v2022)
    var invite = signalling.outOfDialog(.invite, to: channel, at: registration)
    invite.headers.append(.subject, offer.subject.description)
    invite.headers.append(.contentType, InviteOffer.contentType)
    if let header { invite.headers.append(.lookToken, header) }
    invite.body = offer.body
    let outcome = await signalling.endpoint?.request(invite, to: registration.target, timeout: .seconds(5))
    guard case .response(let response, _)? = outcome else { return nil }
    return response
  }

  @Test(
    "Forged, expired, replayed and re-targeted tokens are refused with their reason, and nothing else is disturbed"
  )
  func forged() async throws {
    try await with { levels, key in
      let opened = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      let (book, now) = (levels.city.services.book, SystemClock.wall())
      let signer = try #require(book.signer(for: .lower(levels.countyID)))
      let other = try #require(DeviceID(String(key.channel.text.dropLast()) + "2"))
      func token(
        issuer: DeviceID? = nil, audience: DeviceID? = nil, channel: DeviceID? = nil,
        operation: AccessOperation = .live, at moment: WallTime? = nil, from chain: TokenChain? = nil,
        key: SigningKey? = nil, name: String? = nil
      ) throws -> TokenChain {
        let chain = book.check.issue(
          from: chain, id: Signalling.token(), issuer: issuer ?? levels.cityID,
          audience: audience ?? levels.countyID,
          bearer: LookToken.Bearer(person: "x", name: "X", purpose: "patrol"), operation: operation,
          channel: channel ?? other, now: moment ?? now, key: name ?? signer.id
        ) { (key ?? signer.key).sign($0) }
        return try #require(chain)
      }
      let used = try token()
      // Used up by a question that is answered, whatever it is answered.
      _ = try levels.county.services.book.accept(
        used.header, from: .superior(levels.cityID), about: other, [.live])
      let circle = try token(from: try token(issuer: levels.countyID, audience: levels.cityID))
      let cases: [(String?, TokenRefusal)] = try [
        (nil, .missing), ("AAAA", .malformed), (used.header, .replayed),
        (token(issuer: levels.regionID).header, .wrongIssuer),
        (token(audience: levels.regionID).header, .wrongAudience),
        (token(channel: key.channel).header, .wrongChannel),
        (token(operation: .control).header, .wrongOperation),
        (token(at: now - .seconds(300)).header, .expired), (token(at: now + .seconds(300)).header, .notYet),
        (token(key: SigningKey()).header, .badSignature),
        (token(name: "0123456789abcdef").header, .unknownKey),
        (circle.header, .loop),
      ]
      for (header, refusal) in cases {
        let response = try await call(levels, other, header)
        #expect(response?.status == 403, "\(refusal)")
        #expect(response?.headers[.reason]?.contains(refusal.rawValue) == true, "\(refusal)")
      }
      let counted = levels.county.services.book.tokenFigures.refused
      #expect(Set(cases.map(\.1.rawValue)).isSubset(of: Set(counted.keys)))
      #expect(
        await eventually {
          let denials = (try? await log(levels.county, .denial)) ?? []
          return Set(denials.compactMap { $0.facts[.reason] }).isSuperset(of: cases.map(\.1.rawValue))
        })
      // A camera that is not shown is not there, whatever the token says.
      let stranger = try #require(DeviceID("34990000001310000009"))
      #expect(try await call(levels, stranger, try token(channel: stranger).header)?.status == 404)
      #expect(!isOver(levels.region, opened.session) && levels.county.services.upward.figures.open == 1)
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
    }
  }

}

extension Services {
  fileprivate var lookCount: Int { rights.lookCount }
}
