public import MediaTime

/// The cryptography that access needs, given from outside.
public struct AccessCryptography: Sendable {
  /// Unpredictable bytes.
  public var random: @Sendable (_ count: Int) -> [UInt8]
  /// SHA-256 of `bytes`, as 64 hexadecimal digits.
  public var fingerprint: @Sendable (_ bytes: [UInt8]) -> String
  /// SHA-1 of `bytes`, for one-time passwords alone.
  public var sha1: TOTP.SHA1
  /// A slow, salted hash with its parameters in the text.
  public var hashPassword: @Sendable (_ password: String) async -> String
  /// Whether `password` belongs to `hash`; takes as long for a wrong one.
  public var verifyPassword: @Sendable (_ password: String, _ hash: String) async -> Bool

  public init(
    random: @escaping @Sendable (Int) -> [UInt8], fingerprint: @escaping @Sendable ([UInt8]) -> String,
    sha1: @escaping TOTP.SHA1,
    hashPassword: @escaping @Sendable (String) async -> String,
    verifyPassword: @escaping @Sendable (String, String) async -> Bool
  ) {
    (self.random, self.fingerprint, self.sha1) = (random, fingerprint, sha1)
    (self.hashPassword, self.verifyPassword) = (hashPassword, verifyPassword)
  }
}

/// The clocks that access reads.
public struct AccessClock: Sendable {
  public var wall: @Sendable () -> WallTime
  public var monotonic: @Sendable () -> MonotonicTime

  public init(
    wall: @escaping @Sendable () -> WallTime, monotonic: @escaping @Sendable () -> MonotonicTime
  ) {
    (self.wall, self.monotonic) = (wall, monotonic)
  }
}

/// How long things live.
public struct AccessConfiguration: Sendable, Hashable {
  /// A session ends this long after its last use.
  public var sessionLifetime: Duration
  /// A session ends this long after its log-in, whatever happens.
  public var sessionLimit: Duration
  public var firstRunLifetime: Duration
  /// Password checks at a time: each takes tens of megabytes and of milliseconds.
  public var concurrentChecks: Int

  public init(
    sessionLifetime: Duration = .seconds(12 * 3_600), sessionLimit: Duration = .seconds(7 * 86_400),
    firstRunLifetime: Duration = .seconds(86_400), concurrentChecks: Int = 4
  ) {
    (self.sessionLifetime, self.sessionLimit) = (sessionLifetime, sessionLimit)
    (self.firstRunLifetime, self.concurrentChecks) = (firstRunLifetime, concurrentChecks)
  }
}

/// URL-safe Base64 without padding (RFC 4648 §5), for tokens.
enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var buffer: UInt32 = 0
    var bits = 0
    for byte in bytes {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(buffer >> UInt32(bits)) & 63])
      }
    }
    if bits > 0 { text.append(alphabet[Int(buffer << UInt32(6 - bits)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }
}
