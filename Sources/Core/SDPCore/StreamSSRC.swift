/// The SSRC of the `y=` line: ten decimal digits of which the first tells live from history
/// (reference §7.3). Compared as a number, because devices drop leading zeros.
public struct StreamSSRC: Sendable, Hashable, CustomStringConvertible {
  public var value: UInt32

  public init(_ value: UInt32) { self.value = value }

  /// Reads decimal digits; blanks around them are forgiven, and so is any text after them.
  public init?(_ text: some StringProtocol) {
    let bytes = text.utf8.drop { $0 <= 32 }
    let digits = bytes.prefix { $0 &- 48 < 10 }
    guard (1...20).contains(digits.count) else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      value = value &* 10 &+ UInt64(digit - 48)
      guard value <= UInt64(UInt32.max) else { return nil }
    }
    self.value = UInt32(value)
  }

  /// Ten digits, as the line has it.
  public var description: String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
  }

  /// Whether the first of the ten digits marks recorded material.
  public var isHistory: Bool { value / 1_000_000_000 == 1 }
}
