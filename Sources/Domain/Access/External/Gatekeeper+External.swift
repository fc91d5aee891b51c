import MediaTime
import Synchronization

extension Gatekeeper {
  /// Opens a session for somebody whom an identity provider vouches for. The account is made when it is not there,
  /// has no password, and gets the role that its groups have now.
  ///
  /// - Throws: ``AccessRefusal/nameTaken`` when the name is another account's: nobody becomes somebody who was there.
  public func signIn(_ person: ExternalPerson, source: String) async throws -> SignedIn {
    let now = clock.wall()
    let known = state.withLock { state in
      state.users.values.first { $0.external == person.identity }
    }
    var user: UserRecord
    if let known {
      user = known
    } else {
      try AccountRules.check(name: person.name)
      guard state.withLock({ $0.users[person.name] == nil }) else { throw AccessRefusal.nameTaken }
      user = UserRecord(
        name: person.name, role: person.role, passwordHash: nil, created: now, external: person.identity)
    }
    user.role = person.role
    try await store.saveUser(user)
    let entered = state.withLock { [user] state in
      // Two log-ins of the same person at once are one account; another's name stays another's.
      if let other = state.users[user.name], other.external != user.external { return false }
      state.users[user.name] = user
      return true
    }
    guard entered else { throw AccessRefusal.nameTaken }
    return try await open(user, firstRun: false, source: source, now: now)
  }
}
