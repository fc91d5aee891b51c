public import Access

/// One thing somebody is about to do through the interface.
public struct JournalAction: Sendable, Hashable {
  public var principal: Principal
  /// Network address.
  public var source: String
  /// What the route asks for.
  public var permission: Permission
  /// As in the request line.
  public var verb: String
  /// The path that was asked for, without the query.
  public var path: String
  /// The `{id}` of the route, if it has one.
  public var id: String?

  public init(
    principal: Principal, source: String, permission: Permission, verb: String, path: String, id: String?
  ) {
    (self.principal, self.source, self.permission) = (principal, source, permission)
    (self.verb, self.path, self.id) = (verb, path, id)
  }
}

/// Where the interface writes down who does what, before it is done.
///
/// The gate calls it for every request that changes something and for every refusal, so that a new route cannot
/// forget it. Looks and exports are written by the services that show them.
public protocol ActionJournal: Sendable {
  /// - Throws: `Problem`, when it cannot be written; then it is not done.
  func willDo(_ action: JournalAction) async throws
  /// Somebody known was refused.
  func refused(_ action: JournalAction) async
  /// - Throws: `Problem`; then the session does not begin.
  func signedIn(_ principal: Principal, source: String) async throws
  func signInFailed(user: String, source: String) async
}
