import Foundation
public import GBCore
import GRDB
import MediaTime
public import Registry

extension Schema {
  static let signallingDigests = """
    CREATE TABLE signallingDigest (
      device TEXT PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE, algorithm TEXT NOT NULL,
      scope TEXT NOT NULL, skew INTEGER NOT NULL, seed BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}

/// What was agreed with devices about the `Note` header.
extension SQLiteStore: SignallingDigestStore {
  public func setSignallingDigest(_ digest: SignallingDigest?, of id: DeviceID) async throws {
    let sealed = try digest.map { Data(try secrets.seal(Array($0.seed.utf8), Self.digestContext(id))) }
    try await pool.write { db in
      try db.run("DELETE FROM signallingDigest WHERE device = ?", [id.text])
      guard let digest, let sealed else { return }
      try db.run(
        """
        INSERT INTO signallingDigest (device, algorithm, scope, skew, seed)
        SELECT id, ?, ?, ?, ? FROM device WHERE id = ?
        """,
        [
          digest.algorithm.rawValue, digest.scope.rawValue, Int64(digest.skew.components.seconds), sealed,
          id.text,
        ])
    }
  }

  public func signallingDigests() async throws -> [DeviceID: SignallingDigest] {
    // The seeds are still sealed when they leave the database's thread.
    let stored = try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM signallingDigest").compactMap {
        row -> (DeviceID, SignallingDigest, [UInt8])? in
        guard let id = row.code("device"), let algorithm = row.value("algorithm", as: NoteAlgorithm.self),
          let scope = row.value("scope", as: SignallingDigest.Scope.self), let sealed = row["seed"] as Data?
        else { return nil }
        let skew = Duration.seconds((row["skew"] as Int64?) ?? 600)
        return (id, SignallingDigest(algorithm: algorithm, seed: "", scope: scope, skew: skew), Array(sealed))
      }
    }
    var digests: [DeviceID: SignallingDigest] = [:]
    for (id, unsealed, sealed) in stored {
      var digest = unsealed
      digest.seed = String(decoding: try secrets.open(sealed, Self.digestContext(id)), as: UTF8.self)
      digests[id] = digest
    }
    return digests
  }

  /// A sealed seed opens only for the device it was sealed for.
  private static func digestContext(_ id: DeviceID) -> [UInt8] { Array("signalling-digest:\(id)".utf8) }
}
