import LogTree

/// One record of the file: the entry, which is hashed into the tree, and what stands beside it and may be erased.
public struct LogRecord: Sendable, Hashable {
  public var entry: [UInt8]
  /// Empty when there never was anything; see ``isErased``.
  public var beside: [UInt8]
  /// What stood beside it was overwritten with zeros.
  public var isErased: Bool

  public init(entry: [UInt8], beside: [UInt8] = []) {
    (self.entry, self.beside, isErased) = (entry, beside, false)
  }
}

/// The bytes of a record:
///
/// ```text
///   2  length of the entry, 1 to 65 535     big endian
///   n  the entry
///   4  the first bytes of its leaf hash
///   2  length of what stands beside it, 0 to 65 535
///   m  what stands beside it, or zeros once it was erased
///   4  the first bytes of the SHA-256 of that, or zeros once it was erased
/// ```
enum RecordBytes {
  /// Bytes of an entry and of what stands beside it at most.
  static let longest = 65_535
  static let checkLength = 4
  /// Bytes of a record at most.
  static let longestRecord = 2 * (2 + longest + checkLength)

  static func append(_ record: LogRecord, leaf: LogHash, hasher: LogHasher, to bytes: inout [UInt8]) {
    part(record.entry, leaf, &bytes)
    part(record.beside, hasher.plain(record.beside), &bytes)
  }

  private static func part(_ part: [UInt8], _ hash: LogHash, _ bytes: inout [UInt8]) {
    bytes.append(UInt8(part.count >> 8))
    bytes.append(UInt8(part.count & 255))
    bytes += part
    bytes += hash.bytes.prefix(checkLength)
  }

  /// What stands at the beginning of some bytes.
  enum Found {
    case record(LogRecord, leaf: LogHash, length: Int)
    /// More bytes are needed than there are.
    case cut
    case broken
  }

  static func read(_ bytes: ArraySlice<UInt8>, hasher: LogHasher) -> Found {
    guard let entry = part(bytes) else { return .cut }
    guard !entry.bytes.isEmpty else { return .broken }
    let content = Array(entry.bytes)
    let leaf = hasher.leaf(content)
    guard entry.check.elementsEqual(leaf.bytes.prefix(checkLength)) else { return .broken }
    guard let beside = part(bytes[entry.check.endIndex...]) else { return .cut }
    var record = LogRecord(entry: content, beside: Array(beside.bytes))
    if !beside.check.elementsEqual(hasher.plain(record.beside).bytes.prefix(checkLength)) {
      guard !beside.bytes.isEmpty, beside.check.allSatisfy({ $0 == 0 }), record.beside.allSatisfy({ $0 == 0 })
      else {
        return .broken
      }
      record.beside = []
      record.isErased = true
    }
    return .record(record, leaf: leaf, length: beside.check.endIndex - bytes.startIndex)
  }

  private static func part(_ bytes: ArraySlice<UInt8>) -> (
    bytes: ArraySlice<UInt8>, check: ArraySlice<UInt8>
  )? {
    let start = bytes.startIndex
    guard bytes.count >= 2 else { return nil }
    let count = Int(bytes[start]) << 8 | Int(bytes[start + 1])
    guard bytes.count >= 2 + count + checkLength else { return nil }
    let middle = start + 2 + count
    return (bytes[(start + 2)..<middle], bytes[middle..<(middle + checkLength)])
  }
}
