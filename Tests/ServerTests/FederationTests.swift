import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Levels above each other, over real sockets", .serialized)
struct FederationTests {
  private func with(_ body: (Levels, SimulatedFleet, ChannelKey) async throws -> Void) async throws {
    try await Levels.with { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var configuration = try Cameras.configuration(sip: levels.county.runtime.addresses.sip, channels: 2)
      configuration.platformID = levels.countyID
      try await Cameras.with(configuration) { fleet in
        let key = try await levels.camera(configuration)
        try await body(levels, fleet, key)
      }
    }
  }

  private func open(_ server: RunningServer, _ key: ChannelKey) async throws -> API.MediaSessionOpened {
    try await server.http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "test"),
      as: API.MediaSessionOpened.self)
  }

  @Test("A camera of the county is seen and looked at from the region, with one call on every link")
  func live() async throws {
    try await with { levels, fleet, key in
      let first = try await open(levels.region, key)
      let picture = try await levels.region.http.stream(first.urls.fmp4, bytes: 20_000)
      #expect(picture.body.count >= 20_000)
      let second = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(second.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      #expect(levels.county.services.relays.count == 1 && levels.city.services.relays.count == 1)
      #expect(levels.county.services.calls.count == 1)
      // The answer says which platforms it came through, nearest first.
      let route = levels.region.services.calls.route(key)
      #expect(route?.platforms == [levels.cityID, levels.countyID])
      // Each level below keeps who looked.
      for server in [levels.county, levels.city] {
        let looks = try await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
        #expect(looks.count == 1 && looks[0].kind == "live" && looks[0].ended == nil)
      }
      for session in [first, second] {
        _ = try await levels.region.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
      }
      // The BYE reaches the camera, and nothing stays anywhere.
      #expect(await eventually { levels.county.services.calls.count == 0 })
      for server in [levels.county, levels.city] {
        #expect(await eventually { server.services.relays.count == 0 })
        #expect(await eventually { await server.services.live.states.isEmpty })
        #expect(
          await eventually {
            (try? await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items[0].ended)
              .flatMap { $0 } != nil
          })
      }
    }
  }

  @Test("A grant that is taken back cuts the running picture at every level")
  func revoked() async throws {
    try await with { levels, _, key in
      let opened = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      levels.granted.with { $0 = false }
      #expect(
        await eventually {
          levels.county.services.relays.count == 0 && levels.city.services.relays.count == 0
        })
      #expect(levels.county.services.relays.figures.ended["revoked"] == 1)
      #expect(await eventually { levels.county.services.calls.count == 0 })
    }
  }
}
