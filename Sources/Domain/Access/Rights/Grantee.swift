/// Whom a grant is for.
public enum Grantee: Sendable, Hashable {
  /// An account of this level, by name.
  case person(String)
  /// A program with an API key of this level, by the key's name.
  case key(String)
  case role(Role)
  /// Everybody of an organisation of this level and of its parts.
  case organisation(String)
  /// Another platform, by its 20-digit code, and whoever asks through it.
  case level(String)
}

/// Who asks, as a decision sees it.
public struct Asker: Sendable, Hashable {
  /// A person of this level, or of `level`.
  public var person: String?
  /// The name of an API key.
  public var key: String?
  public var role: Role?
  /// Organisations, nearest first (``Organisation/chain(from:in:)``).
  public var organisations: [String]
  /// The platform it comes through; nil for this one.
  public var level: String?
  /// What grants for the level may be limited to that fits the asker; empty for one who came without a token.
  public var visitors: Set<Visitor>

  public init(
    person: String? = nil, key: String? = nil, role: Role? = nil, organisations: [String] = [],
    level: String? = nil, visitors: Set<Visitor> = []
  ) {
    (self.person, self.key, self.role) = (person, key, role)
    (self.organisations, self.level, self.visitors) = (organisations, level, visitors)
  }

  /// Everything a grant for this asker can be addressed to. Names of another level mean nobody here: what comes
  /// through a platform is carried by grants for that platform alone, which may be limited to ``visitors``.
  public var grantees: [Grantee] {
    if let level { return [.level(level)] }
    var result: [Grantee] = []
    if let person { result.append(.person(person)) }
    if let key { result.append(.key(key)) }
    if let role { result.append(.role(role)) }
    for organisation in organisations { result.append(.organisation(organisation)) }
    return result
  }
}
