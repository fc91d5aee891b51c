import Foundation
import GBCore
import GRDB
import Registry
import Testing

@testable import StoreSQLite

@Suite struct OpeningTests {
  @Test("Every step of the schema leads to the next from every version before it")
  func migrations() async throws {
    let migrator = Schema.migrator
    for version in migrator.migrations {
      let fixture = try StoreFixture()
      do {
        let queue = try DatabaseQueue(path: fixture.path)
        try migrator.migrate(queue, upTo: version)
        try queue.close()
      }
      let store = try fixture.open()
      #expect(try await store.pool.read { try migrator.hasCompletedMigrations($0) })
      try await store.save([Device(id: StoreFixture.code(1), name: "x", added: StoreFixture.start)])
      #expect(try await store.check().isEmpty)
    }
  }

  @Test("A missing directory, a foreign file and a newer schema are each told in one sentence")
  func refusals() async throws {
    let fixture = try StoreFixture()
    let missing = #expect(throws: StoreError.self) {
      try SQLiteStore(path: fixture.directory + "/none/x.db", secrets: StoreFixture.secrets)
    }
    #expect(missing?.code == .unavailable)
    #expect(missing?.message.contains("must exist and be writable") == true)

    let foreign = fixture.directory + "/foreign.db"
    try Data("this is no database, and it is long enough to look like a header page".utf8)
      .write(to: URL(fileURLWithPath: foreign))
    let damaged = #expect(throws: StoreError.self) {
      try SQLiteStore(path: foreign, secrets: StoreFixture.secrets)
    }
    #expect(damaged?.code == .damaged)

    let store = try fixture.open()
    try await store.pool.write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99-later')")
    }
    try store.close()
    let newer = #expect(throws: StoreError.self) { try fixture.open() }
    #expect(newer?.code == .newer)
  }

  @Test("The files are for their owner only")
  func permissions() throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    defer { try? store.close() }
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory) {
      let facts = try FileManager.default.attributesOfItem(atPath: fixture.directory + "/" + name)
      #expect(facts[.posixPermissions] as? Int == 0o600, "\(name)")
    }
  }

  @Test("Two processes may use the file, and a copy can be taken meanwhile")
  func sharing() async throws {
    let fixture = try StoreFixture()
    let (one, other) = (try fixture.open(), try fixture.open())
    let device = Device(id: StoreFixture.code(1), name: "x", added: StoreFixture.start)
    try await one.save([device])
    #expect(try await other.device(device.id) == device)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        let store = number.isMultiple(of: 2) ? one : other
        group.addTask {
          try await store.save([
            Device(id: StoreFixture.code(number + 10), name: "y", added: StoreFixture.start)
          ])
        }
      }
      try await group.waitForAll()
    }
    #expect(try await one.devices().count == 41)
    let copy = fixture.directory + "/copy.db"
    try await one.copy(to: copy)
    let restored = try SQLiteStore(path: copy, secrets: StoreFixture.secrets)
    #expect(try await restored.devices().count == 41)
  }
}
