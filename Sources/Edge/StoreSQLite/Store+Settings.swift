import GRDB
public import MediaTime

/// One change of a setting.
public struct SettingChange: Sendable, Hashable {
  public let key: String
  /// Nil when the setting was taken back to its default.
  public let value: String?
  public let changed: WallTime
  /// The account that did it.
  public let changedBy: String
}

/// Settings that live in the database, each with its history.
extension SQLiteStore {
  /// All settings that differ from their defaults.
  public func settings() async throws -> [String: String] {
    try await pool.read { db in
      var settings: [String: String] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT * FROM setting") {
        settings[row.text("key")] = row.text("value")
      }
      return settings
    }
  }

  public func setting(_ key: String) async throws -> String? {
    try await pool.read {
      try String.fetchOne($0, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
    }
  }

  /// Sets or (nil) takes back a setting. Setting what is there already leaves no trace.
  public func set(_ key: String, to value: String?, by account: String, at moment: WallTime) async throws {
    try await pool.write { db in
      let present = try String.fetchOne(db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
      guard present != value else { return }
      if let value {
        try db.run("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", [key, value])
      } else {
        try db.run("DELETE FROM setting WHERE key = ?", [key])
      }
      try db.run(
        "INSERT INTO settingChange (key, value, changed, changedBy) VALUES (?, ?, ?, ?)",
        [key, value, moment.column, account])
    }
  }

  /// The changes of one setting, newest first.
  public func history(of key: String, limit: Int = 100) async throws -> [SettingChange] {
    try await pool.read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM settingChange WHERE key = ? ORDER BY id DESC LIMIT \(max(0, limit))",
        arguments: [key]
      )
      .map { row in
        SettingChange(
          key: row.text("key"), value: row["value"], changed: row.time("changed"),
          changedBy: row.text("changedBy"))
      }
    }
  }
}
