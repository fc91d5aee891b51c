public import MediaTime

/// The owner's word that somebody may do something with some channels.
///
/// Never changed once given: a grant is revoked and another one given, so that
/// the log of a look can name the words it was carried by.
public struct Grant: Sendable, Hashable, Identifiable {
  public let id: String
  /// The level that gave it, by its 20-digit code.
  public let issuer: String
  public let grantee: Grantee
  public let scope: GrantScope
  /// Empty: the channels appear in lists, and no more.
  public let operations: Set<AccessOperation>
  /// Who may take a camera from whom, 1…254; nil leaves it to the role.
  public let priority: Int?
  public let conditions: GrantConditions
  public let note: String
  public let created: WallTime
  public let createdBy: String
  public private(set) var revoked: Revocation?

  /// The end of a grant before its time.
  public struct Revocation: Sendable, Hashable {
    public let at: WallTime
    public let by: String

    public init(at: WallTime, by: String) { (self.at, self.by) = (at, by) }
  }

  public init(
    id: String, issuer: String, grantee: Grantee, scope: GrantScope, operations: Set<AccessOperation>,
    priority: Int? = nil, conditions: GrantConditions = GrantConditions(), note: String = "",
    created: WallTime, createdBy: String, revoked: Revocation? = nil
  ) {
    (self.id, self.issuer, self.grantee, self.scope) = (id, issuer, grantee, scope)
    (self.operations, self.conditions, self.note) = (operations, conditions, note)
    self.priority = priority.map { min(max($0, 1), 254) }
    (self.created, self.createdBy, self.revoked) = (created, createdBy, revoked)
  }

  /// Ends it. The first revocation stays.
  public mutating func revoke(at moment: WallTime, by person: String) {
    if revoked == nil { revoked = Revocation(at: moment, by: person) }
  }
}
