import Access
import AccessLog
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import LevelCore
import MediaTime
import Registry
import Synchronization
import TestSupport
import Testing

@testable import Server

/// Levels that stand in each other's way: one above itself, and one that shows what is another's. Real sockets, every
/// neighbour enrolled.
@Suite("Levels in a circle, and levels that claim another's cameras", .serialized)
struct LevelCircleTests {
  private func with(_ body: (Levels, SimulatorConfiguration, ChannelKey) async throws -> Void) async throws {
    try await Levels.with(areEnrolled: true, byGrants: true) { levels in
      try await levels.county.announce(try #require(DeviceID(Cameras.first)))
      var fleet = try Cameras.configuration(sip: levels.county.runtime.addresses.sip)
      fleet.platformID = levels.countyID
      try await Cameras.with(fleet) { _ in try await body(levels, fleet, try await levels.camera(fleet)) }
    }
  }

  private func open(_ server: RunningServer, _ key: ChannelKey) async throws -> API.MediaSessionOpened {
    try await server.http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "patrol"),
      as: API.MediaSessionOpened.self)
  }

  @Test(
    "A region that is also below its county sees and shows everything once, and a look goes round no circle")
  func circle() async throws {
    try await with { levels, _, key in
      let opened = try await open(levels.region, key)
      try await levels.region.grantAll(to: levels.countyID)
      try await levels.join(levels.region, below: levels.county)
      try await levels.enrol(levels.region, below: levels.county)
      let (county, region) = (levels.county.services, levels.region.services)
      // Read, compared and found to be the same: there is nothing that the county does not have already.
      #expect(await eventually { county.lowerCatalogs.entry(levels.regionID)?.agreed != nil })
      let shown = county.directory.read { $0.channels(of: levels.regionID) }.map(\.key.channel)
      #expect(!shown.contains(key.channel) && !shown.contains(levels.countyID))
      // Nor does the city get its own back by way of the county.
      #expect(await eventually { levels.city.services.lowerCatalogs.entry(levels.countyID)?.agreed != nil })
      let back = levels.city.services.directory.read { $0.channels(of: levels.countyID) }.map(\.key.channel)
      #expect(back.filter { $0 == key.channel }.count == 1 && !back.contains(levels.cityID))
      // A look that the city passes on once more to where it has been is refused there, and logged.
      let looker = try #require(
        region.book.issue(
          region.book.ownLooker, .live, key.channel, to: .lower(levels.cityID)
        ).flatMap { chain in
          levels.city.services.book.issue(
            levels.city.services.book.looker(chain), .live, key.channel, to: .lower(levels.countyID))
        })
      let round = try #require(
        county.book.issue(county.book.looker(looker), .live, key.channel, to: .lower(levels.regionID)))
      #expect(throws: TokenRefusal.loop) {
        try region.book.accept(round.header, from: .superior(levels.countyID), about: key.channel, [.live])
      }
      await #expect(throws: LevelFailure.self) {
        _ = try await county.levels.ask(
          .lower(levels.regionID), "look",
          DownwardLooks.Question(id: "round", token: round.header, within: 2_000),
          as: DownwardLooks.Answer.self)
      }
      let denials = try await region.accessLog.find(LogQuery(kinds: [.denial]))
      #expect(denials.first?.facts[.reason] == TokenRefusal.loop.rawValue)
      // Nothing else is disturbed.
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      #expect(county.upward.figures.open == 1)
    }
  }

  @Test("A platform that shows another's camera gets no look meant for it, and takes nobody's place")
  func claim() async throws {
    try await with { levels, fleet, key in
      try await Folder.with { folder in
        let id = try Levels.id(9)
        let thief = try await RunningServer.start(folder: folder) { configuration in
          configuration.platform = .init(id: id, name: "Claims", realm: String(id.text.prefix(10)))
        }
        do { try await claimed(levels, fleet, key, by: thief, id) } catch {
          try? await thief.stop()
          throw error
        }
        try await thief.stop()
      }
    }
  }

  private func claimed(
    _ levels: Levels, _ fleet: SimulatorConfiguration, _ key: ChannelKey, by thief: RunningServer,
    _ id: DeviceID
  ) async throws {
    // Its recorder and camera have the codes of the county's.
    try await thief.announce(try #require(DeviceID(Cameras.first)))
    var same = fleet
    (same.sipPort, same.platformID) = (thief.runtime.addresses.sip, id)
    try await Cameras.with(same) { _ in
      try await thief.grantAll(to: levels.cityID)
      try await levels.join(thief, below: levels.city)
      try await levels.enrol(thief, below: levels.city)
      let (city, region) = (levels.city.services, levels.region.services)
      let claimed = ChannelKey(device: id, channel: key.channel)
      #expect(await eventually { city.directory.channel(claimed)?.status == .on })
      // At the region the camera stays whose it was; the other one is there under a code of its own.
      #expect(
        await eventually {
          region.directory.read { $0.channels(of: levels.cityID) }.count { $0.key.channel.kind == .camera }
            == 2
        })
      #expect(await city.superiors.views.channel(levels.regionID, key.channel)?.device == levels.countyID)
      let other = try #require(await city.superiors.views.code(levels.regionID, claimed))
      #expect(other != key.channel)
      let opened = try await open(levels.region, key)
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      #expect(levels.county.services.upward.figures.open == 1)
      #expect(thief.services.upward.figures.begun == 0 && thief.services.relays.count == 0)
      let heard = city.levels.figures.received
      // What it says about a look that is not its own ends nothing.
      let look = try #require(city.downward.state.withLock { $0.entries.keys.first })
      try await thief.services.levels.tell(
        .superior(levels.cityID), "look-ended", DownwardLooks.End(id: look, reason: "revoked"))
      #expect(await eventually { city.levels.figures.received > heard })
      #expect(city.downward.isOpen(look) && city.downward.figures.cut == 0)
      // A token for the county's camera is none for the one that claims to be it.
      let chain = try #require(
        city.book.issue(city.book.ownLooker, .live, key.channel, to: .lower(levels.countyID)))
      #expect(throws: TokenRefusal.wrongAudience) {
        try thief.services.book.accept(
          chain.header, from: .superior(levels.cityID), about: key.channel, [.live])
      }
      #expect(try await levels.region.http.stream(opened.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      #expect(levels.county.services.upward.figures.open == 1)
    }
  }
}
