public import MediaTime

/// Time-based one-time passwords (RFC 6238) of six digits and thirty seconds, from SHA-1: what every authenticator
/// app does.
public enum TOTP {
  /// Bytes of a secret.
  public static let secretLength = 20
  /// Seconds that a code counts.
  public static let step: Int64 = 30
  /// Steps that a clock may be wrong, either way.
  public static let tolerance: UInt64 = 1

  /// SHA-1 of the bytes, 20 of them; given from outside.
  public typealias SHA1 = @Sendable (_ bytes: [UInt8]) -> [UInt8]

  /// The step that a moment lies in.
  public static func counter(at moment: WallTime) -> UInt64 { UInt64(max(0, moment.seconds) / step) }

  /// The code of a step (RFC 4226 §5.3).
  public static func code(secret: [UInt8], counter: UInt64, digits: Int = 6, sha1: SHA1) -> String {
    let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * UInt64($0))) }
    let mac = hmac(key: secret, message, sha1)
    guard mac.count == 20 else { return "" }
    let offset = Int(mac[19] & 15)
    let word =
      UInt32(mac[offset] & 127) << 24 | UInt32(mac[offset + 1]) << 16 | UInt32(mac[offset + 2]) << 8
      | UInt32(mac[offset + 3])
    let modulus = (0..<digits).reduce(UInt32(1)) { product, _ in product * 10 }
    let text = String(word % modulus)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// The step whose code this is; nil when it is none, or of a step that was used already.
  public static func match(
    _ code: String, secret: [UInt8], at moment: WallTime, after used: UInt64?, sha1: SHA1
  ) -> UInt64? {
    let digits = code.filter { !$0.isWhitespace }
    guard digits.utf8.count == 6 else { return nil }
    let now = counter(at: moment)
    var found: UInt64?
    for counter in (now - min(now, tolerance))...(now + tolerance) {
      // Every step is compared, so that time tells nothing.
      let isSame = self.code(secret: secret, counter: counter, sha1: sha1) == digits
      if isSame, used.map({ counter > $0 }) ?? true { found = counter }
    }
    return found
  }

  /// HMAC (RFC 2104) with blocks of 64 bytes.
  private static func hmac(key: [UInt8], _ message: [UInt8], _ sha1: SHA1) -> [UInt8] {
    var block = key.count > 64 ? sha1(key) : key
    block += Array(repeating: 0, count: max(0, 64 - block.count))
    return sha1(block.map { $0 ^ 0x5c } + sha1(block.map { $0 ^ 0x36 } + message))
  }

  /// The secret as apps take it from a hand: Base32 (RFC 4648 §6) without padding.
  public static func text(of secret: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var (text, buffer, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
    for byte in secret {
      buffer = (buffer << 8 | UInt32(byte)) & 0xfff
      bits += 8
      while bits >= 5 {
        bits -= 5
        text.append(alphabet[Int(buffer >> bits & 31)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The address that apps read from a picture of it.
  public static func address(secret: [UInt8], account: String, issuer: String) -> String {
    let (account, issuer) = (escaped(account), escaped(issuer))
    return
      "otpauth://totp/\(issuer):\(account)?secret=\(text(of: secret))&issuer=\(issuer)&algorithm=SHA1&digits=6&period=30"
  }

  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
      default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
