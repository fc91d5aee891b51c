public import MediaTime

/// Who is asking, after the credential was checked.
public struct Principal: Sendable, Hashable {
  /// What kind of credential spoke for the principal.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// A person who signed in with a password.
    case user
    /// A person who came through a single-use link and has not set a password since.
    case firstRun = "first-run"
    /// A program with an API key.
    case token
  }

  /// The account's name, or the key's name.
  public let name: String
  public let role: Role
  public let kind: Kind
  /// Hash of the presented credential: names the session or key without revealing it.
  public let credential: String
  /// When the credential stops working; nil for keys without an end.
  public let expires: WallTime?

  public init(name: String, role: Role, kind: Kind, credential: String, expires: WallTime?) {
    (self.name, self.role, self.kind) = (name, role, kind)
    (self.credential, self.expires) = (credential, expires)
  }

  /// Whether the principal's role has `permission`.
  public func may(_ permission: Permission) -> Bool { AccessPolicy.allows(role, permission) }
}

/// Why somebody was turned away. Texts never say which half of a log-in was wrong.
public enum AccessRefusal: Error, Sendable, Hashable {
  /// Unknown name or wrong password; or an unknown, used or expired link.
  case wrongCredentials
  /// Too many failures; try again after the given time.
  case tooManyFailures(retryAfter: Duration)
  /// Too many log-ins are being checked right now.
  case busy
  /// The password breaks the rule; the text says how.
  case weakPassword(String)
  /// The name cannot be used; the text says why.
  case badName(String)
  /// An account with this name exists.
  case nameTaken
  case unknownAccount
  case unknownToken
  case unknownSession
  /// The password is right, and a code of the second factor is needed beside it.
  case secondFactorNeeded
  /// The code is wrong, was used, or is too old.
  case wrongSecondFactor
  /// The account has a second factor already.
  case secondFactorExists
  /// The last administrator cannot be removed.
  case lastAdministrator
  /// The account has a password, and the present one was not given or is wrong.
  case presentPasswordNeeded
}
