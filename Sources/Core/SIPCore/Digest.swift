import WireBytes

/// The arithmetic of digest authentication (RFC 3261 §22, RFC 2617 §3.2.2). Hashes come from outside.
public enum Digest {
  /// `H(user:realm:password)`: what may be stored instead of the password. Lower-case hexadecimal.
  public static func secret(
    username: String, realm: String, password: String, algorithm: DigestAlgorithm, hash: DigestFunction
  ) -> String {
    hexadecimal("\(username):\(realm):\(password)", algorithm, hash)
  }

  /// The response that `credentials` should carry, from its own literal fields.
  ///
  /// - Parameter secret: the value of ``secret(username:realm:password:algorithm:hash:)``.
  public static func response(
    _ credentials: DigestCredentials, secret: String, method: SIPMethod, hash: DigestFunction
  ) -> String {
    let algorithm = credentials.algorithm
    let request = hexadecimal("\(method.name):\(credentials.uri)", algorithm, hash)
    guard let qop = credentials.qop else {
      return hexadecimal("\(secret):\(credentials.nonce):\(request)", algorithm, hash)
    }
    let count = credentials.nc ?? ""
    let client = credentials.cnonce ?? ""
    return hexadecimal(
      "\(secret):\(credentials.nonce):\(count):\(client):\(qop):\(request)", algorithm, hash)
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

  private static func hexadecimal(_ text: String, _ algorithm: DigestAlgorithm, _ hash: DigestFunction)
    -> String
  {
    Hex.lowercase(hash(algorithm, Array(text.utf8)))
  }

  /// Compares in a time that depends on the length alone. Upper-case hexadecimal is accepted.
  static func equal(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left.utf8, right.utf8) { difference |= ASCII.lower(one) ^ ASCII.lower(other) }
    return difference == 0
  }
}
