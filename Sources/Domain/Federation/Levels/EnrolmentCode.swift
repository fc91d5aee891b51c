public import GBCore

/// What one administrator gives the other, by telephone or on paper, so that two levels know each other's keys:
///
/// ```text
/// 34020000002000000001-3f8k-…  (the platform, then ten groups of four: key id, secret, check)
/// ```
public struct EnrolmentCode: Sendable, Hashable {
  /// Bytes of the secret.
  public static let secretLength = 16
  private static let keyLength = 8

  /// The platform that made the code.
  public let platform: DeviceID
  /// The id of its key (``LevelKey/id``).
  public let key: String
  public let secret: [UInt8]

  /// - Returns: nil unless the key is 16 hexadecimal digits, the secret has its length and the platform 20 digits.
  public init?(platform: DeviceID, key: String, secret: [UInt8]) {
    guard platform.isStandard, secret.count == Self.secretLength, let bytes = Self.bytes(hex: key),
      bytes.count == Self.keyLength
    else { return nil }
    (self.platform, self.key, self.secret) = (platform, key, secret)
  }

  public var text: String {
    let payload = (Self.bytes(hex: key) ?? []) + secret
    let digits = Base32.encode(payload + [Self.check(payload, platform)])
    let groups = stride(from: 0, to: digits.count, by: 4).map {
      String(decoding: digits[$0..<min($0 + 4, digits.count)], as: UTF8.self)
    }
    return ([platform.text] + groups).joined(separator: "-")
  }

  /// Reads what a person typed: case, blanks and dashes do not matter, `o`, `i` and `l` are taken for digits.
  public init?(_ text: String) {
    guard text.utf8.count <= 256 else { return nil }
    let typed = text.utf8.filter { $0 > 32 && $0 != 45 }
    guard typed.count == 60, let platform = DeviceID(String(decoding: typed.prefix(20), as: UTF8.self)),
      platform.isStandard, let payload = Base32.decode(Array(typed.dropFirst(20))),
      payload.count == Self.keyLength + Self.secretLength + 1
    else { return nil }
    let known = Array(payload.dropLast())
    guard Self.check(known, platform) == payload.last else { return nil }
    self.platform = platform
    key = Hex.text(known.prefix(Self.keyLength))
    secret = Array(known.dropFirst(Self.keyLength))
  }

  /// Finds a mistyped letter; it protects from nothing else.
  private static func check(_ payload: [UInt8], _ platform: DeviceID) -> UInt8 {
    // CRC-8, polynomial x⁸ + x² + x + 1.
    (Array(platform.text.utf8) + payload).reduce(UInt8(0)) { sum, byte in
      (0..<8).reduce(sum ^ byte) { crc, _ in crc & 128 == 0 ? crc << 1 : crc << 1 ^ 7 }
    }
  }

  private static func bytes(hex: String) -> [UInt8]? {
    let digits = Array(hex.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    default: nil
    }
  }
}

/// Crockford's 32 digits: no letter looks like another one.
enum Base32 {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Five bits each; a rest is filled with zeros.
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var (word, bits, text) = (UInt32(0), 0, [UInt8]())
    for byte in bytes {
      (word, bits) = (word << 8 | UInt32(byte), bits + 8)
      while bits >= 5 {
        bits -= 5
        text.append(digits[Int(word >> UInt32(bits) & 31)])
      }
      word &= 1 << UInt32(bits) - 1
    }
    if bits > 0 { text.append(digits[Int(word << UInt32(5 - bits) & 31)]) }
    return text
  }

  /// Nil for a letter that is no digit, or for a rest that is not zero.
  static func decode(_ text: [UInt8]) -> [UInt8]? {
    var (word, bits, bytes) = (UInt32(0), 0, [UInt8]())
    for letter in text {
      guard let value = value(letter) else { return nil }
      (word, bits) = (word << 5 | UInt32(value), bits + 5)
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
        word &= 1 << UInt32(bits) - 1
      }
    }
    return bits < 5 && word == 0 ? bytes : nil
  }

  private static func value(_ letter: UInt8) -> Int? {
    let small = (65...90).contains(letter) ? letter + 32 : letter
    switch small {
    case 111: return 0
    case 105, 108: return 1
    default: return digits.firstIndex(of: small)
    }
  }
}
