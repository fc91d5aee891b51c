import WireBytes

/// Who signs notes, as its public key is written: `name+keyid+base64(type ‖ key)` (C2SP signed-note).
public struct NoteVerifier: Sendable, Hashable {
  /// What stands before the key.
  public enum Kind: UInt8, Sendable, Hashable {
    /// A signature over the note.
    case ed25519 = 1
    /// A cosignature with its time (C2SP tlog-cosignature).
    case cosignature = 4
  }

  public let name: String
  /// First four bytes of SHA-256(name ‖ LF ‖ type ‖ key).
  public let keyID: UInt32
  public let kind: Kind
  /// 32 bytes.
  public let key: [UInt8]

  /// - Returns: nil unless the name is 1 to 255 bytes without blanks and `+`, and the key has 32 bytes.
  public init?(name: String, kind: Kind = .ed25519, key: [UInt8], hasher: LogHasher) {
    guard SignedNote.isName(name), key.count == 32 else { return nil }
    (self.name, self.kind, self.key) = (name, kind, key)
    keyID = hasher.keyID(name, kind.rawValue, key)
  }

  /// - Returns: nil for a text that is no such key, or whose number is not that of its key.
  public init?(text: String, hasher: LogHasher) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].utf8.count == 8, let number = UInt32(parts[1], radix: 16),
      let bytes = Base64.decode(parts[2]), bytes.count == 33, let kind = Kind(rawValue: bytes[0])
    else { return nil }
    self.init(name: String(parts[0]), kind: kind, key: Array(bytes[1...]), hasher: hasher)
    guard keyID == number else { return nil }
  }

  /// As others enter it.
  public var text: String {
    let hex = String(keyID, radix: 16)
    return name + "+" + String(repeating: "0", count: 8 - hex.count) + hex + "+"
      + Base64.encode([kind.rawValue] + key)
  }
}

extension LogHasher {
  fileprivate func keyID(_ name: String, _ kind: UInt8, _ key: [UInt8]) -> UInt32 {
    plain(Array(name.utf8) + [10, kind] + key).bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// A text with signatures below it (C2SP signed-note).
public struct SignedNote: Sendable, Hashable {
  /// One line below the text. Whose it is shows only with that key.
  public struct Signature: Sendable, Hashable {
    public var name: String
    public var keyID: UInt32
    public var bytes: [UInt8]

    public init(name: String, keyID: UInt32, bytes: [UInt8]) {
      (self.name, self.keyID, self.bytes) = (name, keyID, bytes)
    }
  }

  /// Bytes of a note, and signatures below it, that are read.
  public static let longest = 64 * 1_024
  public static let mostSignatures = 64

  /// Ends with a line feed.
  public let body: String
  public var signatures: [Signature]

  /// - Returns: nil unless the text ends with a line feed and has no empty line at its end and no control characters.
  public init?(body: String, signatures: [Signature] = []) {
    guard body.hasSuffix("\n"), !body.hasSuffix("\n\n"), body != "\n",
      body.utf8.allSatisfy({ $0 == 10 || ($0 >= 32 && $0 != 127) })
    else { return nil }
    (self.body, self.signatures) = (body, signatures)
  }

  /// Reads a note.
  public init?(text: String) {
    guard text.utf8.count <= Self.longest, text.hasSuffix("\n") else { return nil }
    // The last empty line parts text and signatures.
    let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    guard let gap = lines.lastIndex(where: { $0.isEmpty }), gap > 0,
      lines.count - gap - 1 <= Self.mostSignatures
    else { return nil }
    var signatures: [Signature] = []
    for line in lines[(gap + 1)...] {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "—", Self.isName(String(words[1])),
        let bytes = Base64.decode(words[2]), bytes.count > 4
      else { return nil }
      let number = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      signatures.append(Signature(name: String(words[1]), keyID: number, bytes: Array(bytes[4...])))
    }
    guard !signatures.isEmpty else { return nil }
    self.init(body: lines[..<gap].joined(separator: "\n") + "\n", signatures: signatures)
  }

  public var text: String {
    var text = body + "\n"
    for signature in signatures {
      let number = (0..<4).map { UInt8(truncatingIfNeeded: signature.keyID >> UInt32(24 - 8 * $0)) }
      text += "— \(signature.name) \(Base64.encode(number + signature.bytes))\n"
    }
    return text
  }

  /// The signatures that bear a key's name and number; whether they are good is for who can check them.
  public func signatures(of verifier: NoteVerifier) -> [Signature] {
    signatures.filter { $0.name == verifier.name && $0.keyID == verifier.keyID }
  }

  /// What a cosignature signs: that the note was seen at that time (Unix seconds).
  public func cosigned(at time: UInt64) -> [UInt8] { Array("cosignature/v1\ntime \(time)\n\(body)".utf8) }

  static func isName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count)
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != 43 }
      && !text.unicodeScalars.contains { $0.properties.isWhitespace }
  }
}

/// What a log says of itself at one moment (C2SP tlog-checkpoint).
public struct Checkpoint: Sendable, Hashable {
  /// Which log.
  public var origin: String
  public var size: UInt64
  public var root: LogHash
  /// Further lines, without line feeds.
  public var extensions: [String]

  public init(origin: String, size: UInt64, root: LogHash, extensions: [String] = []) {
    (self.origin, self.size, self.root, self.extensions) = (origin, size, root, extensions)
  }

  /// Reads the text of a note.
  public init?(body: String) {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, lines.last == "", !lines[0].isEmpty, let size = UInt64(lines[1]),
      String(size) == lines[1], size <= LogProof.largest,
      let root = Base64.decode(lines[2]).flatMap({ LogHash($0) }), !lines.dropLast().contains("")
    else { return nil }
    self.init(
      origin: String(lines[0]), size: size, root: root, extensions: lines[3...].dropLast().map(String.init))
  }

  public var body: String {
    ([origin, String(size), Base64.encode(root.bytes)] + extensions).joined(separator: "\n") + "\n"
  }
}
