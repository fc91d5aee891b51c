public import Access
import Foundation
import GRDB
public import MediaTime

/// Accounts, sessions, keys and single-use links.
extension SQLiteStore: AccessStore {
  public func users() async throws -> [UserRecord] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY name")
        .compactMap { row in
          row.value("role", as: Role.self)
            .map {
              UserRecord(
                name: row.text("name"), role: $0, passwordHash: row["passwordHash"],
                created: row.time("created"),
                passwordChanged: row.optionalTime("passwordChanged"), external: row["external"])
            }
        }
    }
  }

  public func saveUser(_ user: UserRecord) async throws {
    let names = ["name", "role", "passwordHash", "created", "passwordChanged", "external"]
    try await pool.write { db in
      try db.run(
        Database.upsert("user", names, keys: ["name"]),
        [
          user.name, user.role.rawValue, user.passwordHash, user.created.column, user.passwordChanged?.column,
          user.external,
        ])
    }
  }

  public func deleteUser(named name: String) async throws {
    try await pool.write { try $0.run("DELETE FROM user WHERE name = ?", [name]) }
  }

  public func sessions() async throws -> [SessionRecord] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM session").map(SessionRecord.init(row:))
    }
  }

  public func session(tokenHash: String) async throws -> SessionRecord? {
    try await pool.read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM session WHERE tokenHash = ?", arguments: [tokenHash])
        .map(SessionRecord.init(row:))
    }
  }

  public func saveSession(_ session: SessionRecord) async throws {
    let names = ["tokenHash", "user", "firstRun", "created", "expires", "source"]
    try await pool.write { db in
      try db.run(
        Database.upsert("session", names, keys: ["tokenHash"]),
        [
          session.tokenHash, session.user, session.firstRun, session.created.column, session.expires.column,
          session.source,
        ])
    }
  }

  public func deleteSession(tokenHash: String) async throws {
    try await pool.write { try $0.run("DELETE FROM session WHERE tokenHash = ?", [tokenHash]) }
  }

  public func deleteSessions(expiredBy now: WallTime) async throws {
    try await pool.write { db in
      try db.run("DELETE FROM session WHERE expires <= ?", [now.column])
      try db.run("DELETE FROM firstRun WHERE expires <= ?", [now.column])
    }
  }

  public func tokens() async throws -> [TokenRecord] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM token").compactMap(TokenRecord.init(row:))
    }
  }

  public func token(tokenHash: String) async throws -> TokenRecord? {
    try await pool.read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM token WHERE tokenHash = ?", arguments: [tokenHash])
        .flatMap(TokenRecord.init(row:))
    }
  }

  public func saveToken(_ token: TokenRecord) async throws {
    let names = ["id", "name", "role", "tokenHash", "created", "createdBy"]
    try await pool.write { db in
      try db.run(
        Database.upsert("token", names, keys: ["id"]),
        [token.id, token.name, token.role.rawValue, token.tokenHash, token.created.column, token.createdBy])
    }
  }

  public func deleteToken(id: String) async throws {
    try await pool.write { try $0.run("DELETE FROM token WHERE id = ?", [id]) }
  }

  public func secondFactors() async throws -> [SecondFactorRecord] {
    try await pool.read { [secrets] db in
      try Row.fetchAll(db, sql: "SELECT * FROM secondFactor")
        .map { row in
          let user = row.text("user")
          let sealed = row["secret"] as Data? ?? Data()
          // One that cannot be opened is an error: without it the account would be asked for less.
          return SecondFactorRecord(
            user: user, secret: try secrets.open(Array(sealed), Self.factorContext(user)),
            confirmed: row.optionalTime("confirmed"),
            lastCounter: (row["lastCounter"] as Int64?).map { UInt64(max(0, $0)) },
            recovery: Set(row.text("recovery").split(separator: " ").map(String.init)))
        }
    }
  }

  public func saveSecondFactor(_ factor: SecondFactorRecord) async throws {
    let sealed = try secrets.seal(factor.secret, Self.factorContext(factor.user))
    let names = ["user", "secret", "confirmed", "lastCounter", "recovery"]
    try await pool.write { db in
      try db.run(
        Database.upsert("secondFactor", names, keys: ["user"]),
        [
          factor.user, Data(sealed), factor.confirmed?.column, factor.lastCounter.map { Int64(clamping: $0) },
          factor.recovery.sorted().joined(separator: " "),
        ])
    }
  }

  public func deleteSecondFactor(of user: String) async throws {
    try await pool.write { try $0.run("DELETE FROM secondFactor WHERE user = ?", [user]) }
  }

  /// A sealed secret opens only for the account it was sealed for.
  private static func factorContext(_ user: String) -> [UInt8] { Array("second-factor/\(user)".utf8) }

  public func saveFirstRun(_ link: FirstRunRecord) async throws {
    try await pool.write { db in
      try db.run(
        "INSERT OR REPLACE INTO firstRun (tokenHash, created, expires) VALUES (?, ?, ?)",
        [link.tokenHash, link.created.column, link.expires.column])
    }
  }

  public func consumeFirstRun(tokenHash: String, now: WallTime) async throws -> Bool {
    try await pool.write { db in
      let expires = try Int64.fetchOne(
        db, sql: "SELECT expires FROM firstRun WHERE tokenHash = ?", arguments: [tokenHash])
      try db.run("DELETE FROM firstRun WHERE tokenHash = ?", [tokenHash])
      return expires.map { $0 > now.column } ?? false
    }
  }
}

extension SessionRecord {
  fileprivate init(row: Row) {
    self.init(
      tokenHash: row.text("tokenHash"), user: row.text("user"), firstRun: row["firstRun"] ?? false,
      created: row.time("created"), expires: row.time("expires"), source: row.text("source"))
  }
}

extension TokenRecord {
  fileprivate init?(row: Row) {
    guard let role = row.value("role", as: Role.self) else { return nil }
    self.init(
      id: row.text("id"), name: row.text("name"), role: role, tokenHash: row.text("tokenHash"),
      created: row.time("created"), createdBy: row.text("createdBy"))
  }
}
