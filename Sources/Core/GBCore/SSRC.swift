/// The stream number of `y=` and of RTP: ten decimal digits, compared as an integer (§7.3).
public struct SSRC: Sendable, Hashable, CustomStringConvertible {
  public let value: UInt32

  public init(_ value: UInt32) { self.value = value }

  /// Reads 1…10 digits; devices drop leading zeros. Nil for anything else or above 2³² − 1.
  public init?(_ text: some StringProtocol) {
    let digits = String(text).trimmed
    guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy(ASCII.isDigit), let value = UInt32(digits)
    else { return nil }
    self.value = value
  }

  /// Ten digits with leading zeros, as `y=` and `Subject` write it.
  public var description: String {
    let digits = String(value)
    return String(repeating: "0", count: 10 - digits.utf8.count) + digits
  }

  /// Whether the first digit says playback or download. Devices break the rule: never decide by it alone.
  public var isHistory: Bool { value >= 1_000_000_000 }
}

/// What a stream shows: the first digit of its number.
public enum SSRCKind: Int, Sendable, Hashable { case live = 0, history = 1 }
