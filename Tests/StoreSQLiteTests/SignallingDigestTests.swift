import GBCore
import GRDB
import Registry
import Testing

@testable import StoreSQLite

@Suite struct SignallingDigestTests {
  @Test("A digest is kept with its seed sealed, changed, removed, and goes with its device")
  func kept() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    let (first, second) = (StoreFixture.code(1), StoreFixture.code(2))
    try await store.save([first, second].map { Device(id: $0, name: "x", added: StoreFixture.start) })
    let digest = SignallingDigest(algorithm: .sm3, seed: "种子", scope: .uri, skew: .seconds(90))
    try await store.setSignallingDigest(digest, of: first)
    try await store.setSignallingDigest(SignallingDigest(algorithm: .md5, seed: "a"), of: second)
    try await store.setSignallingDigest(digest, of: StoreFixture.code(3))
    #expect(try await store.signallingDigests().count == 2)
    #expect(try await store.signallingDigests()[first] == digest)
    let plain = try await store.pool.read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM signallingDigest WHERE seed = CAST('种子' AS BLOB)")
    }
    #expect(plain == 0)
    try await store.setSignallingDigest(nil, of: second)
    // Saving the device again keeps what was agreed; deleting it does not.
    try await store.save([Device(id: first, name: "y", added: StoreFixture.start)])
    #expect(try await store.signallingDigests() == [first: digest])
    try await store.deleteDevice(first)
    #expect(try await store.signallingDigests().isEmpty)
    try store.close()
  }
}
