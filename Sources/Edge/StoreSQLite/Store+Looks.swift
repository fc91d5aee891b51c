public import Access
import GRDB
public import MediaTime

/// Who looked at what.
extension SQLiteStore: LookLog {
  public func beginLook(_ look: LookRecord) async throws -> Int64 {
    try await pool.write { db in
      try db.run(
        """
        INSERT INTO look (user, role, channel, kind, purpose, source, session, started, ended, footageFrom, footageTo)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          look.user, look.role.rawValue, look.channel, look.kind.rawValue, look.purpose, look.source,
          look.session,
          look.started.column, look.ended?.column, look.footage?.lowerBound.column,
          look.footage?.upperBound.column,
        ])
      return db.lastInsertedRowID
    }
  }

  /// The first end counts.
  public func endLook(id: Int64, at moment: WallTime) async throws {
    try await pool.write {
      try $0.run("UPDATE look SET ended = ? WHERE id = ? AND ended IS NULL", [moment.column, id])
    }
  }

  public func endOpenLooks(at moment: WallTime) async throws {
    try await pool.write { db in
      // A look cannot end before it began, whatever the clock did in between.
      try db.run("UPDATE look SET ended = MAX(started, ?) WHERE ended IS NULL", [moment.column])
    }
  }

  public func looks(_ query: LookQuery) async throws -> [LookRecord] {
    var clauses: [String] = []
    var arguments: StatementArguments = []
    func add(_ clause: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      clauses.append(clause)
      arguments += [value]
    }
    add("user = ?", query.user)
    add("channel = ?", query.channel)
    add("started >= ?", query.from?.column)
    add("started < ?", query.to?.column)
    add("id < ?", query.before)
    let filter = clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ")
    let sql = "SELECT * FROM look \(filter) ORDER BY id DESC LIMIT \(query.limit)"
    return try await pool.read { [arguments] db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(LookRecord.init(row:))
    }
  }
}

extension LookRecord {
  fileprivate init?(row: Row) {
    guard let role = row.value("role", as: Role.self), let kind = row.value("kind", as: LookKind.self) else {
      return nil
    }
    var footage: Range<WallTime>?
    if let from = row.optionalTime("footageFrom"), let to = row.optionalTime("footageTo"), from <= to {
      footage = from..<to
    }
    self.init(
      id: row["id"], user: row.text("user"), role: role, channel: row.text("channel"), kind: kind,
      purpose: row.text("purpose"), source: row.text("source"), session: row["session"],
      started: row.time("started"), ended: row.optionalTime("ended"), footage: footage)
  }
}
