/// The value of `Authorization` (RFC 3261 §20.7).
///
/// Every field is kept literally: the check must hash `nc=1`, a foreign `uri`
/// and a lower-case algorithm exactly as the device wrote them (reference §2.3).
public struct DigestCredentials: Sendable, Hashable {
  public var username: String
  public var realm: String
  public var nonce: String
  public var uri: String
  /// Hexadecimal.
  public var response: String
  public var algorithm: DigestAlgorithm
  /// The algorithm as written, nil when it was absent.
  public var algorithmText: String?
  public var cnonce: String?
  /// The nonce count as written, normally eight hexadecimal digits.
  public var nc: String?
  public var qop: String?
  public var opaque: String?

  /// - Returns: nil for another scheme, an unknown algorithm or a missing username, nonce or response.
  public init?(_ text: some StringProtocol) { self.init(Array(text.utf8).span) }

  /// - Returns: nil for another scheme, an unknown algorithm or a missing username, nonce or response.
  public init?(_ text: Span<UInt8>) {
    guard let fields = AuthenticationFields(text), fields.isDigest, let username = fields["username"],
      let nonce = fields["nonce"], let response = fields["response"]
    else { return nil }
    let algorithmText = fields["algorithm"]
    guard let algorithm = DigestAlgorithm(field: algorithmText) else { return nil }
    self.username = username
    realm = fields["realm"] ?? ""
    self.nonce = nonce
    uri = fields["uri"] ?? ""
    self.response = response
    self.algorithm = algorithm
    self.algorithmText = algorithmText
    cnonce = fields["cnonce"]
    nc = fields["nc"]
    qop = fields["qop"].flatMap { $0.isEmpty ? nil : $0 }
    opaque = fields["opaque"]
  }

  /// Answers a challenge (the client's side).
  ///
  /// - Parameters:
  ///   - uri: the Request-URI as it goes on the wire.
  ///   - cnonce: fresh random text; used only when the challenge offers `qop`.
  ///   - count: how often this nonce has been used, from 1.
  public init(
    answering challenge: DigestChallenge, username: String, password: String, method: SIPMethod, uri: String,
    cnonce: String, count: UInt32 = 1, hash: DigestFunction
  ) {
    self.username = username
    realm = challenge.realm
    nonce = challenge.nonce
    self.uri = uri
    algorithm = challenge.algorithm
    algorithmText = challenge.algorithm.rawValue
    opaque = challenge.opaque
    response = ""
    if challenge.offersAuth {
      self.cnonce = cnonce
      nc = Digest.nonceCount(count)
      qop = "auth"
    }
    let secret = Digest.secret(
      username: username, realm: realm, password: password, algorithm: algorithm, hash: hash)
    response = Digest.response(self, secret: secret, method: method, hash: hash)
  }

  /// The header value.
  public var headerValue: String {
    var text = "Digest username=\(SIPQuoting.quoted(username)), realm=\(SIPQuoting.quoted(realm)), "
    text += "nonce=\(SIPQuoting.quoted(nonce)), uri=\(SIPQuoting.quoted(uri)), "
    text += "response=\(SIPQuoting.quoted(response)), algorithm=\(algorithmText ?? algorithm.rawValue)"
    if let cnonce { text += ", cnonce=\(SIPQuoting.quoted(cnonce))" }
    if let qop { text += ", qop=\(qop)" }
    if let nc { text += ", nc=\(nc)" }
    if let opaque { text += ", opaque=\(SIPQuoting.quoted(opaque))" }
    return text
  }
}
