/// A `Range` of MANSRTSP: where to go on, and up to where (§8.1).
public struct PlaybackRange: Sendable, Hashable {
  public enum Start: Sendable, Hashable {
    /// From where the stream stands.
    case now
    /// Seconds from the start of the interval that the INVITE asked for; 0 or more.
    case seconds(Double)
  }

  public var start: Start
  /// Seconds; below the start when the stream runs backwards. Nil: as far as it goes.
  public var end: Double?

  public init(_ start: Start, end: Double? = nil) { (self.start, self.end) = (start, end) }

  /// As the header wants it: `npt=now-`, `npt=100-`, `npt=600-120`.
  public var text: String {
    let from =
      switch start {
      case .now: "now"
      case .seconds(let seconds): Decimals.text(seconds)
      }
    return "npt=\(from)-\(end.map { Decimals.text($0) } ?? "")"
  }

  /// Reads `npt=` (also misspelt `ntp=`), `smpte=` in all its kinds, and values without a unit.
  public init?(_ text: some StringProtocol) {
    var value = String(text).trimmed[...]
    if let equals = value.firstIndex(of: "=") {
      let unit = value[..<equals].lowercased()
      guard unit == "npt" || unit == "ntp" || unit.hasPrefix("smpte") else { return nil }
      value = value[value.index(after: equals)...]
    }
    // What follows a semicolon is a wish for the time of the order (RFC 2326 §12.29).
    value = value.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
    guard let dash = value.firstIndex(of: "-") else { return nil }
    let (from, to) = (value[..<dash].trimmed, value[value.index(after: dash)...].trimmed)
    if from.isEmpty || ASCII.equal(from, "now") {
      start = .now
    } else {
      guard let seconds = Self.seconds(from) else { return nil }
      start = .seconds(seconds)
    }
    if to.isEmpty {
      end = nil
    } else {
      guard let seconds = Self.seconds(to) else { return nil }
      end = seconds
    }
  }

  /// `100`, `0.5`, `0:10:20`, `0:10:20.5`; frames of `0:10:20:12` are dropped.
  private static func seconds(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...4).contains(parts.count), parts.count != 2 else {
      guard parts.count == 2, let minutes = Decimals.value(parts[0]), let rest = Decimals.value(parts[1])
      else { return nil }
      return minutes * 60 + rest
    }
    let numbers = parts.prefix(3).compactMap { Decimals.value($0) }
    guard numbers.count == min(parts.count, 3) else { return nil }
    return numbers.count == 1 ? numbers[0] : numbers[0] * 3_600 + numbers[1] * 60 + numbers[2]
  }
}

/// Decimal numbers as RTSP writes them: no exponent, no sign but minus.
enum Decimals {
  /// The most that is read or written; a century of seconds.
  static let limit = 4e9

  /// Milliseconds at most, no trailing zeros; `whole` asks for at least one decimal (`2.0`).
  static func text(_ value: Double, keepsDecimal: Bool = false) -> String {
    let clamped = value.isFinite ? min(max(value, -limit), limit) : 0
    let thousandths = Int64((clamped * 1_000).rounded())
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1_000)
    var digits = String(rest)
    digits = String(repeating: "0", count: 3 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.isEmpty, keepsDecimal { digits = "0" }
    return (thousandths < 0 ? "-" : "") + String(whole) + (digits.isEmpty ? "" : "." + digits)
  }

  /// Non-negative.
  static func value(_ text: some StringProtocol) -> Double? {
    guard let value = signed(text), value >= 0 else { return nil }
    return value
  }

  static func signed(_ text: some StringProtocol) -> Double? {
    let bytes = text.utf8
    guard !bytes.isEmpty, bytes.count <= 24,
      bytes.allSatisfy({ ASCII.isDigit($0) || $0 == 46 || $0 == 45 || $0 == 43 }),
      let value = Double(String(text)), abs(value) <= limit
    else { return nil }
    return value
  }
}
