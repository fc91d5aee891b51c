/// The edition of GB/T 28181 that a peer speaks, as `X-GB-Ver` states it (GB/T 28181-2022 Annex I).
public struct GBVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let major: Int
  public let minor: Int

  public init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

  /// GB/T 28181-2011.
  public static let v2011 = GBVersion(major: 1, minor: 0)
  /// GB/T 28181-2011 with its amendment.
  public static let v2011Amended = GBVersion(major: 1, minor: 1)
  /// GB/T 28181-2016; also what a peer that says nothing is taken for.
  public static let v2016 = GBVersion(major: 2, minor: 0)
  /// GB/T 28181-2022.
  public static let v2022 = GBVersion(major: 3, minor: 0)

  /// Parses `3.0`, ` V3.0 `, `v2` or `3,0`. Nil for text without a version number.
  public init?(_ text: some StringProtocol) {
    var numbers: [Int] = []
    var current: Int?
    var previousWasDigit = false
    for byte in text.utf8 {
      if (48...57).contains(byte) {
        let value = (current ?? 0) * 10 + Int(byte - 48)
        guard value < 1_000 else { return nil }
        current = value
        previousWasDigit = true
        continue
      }
      if previousWasDigit {
        // A second number only counts when a dot (or a comma, seen in the field) joins it.
        numbers.append(current ?? 0)
        current = nil
        previousWasDigit = false
        if byte != 46, byte != 44 { break }
      }
    }
    if let current { numbers.append(current) }
    guard let major = numbers.first, major > 0 else { return nil }
    self.init(major: major, minor: numbers.count > 1 ? numbers[1] : 0)
  }

  public var description: String { "\(major).\(minor)" }

  /// Whether the peer knows what the 2022 edition added.
  public var is2022: Bool { major >= 3 }

  /// The encoding name that documents sent to such a peer declare (§0.2).
  public var declaredEncoding: TextEncodingName { is2022 ? .gb18030 : .gb2312 }

  public static func < (left: GBVersion, right: GBVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}
