public import Federation
public import GBCore
import GRDB

extension Schema {
  /// What links were declared with.
  static let links = """
    ALTER TABLE superior ADD COLUMN reserve INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE lowerLink (
      device TEXT PRIMARY KEY, capacity INTEGER, reserve INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}

/// Links to platforms and devices below.
extension SQLiteStore: LinkStore {
  public func lowerLinks() async throws -> [DeviceID: LinkLedger.Declaration] {
    try await pool.read { db in
      var links: [DeviceID: LinkLedger.Declaration] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT * FROM lowerLink") {
        guard let device = row.code("device") else { continue }
        links[device] = LinkLedger.Declaration(capacity: row["capacity"], reserve: row["reserve"])
      }
      return links
    }
  }

  public func saveLowerLink(_ declaration: LinkLedger.Declaration?, of device: DeviceID) async throws {
    try await pool.write { db in
      guard let declaration else {
        return try db.run("DELETE FROM lowerLink WHERE device = ?", [device.text])
      }
      try db.run(
        "INSERT OR REPLACE INTO lowerLink (device, capacity, reserve) VALUES (?, ?, ?)",
        [device.text, declaration.capacity, declaration.reserve])
    }
  }
}
