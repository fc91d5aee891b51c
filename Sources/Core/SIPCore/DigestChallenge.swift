/// The value of `WWW-Authenticate` (RFC 3261 §20.44).
public struct DigestChallenge: Sendable, Hashable {
  public var realm: String
  public var nonce: String
  public var algorithm: DigestAlgorithm
  /// Whether `qop="auth"` is offered.
  public var offersAuth: Bool
  public var opaque: String?
  /// The credentials were right but the nonce was too old: try again, do not ask for a password.
  public var isStale: Bool

  public init(
    realm: String, nonce: String, algorithm: DigestAlgorithm = .md5, offersAuth: Bool = true,
    opaque: String? = nil, isStale: Bool = false
  ) {
    self.realm = realm
    self.nonce = nonce
    self.algorithm = algorithm
    self.offersAuth = offersAuth
    self.opaque = opaque
    self.isStale = isStale
  }

  /// - Returns: nil for another scheme, an unknown algorithm or a missing realm or nonce.
  public init?(_ text: some StringProtocol) {
    guard let fields = AuthenticationFields(text), fields.isDigest, let realm = fields["realm"],
      let nonce = fields["nonce"], let algorithm = DigestAlgorithm(field: fields["algorithm"])
    else { return nil }
    self.realm = realm
    self.nonce = nonce
    self.algorithm = algorithm
    offersAuth =
      fields["qop"].map { qop in
        qop.split(whereSeparator: { $0 == "," || $0 == " " }).contains {
          ASCII.equalIgnoringCase(String($0), "auth")
        }
      } ?? false
    opaque = fields["opaque"]
    isStale = fields["stale"].map { ASCII.equalIgnoringCase($0, "true") } ?? false
  }

  /// The header value. The algorithm is always named: Dahua stays silent without it (reference §2.3).
  public var headerValue: String {
    // Every device that registers gets one: bytes, because strings grow slowly.
    var text: [UInt8] = []
    text.reserveCapacity(192)
    text.append(contentsOf: "Digest realm=".utf8)
    SIPQuoting.add(realm, to: &text)
    if offersAuth { text.append(contentsOf: ", qop=\"auth\"".utf8) }
    text.append(contentsOf: ", nonce=".utf8)
    SIPQuoting.add(nonce, to: &text)
    if let opaque {
      text.append(contentsOf: ", opaque=".utf8)
      SIPQuoting.add(opaque, to: &text)
    }
    if isStale { text.append(contentsOf: ", stale=true".utf8) }
    text.append(contentsOf: ", algorithm=".utf8)
    text.append(contentsOf: algorithm.rawValue.utf8)
    return String(decoding: text, as: UTF8.self)
  }
}
