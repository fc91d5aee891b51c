public import MediaTime
import Synchronization

/// The second factor of an account as it is stored.
public struct SecondFactorRecord: Sendable, Hashable {
  public var user: String
  public var secret: [UInt8]
  /// Since when it is asked for; nil until its first code was right.
  public var confirmed: WallTime?
  /// The step of the last code that was used: none counts twice.
  public var lastCounter: UInt64?
  /// Hashes of the recovery codes that are left.
  public var recovery: Set<String>

  public init(
    user: String, secret: [UInt8], confirmed: WallTime? = nil, lastCounter: UInt64? = nil,
    recovery: Set<String> = []
  ) {
    (self.user, self.secret, self.confirmed) = (user, secret, confirmed)
    (self.lastCounter, self.recovery) = (lastCounter, recovery)
  }
}

/// One-time passwords beside the password.
extension Gatekeeper {
  /// Recovery codes that are made.
  public static let recoveryCodes = 10

  /// Whether the account is asked for a code when it signs in.
  public func hasSecondFactor(_ name: String) -> Bool {
    state.withLock { $0.factors[name]?.confirmed != nil }
  }

  /// Makes a secret for the account behind `principal`. It counts from its first right code on.
  ///
  /// - Returns: the secret as text, and the address that apps read.
  public func enrolSecondFactor(of principal: Principal, issuer: String) async throws -> (
    secret: String, address: String
  ) {
    guard principal.kind != .token else { throw AccessRefusal.unknownAccount }
    guard !hasSecondFactor(principal.name) else { throw AccessRefusal.secondFactorExists }
    let factor = SecondFactorRecord(user: principal.name, secret: cryptography.random(TOTP.secretLength))
    try await store.saveSecondFactor(factor)
    state.withLock { $0.factors[principal.name] = factor }
    return (
      TOTP.text(of: factor.secret),
      TOTP.address(secret: factor.secret, account: principal.name, issuer: issuer)
    )
  }

  /// The first right code puts the factor in force.
  ///
  /// - Returns: the recovery codes, shown this once.
  public func confirmSecondFactor(_ code: String, of principal: Principal, source: String) async throws
    -> [String]
  {
    guard principal.kind != .token else { throw AccessRefusal.unknownAccount }
    try checkLimit(source: source, identity: principal.name)
    guard var factor = state.withLock({ $0.factors[principal.name] }), factor.confirmed == nil else {
      throw AccessRefusal.unknownAccount
    }
    let now = clock.wall()
    guard
      let counter = TOTP.match(
        code, secret: factor.secret, at: now, after: nil, sha1: cryptography.sha1)
    else {
      fail(source: source, identity: principal.name)
      throw AccessRefusal.wrongSecondFactor
    }
    let codes = (0..<Self.recoveryCodes).map { _ in TOTP.text(of: cryptography.random(10)) }
    (factor.confirmed, factor.lastCounter) = (now, counter)
    factor.recovery = Set(codes.map(fingerprint))
    try await store.saveSecondFactor(factor)
    state.withLock { [factor] in $0.factors[principal.name] = factor }
    return codes
  }

  /// Takes the own factor away; a code or a recovery code is needed.
  public func removeSecondFactor(_ code: String, of principal: Principal, source: String) async throws {
    guard hasSecondFactor(principal.name), principal.kind != .token else {
      throw AccessRefusal.unknownAccount
    }
    try await checkSecondFactor(code, of: principal.name, source: source)
    try await resetSecondFactor(of: principal.name)
  }

  /// Takes the factor of an account away: what an administrator does for who lost it.
  public func resetSecondFactor(of name: String) async throws {
    guard state.withLock({ $0.users[name] != nil }) else { throw AccessRefusal.unknownAccount }
    try await store.deleteSecondFactor(of: name)
    state.withLock { $0.factors[name] = nil }
  }

  /// Checks what comes beside a right password. Every code works once; wrong ones count as failed log-ins.
  func checkSecondFactor(_ code: String?, of name: String, source: String) async throws {
    guard hasSecondFactor(name) else { return }
    guard let code, !code.isEmpty else { throw AccessRefusal.secondFactorNeeded }
    try checkLimit(source: source, identity: name)
    let now = clock.wall()
    let hash = fingerprint(code.uppercased().filter { !$0.isWhitespace })
    let changed = state.withLock { state -> SecondFactorRecord? in
      guard var factor = state.factors[name] else { return nil }
      if let counter = TOTP.match(
        code, secret: factor.secret, at: now, after: factor.lastCounter, sha1: cryptography.sha1)
      {
        factor.lastCounter = counter
      } else if factor.recovery.remove(hash) == nil {
        return nil
      }
      state.factors[name] = factor
      return factor
    }
    guard let changed else {
      fail(source: source, identity: name)
      throw AccessRefusal.wrongSecondFactor
    }
    // Written before anybody is let in: a code that was used stays used after a crash.
    try await store.saveSecondFactor(changed)
  }
}
