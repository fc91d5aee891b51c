import Federation
import GBCore
import MediaTime
import Testing

@testable import StoreSQLite

@Suite struct LevelStoreTests {
  private static let start = StoreFixture.start

  private func key(_ number: UInt8) throws -> LevelKey {
    try #require(LevelKey([UInt8](repeating: number, count: 32)) { $0 })
  }

  @Test("Our keys come back sealed for themselves, the latest first, and go one by one")
  func own() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    let old = OwnLevelKey(
      key: try key(1), seed: [UInt8](repeating: 8, count: 32), made: Self.start,
      retired: Self.start + .seconds(5))
    let new = OwnLevelKey(
      key: try key(2), seed: [UInt8](repeating: 9, count: 32), made: Self.start + .seconds(5))
    for key in [old, new] { try await store.saveLevelKey(key) }
    try store.close()
    let again = try fixture.open()
    #expect(try await again.levelKeys() == [new, old])
    try await again.deleteLevelKey(old.key.id)
    #expect(try await again.levelKeys() == [new])
  }

  @Test("A neighbour in either role, its keys, its revocation and the head of its log come back as they were")
  func neighbours() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    let id = try #require(DeviceID("34010000002000000001"))
    var keys = NeighbourKeys(try key(1), enrolled: Self.start)
    let isRotated = keys.rotate(to: try key(2), overlap: .seconds(60), at: Self.start)
    #expect(isRotated)
    var above = LevelNeighbour(peer: .superior(id), keys: keys, knows: "0123456789abcdef")
    let below = LevelNeighbour(
      peer: .lower(id), keys: NeighbourKeys(try key(3), enrolled: Self.start), knows: "")
    for neighbour in [above, below] { try await store.saveLevelNeighbour(neighbour) }
    above.keys.revoke(at: Self.start + .seconds(9), by: "root")
    try await store.saveLevelNeighbour(above)
    var head = LevelHead(
      peer: .superior(id), origin: "o/access", verifier: "v", size: 3, root: [UInt8](repeating: 4, count: 32),
      note: "n\n", seen: Self.start)
    try await store.saveLevelHead(head)
    (head.size, head.fork) = (7, LevelHead.Fork(note: "f\n", at: Self.start + .seconds(1)))
    try await store.saveLevelHead(head)
    try store.close()
    let again = try fixture.open()
    #expect(Set(try await again.levelNeighbours()) == [above, below])
    #expect(try await again.levelHeads() == [head])
  }
}
