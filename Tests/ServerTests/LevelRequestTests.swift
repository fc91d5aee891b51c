import Access
import DeviceSimulator
import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

/// Asking for a camera of the county at the region: through the city to the owner, and back. Real sockets.
@Suite("Requests between levels", .serialized)
struct LevelRequestTests {
  private struct Place {
    let levels: Levels
    /// The county's camera as the region, the city and the county name it.
    let region: ChannelKey
    let city: ChannelKey
    let county: ChannelKey
    let li: HTTPClient
  }

  private func with(_ body: (Place) async throws -> Void) async throws {
    try await Levels.with(areEnrolled: true) { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var fleet = try Cameras.configuration(sip: levels.county.runtime.addresses.sip)
      fleet.platformID = levels.countyID
      try await Cameras.with(fleet) { _ in
        let key = try await levels.camera(fleet)
        let code = fleet.channelID(device: 0, channel: 0)
        let gate = levels.region.services.gatekeeper
        try await gate.addAccount(name: "li", role: .operator, password: RightsTests.words)
        try await levels.region.services.rights.revoke("house-operator", by: "test")
        let token = try await gate.signIn(user: "li", password: RightsTests.words, source: "test").token
        try await body(
          Place(
            levels: levels, region: key, city: ChannelKey(device: levels.countyID, channel: code),
            county: ChannelKey(device: device, channel: code),
            li: HTTPClient(port: levels.region.http.port, token: token)))
      }
    }
  }

  private func ask(_ place: Place, channel: String? = nil) async throws -> API.AccessRequest {
    try await place.li.json(
      "POST", "/api/v1/access-requests",
      API.NewAccessRequest(
        scope: .init(kind: "list", channels: [channel ?? place.region.description]),
        operations: ["live", "replay"], purpose: "incident", words: "flood",
        until: API.Time(SystemClock.wall() + .seconds(3_600))), as: API.AccessRequest.self)
  }

  /// The request as it is at the region now.
  private func request(_ place: Place, _ id: String) -> AccessRequest? {
    place.levels.region.services.rights.request(id)
  }

  /// The request as the owner has it, once it is there.
  private func arrived(_ place: Place) async throws -> AccessRequest {
    let rights = place.levels.county.services.rights
    #expect(await eventually { !rights.requests().isEmpty })
    return try #require(rights.requests().first)
  }

  private func grants(_ server: RunningServer, _ grantee: Grantee) -> [Grant] {
    server.services.rights.grants.filter { $0.grantee == grantee }
  }

  @Test(
    "The owner decides, a signed grant comes back through every level, and what is revoked there ends everywhere"
  )
  func granted() async throws {
    try await with { place in
      let asked = try await ask(place)
      #expect(asked.state == "asked" && asked.owner == place.levels.cityID.text)
      let there = try await arrived(place)
      #expect(there.origin?.level == place.levels.regionID.text && there.asker == "li")
      #expect(there.origin?.path == [place.levels.regionID.text, place.levels.cityID.text])
      #expect(there.scope == .list([place.county.description]) && there.forward == nil)
      // Between, nobody decides.
      let between = try #require(place.levels.city.services.rights.requests().first)
      let path = "/api/v1/access-requests/"
      let decision = API.AccessRequestDecision(grant: true, answer: "yes", operations: ["live"], viewers: 2)
      #expect(
        try await place.levels.city.http.send("POST", path + "\(between.id)/decision", decision).status == 409
      )
      let decided = try await place.levels.county.http.json(
        "POST", path + "\(there.id)/decision", decision, as: API.AccessRequest.self)
      #expect(decided.state == "granted" && decided.level == place.levels.regionID.text)
      #expect(
        await eventually {
          if case .granted = self.request(place, asked.id)?.state { true } else { false }
        })
      let mine = try await place.li.json("GET", path, as: API.Page<API.AccessRequest>.self).items
      #expect(mine.map(\.state) == ["granted"] && mine[0].answer == "yes" && mine[0].decidedBy == "test")
      let grant = try #require(grants(place.levels.region, .person("li")).first)
      #expect(grant.issuer == place.levels.countyID.text && grant.scope == .list([place.region.description]))
      #expect(grant.operations == [.live] && grant.conditions.viewers == 2)
      #expect(grant.conditions.purposes == ["incident"] && grant.conditions.expires != nil)
      let derived = try #require(grants(place.levels.city, .level(place.levels.regionID.text)).first)
      #expect(derived.scope == .list([place.city.description]) && derived.operations == [.live])
      let own = try #require(grants(place.levels.county, .level(place.levels.cityID.text)).first)
      #expect(own.scope == .list([place.county.description]) && own.id == decided.grant)
      // For this person alone, also where he is only a name in a token.
      let li = Visitor(
        level: place.levels.regionID.text, .person, place.levels.region.services.book.pseudonym(of: "li"))
      #expect(own.conditions.visitors == li.map { [$0] } && derived.conditions.visitors == li.map { [$0] })
      #expect(grant.conditions.visitors == nil)
      let signed = try #require(request(place, asked.id)?.signed)
      #expect(signed.terms.owner == place.levels.countyID.text && signed.terms.id == own.id)
      let revoked = try await place.levels.county.http.send("DELETE", "/api/v1/grants/\(own.id)")
      #expect(revoked.status == 200)
      #expect(
        await eventually {
          self.grants(place.levels.region, .person("li")).allSatisfy { $0.revoked != nil }
            && self.grants(place.levels.city, .level(place.levels.regionID.text))
              .allSatisfy { $0.revoked != nil }
        })
      let over = try #require(grants(place.levels.region, .person("li")).first)
      #expect(over.revoked?.by == place.levels.countyID.text)
    }
  }

  @Test("A no travels back with its reason, a withdrawal travels down, and an unknown camera is refused")
  func refused() async throws {
    try await with { place in
      let asked = try await ask(place)
      let there = try await arrived(place)
      let no = API.AccessRequestDecision(grant: false, answer: "ask the school")
      let path = "/api/v1/access-requests/\(there.id)/decision"
      #expect(try await place.levels.county.http.send("POST", path, no).status == 200)
      #expect(
        await eventually {
          if case .refused(let decision) = self.request(place, asked.id)?.state {
            decision.words == "ask the school"
          } else {
            false
          }
        })
      #expect(grants(place.levels.region, .person("li")).isEmpty)
      let second = try await ask(place)
      let county = place.levels.county.services.rights
      #expect(await eventually { county.requests().count == 2 })
      #expect(try await place.li.send("DELETE", "/api/v1/access-requests/\(second.id)").status == 200)
      #expect(
        await eventually {
          county.requests().contains { if case .withdrawn = $0.state { true } else { false } }
        })
      let third = try await ask(place, channel: "\(place.levels.cityID)_34020000001320009999")
      #expect(
        await eventually {
          if case .refused(let decision) = self.request(place, third.id)?.state {
            decision.by == place.levels.cityID.text
          } else {
            false
          }
        })
    }
  }
}
