import GRDB
public import MediaTime
public import Recording
public import Registry

/// Holds: what must not be deleted, who said so, and until when.
extension SQLiteStore {
  public func placeHold(_ hold: Hold) async throws -> Hold {
    try await pool.write { db in
      try db.run(
        """
        INSERT INTO hold (channel, start, "end", reason, placedBy, placed, until) VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          try Self.number(of: hold.channel, db, create: true), hold.interval.start.column,
          hold.interval.end.column, hold.reason, hold.by, hold.placed.column, hold.until?.column,
        ])
      var placed = hold
      placed.number = HoldNumber(rawValue: db.lastInsertedRowID)
      return placed
    }
  }

  public func releaseHold(_ number: HoldNumber, by account: String, now: WallTime) async throws -> Hold? {
    try await pool.write { db in
      try db.run(
        """
        UPDATE hold SET released = ?1, releasedBy = ?2
        WHERE id = ?3 AND released IS NULL AND (until IS NULL OR until > ?1)
        """, [now.column, account, number.rawValue])
      return try Self.fetchHolds(db, "WHERE id = ?", [number.rawValue]).first
    }
  }

  public func holds(activeAt now: WallTime?) async throws -> [Hold] {
    try await pool.read { db in
      guard let now else { return try Self.fetchHolds(db, "", []) }
      return try Self.fetchHolds(
        db, "WHERE released IS NULL AND (until IS NULL OR until > ?)", [now.column])
    }
  }

  public func extent(_ channel: ChannelKey, in range: WallInterval) async throws -> (files: Int, bytes: Int64)
  {
    try await pool.read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT COUNT(*) AS files, COALESCE(SUM(bytes), 0) AS bytes
          FROM segment JOIN recordedChannel ON number = channel
          WHERE key = ?1 AND start < ?2 AND start >= ?3 - longest AND "end" > ?3 AND state != 3
          """, arguments: [channel.description, range.end.column, range.start.column])
      return (row?["files"] ?? 0, row?["bytes"] ?? 0)
    }
  }

  private static func fetchHolds(
    _ db: Database, _ clauses: String, _ arguments: StatementArguments
  ) throws -> [Hold] {
    try Row.fetchAll(
      db,
      sql:
        "SELECT hold.*, key FROM hold JOIN recordedChannel ON number = channel \(clauses) ORDER BY id DESC",
      arguments: arguments
    ).compactMap { row in
      guard let channel = ChannelKey(row.text("key")) else { return nil }
      return Hold(
        number: HoldNumber(rawValue: row["id"]), channel: channel,
        interval: WallInterval(row.time("start"), row.time("end")), reason: row.text("reason"),
        by: row.text("placedBy"), placed: row.time("placed"), until: row.optionalTime("until"),
        released: row.optionalTime("released"), releasedBy: row["releasedBy"])
    }
  }
}
