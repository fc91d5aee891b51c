public import LogTree
public import MediaTime

/// One entry of the access log: what is hashed into the tree and never changes again.
///
/// A text with one way to write it:
///
/// ```text
/// look-begin/1
/// at 1775003415000000
/// channel 34020000001320000001/34020000001310000001
/// operation live
/// user sha256:<64 hexadecimal digits>
/// ```
///
/// First the kind and the version of this grammar, then the time in microseconds since 1970, then the fields in the
/// order of ``LogField``, then the commitments in the order of ``PersonalField``. Every line ends with a line feed.
public struct LogEntry: Sendable, Hashable {
  /// Bytes of an entry at most.
  public static let longest = 65_535

  public let kind: LogKind
  public let at: WallTime
  public let facts: [LogField: String]
  public let commitments: [PersonalField: LogHash]

  /// Why a text is no entry.
  public enum Malformed: Error, Hashable, Sendable {
    case tooLong
    case notText
    case unknownKind
    case line(Int)
    case missing(LogField)
  }

  /// - Returns: nil when a value may not stand in an entry, one that the kind needs is missing, or the time is before
  ///   1970. The time is kept in microseconds.
  public init?(
    kind: LogKind, at: WallTime, facts: [LogField: String] = [:], commitments: [PersonalField: LogHash] = [:]
  ) {
    guard at.nanoseconds >= 0, facts.allSatisfy({ $0.permits($1) }),
      kind.required.allSatisfy({ facts[$0] != nil })
    else { return nil }
    self.kind = kind
    self.at = WallTime(nanoseconds: at.nanoseconds / 1_000 * 1_000)
    (self.facts, self.commitments) = (facts, commitments)
  }

  /// The bytes that are hashed.
  public var bytes: [UInt8] {
    var text = "\(kind.rawValue)/1\nat \(at.nanoseconds / 1_000)\n"
    for field in LogField.allCases {
      if let value = facts[field] { text += "\(field.rawValue) \(value)\n" }
    }
    for field in PersonalField.allCases {
      if let hash = commitments[field] { text += "\(field.rawValue) sha256:\(hash)\n" }
    }
    return Array(text.utf8)
  }

  /// Reads an entry; only the very bytes that ``bytes`` gives are one.
  public init(_ bytes: [UInt8]) throws(Malformed) {
    guard bytes.count <= Self.longest else { throw .tooLong }
    guard let text = String(validating: bytes, as: UTF8.self), bytes.last == 10 else { throw .notText }
    let lines = text.utf8.dropLast().split(separator: 10, omittingEmptySubsequences: false)
    guard let head = Substring(lines[0]).firstKind else { throw .unknownKind }
    guard lines.count > 1, let micro = Substring(lines[1]).value(of: "at"), let time = Int64(micro),
      time >= 0, time <= Int64.max / 1_000, String(time) == micro
    else { throw .line(2) }
    var facts: [LogField: String] = [:]
    var commitments: [PersonalField: LogHash] = [:]
    // Fields come in their order, so each can only follow those before it.
    var fields = LogField.allCases[...]
    var people = PersonalField.allCases[...]
    for (number, line) in lines.enumerated().dropFirst(2) {
      let line = Substring(line)
      guard let blank = line.utf8.firstIndex(of: 32) else { throw .line(number + 1) }
      let (name, value) = (line[..<blank], String(line[line.utf8.index(after: blank)...]))
      if people.count == PersonalField.allCases.count,
        let place = fields.firstIndex(where: { $0.rawValue == name })
      {
        guard fields[place].permits(value) else { throw .line(number + 1) }
        facts[fields[place]] = value
        fields = fields[(place + 1)...]
      } else if let place = people.firstIndex(where: { $0.rawValue == name }), value.hasPrefix("sha256:"),
        let hash = LogHash(hex: value.dropFirst(7))
      {
        commitments[people[place]] = hash
        people = people[(place + 1)...]
      } else {
        throw .line(number + 1)
      }
    }
    if let missing = head.required.first(where: { facts[$0] == nil }) { throw .missing(missing) }
    (kind, at) = (head, WallTime(nanoseconds: time * 1_000))
    (self.facts, self.commitments) = (facts, commitments)
  }
}

extension Substring {
  fileprivate var firstKind: LogKind? {
    guard utf8.suffix(2).elementsEqual("/1".utf8) else { return nil }
    return LogKind(rawValue: String(self.dropLast(2)))
  }

  fileprivate func value(of name: String) -> String? {
    hasPrefix(name + " ") ? String(dropFirst(name.count + 1)) : nil
  }
}

extension LogHash {
  /// - Returns: nil for anything but sixty-four small hexadecimal digits.
  public init?(hex: Substring) {
    guard let bytes = Hexadecimal.bytes(hex.utf8), bytes.count == LogHash.count else { return nil }
    self.init(bytes)
  }
}

/// Small hexadecimal digits, two for each byte.
enum Hexadecimal {
  /// Nil for anything else.
  static func bytes(_ digits: Substring.UTF8View) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(LogHash.count)
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case 48...57: value = digit - 48
      case 97...102: value = digit - 87
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }

  static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    for byte in bytes {
      let (high, low) = (byte >> 4, byte & 15)
      text.append(high < 10 ? 48 + high : 87 + high)
      text.append(low < 10 ? 48 + low : 87 + low)
    }
  }
}
