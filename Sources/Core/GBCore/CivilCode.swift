/// An administrative area: 2 digits province, 4 city, 6 county, 8 grass-roots unit (§1.5).
public struct CivilCode: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String

  /// - Returns: nil unless `text`, trimmed, is 2, 4, 6 or 8 digits: devices also write names, `null` or whole IDs here.
  public init?(_ text: some StringProtocol) {
    guard let code = DeviceID(text)?.text else { return nil }
    let length = code.utf8.count
    guard (2...8).contains(length), length.isMultiple(of: 2), code.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    self.text = code
  }

  /// The county of a device that names no usable area: digits 1–6 of its 20-digit code.
  public init?(of device: DeviceID) {
    guard device.isStandard else { return nil }
    self.init(device.text.prefix(6))
  }

  /// The area around this one, two digits shorter. Nil for a province.
  public var parent: CivilCode? { text.utf8.count > 2 ? CivilCode(text.dropLast(2)) : nil }

  public var description: String { text }

  public static func < (left: CivilCode, right: CivilCode) -> Bool { left.text < right.text }
}
