public import GBCore
import GRDB
import MediaTime
public import Registry

/// Devices that wait for approval, and catalog items that could not be read.
extension SQLiteStore: RegistryStore {
  public func write(_ changes: RegistryChanges) async throws {
    try await pool.write { db in
      // Devices before the channels that refer to them.
      try Self.update(changes.devices, db)
      try Self.saveContacts(changes.contacts, db)
      try Self.update(saved: changes.channels, deleted: changes.deletedChannels, db)
      try Self.save(changes.quarantine, db)
      for (device, problems) in changes.problems { try Self.replace(problems, of: device, db) }
    }
  }

  public func quarantine() async throws -> [QuarantinedDevice] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM quarantine ORDER BY lastSeen DESC")
        .compactMap(QuarantinedDevice.init(row:))
    }
  }

  public func saveQuarantine(_ entries: [QuarantinedDevice]) async throws {
    try await pool.write { try Self.save(entries, $0) }
  }

  static func save(_ entries: [QuarantinedDevice], _ db: Database) throws {
    for entry in entries { try db.run(QuarantinedDevice.upsert, entry.columns) }
  }

  public func deleteQuarantine(_ id: DeviceID) async throws {
    try await pool.write { try $0.run("DELETE FROM quarantine WHERE id = ?", [id.text]) }
  }

  public func setCatalogProblems(_ problems: [CatalogProblemRecord], of device: DeviceID) async throws {
    try await pool.write { try Self.replace(problems, of: device, $0) }
  }

  private static func replace(_ problems: [CatalogProblemRecord], of device: DeviceID, _ db: Database) throws
  {
    try db.run("DELETE FROM catalogProblem WHERE device = ?", [device.text])
    for (position, problem) in problems.enumerated() {
      try db.run(
        "INSERT INTO catalogProblem (device, position, seen, reason, raw) VALUES (?, ?, ?, ?, ?)",
        [device.text, position, problem.seen.column, problem.reason, problem.raw])
    }
  }

  public func catalogProblems(of device: DeviceID?) async throws -> [CatalogProblemRecord] {
    try await pool.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM catalogProblem WHERE device = ? OR ? IS NULL ORDER BY device, position",
        arguments: [device?.text, device?.text]
      )
      .compactMap { row in
        row.code("device")
          .map {
            CatalogProblemRecord(
              device: $0, seen: row.time("seen"), reason: row.text("reason"), raw: row.text("raw"))
          }
      }
    }
  }
}

extension QuarantinedDevice {
  fileprivate static let upsert = Database.upsert(
    "quarantine",
    ["id", "address", "transport", "userAgent", "version", "firstSeen", "lastSeen", "attempts", "reason"],
    keys: ["id"])

  fileprivate var columns: StatementArguments {
    [
      id.text, address.description, transport.rawValue, userAgent, version?.description, firstSeen.column,
      lastSeen.column, attempts, reason,
    ]
  }

  fileprivate init?(row: Row) {
    guard let id = row.code("id"), let address = PeerAddress(row.text("address")),
      let transport = row.value("transport", as: SignallingTransport.self)
    else { return nil }
    self.init(
      id: id, address: address, transport: transport, userAgent: row["userAgent"],
      version: (row["version"] as String?).flatMap { GBVersion($0) }, firstSeen: row.time("firstSeen"),
      lastSeen: row.time("lastSeen"), attempts: row["attempts"] ?? 1, reason: row.text("reason"))
  }
}
