/// The code of a device, channel, platform, organisation or area (GB/T 28181-2022 Annex E).
///
/// Normally 20 digits. Real networks also carry 18-digit codes, codes with
/// letters and 2–8 digit area codes, so the value is a short opaque string; the
/// accessors answer only where the 20-digit rule applies.
public struct DeviceID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String

  /// - Returns: nil unless `text`, trimmed, is 1…32 ASCII letters or digits. Nothing else may reach a path or a log.
  public init?(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)
    while let last = bytes.last, last <= 32 { bytes.removeLast() }
    let start = bytes.firstIndex { $0 > 32 } ?? bytes.count
    bytes.removeFirst(start)
    guard (1...32).contains(bytes.count),
      bytes.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) })
    else { return nil }
    self.text = String(decoding: bytes, as: UTF8.self)
  }

  public var description: String { text }

  /// Whether the code follows the 20-digit rule.
  public var isStandard: Bool { text.utf8.count == 20 && text.utf8.allSatisfy { (48...57).contains($0) } }

  /// Digits 11–13 of a 20-digit code, or nil.
  public var typeCode: Int? { isStandard ? Int(text.dropFirst(10).prefix(3)) : nil }

  /// Digits 1–10 of a 20-digit code: its SIP domain. Nil for other codes.
  public var domain: String? { isStandard ? String(text.prefix(10)) : nil }

  public static func < (left: DeviceID, right: DeviceID) -> Bool { left.text < right.text }
}
