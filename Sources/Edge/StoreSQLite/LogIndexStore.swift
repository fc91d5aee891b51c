public import AccessLog
import Foundation
import GRDB
import MediaTime

/// The index of the access log, in a SQLite file of its own: it may be deleted at any time and is made again.
public final class LogIndexStore: LogIndex {
  private let pool: DatabasePool

  /// Opens the file or makes it; one that is damaged or of another form is made anew.
  public init(path: String) throws {
    do {
      pool = try Self.open(path)
    } catch is DatabaseError {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      pool = try Self.open(path)
    }
    for suffix in ["", "-wal", "-shm"] { chmod(path + suffix, 0o600) }
  }

  private static func open(_ path: String) throws -> DatabasePool {
    var configuration = Configuration()
    configuration.label = "access-log"
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = 2
    // What a crash takes from here is read from the log again.
    configuration.prepareDatabase {
      try $0.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON")
    }
    let pool = try DatabasePool(path: path, configuration: configuration)
    try pool.write { db in
      try db.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS entry (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, user TEXT, channel TEXT, purpose TEXT,
            caseNumber TEXT, facts TEXT NOT NULL, words TEXT NOT NULL, erased INTEGER NOT NULL);
          CREATE INDEX IF NOT EXISTS entryUser ON entry(user, id);
          CREATE INDEX IF NOT EXISTS entryChannel ON entry(channel, id);
          CREATE INDEX IF NOT EXISTS entryKind ON entry(kind, id);
          CREATE INDEX IF NOT EXISTS entryPurpose ON entry(purpose, id);
          CREATE INDEX IF NOT EXISTS entryCase ON entry(caseNumber, id) WHERE caseNumber IS NOT NULL;
          CREATE INDEX IF NOT EXISTS entryAt ON entry(at, id);
          """)
      _ = try Row.fetchOne(
        db,
        sql:
          "SELECT id, kind, at, user, channel, purpose, caseNumber, facts, words, erased FROM entry LIMIT 1")
    }
    return pool
  }

  public func close() throws { try pool.close() }

  public func next() async throws -> UInt64 {
    try await pool.read { UInt64((try Int64.fetchOne($0, sql: "SELECT MAX(id) FROM entry") ?? -1) + 1) }
  }

  public func add(_ entries: [LoggedEntry]) async throws {
    try await pool.write { db in
      let statement = try db.makeStatement(
        sql: "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      for entry in entries {
        try statement.execute(arguments: [
          Int64(clamping: entry.index), entry.kind.rawValue, entry.at.nanoseconds, entry.words[.user],
          entry.facts[.channel], entry.facts[.purpose], entry.words[.caseNumber], Lines.text(entry.facts),
          Lines.text(entry.words), entry.isErased,
        ])
      }
    }
  }

  public func forget(_ index: UInt64) async throws {
    try await pool.write { db in
      try db.execute(
        sql: "UPDATE entry SET user = NULL, caseNumber = NULL, words = '', erased = 1 WHERE id = ?",
        arguments: [Int64(clamping: index)])
    }
  }

  public func cut(from index: UInt64) async throws {
    try await pool.write {
      try $0.execute(sql: "DELETE FROM entry WHERE id >= ?", arguments: [Int64(clamping: index)])
    }
  }

  public func find(_ query: LogQuery) async throws -> [LoggedEntry] {
    var clauses: [String] = []
    var arguments = StatementArguments()
    func add(_ clause: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      clauses.append(clause)
      arguments += [value]
    }
    if !query.kinds.isEmpty {
      clauses.append("kind IN (\(query.kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")))")
    }
    add("user = ?", query.user)
    add("channel = ?", query.channel)
    add("purpose = ?", query.purpose)
    add("caseNumber = ?", query.caseNumber)
    add("at >= ?", query.from?.nanoseconds)
    add("at < ?", query.to?.nanoseconds)
    add("id < ?", query.before.map { Int64(clamping: $0) })
    add("instr(facts || words, ?) > 0", query.text)
    let filter = clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ")
    let sql = "SELECT * FROM entry \(filter) ORDER BY id DESC LIMIT \(query.limit)"
    return try await pool.read { [arguments] db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap { row in
        guard let kind = LogKind(rawValue: row["kind"]) else { return nil }
        return LoggedEntry(
          index: UInt64(clamping: row["id"] as Int64), kind: kind, at: WallTime(nanoseconds: row["at"]),
          facts: Lines.facts(row["facts"]), words: Lines.words(row["words"]), isErased: row["erased"])
      }
    }
  }
}

/// Names and values, a line each: neither has line feeds.
private enum Lines {
  static func text<Field: RawRepresentable>(_ values: [Field: String]) -> String
  where Field.RawValue == String {
    values.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: "\n")
  }

  static func facts(_ text: String) -> [LogField: String] { values(text) }
  static func words(_ text: String) -> [PersonalField: String] { values(text) }

  private static func values<Field: RawRepresentable & Hashable>(_ text: String) -> [Field: String]
  where Field.RawValue == String {
    var values: [Field: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2, let field = Field(rawValue: String(parts[0])) { values[field] = String(parts[1]) }
    }
    return values
  }
}
