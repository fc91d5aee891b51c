public import Access
import Cryptography
import Foundation
import GBCore
import Glibc
import MediaTime
public import Recording
public import Registry
public import SegmentStore
import StoreSQLite

/// The folder that holds everything of one platform: database, keys, recordings.
///
/// The server and the command line open it in the same way; both may have it
/// open at once. The server looks at ``generation()`` to notice changes that a
/// command made.
public struct DataFolder: Sendable {
  public let path: String
  let database: SQLiteStore

  /// Where recordings are kept, one directory for each disk.
  public let directories: [RecordingDirectory]

  /// Opens the folder and makes what is missing in it.
  ///
  /// - Parameter recordings: directories of recordings; none means `recordings` in the folder.
  /// - Throws: ``StartError``, one sentence that says what to do.
  public init(path: String, recordings: [RecordingDirectory] = []) throws {
    let path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    self.path = path
    directories = recordings.isEmpty ? [RecordingDirectory(path: Self.former(path))] : recordings
    try Self.makeFolder(path)
    try Self.makeFolder(path + "/keys")
    do {
      let box = try SecretBox(keyFile: path + "/keys/secrets.key")
      let seal = SecretSeal(
        seal: { try box.seal($0, context: $1) }, open: { try box.open($0, context: $1) })
      database = try SQLiteStore(path: path + "/tributary.db", secrets: seal)
    } catch let error as SecretBoxError {
      throw StartError("the key file in \(path)/keys cannot be used: \(error)")
    } catch let error as StoreError {
      throw StartError("\(error)")
    } catch {
      throw StartError("the database in \(path) cannot be opened: \(error)")
    }
  }

  private static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StartError(
        "the data folder \(path) cannot be made (\(error.localizedDescription)): choose another with --data, or make it and give this user write permission"
      )
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw StartError(
        "the data folder \(path) is not writable: give this user write permission, or choose another with --data"
      )
    }
  }

  public var registry: any RegistryStore { database }
  public var recording: any RecordingStore { database }
  public var looks: any LookLog { database }

  /// The gatekeeper over this folder's accounts and keys.
  public func gatekeeper() async throws -> Gatekeeper {
    let cryptography = AccessCryptography(
      random: { SecureRandom.bytes($0) },
      fingerprint: { bytes in Hash.sha256.digest(bytes).map { Self.hexadecimal($0) }.joined() },
      sha1: { Hash.sha1.digest($0) },
      hashPassword: { password in await Task.detached { PasswordHash.make(password) }.value },
      verifyPassword: { password, hash in await Task.detached { PasswordHash.verify(password, hash) }.value })
    let clock = AccessClock(wall: { SystemClock.wall() }, monotonic: { SystemClock.monotonic() })
    let gatekeeper = Gatekeeper(store: database, cryptography: cryptography, clock: clock)
    try await gatekeeper.load()
    return gatekeeper
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }

  // MARK: Changes by another process

  private static let generationKey = "administration.generation"

  /// Changes whenever a command changed something.
  public func generation() async throws -> String? { try await database.setting(Self.generationKey) }

  /// Tells a running server to look again.
  public func announceChange() async throws {
    try await database.set(
      Self.generationKey, to: String(UInt64.random(in: .min ... .max), radix: 36), by: "command line",
      at: SystemClock.wall())
  }

  public func settings() async throws -> [String: String] { try await database.settings() }

  public func setting(_ key: String) async throws -> String? { try await database.setting(key) }

  /// What SQLite finds wrong with the database; empty when nothing is.
  public func check() async throws -> [String] { try await database.check() }

  /// Rebuilds the recordings index from the files alone. Entries of disks that are away stay as they are.
  ///
  /// - Parameter report: called for each file with its path and what became of it.
  /// - Returns: segments in the new index of the disks that are there, and what there is to say about the others.
  public func rebuildIndex(report: (String, String) -> Void) async throws -> (
    segments: Int, remarks: [String]
  ) {
    let opening = try await openDisks()
    let segments = opening.disks.rebuild(
      hash: { SHA256Stream() }, report: { path, outcome in report(path, outcome.sentence) })
    // What lay on no disk in particular is found on one, or is gone.
    let absent = opening.disks.absent
    let known = Set(try await database.disks().map(\.id))
    try await database.replaceAllSegments(
      segments, on: absent.isEmpty ? nil : known.union(opening.disks.disks.map(\.id)).subtracting(absent))
    return (segments.count, opening.remarks)
  }

  public func close() { try? database.close() }

  // MARK: Sign of life

  /// When a server last ran on this folder, by a file it touches every few seconds.
  func lastAlive() -> WallTime? {
    guard let text = try? String(contentsOfFile: path + "/alive", encoding: .utf8) else { return nil }
    return WallTime(rfc3339: text.trimmed)
  }

  func markAlive() {
    try? SystemClock.wall().rfc3339.write(toFile: path + "/alive", atomically: true, encoding: .utf8)
  }
}
