public import LogTree
import MediaTime

/// What is needed to check signatures.
public struct VerifierTools: Sendable {
  public var hasher: LogHasher
  /// Ed25519.
  public var verify: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool

  public init(
    hasher: LogHasher,
    verify: @escaping @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool
  ) { (self.hasher, self.verify) = (hasher, verify) }
}

/// The public keys that a head is checked with, one per line as others enter them.
struct LogKeys {
  private(set) var keys: [NoteVerifier]

  /// - Returns: nil when a line is no key.
  init?(text: String, hasher: LogHasher) {
    guard text.hasSuffix("\n") else { return nil }
    keys = []
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      guard let key = NoteVerifier(text: String(line), hasher: hasher), key.text == line else { return nil }
      keys.append(key)
    }
  }

  init(_ keys: [NoteVerifier]) { self.keys = keys }

  /// Checks every signature of a note into the report.
  ///
  /// - Returns: whether one of them is by the log itself.
  func check(_ note: SignedNote, origin: String, _ tools: VerifierTools, into report: inout LogReport) -> Bool
  {
    var isSigned = false
    for signature in note.signatures {
      guard let key = keys.first(where: { $0.name == signature.name && $0.keyID == signature.keyID }) else {
        report.find(
          .trust, "The signature by \(signature.name) is of an unknown key.", "签名者 \(signature.name) 的公钥未知。")
        continue
      }
      var (message, bytes, time) = (Array(note.body.utf8), signature.bytes, UInt64?.none)
      if key.kind == .cosignature {
        let moment = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        (message, bytes, time) = (note.cosigned(at: moment), Array(bytes.dropFirst(8)), moment)
      }
      guard tools.verify(bytes, message, key.key) else {
        report.find(
          .integrity, "The signature by \(signature.name) does not hold.", "\(signature.name) 的签名无效。")
        continue
      }
      let isWitness = signature.name != origin
      isSigned = isSigned || !isWitness
      let signer = LogReport.Signer(
        name: signature.name, isWitness: isWitness,
        time: time.flatMap { Int64(exactly: $0) }.flatMap { $0 < 1 << 33 ? .init(seconds: $0) : nil })
      // Witnesses sign a copy of the head, with its own signatures above theirs.
      if !report.signers.contains(signer) { report.signers.append(signer) }
    }
    return isSigned
  }
}
