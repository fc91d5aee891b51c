import DeviceSimulator
import Federation
import Foundation
import GBCore
import Registry
import TestSupport
import Testing

@testable import Server

@Suite("What is known of a lower platform is kept equal to what it shares", .serialized)
struct LowerCatalogTests {
  private func with(
    areEnrolled: Bool = false, _ body: (Levels, ChannelKey) async throws -> Void
  ) async throws {
    try await Levels.with(areEnrolled: areEnrolled) { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var configuration = try Cameras.configuration(sip: levels.county.runtime.addresses.sip, channels: 3)
      configuration.platformID = levels.countyID
      try await Cameras.with(configuration) { _ in
        let key = try await levels.camera(configuration)
        try await body(levels, key)
      }
    }
  }

  /// Makes `upper` believe that the camera is gone, as if a notification had said so.
  private func lose(_ key: ChannelKey, at upper: RunningServer) throws {
    let text = """
      <?xml version="1.0"?><Notify><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>\(key.device)</DeviceID>\
      <SumNum>1</SumNum><DeviceList Num="1"><Item><DeviceID>\(key.channel)</DeviceID><Event>DEL</Event></Item>\
      </DeviceList></Notify>
      """
    let message = try MANSCDPMessage(parsing: Array(text.utf8), codec: upper.services.signalling.codec)
    upper.services.signalling.catalogChanged(try #require(CatalogReply(message)), key.device)
    #expect(upper.services.directory.channel(key) == nil)
  }

  @Test("Another Tributary: digests are compared, and only what differs is asked for")
  func digests() async throws {
    try await with(areEnrolled: true) { levels, key in
      let (lower, upper) = (levels.city, levels.region)
      #expect(await eventually { upper.services.lowerCatalogs.entry(levels.cityID)?.agreed != nil })
      let queriesBefore = lower.services.superiors.entry(levels.regionID)?.figures.queries
      try lose(key, at: upper)
      #expect(await eventually { upper.services.directory.channel(key) != nil })
      #expect(
        await eventually { upper.services.lowerCatalogs.entry(levels.cityID)?.sync.phase == .following })
      #expect(lower.services.superiors.entry(levels.regionID)?.figures.queries == queriesBefore)
      #expect(upper.services.lowerCatalogs.differences >= 1)
    }
  }

  @Test("A foreign platform is asked for everything, some time after a sign that something was lost")
  func foreign() async throws {
    try await with { levels, key in
      let upper = levels.region
      #expect(
        await eventually { upper.services.lowerCatalogs.entry(levels.cityID)?.sync.phase == .following })
      try lose(key, at: upper)
      upper.services.lowerCatalogs.heard(levels.cityID, .lost)
      #expect(await eventually { upper.services.directory.channel(key) != nil })
      #expect(upper.services.lowerCatalogs.differences == 0)
    }
  }
}
