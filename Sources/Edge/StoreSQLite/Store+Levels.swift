public import Federation
import Foundation
import GBCore
import GRDB
import MediaTime

extension Schema {
  /// Keys of ours are sealed; those of neighbours are public. A neighbour is never deleted: what it signed is in logs.
  static let levels = """
    CREATE TABLE levelKey (
      id TEXT PRIMARY KEY, publicKey BLOB NOT NULL, seed BLOB NOT NULL, made INTEGER NOT NULL, retired INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE levelNeighbour (
      id TEXT NOT NULL, role TEXT NOT NULL, keyID TEXT NOT NULL, publicKey BLOB NOT NULL, former TEXT NOT NULL,
      enrolled INTEGER NOT NULL, revoked INTEGER, revokedBy TEXT, knows TEXT NOT NULL,
      PRIMARY KEY (id, role)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE levelHead (
      id TEXT NOT NULL, role TEXT NOT NULL, origin TEXT NOT NULL, verifier TEXT NOT NULL, size INTEGER NOT NULL,
      root BLOB NOT NULL, note TEXT NOT NULL, seen INTEGER NOT NULL, fork TEXT, forked INTEGER,
      PRIMARY KEY (id, role)
    ) STRICT, WITHOUT ROWID;
    """
}

/// Neighbours of our kind, their keys and ours.
extension SQLiteStore: LevelStore {
  public func levelKeys() async throws -> [OwnLevelKey] {
    let rows = try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM levelKey ORDER BY made DESC, id").map { row in
        (
          id: row.text("id"), publicKey: row.bytes("publicKey"), seed: row.bytes("seed"),
          made: row.time("made"),
          retired: row.optionalTime("retired")
        )
      }
    }
    return try rows.compactMap { row in
      guard let key = LevelKey(id: row.id, row.publicKey) else { return nil }
      let seed = try secrets.open(row.seed, Self.levelKeyContext(row.id))
      return OwnLevelKey(key: key, seed: seed, made: row.made, retired: row.retired)
    }
  }

  public func saveLevelKey(_ key: OwnLevelKey) async throws {
    let sealed = Data(try secrets.seal(key.seed, Self.levelKeyContext(key.key.id)))
    let columns: StatementArguments = [
      key.key.id, Data(key.key.bytes), sealed, key.made.column, key.retired?.column,
    ]
    try await pool.write { db in
      try db.run(
        Database.upsert("levelKey", ["id", "publicKey", "seed", "made", "retired"], keys: ["id"]), columns)
    }
  }

  public func deleteLevelKey(_ id: String) async throws {
    try await pool.write { try $0.run("DELETE FROM levelKey WHERE id = ?", [id]) }
  }

  public func levelNeighbours() async throws -> [LevelNeighbour] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM levelNeighbour").compactMap { LevelNeighbour(row: $0) }
    }
  }

  public func saveLevelNeighbour(_ neighbour: LevelNeighbour) async throws {
    let keys = neighbour.keys
    let former = String(
      decoding: try JSONEncoder().encode(
        keys.former.map { FormerRow(id: $0.key.id, key: Data($0.key.bytes), until: $0.until.column) }),
      as: UTF8.self)
    let columns: StatementArguments = [
      neighbour.peer.id.text, neighbour.peer.role.rawValue, keys.current.id, Data(keys.current.bytes), former,
      keys.enrolled.column,
      keys.revoked?.at.column, keys.revoked?.by, neighbour.knows,
    ]
    // The key's id is derived from it; kept beside it so that the store needs no hash.
    let names = ["id", "role", "keyID", "publicKey", "former", "enrolled", "revoked", "revokedBy", "knows"]
    try await pool.write { db in
      try db.run(Database.upsert("levelNeighbour", names, keys: ["id", "role"]), columns)
    }
  }

  private static func levelKeyContext(_ id: String) -> [UInt8] { Array("level-key:\(id)".utf8) }

  // MARK: Heads of their logs

  public func levelHeads() async throws -> [LevelHead] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM levelHead").compactMap { LevelHead(row: $0) }
    }
  }

  public func saveLevelHead(_ head: LevelHead) async throws {
    let columns: StatementArguments = [
      head.peer.id.text, head.peer.role.rawValue, head.origin, head.verifier, Int64(clamping: head.size),
      Data(head.root), head.note, head.seen.column, head.fork?.note, head.fork?.at.column,
    ]
    let names = ["id", "role", "origin", "verifier", "size", "root", "note", "seen", "fork", "forked"]
    try await pool.write { db in
      try db.run(Database.upsert("levelHead", names, keys: ["id", "role"]), columns)
    }
  }
}

private struct FormerRow: Codable {
  var id: String
  var key: Data
  var until: Int64
}

extension Row {
  fileprivate func bytes(_ column: String) -> [UInt8] { (self[column] as Data?).map { Array($0) } ?? [] }

  fileprivate var peer: LevelPeer? {
    guard let id = code("id"), let role = value("role", as: LevelPeer.Role.self) else { return nil }
    return LevelPeer(role, id)
  }
}

extension LevelNeighbour {
  fileprivate init?(row: Row) {
    guard let peer = row.peer,
      let former = try? JSONDecoder().decode([FormerRow].self, from: Data(row.text("former").utf8)),
      let key = LevelKey(id: row.text("keyID"), row.bytes("publicKey"))
    else { return nil }
    let revoked = row.optionalTime("revoked").map {
      NeighbourKeys.Revocation(at: $0, by: row.text("revokedBy"))
    }
    let keys = NeighbourKeys(
      key, enrolled: row.time("enrolled"),
      former: former.compactMap { row in
        LevelKey(id: row.id, Array(row.key)).map {
          NeighbourKeys.Former(key: $0, until: WallTime(nanoseconds: row.until))
        }
      }, revoked: revoked)
    self.init(peer: peer, keys: keys, knows: row.text("knows"))
  }
}

extension LevelHead {
  fileprivate init?(row: Row) {
    guard let peer = row.peer else { return nil }
    let fork: Fork? = (row["fork"] as String?).map { Fork(note: $0, at: row.time("forked")) }
    self.init(
      peer: peer, origin: row.text("origin"), verifier: row.text("verifier"),
      size: UInt64(max(0, row["size"] as Int64)), root: row.bytes("root"), note: row.text("note"),
      seen: row.time("seen"), fork: fork)
  }
}
