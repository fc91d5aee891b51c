/// Hexadecimal text.
public enum Hex {
  /// Lower-case hexadecimal of `bytes`, two digits each.
  public static func lowercase(_ bytes: [UInt8]) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      for index in 0..<bytes.count {
        unsafe text[index * 2] = digit(bytes[index] >> 4)
        unsafe text[index * 2 + 1] = digit(bytes[index] & 15)
      }
      return bytes.count * 2
    }
  }

  /// Lower-case hexadecimal of `bytes`, two digits each.
  public static func lowercase(_ bytes: some Sequence<UInt8>) -> String { lowercase(Array(bytes)) }

  /// Appends the first `count` of `bytes` to `text`, two lower-case digits each.
  public static func append(_ bytes: [UInt8], first count: Int, to text: inout [UInt8]) {
    for index in 0..<min(count, bytes.count) {
      text.append(digit(bytes[index] >> 4))
      text.append(digit(bytes[index] & 15))
    }
  }

  /// Appends all sixteen digits of `value` to `text`.
  public static func append(_ value: UInt64, to text: inout [UInt8]) {
    for place in 0..<16 {
      text.append(digit(UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 15))
    }
  }

  /// The bytes that `text` spells, or nil for an odd length or a character that is no hexadecimal digit.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      guard let value = value(character) else { return nil }
      if let upper = high {
        bytes.append(upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case 48...57: character - 48
    case 65...70: character - 55
    case 97...102: character - 87
    default: nil
    }
  }
}
