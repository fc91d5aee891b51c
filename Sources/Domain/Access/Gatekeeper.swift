public import MediaTime
import Synchronization

/// A successful log-in: the token is shown to its holder once and kept nowhere.
public struct SignedIn: Sendable, Hashable {
  public let token: String
  public let principal: Principal
  public let expires: WallTime
}

/// The one place that turns a credential into a ``Principal``.
///
/// Sessions and keys are held in memory by hash, so that a request is checked
/// without a database; what is not there is looked up once, because a key may
/// have been made by another process on the same store. Thread safe.
public final class Gatekeeper: Sendable {
  struct State {
    var users: [String: UserRecord] = [:]
    var sessions: [String: SessionRecord] = [:]
    var tokens: [String: TokenRecord] = [:]
    var factors: [String: SecondFactorRecord] = [:]
    var limiter = LoginLimiter()
    /// Look-ups of unknown credentials: apart from log-ins, so that an old browser tab locks nobody out.
    var lookups = LoginLimiter(
      source: .init(freeFailures: 50, firstWait: .seconds(1), longestWait: .seconds(60)))
    var checksRunning = 0
  }

  let store: any AccessStore
  let cryptography: AccessCryptography
  let clock: AccessClock
  let configuration: AccessConfiguration
  let state = Mutex(State())

  public init(
    store: any AccessStore, cryptography: AccessCryptography, clock: AccessClock,
    configuration: AccessConfiguration = AccessConfiguration()
  ) {
    (self.store, self.cryptography) = (store, cryptography)
    (self.clock, self.configuration) = (clock, configuration)
  }

  /// Reads accounts, sessions and keys. Call once before serving, and again when another process changed them.
  public func load() async throws {
    try await store.deleteSessions(expiredBy: clock.wall())
    let users = try await store.users()
    let sessions = try await store.sessions()
    let tokens = try await store.tokens()
    let factors = try await store.secondFactors()
    state.withLock { state in
      state.users = Dictionary(users.map { ($0.name, $0) }) { $1 }
      state.sessions = Dictionary(sessions.map { ($0.tokenHash, $0) }) { $1 }
      state.factors = Dictionary(factors.map { ($0.user, $0) }) { $1 }
      state.tokens = Dictionary(tokens.map { ($0.tokenHash, $0) }) { $1 }
    }
  }

  /// Whether nobody can sign in with a password yet.
  public var needsFirstRun: Bool {
    state.withLock { state in
      !state.users.values.contains { $0.role == .administrator && $0.passwordHash != nil }
    }
  }

  /// Makes a single-use token for the link that the operator of the machine is shown.
  public func issueFirstRun() async throws -> String {
    let token = Base64URL.encode(cryptography.random(32))
    let now = clock.wall()
    try await store.saveFirstRun(
      FirstRunRecord(
        tokenHash: fingerprint(token), created: now, expires: now + configuration.firstRunLifetime))
    return token
  }

  /// Exchanges a link's token for an administrator's session. A token works once.
  public func redeemFirstRun(token: String, source: String) async throws -> SignedIn {
    try checkLimit(source: source, identity: nil)
    let now = clock.wall()
    guard try await store.consumeFirstRun(tokenHash: fingerprint(token), now: now) else {
      fail(source: source, identity: nil)
      throw AccessRefusal.wrongCredentials
    }
    let existing = state.withLock { $0.users[Self.firstAdministrator] }
    let user =
      existing
      ?? UserRecord(name: Self.firstAdministrator, role: .administrator, passwordHash: nil, created: now)
    if existing == nil {
      try await store.saveUser(user)
      state.withLock { $0.users[user.name] = user }
    }
    return try await open(user, firstRun: true, source: source, now: now)
  }

  /// Checks a name and a password, and a code where the account has a second factor.
  ///
  /// - Parameter source: the peer's network address, for the limit.
  public func signIn(user name: String, password: String, otp: String? = nil, source: String) async throws
    -> SignedIn
  {
    guard name.utf8.count <= 4 * AccountRules.longestName,
      password.utf8.count <= AccountRules.longestPassword
    else {
      fail(source: source, identity: nil)
      throw AccessRefusal.wrongCredentials
    }
    try checkLimit(source: source, identity: name)
    let user = state.withLock { $0.users[name] }
    // An unknown name costs as much as a known one, so that time tells nothing.
    let right = try await check(password, against: user?.passwordHash ?? Self.nobody)
    guard right, let user, user.passwordHash != nil else {
      fail(source: source, identity: name)
      throw AccessRefusal.wrongCredentials
    }
    try await checkSecondFactor(otp, of: name, source: source)
    state.withLock { $0.limiter.succeeded(identity: name) }
    return try await open(user, firstRun: false, source: source, now: clock.wall())
  }

  /// Who holds `secret`: a session token or an API key. Nil when nobody does.
  public func authenticate(_ secret: String, source: String) async -> Principal? {
    guard (16...256).contains(secret.utf8.count) else { return nil }
    let hash = fingerprint(secret)
    let now = clock.wall()
    if let known = state.withLock({ Self.principal($0, hash, now) }) {
      await extendIfHalfOver(hash, now)
      return known
    }
    let moment = clock.monotonic()
    guard state.withLock({ $0.lookups.wait(source: source, identity: nil, now: moment) }) == nil else {
      return nil
    }
    if let token = try? await store.token(tokenHash: hash) {
      state.withLock { $0.tokens[hash] = token }
    } else if let session = try? await store.session(tokenHash: hash), session.expires > now {
      if let users = try? await store.users() {
        state.withLock { state in
          for user in users { state.users[user.name] = user }
          state.sessions[hash] = session
        }
      }
    } else {
      state.withLock { $0.lookups.failed(source: source, identity: nil, now: moment) }
      return nil
    }
    return state.withLock { Self.principal($0, hash, now) }
  }

  /// Whether a credential that was good still is; memory only, for things that last (event streams, pictures).
  public func stillGood(_ principal: Principal) -> Bool {
    let now = clock.wall()
    return state.withLock { Self.principal($0, principal.credential, now) } != nil
  }

  /// The same, for whoever keeps only the credential's hash.
  public func stillGood(credential: String) -> Bool {
    let now = clock.wall()
    return state.withLock { Self.principal($0, credential, now) } != nil
  }

  /// Ends the session of `principal`. A key is not affected.
  public func signOut(_ principal: Principal) async throws {
    state.withLock { $0.sessions[principal.credential] = nil }
    try await store.deleteSession(tokenHash: principal.credential)
  }

  /// Name of the account that a single-use link opens.
  public static let firstAdministrator = "admin"
  /// A well-formed hash that no password has (all-zero salt and key), verified when the name is unknown.
  static let nobody =
    "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

  func fingerprint(_ secret: String) -> String { cryptography.fingerprint(Array(secret.utf8)) }

  /// Runs one slow check, refusing when too many run.
  func check(_ password: String, against hash: String) async throws -> Bool {
    let admitted = state.withLock { state in
      guard state.checksRunning < configuration.concurrentChecks else { return false }
      state.checksRunning += 1
      return true
    }
    guard admitted else { throw AccessRefusal.busy }
    defer { state.withLock { $0.checksRunning -= 1 } }
    return await cryptography.verifyPassword(password, hash)
  }

  func checkLimit(source: String, identity: String?) throws(AccessRefusal) {
    let now = clock.monotonic()
    let wait = state.withLock { $0.limiter.wait(source: source, identity: identity, now: now) }
    if let wait { throw .tooManyFailures(retryAfter: wait) }
  }

  func fail(source: String, identity: String?) {
    let now = clock.monotonic()
    state.withLock { $0.limiter.failed(source: source, identity: identity, now: now) }
  }

  func open(_ user: UserRecord, firstRun: Bool, source: String, now: WallTime) async throws
    -> SignedIn
  {
    let token = Base64URL.encode(cryptography.random(32))
    let session = SessionRecord(
      tokenHash: fingerprint(token), user: user.name, firstRun: firstRun, created: now,
      expires: now + configuration.sessionLifetime, source: source)
    try await store.saveSession(session)
    state.withLock { $0.sessions[session.tokenHash] = session }
    let principal = Principal(
      name: user.name, role: user.role, kind: firstRun ? .firstRun : .user, credential: session.tokenHash,
      expires: session.expires)
    return SignedIn(token: token, principal: principal, expires: session.expires)
  }

  private static func principal(_ state: State, _ hash: String, _ now: WallTime) -> Principal? {
    if let session = state.sessions[hash], session.expires > now, let user = state.users[session.user] {
      return Principal(
        name: user.name, role: user.role, kind: session.firstRun ? .firstRun : .user, credential: hash,
        expires: session.expires)
    }
    if let token = state.tokens[hash] {
      return Principal(name: token.name, role: token.role, kind: .token, credential: hash, expires: nil)
    }
    return nil
  }

  /// A session in use is carried on, written at most once per half lifetime.
  private func extendIfHalfOver(_ hash: String, _ now: WallTime) async {
    let extended = state.withLock { state -> SessionRecord? in
      guard var session = state.sessions[hash],
        session.expires - now < configuration.sessionLifetime / 2
      else { return nil }
      let end = min(now + configuration.sessionLifetime, session.created + configuration.sessionLimit)
      guard end - session.expires >= .seconds(60) else { return nil }
      session.expires = end
      state.sessions[hash] = session
      return session
    }
    // A failed write costs the extension after a restart, not the session.
    if let extended { try? await store.saveSession(extended) }
  }
}
