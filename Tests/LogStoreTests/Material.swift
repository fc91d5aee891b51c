import Cryptography
import Foundation
import LogTree

@testable import LogStore

/// A folder of its own for a log, and the key it signs with.
struct Material {
  static let hasher = LogHasher { bytes in
    guard let hash = LogHash(Hash.sha256.digest(bytes)) else { preconditionFailure("SHA-256 has 32 bytes") }
    return hash
  }
  static let origin = "county.example/access"

  let folder: String
  let key: SigningKey

  init(at folder: String? = nil, key: SigningKey? = nil) {
    self.folder =
      folder ?? FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path()
    self.key = key ?? SigningKey(seed: [UInt8](repeating: 5, count: 32)) ?? SigningKey()
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  var configuration: LogStore.Configuration {
    let key = key
    let verifier = NoteVerifier(name: Self.origin, key: key.publicKey, hasher: Self.hasher)
    return LogStore.Configuration(folder: folder, origin: Self.origin, hasher: Self.hasher) { note in
      [.init(name: Self.origin, keyID: verifier?.keyID ?? 0, bytes: key.sign(Array(note.body.utf8)))]
    } isOurs: { note in
      guard let verifier else { return false }
      return note.signatures(of: verifier).contains {
        SigningKey.verify($0.bytes, of: Array(note.body.utf8), by: key.publicKey)
      }
    }
  }

  func open() throws -> LogStore { try LogStore(configuration) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }
  func write(_ name: String, _ bytes: Data) throws { try bytes.write(to: URL(filePath: path(name))) }

  static func record(_ index: Int) -> LogRecord {
    LogRecord(
      entry: Array("entry \(index)".utf8), beside: index % 3 == 0 ? [] : Array("beside \(index)".utf8))
  }

  /// The root of the first `count` records above, put together by itself.
  static func root(_ count: Int) -> LogHash {
    var frontier = LogFrontier()
    for index in 0..<count { frontier.append(hasher.leaf(record(index).entry), hasher: hasher) }
    return frontier.root(hasher)
  }
}
