import WireBytes

/// The arithmetic of digest authentication (RFC 3261 §22, RFC 2617 §3.2.2). Hashes come from outside.
public enum Digest {
  /// `H(user:realm:password)`: what may be stored instead of the password. Lower-case hexadecimal.
  public static func secret(
    username: String, realm: String, password: String, algorithm: DigestAlgorithm, hash: DigestFunction
  ) -> String {
    var text = HashedText()
    text.add(username)
    text.add(realm)
    text.add(password)
    return text.hashed(algorithm, hash)
  }

  /// The response that `credentials` should carry, from its own literal fields.
  ///
  /// - Parameter secret: the value of ``secret(username:realm:password:algorithm:hash:)``.
  public static func response(
    _ credentials: DigestCredentials, secret: String, method: SIPMethod, hash: DigestFunction
  ) -> String {
    let algorithm = credentials.algorithm
    var request = HashedText()
    request.add(method.name)
    request.add(credentials.uri)
    var text = HashedText()
    text.add(secret)
    text.add(credentials.nonce)
    if let qop = credentials.qop {
      text.add(credentials.nc ?? "")
      text.add(credentials.cnonce ?? "")
      text.add(qop)
    }
    text.add(request.hashed(algorithm, hash))
    return text.hashed(algorithm, hash)
  }

  /// Whether `credentials` prove knowledge of `password`.
  ///
  /// The hash covers the username and realm as the device wrote them; whether
  /// those are acceptable, and whether the nonce is, the caller decides.
  /// `auth-int` is refused: it would have to cover the body.
  public static func verify(
    _ credentials: DigestCredentials, password: String, method: SIPMethod, hash: DigestFunction
  ) -> Bool {
    if let qop = credentials.qop, !ASCII.equalIgnoringCase(qop, "auth") { return false }
    let secret = secret(
      username: credentials.username, realm: credentials.realm, password: password,
      algorithm: credentials.algorithm, hash: hash)
    return equal(response(credentials, secret: secret, method: method, hash: hash), credentials.response)
  }

  /// Eight hexadecimal digits.
  static func nonceCount(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }

  /// What a digest covers: texts with colons between them.
  private struct HashedText {
    private var bytes: [UInt8] = []
    private var isFirst = true

    init() { bytes.reserveCapacity(192) }

    mutating func add(_ text: String) {
      if !isFirst { bytes.append(ASCII.colon) }
      isFirst = false
      bytes.append(contentsOf: text.utf8)
    }

    /// Lower-case hexadecimal.
    func hashed(_ algorithm: DigestAlgorithm, _ hash: DigestFunction) -> String {
      Hex.lowercase(hash(algorithm, bytes))
    }
  }

  /// Compares in a time that depends on the length alone. Upper-case hexadecimal is accepted.
  static func equal(_ left: String, _ right: String) -> Bool {
    equal(Array(left.utf8).span, Array(right.utf8).span)
  }

  /// Compares in a time that depends on the length alone. Upper-case hexadecimal is accepted.
  static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in 0..<left.count { difference |= ASCII.lower(left[index]) ^ ASCII.lower(right[index]) }
    return difference == 0
  }
}
