import DeviceSimulator
import Foundation
import GBCore
import Logging
import Registry
import SimulatorScenario
import TestSupport
import Testing

@testable import Server

@Suite("A county of simulated peers") struct CountyTests {
  @Test("brands, editions, faults and a platform below: all come online, and every channel is known")
  func county() async throws {
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/examples")
    let text = try String(contentsOf: examples.appendingPathComponent("county.yaml"), encoding: .utf8)
    try await RunningServer.with { server in
      var county = try Scenario.read(text)
      let media = try Cameras.configuration(sip: 1).media
      county.sipPort = server.runtime.addresses.sip
      for index in county.peers.indices {
        (county.peers[index].media, county.peers[index].keepaliveInterval) = (media, 1)
        try await server.announce(county.peers[index].id, password: county.peers[index].password)
      }
      let fleet = SimulatedFleet(county, logger: Logger(label: "test") { _ in SilentLog() })
      let running = Task { try await fleet.run() }
      for peer in county.peers {
        let isOnline = await server.reaches(.online, peer.id)
        #expect(isOnline, "\(peer.name)")
        let codes = Set(peer.channels.map(\.id))
        let knows = await eventually {
          let known = server.services.directory.read { Set($0.channels(of: peer.id).map(\.key.channel)) }
          return codes.isSubset(of: known)
        }
        #expect(knows, "\(peer.name)")
      }
      let versions = Set(
        county.peers.compactMap { server.services.directory.device($0.id)?.dossier.version })
      #expect(versions == [.v2011, .v2016, .v2022])
      running.cancel()
      try await running.value
    }
  }
}
