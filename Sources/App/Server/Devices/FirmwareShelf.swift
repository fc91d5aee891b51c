import Cryptography
import Foundation
import Glibc
import HTTPAPI
import MediaTime
import Synchronization

/// Files of firmware that an administrator placed, each with its SHA-256 beside it.
struct FirmwareShelf: Sendable {
  /// The longest file, in bytes, and how many there may be.
  static let longest: Int64 = 1 << 30
  static let most = 100

  let folder: String

  func files() -> [API.FirmwareFile] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix(".sha256") }.sorted().compactMap(file)
  }

  func file(_ name: String) -> API.FirmwareFile? {
    guard let hash = try? String(contentsOfFile: path(name) + ".sha256", encoding: .utf8),
      let attributes = try? FileManager.default.attributesOfItem(atPath: path(name)),
      let size = attributes[.size] as? Int64 ?? (attributes[.size] as? Int).map(Int64.init),
      let date = attributes[.modificationDate] as? Date
    else { return nil }
    return API.FirmwareFile(
      name: name, bytes: size, sha256: hash,
      placed: API.Time(WallTime(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))))
  }

  func remove(_ name: String) throws {
    guard file(name) != nil else { throw Problem.notFound("There is no such file.") }
    try FileManager.default.removeItem(atPath: path(name))
    try? FileManager.default.removeItem(atPath: path(name) + ".sha256")
  }

  func writer(_ name: String) throws -> any FirmwareWriter {
    guard !name.hasSuffix(".sha256") else { throw Problem.invalid("That ending is taken.") }
    guard file(name) != nil || files().count < Self.most else {
      throw Problem.conflict("There are \(Self.most) files already; remove some first.")
    }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return try FirmwareFileWriter(self, name)
  }

  /// The bytes of `range`.
  func read(_ name: String, _ range: Range<Int64>) throws -> [UInt8] {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path(name)))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(range.lowerBound))
    return [UInt8](try handle.read(upToCount: range.count) ?? Data())
  }

  func path(_ name: String) -> String { folder + "/" + name }
}

/// Writes beside the final place and moves when all is there.
private final class FirmwareFileWriter: FirmwareWriter {
  private struct State {
    var handle: FileHandle?
    var length: Int64 = 0
    var hash: SHA256Stream
  }

  private let shelf: FirmwareShelf
  private let name: String
  private let part: String
  // One request writes; the lock is for the compiler's peace and costs nothing.
  private let state: Mutex<State>

  init(_ shelf: FirmwareShelf, _ name: String) throws {
    (self.shelf, self.name) = (shelf, name)
    part = shelf.folder + "/." + LookBook.token()
    guard FileManager.default.createFile(atPath: part, contents: nil, attributes: [.posixPermissions: 0o600])
    else {
      throw Problem.unavailable("The file cannot be written: is the disk full?")
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: part))
    state = Mutex(State(handle: handle, hash: SHA256Stream()))
  }

  func write(_ bytes: [UInt8]) async throws {
    try state.withLock { state in
      state.length += Int64(bytes.count)
      guard state.length <= FirmwareShelf.longest else {
        throw Problem.tooLarge("A file has at most \(FirmwareShelf.longest) bytes.")
      }
      bytes.withUnsafeBytes { state.hash.update($0) }
      do { try state.handle?.write(contentsOf: bytes) } catch {
        throw Problem.unavailable("The file cannot be written: is the disk full?")
      }
    }
  }

  func finish() async throws -> API.FirmwareFile {
    let (length, digest) = try state.withLock { state in
      try state.handle?.synchronize()
      try state.handle?.close()
      state.handle = nil
      return (state.length, state.hash.finish())
    }
    guard length > 0 else {
      await abandon()
      throw Problem.invalid("The file is empty.")
    }
    let text = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    try text.write(toFile: shelf.path(name) + ".sha256", atomically: true, encoding: .utf8)
    guard rename(part, shelf.path(name)) == 0 else {
      await abandon()
      throw Problem.unavailable("The file could not be put in its place.")
    }
    guard let file = shelf.file(name) else { throw Problem.internal }
    return file
  }

  func abandon() async {
    state.withLock { state in
      try? state.handle?.close()
      state.handle = nil
    }
    try? FileManager.default.removeItem(atPath: part)
  }
}
