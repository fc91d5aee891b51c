public import Cryptography
public import LogStore
public import LogTree
public import LogVerifier
import MediaTime

/// The key of one log: signs its heads, plainly and with the time.
public struct LogSigner: Sendable {
  public static let hasher = LogHasher { bytes in
    guard let hash = LogHash(Hash.sha256.digest(bytes)) else { preconditionFailure("SHA-256 has 32 bytes") }
    return hash
  }
  public static let tools = VerifierTools(hasher: hasher) { SigningKey.verify($0, of: $1, by: $2) }

  /// The first line of every head.
  public let origin: String
  private let key: SigningKey
  private let plain: NoteVerifier
  private let timed: NoteVerifier

  /// - Returns: nil when `origin` cannot be the name of a log.
  public init?(origin: String, key: SigningKey) {
    guard let plain = NoteVerifier(name: origin, key: key.publicKey, hasher: Self.hasher),
      let timed = NoteVerifier(name: origin, kind: .cosignature, key: key.publicKey, hasher: Self.hasher)
    else { return nil }
    (self.origin, self.key, self.plain, self.timed) = (origin, key, plain, timed)
  }

  /// As others enter them: the key for heads, and the same key for heads with their time.
  public var keys: [NoteVerifier] { [plain, timed] }

  /// Both signatures for a head.
  ///
  /// - Parameter time: seconds since 1970.
  public func sign(_ note: SignedNote, at time: UInt64) -> [SignedNote.Signature] {
    [
      .init(name: origin, keyID: plain.keyID, bytes: key.sign(Array(note.body.utf8))),
      cosign(note, at: time),
    ]
  }

  /// The signature of a witness below a head of somebody else.
  public func cosign(_ note: SignedNote, at time: UInt64) -> SignedNote.Signature {
    let moment = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
    return .init(name: origin, keyID: timed.keyID, bytes: moment + key.sign(note.cosigned(at: time)))
  }

  /// Whether a head carries the plain signature of this key.
  public func isOurs(_ note: SignedNote) -> Bool {
    note.signatures(of: plain).contains {
      SigningKey.verify($0.bytes, of: Array(note.body.utf8), by: plain.key)
    }
  }

  /// A log in `folder` that signs with this key.
  public func configuration(folder: String) -> LogStore.Configuration {
    LogStore.Configuration(folder: folder, origin: origin, hasher: Self.hasher) { note in
      sign(note, at: UInt64(max(0, SystemClock.wall().seconds)))
    } isOurs: {
      isOurs($0)
    }
  }
}
