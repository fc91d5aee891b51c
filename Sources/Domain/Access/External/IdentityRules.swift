public import MediaTime

/// What an identity provider says of somebody, after its signature was checked (OpenID Connect Core 1.0 §2).
public struct IdentityClaims: Sendable, Hashable {
  public var issuer: String
  public var audience: Set<String>
  /// Whom the token was made for, where there are several in the audience.
  public var authorizedParty: String?
  /// Never given to another person by this issuer.
  public var subject: String
  public var expires: WallTime
  public var issued: WallTime
  public var nonce: String?
  /// What the account is called here.
  public var name: String?
  public var groups: [String]

  public init(
    issuer: String, audience: Set<String>, authorizedParty: String? = nil, subject: String,
    expires: WallTime, issued: WallTime, nonce: String?, name: String?, groups: [String]
  ) {
    (self.issuer, self.audience, self.authorizedParty) = (issuer, audience, authorizedParty)
    (self.subject, self.expires, self.issued) = (subject, expires, issued)
    (self.nonce, self.name, self.groups) = (nonce, name, groups)
  }
}

/// Somebody whom an identity provider vouches for, as an account here.
public struct ExternalPerson: Sendable, Hashable {
  /// Issuer and subject: who it is, whatever the name.
  public let identity: String
  public let name: String
  public let role: Role

  public init(identity: String, name: String, role: Role) {
    (self.identity, self.name, self.role) = (identity, name, role)
  }
}

/// Whom of an identity provider this level lets in, and as what.
public struct IdentityRules: Sendable, Hashable {
  /// Why a token opens nothing.
  public enum Refusal: String, Error, Sendable, Hashable, CaseIterable {
    case wrongIssuer = "wrong-issuer"
    /// Made for another program.
    case wrongAudience = "wrong-audience"
    case expired
    /// Issued later than now: one of the clocks is wrong.
    case fromTheFuture = "from-the-future"
    /// Not the answer to this log-in.
    case wrongNonce = "wrong-nonce"
    case noSubject = "no-subject"
    case noName = "no-name"
    /// None of the person's groups has a role here.
    case noRole = "no-role"
  }

  /// The members of a group have a role.
  public struct Mapping: Sendable, Hashable {
    public var group: String
    public var role: Role

    public init(group: String, role: Role) { (self.group, self.role) = (group, role) }
  }

  /// How far clocks may differ.
  public static let slack: Duration = .seconds(60)

  public var issuer: String
  /// Our own name at the issuer.
  public var client: String
  /// The first group that a person belongs to decides.
  public var roles: [Mapping]

  public init(issuer: String, client: String, roles: [Mapping]) {
    (self.issuer, self.client, self.roles) = (issuer, client, roles)
  }

  /// Checks what must hold of a token (OpenID Connect Core 1.0 §3.1.3.7) and says who it is.
  public func admit(_ claims: IdentityClaims, nonce: String, at now: WallTime) throws(Refusal)
    -> ExternalPerson
  {
    guard claims.issuer == issuer else { throw .wrongIssuer }
    guard claims.audience.contains(client), claims.authorizedParty ?? client == client,
      claims.audience.count == 1 || claims.authorizedParty == client
    else { throw .wrongAudience }
    guard now < claims.expires + Self.slack else { throw .expired }
    guard claims.issued <= now + Self.slack else { throw .fromTheFuture }
    guard claims.nonce == nonce else { throw .wrongNonce }
    guard !claims.subject.isEmpty, claims.subject.utf8.count <= 255 else { throw .noSubject }
    guard let name = claims.name, !name.isEmpty else { throw .noName }
    guard let mapping = roles.first(where: { claims.groups.contains($0.group) }) else { throw .noRole }
    return ExternalPerson(identity: "\(issuer)|\(claims.subject)", name: name, role: mapping.role)
  }
}
