public import MediaTime
import Synchronization

/// Accounts and keys: what an administrator does, and everybody with the own password.
extension Gatekeeper {
  /// All accounts by name. Hashes stay in here.
  public func accounts() -> [(name: String, role: Role, hasPassword: Bool, created: WallTime)] {
    state.withLock { state in
      state.users.values.sorted { $0.name < $1.name }
        .map { ($0.name, $0.role, $0.passwordHash != nil, $0.created) }
    }
  }

  /// Adds an account.
  public func addAccount(name: String, role: Role, password: String) async throws {
    try AccountRules.check(name: name)
    try AccountRules.check(password: password, user: name)
    guard state.withLock({ $0.users[name] == nil }) else { throw AccessRefusal.nameTaken }
    let now = clock.wall()
    let user = UserRecord(
      name: name, role: role, passwordHash: await cryptography.hashPassword(password), created: now,
      passwordChanged: now)
    let reserved = state.withLock { state in
      guard state.users[name] == nil else { return false }
      state.users[name] = user
      return true
    }
    guard reserved else { throw AccessRefusal.nameTaken }
    do {
      try await store.saveUser(user)
    } catch {
      state.withLock { $0.users[name] = nil }
      throw error
    }
  }

  /// Gives an account another role, which holds from the next request on.
  public func setRole(_ role: Role, of name: String) async throws {
    let user = try state.withLock { state throws(AccessRefusal) in
      guard var user = state.users[name] else { throw .unknownAccount }
      let others = state.users.values.contains {
        $0.name != name && $0.role == .administrator && $0.passwordHash != nil
      }
      guard role == .administrator || user.role != .administrator || others else { throw .lastAdministrator }
      user.role = role
      return user
    }
    try await store.saveUser(user)
    state.withLock { $0.users[name]?.role = role }
  }

  /// The role of an account; nil when there is no such account.
  public func role(of name: String) -> Role? { state.withLock { $0.users[name]?.role } }

  /// Removes an account and ends its sessions.
  public func removeAccount(name: String) async throws {
    try state.withLock { state throws(AccessRefusal) in
      guard let user = state.users[name] else { throw .unknownAccount }
      let others = state.users.values.contains {
        $0.name != name && $0.role == .administrator && $0.passwordHash != nil
      }
      guard user.role != .administrator || others else { throw .lastAdministrator }
    }
    try await store.deleteUser(named: name)
    state.withLock { state in
      state.users[name] = nil
      state.factors[name] = nil
      state.sessions = state.sessions.filter { $0.value.user != name }
    }
  }

  /// Sets the password of the account behind `principal` and ends its other sessions.
  ///
  /// - Parameter present: the password in force; not needed after a single-use link.
  ///   Wrong ones count as failed log-ins.
  public func setPassword(
    _ password: String, present: String?, of principal: Principal, source: String
  ) async throws {
    guard principal.kind != .token, var user = state.withLock({ $0.users[principal.name] }),
      user.external == nil
    else { throw AccessRefusal.unknownAccount }
    if principal.kind == .user, let hash = user.passwordHash {
      guard let present, present.utf8.count <= AccountRules.longestPassword else {
        throw AccessRefusal.presentPasswordNeeded
      }
      try checkLimit(source: source, identity: user.name)
      guard try await check(present, against: hash) else {
        fail(source: source, identity: user.name)
        throw AccessRefusal.presentPasswordNeeded
      }
    }
    try AccountRules.check(password: password, user: user.name)
    user.passwordHash = await cryptography.hashPassword(password)
    user.passwordChanged = clock.wall()
    try await store.saveUser(user)
    let (ended, kept) = state.withLock { state -> ([SessionRecord], SessionRecord?) in
      state.users[user.name] = user
      let ended = state.sessions.values.filter {
        $0.user == user.name && $0.tokenHash != principal.credential
      }
      for session in ended { state.sessions[session.tokenHash] = nil }
      // From now on this is an ordinary session: the next change asks for the password.
      state.sessions[principal.credential]?.firstRun = false
      return (ended, state.sessions[principal.credential])
    }
    for session in ended { try await store.deleteSession(tokenHash: session.tokenHash) }
    if let kept { try await store.saveSession(kept) }
  }

  /// Sessions in force, newest first: of everybody, or of the account behind `principal`.
  public func sessions(of principal: Principal?) -> [SessionRecord] {
    let now = clock.wall()
    return state.withLock { state in
      state.sessions.values.filter { session in
        session.expires > now && (principal.map { $0.kind != .token && session.user == $0.name } ?? true)
      }
      .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }
  }

  /// Ends a session at once: anybody's, or only one of the account behind `principal`.
  public func endSession(id: String, of principal: Principal?) async throws {
    guard let session = sessions(of: principal).first(where: { $0.id == id }) else {
      throw AccessRefusal.unknownSession
    }
    state.withLock { $0.sessions[session.tokenHash] = nil }
    try await store.deleteSession(tokenHash: session.tokenHash)
  }

  /// Makes an API key. The key is returned once and stored as a hash.
  public func addToken(name: String, role: Role, by creator: String) async throws -> (
    key: String, record: TokenRecord
  ) {
    try AccountRules.check(name: name)
    let key = "trb_" + Base64URL.encode(cryptography.random(32))
    let record = TokenRecord(
      id: Base64URL.encode(cryptography.random(9)), name: name, role: role, tokenHash: fingerprint(key),
      created: clock.wall(), createdBy: creator)
    try await store.saveToken(record)
    state.withLock { $0.tokens[record.tokenHash] = record }
    return (key, record)
  }

  /// All keys, newest first, without the keys themselves.
  public func tokens() -> [TokenRecord] {
    state.withLock { $0.tokens.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) } }
  }

  /// Makes a key worthless at once.
  public func revokeToken(id: String) async throws {
    guard state.withLock({ state in state.tokens.values.contains { $0.id == id } }) else {
      throw AccessRefusal.unknownToken
    }
    try await store.deleteToken(id: id)
    state.withLock { state in state.tokens = state.tokens.filter { $0.value.id != id } }
  }
}
