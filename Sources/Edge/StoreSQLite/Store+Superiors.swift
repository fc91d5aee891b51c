public import Federation
import Foundation
public import GBCore
import GRDB
import Registry
import SIPCore

extension Schema {
  /// A code map outlives restarts: what a superior once learnt of a camera must go on meaning that camera.
  static let superiors = """
    CREATE TABLE superior (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, ownID TEXT NOT NULL, realm TEXT NOT NULL, servers TEXT NOT NULL,
      transport TEXT NOT NULL, encoding TEXT NOT NULL, edition TEXT NOT NULL, expires INTEGER NOT NULL,
      heartbeatInterval INTEGER NOT NULL, heartbeatCount INTEGER NOT NULL, itemsPerMessage INTEGER NOT NULL,
      controlPriority INTEGER, sharesGroups INTEGER NOT NULL, capacity INTEGER, isEnabled INTEGER NOT NULL,
      password BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE superiorCode (
      superior TEXT NOT NULL REFERENCES superior(id) ON DELETE CASCADE, device TEXT NOT NULL,
      channel TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (superior, device, channel)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX superiorCodeOnce ON superiorCode (superior, code);
    """
}

/// Platforms above this one.
extension SQLiteStore: SuperiorStore {
  public func superiors() async throws -> [SuperiorAccount] {
    // Passwords are still sealed when they leave the database's thread.
    let stored = try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM superior").compactMap { row -> (Superior, [UInt8])? in
        guard let superior = Superior(row: row), let sealed = row["password"] as Data? else { return nil }
        return (superior, Array(sealed))
      }
    }
    return try stored.map { superior, sealed in
      SuperiorAccount(
        superior,
        password: String(decoding: try secrets.open(sealed, Self.superiorContext(superior.id)), as: UTF8.self)
      )
    }
  }

  public func saveSuperior(_ account: SuperiorAccount) async throws {
    let superior = account.superior
    let sealed = Data(try secrets.seal(Array(account.password.utf8), Self.superiorContext(superior.id)))
    let columns: StatementArguments = [
      superior.id.text, superior.name, superior.ownID.text, superior.realm,
      superior.servers.map(\.description).joined(separator: " "), superior.transport.rawValue,
      superior.encoding.rawValue, superior.edition.description, superior.expires,
      Int(superior.heartbeat.interval.components.seconds), superior.heartbeat.count, superior.itemsPerMessage,
      superior.controlPriority, superior.sharesGroups, superior.capacity, superior.isEnabled, sealed,
      superior.reserve,
    ]
    try await pool.write { db in
      // Not "INSERT OR REPLACE": that would delete the row first, and with it the codes.
      try db.execute(
        sql: """
          INSERT INTO superior VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, ownID = excluded.ownID, realm = excluded.realm,
            servers = excluded.servers, transport = excluded.transport, encoding = excluded.encoding,
            edition = excluded.edition, expires = excluded.expires,
            heartbeatInterval = excluded.heartbeatInterval, heartbeatCount = excluded.heartbeatCount,
            itemsPerMessage = excluded.itemsPerMessage, controlPriority = excluded.controlPriority,
            sharesGroups = excluded.sharesGroups, capacity = excluded.capacity, isEnabled = excluded.isEnabled,
            password = excluded.password, reserve = excluded.reserve
          """, arguments: columns)
    }
  }

  public func deleteSuperior(_ id: DeviceID) async throws {
    try await pool.write { try $0.run("DELETE FROM superior WHERE id = ?", [id.text]) }
  }

  public func codes(of superior: DeviceID) async throws -> [CodeMap.Assignment] {
    try await pool.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM superiorCode WHERE superior = ? ORDER BY device, channel",
        arguments: [superior.text]
      )
      .compactMap { row in
        guard let device = row.code("device"), let channel = row.code("channel"), let code = row.code("code")
        else { return nil }
        return CodeMap.Assignment(key: ChannelKey(device: device, channel: channel), code: code)
      }
    }
  }

  public func saveCodes(_ rows: [CodeMap.Assignment], of superior: DeviceID) async throws {
    try await pool.write { db in
      // First what is gone: its code may belong to another row now.
      for row in rows {
        try db.run(
          "DELETE FROM superiorCode WHERE superior = ? AND device = ? AND channel = ?",
          [superior.text, row.key.device.text, row.key.channel.text])
      }
      for row in rows {
        guard let code = row.code else { continue }
        try db.run(
          """
          INSERT INTO superiorCode (superior, device, channel, code)
          SELECT id, ?, ?, ? FROM superior WHERE id = ?
          """,
          [row.key.device.text, row.key.channel.text, code.text, superior.text])
      }
    }
  }

  /// A sealed password opens only for the superior it was sealed for.
  private static func superiorContext(_ id: DeviceID) -> [UInt8] { Array("superior-password:\(id)".utf8) }
}

extension Superior {
  fileprivate init?(row: Row) {
    guard let id = row.code("id"), let own = row.code("ownID"),
      let transport = row.value("transport", as: SignallingTransport.self),
      let encoding = row.value("encoding", as: TextEncodingName.self),
      let edition = GBVersion(row.text("edition"))
    else { return nil }
    let servers = row.text("servers").split(separator: " ").compactMap { PeerAddress($0) }
    self.init(
      id: id, name: row.text("name"), ownID: own, realm: row.text("realm"),
      servers: servers.map { SIPHostPort(host: $0.host, port: $0.port) }, transport: transport,
      encoding: encoding, edition: edition, expires: row["expires"],
      heartbeat: HeartbeatRule(
        interval: .seconds(row["heartbeatInterval"] as Int), count: row["heartbeatCount"]),
      itemsPerMessage: row["itemsPerMessage"], controlPriority: row["controlPriority"],
      sharesGroups: row["sharesGroups"], capacity: row["capacity"], reserve: row["reserve"],
      isEnabled: row["isEnabled"])
  }
}
