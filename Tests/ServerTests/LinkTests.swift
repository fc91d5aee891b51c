import Access
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import Registry
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("Links that do not bear everything, over real sockets", .serialized)
struct LinkTests {
  /// Exactly one stream of a camera that nothing is known of.
  private static let one = 4_000_000

  private func with(_ body: (Levels, ChannelKey, ChannelKey) async throws -> Void) async throws {
    try await Levels.with { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var configuration = try Cameras.configuration(sip: levels.county.runtime.addresses.sip, channels: 2)
      configuration.platformID = levels.countyID
      try await Cameras.with(configuration) { _ in
        let first = try await levels.camera(configuration)
        let second = ChannelKey(
          device: levels.cityID, channel: configuration.channelID(device: 0, channel: 1))
        #expect(
          await eventually { levels.region.services.directory.channel(second)?.status == .on })
        try await body(levels, first, second)
      }
    }
  }

  private func open(_ http: HTTPClient, _ key: ChannelKey) async throws -> API.MediaSessionOpened {
    try await http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "test"),
      as: API.MediaSessionOpened.self)
  }

  private func declare(_ server: RunningServer, _ id: String, _ capacity: Int?) async throws -> API.Link {
    try await server.http.json(
      "PUT", "/api/v1/links/\(id)", API.LinkDeclaration(capacity: capacity), as: API.Link.self)
  }

  private func cause(_ server: RunningServer, _ session: String) async -> String? {
    let path = "/api/v1/media-sessions/\(session)"
    return try? await server.http.json("GET", path, as: API.MediaSession.self).cause?.code
  }

  @Test("A link below: the second picture is refused with who has it, the urgent one takes its place")
  func below() async throws {
    try await with { levels, first, second in
      let region = levels.region
      let link = try await declare(region, "down-\(levels.cityID)", Self.one)
      #expect(link.capacity == Self.one && link.direction == "down" && link.streams.isEmpty)
      let (key, _) = try await region.services.gatekeeper.addToken(name: "desk", role: .operator, by: "test")
      let desk = HTTPClient(port: region.runtime.addresses.http, token: key)
      let ordinary = try await open(desk, first)
      #expect(try await desk.stream(ordinary.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      // What runs costs nothing more, a second one does not fit.
      let again = try await open(desk, first)
      #expect(try await desk.stream(again.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      let refused = try await desk.send(
        "POST", "/api/v1/channels/\(second)/live", API.LiveRequest(purpose: "test"))
      #expect(refused.status == 503)
      let text = String(decoding: refused.body, as: UTF8.self)
      #expect(text.contains("/problems/link-full") && text.contains("for desk"), "\(text)")
      // An administrator is more urgent.
      let urgent = try await open(region.http, second)
      #expect(try await region.http.stream(urgent.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      #expect(await eventually { await cause(region, ordinary.session) == "link-full" })
      let links = try await region.http.json("GET", "/api/v1/links", as: API.Page<API.Link>.self).items
      #expect(links.count == 1 && links[0].displaced == 1 && links[0].streams.count == 1)
      let metrics = try await region.http.send("GET", "/metrics")
      #expect(String(decoding: metrics.body, as: UTF8.self).contains("tributary_link_displaced_total{"))
      // One call at every level: the displaced one is gone below, too.
      #expect(await eventually { levels.county.services.relays.count == 1 })
      #expect(await eventually { levels.county.services.calls.count == 1 })
    }
  }

  @Test(
    "A link above: refused by SIP with what is missing, told to the viewer two levels up, free when undeclared"
  )
  func above() async throws {
    try await with { levels, first, _ in
      let (county, region) = (levels.county, levels.region)
      let link = try await declare(county, "up-\(levels.cityID)", 100_000)
      #expect(link.direction == "up" && link.capacity == 100_000)
      let refused = try await open(region.http, first)
      #expect(await eventually { await cause(region, refused.session) == "link-full" })
      let path = "/api/v1/media-sessions/\(refused.session)"
      let session = try await region.http.json("GET", path, as: API.MediaSession.self)
      #expect(session.cause?.text.contains("lacks 3.9 Mbit/s") == true, "\(session.cause?.text ?? "")")
      #expect(levels.county.services.calls.count == 0)
      #expect((county.services.links.links.first?.account.refused ?? 0) > 0)
      // What is kept survives, and without a capacity everything fits.
      #expect(try await county.services.store.superiors().first?.superior.capacity == 100_000)
      _ = try await declare(county, "up-\(levels.cityID)", nil)
      _ = try await region.http.send("DELETE", path)
      let opened = try await open(region.http, first)
      #expect(try await region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
    }
  }

  @Test("A link that nobody has, and numbers that make no sense")
  func refusals() async throws {
    try await RunningServer.with { server in
      for (id, body) in [
        ("up-34010000002000000001", #"{"capacity":5}"#), ("sideways-1", "{}"), ("down", "{}"),
      ] {
        let answer = try await server.http.send(
          "PUT", "/api/v1/links/\(id)",
          try JSONDecoder().decode(API.LinkDeclaration.self, from: Data(body.utf8)))
        #expect(answer.status == 404)
      }
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      for bad in [API.LinkDeclaration(capacity: 0), .init(capacity: 5, reserve: 6), .init(reserve: -1)] {
        #expect(try await server.http.send("PUT", "/api/v1/links/down-\(device)", bad).status == 422)
      }
      let good = API.LinkDeclaration(capacity: 5_000_000, reserve: 1_000_000)
      #expect(try await server.http.send("PUT", "/api/v1/links/down-\(device)", good).status == 200)
      #expect(
        try await server.services.store.lowerLinks()[device] == .init(capacity: 5_000_000, reserve: 1_000_000)
      )
    }
  }
}
