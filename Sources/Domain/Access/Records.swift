public import MediaTime

/// An account as it is stored.
public struct UserRecord: Sendable, Hashable {
  public var name: String
  public var role: Role
  /// A slow hash with its parameters in it; nil until the person has set a password.
  public var passwordHash: String?
  public var created: WallTime
  public var passwordChanged: WallTime?
  /// Issuer and subject at an identity provider that vouches for this person; such an account has no password.
  public var external: String?

  public init(
    name: String, role: Role, passwordHash: String?, created: WallTime, passwordChanged: WallTime? = nil,
    external: String? = nil
  ) {
    (self.name, self.role, self.passwordHash) = (name, role, passwordHash)
    (self.created, self.passwordChanged, self.external) = (created, passwordChanged, external)
  }
}

/// A signed-in session as it is stored: the token itself is known to its holder only.
public struct SessionRecord: Sendable, Hashable {
  /// SHA-256 of the token, hexadecimal.
  public var tokenHash: String
  public var user: String
  /// Whether a single-use link opened it.
  public var firstRun: Bool
  public var created: WallTime
  public var expires: WallTime
  /// Network address the log-in came from.
  public var source: String
  /// Names the session in lists without revealing its token.
  public var id: String { String(tokenHash.prefix(16)) }

  public init(
    tokenHash: String, user: String, firstRun: Bool, created: WallTime, expires: WallTime, source: String
  ) {
    (self.tokenHash, self.user, self.firstRun) = (tokenHash, user, firstRun)
    (self.created, self.expires, self.source) = (created, expires, source)
  }
}

/// An API key as it is stored: the key itself was shown once.
public struct TokenRecord: Sendable, Hashable {
  /// Names the key in lists and when it is revoked.
  public var id: String
  public var name: String
  public var role: Role
  /// SHA-256 of the key, hexadecimal.
  public var tokenHash: String
  public var created: WallTime
  public var createdBy: String

  public init(
    id: String, name: String, role: Role, tokenHash: String, created: WallTime, createdBy: String
  ) {
    (self.id, self.name, self.role) = (id, name, role)
    (self.tokenHash, self.created, self.createdBy) = (tokenHash, created, createdBy)
  }
}

/// A single-use link as it is stored.
public struct FirstRunRecord: Sendable, Hashable {
  /// SHA-256 of the token in the link, hexadecimal.
  public var tokenHash: String
  public var created: WallTime
  public var expires: WallTime

  public init(tokenHash: String, created: WallTime, expires: WallTime) {
    (self.tokenHash, self.created, self.expires) = (tokenHash, created, expires)
  }
}
