public import GBCore
public import LevelCore
public import MediaTime

/// What a neighbour's key is worth at a moment.
public enum KeyVerdict: Sendable, Hashable {
  case good([UInt8])
  case unknown
  case retired
  case revoked
}

/// Whether a token is what the receiver needs: made by this neighbour, for this level, about this channel and
/// operation, now. Pure; whether it was used before is for ``SeenOnce``.
public struct TokenCheck: Sendable {
  /// What the request that the token came with is about.
  public struct Expectation: Sendable, Hashable {
    /// The neighbour that the request came from.
    public var issuer: DeviceID
    /// The codes under which we are known.
    public var own: Set<DeviceID>
    /// As the neighbour names it.
    public var channel: DeviceID
    public var operation: AccessOperation

    public init(issuer: DeviceID, own: Set<DeviceID>, channel: DeviceID, operation: AccessOperation) {
      (self.issuer, self.own, self.channel, self.operation) = (issuer, own, channel, operation)
    }
  }

  /// How far clocks of neighbours may be apart.
  public var tolerance: Duration
  /// The longest life of a token.
  public var longestLife: Duration
  private let sha256: @Sendable ([UInt8]) -> [UInt8]
  private let verify: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool

  public init(
    tolerance: Duration = .seconds(60), longestLife: Duration = .seconds(300),
    sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
    verify: @escaping @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool
  ) {
    (self.tolerance, self.longestLife, self.sha256, self.verify) = (tolerance, longestLife, sha256, verify)
  }

  /// - Parameter key: what a key of the neighbour is worth now, by its id.
  /// - Returns: the neighbour's token.
  @discardableResult
  public func check(
    _ chain: TokenChain, _ expected: Expectation, now: WallTime, key: (_ id: String) -> KeyVerdict
  ) throws(TokenRefusal) -> LookToken {
    let token = chain.latest
    guard token.issuer == expected.issuer else { throw .wrongIssuer }
    guard expected.own.contains(token.audience) else { throw .wrongAudience }
    switch key(token.key) {
    case .unknown: throw .unknownKey
    case .retired: throw .retiredKey
    case .revoked: throw .revokedKey
    case .good(let bytes):
      guard verify(token.signature, token.signedBytes, bytes) else { throw .badSignature }
    }
    guard token.channel == expected.channel else { throw .wrongChannel }
    guard token.operation == expected.operation.rawValue else { throw .wrongOperation }
    guard token.expires > now - tolerance else { throw .expired }
    guard token.issued < now + tolerance else { throw .notYet }
    guard token.issued < token.expires, token.expires - token.issued <= longestLife else { throw .tooLong }
    try check(chain)
    guard expected.own.isDisjoint(with: token.path) else { throw .loop }
    return token
  }

  /// Each token names the hash of the one it was made from, goes one level further, and says the same of the person.
  private func check(_ chain: TokenChain) throws(TokenRefusal) {
    var later: LookToken?
    for token in chain.tokens {
      guard token.path.last == token.issuer, Set(token.path).count == token.path.count else {
        throw .brokenChain
      }
      if let later {
        guard later.inner == Self.hex(sha256(token.bytes)), later.path.dropLast().elementsEqual(token.path),
          later.bearer == token.bearer, later.operation == token.operation,
          token.issued <= later.issued + tolerance
        else { throw .brokenChain }
      }
      later = token
    }
    guard let later, later.inner == nil, later.path.count == 1 else { throw .brokenChain }
  }

  /// The token for the next level, made from the chain that came, or the first of a chain.
  ///
  /// - Parameters:
  ///   - sign: signs with the key of that id.
  /// - Returns: nil when the look has passed too many levels.
  public func issue(
    from chain: TokenChain?, id: String, issuer: DeviceID, audience: DeviceID, bearer: LookToken.Bearer,
    operation: AccessOperation, channel: DeviceID, now: WallTime, life: Duration = .seconds(60), key: String,
    sign: (_ message: [UInt8]) -> [UInt8]
  ) -> TokenChain? {
    var token = LookToken(
      id: id, issuer: issuer, audience: audience, bearer: chain?.latest.bearer ?? bearer,
      operation: operation.rawValue, channel: channel, issued: now, expires: now + life,
      path: (chain?.latest.path ?? []) + [issuer], inner: chain.map { Self.hex(sha256($0.latest.bytes)) },
      key: key)
    token.signature = sign(token.signedBytes)
    return TokenChain([token] + (chain?.tokens ?? []))
  }

  /// SHA-256 of a token, as an access log keeps it.
  public func digest(of token: LookToken) -> String { Self.hex(sha256(token.bytes)) }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
