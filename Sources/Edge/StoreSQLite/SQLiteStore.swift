import Foundation
import GRDB

/// Seals and opens secrets that are stored; the context ties a secret to its owner's row.
public struct SecretSeal: Sendable {
  public var seal: @Sendable (_ secret: [UInt8], _ context: [UInt8]) throws -> [UInt8]
  public var open: @Sendable (_ sealed: [UInt8], _ context: [UInt8]) throws -> [UInt8]

  public init(
    seal: @escaping @Sendable ([UInt8], [UInt8]) throws -> [UInt8],
    open: @escaping @Sendable ([UInt8], [UInt8]) throws -> [UInt8]
  ) {
    (self.seal, self.open) = (seal, open)
  }
}

/// Why the database cannot be used. The message is one sentence that says what to do.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure; more may be added.
  public struct Code: Sendable, Hashable {
    let name: String
    /// The file or its directory cannot be opened or written.
    public static let unavailable = Code(name: "unavailable")
    /// The file is no database of ours, or its pages are damaged.
    public static let damaged = Code(name: "damaged")
    /// A later version of the program has changed the schema.
    public static let newer = Code(name: "newer")
  }

  public let code: Code
  public let message: String
  public var description: String { message }
}

/// The embedded database: registry, recordings, accounts, looks and settings in one SQLite file.
///
/// Write-ahead log, one writer and several readers; safe against a crash at any
/// moment. Several processes may use the file (the server and a command line).
/// Times are stored as nanoseconds since 1970 in UTC, so that nothing is rounded.
public final class SQLiteStore: Sendable {
  let pool: DatabasePool
  let secrets: SecretSeal

  /// Opens the file, makes it if there is none, and brings its schema up to date.
  ///
  /// - Parameter path: in a directory that exists.
  public init(path: String, secrets: SecretSeal) throws {
    self.secrets = secrets
    var configuration = Configuration()
    configuration.label = "tributary"
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = 4
    configuration.foreignKeysEnabled = true
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
      let migrator = Schema.migrator
      guard try pool.read({ try !migrator.hasBeenSuperseded($0) }) else {
        throw StoreError(
          code: .newer,
          message:
            "\(path) was changed by a later version of this program: install that version or restore a backup."
        )
      }
      try migrator.migrate(pool)
    } catch let error as DatabaseError {
      throw Self.explain(error, path)
    }
    // Passwords are sealed, but names and addresses are nobody's business either.
    for suffix in ["", "-wal", "-shm"] { chmod(path + suffix, 0o600) }
  }

  /// Closes the file. Calls that come later throw.
  public func close() throws { try pool.close() }

  /// What SQLite's own check finds wrong, empty when all is well. Reads the whole file.
  public func check() async throws -> [String] {
    try await pool.read { db in
      try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }
  }

  /// Writes a consistent copy of the whole database while it is in use.
  ///
  /// - Parameter path: of a file that does not exist yet.
  public func copy(to path: String) async throws {
    try await pool.writeWithoutTransaction { db in
      try db.execute(sql: "VACUUM INTO ?", arguments: [path])
    }
    chmod(path, 0o600)
  }

  private static func explain(_ error: DatabaseError, _ path: String) -> StoreError {
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      StoreError(
        code: .damaged,
        message: "\(path) is damaged or no database of this program: move it away or restore a backup.")
    default:
      StoreError(
        code: .unavailable,
        message: "The database \(path) cannot be opened (\(error.message ?? error.resultCode.description)): "
          + "its directory must exist and be writable by this user.")
    }
  }
}
