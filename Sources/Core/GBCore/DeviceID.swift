/// The code of a device, channel, platform, organisation or area (GB/T 28181-2022 Annex E).
///
/// Normally 20 digits. Real networks also carry 18-digit codes, codes with
/// letters and 2–8 digit area codes, so the value is a short opaque string; the
/// accessors answer only where the 20-digit rule applies.
public struct DeviceID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The longest code accepted, in characters.
  public static let maximumLength = 32

  public let text: String

  /// - Returns: nil unless `text`, trimmed, is 1…32 ASCII letters or digits. Nothing else may reach a path or a log.
  public init?(_ text: some StringProtocol) { self.init(String(text)) }

  /// - Returns: nil unless `text`, trimmed, is 1…32 ASCII letters or digits. Nothing else may reach a path or a log.
  public init?(_ text: String) {
    // Every heartbeat comes through here: a clean code is taken over without a copy.
    var count = 0
    var isClean = true
    for byte in text.utf8 {
      count += 1
      if !Self.isAllowed(byte) { isClean = false }
    }
    if isClean {
      guard (1...Self.maximumLength).contains(count) else { return nil }
      self.text = text
      return
    }
    // Trimming copies; a longer text than this cannot be a padded code.
    guard count <= 256 else { return nil }
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { $0 > 32 }), let last = bytes.lastIndex(where: { $0 > 32 })
    else { return nil }
    let body = bytes[first...last]
    guard body.count <= Self.maximumLength, body.allSatisfy(Self.isAllowed) else { return nil }
    self.text = String(decoding: body, as: UTF8.self)
  }

  public var description: String { text }

  /// Whether the code follows the 20-digit rule.
  public var isStandard: Bool { text.utf8.count == 20 && text.utf8.allSatisfy { (48...57).contains($0) } }

  /// Digits 11–13 of a 20-digit code, or nil.
  public var typeCode: Int? { isStandard ? Int(text.dropFirst(10).prefix(3)) : nil }

  /// Digits 1–10 of a 20-digit code: its SIP domain. Nil for other codes.
  public var domain: String? { isStandard ? String(text.prefix(10)) : nil }

  public static func < (left: DeviceID, right: DeviceID) -> Bool { left.text < right.text }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
}
