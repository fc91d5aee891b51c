import DeviceSimulator
import GBCore
import HTTPAPI
import Registry
import TestSupport
import Testing

@testable import Server

/// What stands after one of three enrolled levels was away: the same view, told of what it missed, and looks again.
@Suite("Levels that start again, over real sockets", .serialized)
struct LevelRestartTests {
  enum Away: String, CaseIterable {
    case county, city, region
  }

  private func channel(_ server: RunningServer, _ key: ChannelKey) -> Channel? {
    server.services.directory.channel(key)
  }

  private func rename(_ levels: Levels, _ key: ChannelKey, _ name: String) async throws {
    let path = "/api/v1/channels/\(key)"
    #expect(
      try await levels.county.http.send("PATCH", path, API.ChannelChange(name: name)).status < 300)
  }

  @Test("What changed meanwhile is there afterwards, and pictures run again", arguments: Away.allCases)
  func restart(_ away: Away) async throws {
    try await Levels.with(areEnrolled: true, byGrants: true) { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var fleet = try Cameras.configuration(sip: levels.county.runtime.addresses.sip)
      fleet.platformID = levels.countyID
      try await Cameras.with(fleet) { _ in
        let key = try await levels.camera(fleet)
        let local = ChannelKey(device: device, channel: key.channel)
        try await watch(levels, key)
        // What the one that is away would have been told; the county itself is told once it is back.
        let server = [Away.county: levels.county, .city: levels.city, .region: levels.region][away]
        let gone = try #require(server)
        try await gone.stop()
        if away != .county { try await rename(levels, local, "Meanwhile") }
        let back = try await gone.again()
        let after = Levels(
          county: away == .county ? back : levels.county, city: away == .city ? back : levels.city,
          region: away == .region ? back : levels.region, granted: levels.granted)
        do { try await whole(after, key, local, away) } catch {
          try? await back.stop()
          throw error
        }
        try await back.stop()
      }
    }
  }

  private func whole(_ levels: Levels, _ key: ChannelKey, _ local: ChannelKey, _ away: Away) async throws {
    if away == .county { try await rename(levels, local, "Meanwhile") }
    #expect(
      await eventually(timeout: .seconds(40)) {
        channel(levels.region, key)?.name == "Meanwhile" && channel(levels.region, key)?.status == .on
      })
    // Told of changes again, not only read once.
    try await rename(levels, local, "Afterwards")
    #expect(await eventually { channel(levels.region, key)?.name == "Afterwards" })
    try await watch(levels, key)
  }

  /// A look from the region to the county's camera, to its end.
  private func watch(_ levels: Levels, _ key: ChannelKey) async throws {
    var opened: API.MediaSessionOpened?
    // Just after a start the way down may not be whole again.
    #expect(
      await eventually(timeout: .seconds(40)) {
        opened = try? await levels.region.http.json(
          "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "patrol"),
          as: API.MediaSessionOpened.self)
        return opened != nil
      })
    let session = try #require(opened)
    #expect(try await levels.region.http.stream(session.urls.fmp4, bytes: 10_000).body.count >= 10_000)
    #expect(levels.county.services.upward.figures.open == 1)
    let path = "/api/v1/media-sessions/\(session.session)"
    #expect(try await levels.region.http.send("DELETE", path).status == 204)
    #expect(await eventually { levels.county.services.upward.figures.open == 0 })
  }
}
