/// Byte classes and comparisons of the SIP grammar (RFC 3261 §25.1).
enum ASCII {
  static let cr: UInt8 = 13
  static let lf: UInt8 = 10
  static let space: UInt8 = 32
  static let quote: UInt8 = 34
  static let backslash: UInt8 = 92
  static let comma: UInt8 = 44
  static let colon: UInt8 = 58
  static let semicolon: UInt8 = 59
  static let less: UInt8 = 60
  static let equals: UInt8 = 61
  static let greater: UInt8 = 62
  static let question: UInt8 = 63
  static let at: UInt8 = 64

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  /// Blank, line end or NUL: everything that devices leave around a value.
  static func isPadding(_ byte: UInt8) -> Bool { byte <= 32 }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  static func lower(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }

  static func upper(_ byte: UInt8) -> UInt8 { byte &- 97 < 26 ? byte & 0xDF : byte }

  /// `token` of RFC 3261 §25.1.
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122: true
    // - . ! % * _ + ` ' ~
    case 45, 46, 33, 37, 42, 95, 43, 96, 39, 126: true
    default: false
    }
  }

  /// `range` without padding at either end.
  static func trimmed(_ span: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high, isPadding(span[low]) { low += 1 }
    while high > low, isPadding(span[high - 1]) { high -= 1 }
    return low..<high
  }

  /// Whether the bytes of `range` are `text`, which must be lower case.
  static func matches(_ span: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard range.count == length else { return false }
    return text.withUTF8Buffer { expected in
      for index in 0..<length where unsafe lower(span[range.lowerBound + index]) != expected[index] {
        return false
      }
      return true
    }
  }

  static func text(_ span: Span<UInt8>, _ range: Range<Int>) -> String {
    unsafe span.extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  static func bytes(_ span: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    unsafe span.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
  }

  /// The decimal number that fills `range`, or nil when it is empty, has another character or overflows.
  static func decimal(_ span: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard !range.isEmpty, range.count <= 18 else { return nil }
    var value = 0
    for index in range {
      guard isDigit(span[index]) else { return nil }
      value = value * 10 + Int(span[index] - 48)
    }
    return value
  }

  /// ASCII lower case of `text`; other characters stay.
  static func lowercased(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 &- 65 < 26 }) else { return text }
    return String(decoding: text.utf8.map(lower), as: UTF8.self)
  }

  static func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
  }

  /// Ends of the top-level elements of a list: commas inside quotes or angle brackets do not separate.
  ///
  /// - Returns: the end of the first element of `range`: the offset of a comma, or the end of `range`.
  static func elementEnd(
    _ span: Span<UInt8>, _ range: Range<Int>, separator: UInt8 = ASCII.comma
  ) -> Int {
    var quoted = false
    var bracketed = false
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = span[index]
      if quoted {
        if byte == backslash { index += 1 } else if byte == quote { quoted = false }
      } else if byte == separator, !bracketed {
        return index
      } else if byte == quote {
        quoted = true
      } else if byte == less {
        bracketed = true
      } else if byte == greater {
        bracketed = false
      }
      index += 1
    }
    return range.upperBound
  }
}
