import WireBytes

/// A SHA-256 value: of a leaf, of a node or of a whole log.
///
/// Held in four words, so that millions of them need no memory of their own.
public struct LogHash: Sendable, Hashable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The length in bytes.
  public static let count = 32

  /// - Returns: nil unless there are exactly 32 bytes.
  public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// - Returns: nil unless there are exactly 32 bytes.
  public init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.count else { return nil }
    var (words, place) = ((UInt64(0), UInt64(0), UInt64(0), UInt64(0)), 0)
    for byte in bytes {
      switch place >> 3 {
      case 0: words.0 = words.0 << 8 | UInt64(byte)
      case 1: words.1 = words.1 << 8 | UInt64(byte)
      case 2: words.2 = words.2 << 8 | UInt64(byte)
      default: words.3 = words.3 << 8 | UInt64(byte)
      }
      place += 1
    }
    self.words = words
  }

  /// The bytes, first word first, most significant byte first.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.count)
    append(to: &bytes)
    return bytes
  }

  /// Writes the bytes behind others.
  public func append(to bytes: inout [UInt8]) {
    Self.append(words.0, to: &bytes)
    Self.append(words.1, to: &bytes)
    Self.append(words.2, to: &bytes)
    Self.append(words.3, to: &bytes)
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    var shift: UInt64 = 64
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  public static func == (left: LogHash, right: LogHash) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.3)
  }
}

extension LogHash {
  /// As checkpoints and proofs write it.
  public var base64: String { Base64.encode(bytes) }

  /// - Returns: nil unless the text is that of 32 bytes.
  public init?(base64 text: some StringProtocol) {
    guard let bytes = Base64.decode(text) else { return nil }
    self.init(bytes)
  }
}

extension LogHash: CustomStringConvertible {
  /// Sixty-four small hexadecimal digits.
  public var description: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * Self.count)
    for byte in bytes {
      for value in [byte >> 4, byte & 15] { digits.append(value < 10 ? 48 + value : 87 + value) }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}

/// How leaves and nodes are hashed (RFC 6962 §2.1): the two can never be taken for each other.
public struct LogHasher: Sendable {
  private let sha256: @Sendable ([UInt8]) -> LogHash

  /// - Parameter sha256: the hash of its argument; this module has none of its own.
  public init(sha256: @escaping @Sendable ([UInt8]) -> LogHash) { self.sha256 = sha256 }

  /// The plain hash, for what is neither a leaf nor a node.
  public func plain(_ bytes: [UInt8]) -> LogHash { sha256(bytes) }

  /// The root of a log without entries.
  public var empty: LogHash { sha256([]) }

  /// The hash of an entry: of a zero byte and its content.
  public func leaf(_ entry: [UInt8]) -> LogHash { sha256([0] + entry) }

  /// The hash above two others: of a one byte and both.
  public func node(_ left: LogHash, _ right: LogHash) -> LogHash {
    var bytes: [UInt8] = [1]
    bytes.reserveCapacity(1 + 2 * LogHash.count)
    left.append(to: &bytes)
    right.append(to: &bytes)
    return sha256(bytes)
  }
}
