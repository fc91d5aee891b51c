/// Quantities as people write them.
enum PlanUnits {
  static let rateWords = "a rate such as 512kbit/s, 4Mbit/s or 10Gbit/s"
  static let bytesWords = "a size such as 800GB, 40TB or 2PB"
  static let shareWords = "a share such as 25% or 0.25"

  private static let powers: [(String, Double)] = [
    ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15),
  ]

  /// Bits per second: `4Mbit/s`, `4 Mbit/s` or short `4M`. A bare number is refused: nobody knows of what.
  static func rate(_ text: String) -> Double? {
    quantity(text, units: ["bit/s", ""], most: 1e15).flatMap { $0.unit.isEmpty ? nil : $0.value }
  }

  /// Bytes: `40TB` or `40T`.
  static func bytes(_ text: String) -> Double? {
    quantity(text, units: ["B", ""], most: 1e21).flatMap { $0.unit.isEmpty ? nil : $0.value }
  }

  static func share(_ text: String) -> Double? {
    let isPercent = text.hasSuffix("%")
    guard let number = number(isPercent ? String(text.dropLast()) : text) else { return nil }
    let share = isPercent ? number / 100 : number
    return (0...1).contains(share) ? share : nil
  }

  private static func quantity(
    _ text: String, units: [String], most: Double
  ) -> (value: Double, unit: String)? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let number = number(String(digits)) else { return nil }
    for (prefix, factor) in powers where unit.hasPrefix(prefix) && units.contains(String(unit.dropFirst())) {
      return (0...most).contains(number * factor) ? (number * factor, String(unit)) : nil
    }
    guard String(unit) == units[0] else { return nil }
    return (0...most).contains(number) ? (number, String(unit)) : nil
  }

  /// Digits with at most one point: no signs, exponents or words such as `inf`.
  private static func number(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.count <= 20, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 })
    else { return nil }
    return Double(text)
  }
}
