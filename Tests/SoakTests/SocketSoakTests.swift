import Testing

@testable import Soak

extension SoakSuite {
  @Suite struct SocketSoakTests {
    @Test("Faults, floods and nonsense on real sockets: no foreign picture, and nothing is left open")
    func sockets() throws {
      let before = ProcessFigures.current.descriptors
      let soak = try SocketSoak(streams: 12, seed: 3)
      let outcome = soak.run(.seconds(20))
      #expect(outcome.violations.isEmpty)
      #expect(outcome.pictures > 100 && outcome.floodPackets > 5_000 && outcome.nonsenseConnections > 10)
      #expect(ProcessFigures.current.descriptors <= before + 1)
    }
  }
}
