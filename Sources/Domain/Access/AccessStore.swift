public import MediaTime

/// Where accounts, sessions, keys and links are kept. Every function is atomic.
public protocol AccessStore: Sendable {
  func users() async throws -> [UserRecord]
  /// Inserts or replaces the account of that name.
  func saveUser(_ user: UserRecord) async throws
  /// Removes the account and its sessions.
  func deleteUser(named name: String) async throws

  func sessions() async throws -> [SessionRecord]
  func session(tokenHash: String) async throws -> SessionRecord?
  func saveSession(_ session: SessionRecord) async throws
  func deleteSession(tokenHash: String) async throws
  func deleteSessions(expiredBy now: WallTime) async throws

  func tokens() async throws -> [TokenRecord]
  func token(tokenHash: String) async throws -> TokenRecord?
  func saveToken(_ token: TokenRecord) async throws
  func deleteToken(id: String) async throws

  func secondFactors() async throws -> [SecondFactorRecord]
  func saveSecondFactor(_ factor: SecondFactorRecord) async throws
  func deleteSecondFactor(of user: String) async throws

  func saveFirstRun(_ link: FirstRunRecord) async throws
  /// Removes the link and says whether it existed and was still good: two callers can never both succeed.
  func consumeFirstRun(tokenHash: String, now: WallTime) async throws -> Bool
}
