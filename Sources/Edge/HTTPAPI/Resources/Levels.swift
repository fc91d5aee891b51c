extension API {
  /// A neighbour in one role, and whether it is a level of our kind that was enrolled.
  public struct Level: Codable, Sendable, Hashable {
    public var id: String
    /// superior or lower.
    public var role: String
    public var name: String
    /// Whether it can be spoken to now.
    public var connected: Bool
    /// stranger, enrolled or revoked.
    public var state: String
    public var enrolled: Time?
    public var revoked: Time?
    public var revokedBy: String?
    /// The id of its key.
    public var key: String?
    /// Until when its former key is still good.
    public var formerUntil: Time?
    /// Whether it knows our latest key.
    public var knowsOurKey: Bool?

    public init(
      id: String, role: String, name: String, connected: Bool, state: String, enrolled: Time? = nil,
      revoked: Time? = nil, revokedBy: String? = nil, key: String? = nil, formerUntil: Time? = nil,
      knowsOurKey: Bool? = nil
    ) {
      (self.id, self.role, self.name, self.connected) = (id, role, name, connected)
      (self.state, self.enrolled, self.revoked, self.revokedBy) = (state, enrolled, revoked, revokedBy)
      (self.key, self.formerUntil, self.knowsOurKey) = (key, formerUntil, knowsOurKey)
    }
  }

  /// Our key, and the neighbours.
  public struct Levels: Codable, Sendable, Hashable {
    /// The id of our key.
    public var key: String
    public var made: Time
    public var items: [Level]

    public init(key: String, made: Time, items: [Level]) {
      (self.key, self.made, self.items) = (key, made, items)
    }
  }

  /// Somebody of another level who looked through us, as grants name him.
  public struct LevelVisitor: Codable, Sendable, Hashable {
    /// `level/person/name`
    public var person: String
    /// `level/organisation/id`
    public var organisation: String?
    /// As that level shows the person.
    public var name: String
    /// The neighbour that the person came through.
    public var neighbour: String
    public var seen: Time

    public init(person: String, organisation: String? = nil, name: String, neighbour: String, seen: Time) {
      (self.person, self.organisation, self.name) = (person, organisation, name)
      (self.neighbour, self.seen) = (neighbour, seen)
    }
  }

  /// Whom a code is for.
  public struct EnrolmentFor: Codable, Sendable, Hashable {
    public var id: String
    /// superior or lower.
    public var role: String

    public init(id: String, role: String) { (self.id, self.role) = (id, role) }
  }

  /// A code that the other side enters once.
  public struct EnrolmentCode: Codable, Sendable, Hashable {
    public var code: String
    public var expires: Time?

    public init(code: String, expires: Time? = nil) { (self.code, self.expires) = (code, expires) }
  }

  /// What is known of the access log of a neighbour, and what it has witnessed of ours.
  public struct LogWitness: Codable, Sendable, Hashable {
    public var id: String
    public var role: String
    public var origin: String
    /// Entries that its latest accepted head speaks of.
    public var entries: UInt64
    public var root: String
    public var seen: Time
    /// When a head came that does not go on from the one before: its log was changed or set back.
    public var forked: Time?
    /// Entries of our log that it has witnessed, and when, since the start.
    public var witnessed: UInt64?
    public var witnessedAt: Time?

    public init(
      id: String, role: String, origin: String, entries: UInt64, root: String, seen: Time,
      forked: Time? = nil,
      witnessed: UInt64? = nil, witnessedAt: Time? = nil
    ) {
      (self.id, self.role, self.origin, self.entries, self.root) = (id, role, origin, entries, root)
      (self.seen, self.forked, self.witnessed, self.witnessedAt) = (seen, forked, witnessed, witnessedAt)
    }
  }
}
