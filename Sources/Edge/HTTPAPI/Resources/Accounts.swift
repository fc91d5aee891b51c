/// Log-ins, accounts and API keys.

extension API {
  /// Either a name and a password, or the token of a single-use link.
  public struct SignIn: Codable, Sendable, Hashable {
    public var user: String?
    public var password: String?
    public var firstRunToken: String?
    /// A code of the second factor, or a recovery code, where the account has one.
    public var otp: String?

    public init(
      user: String? = nil, password: String? = nil, firstRunToken: String? = nil, otp: String? = nil
    ) {
      self.otp = otp
      self.user = user
      self.password = password
      self.firstRunToken = firstRunToken
    }
  }

  /// The token is shown once; browsers also get it as an HttpOnly cookie.
  public struct SignedInSession: Codable, Sendable, Hashable {
    public var token: String
    public var user: Identity
    public var expires: Time
    /// Whether the account has no password yet.
    public var needsPassword: Bool

    public init(token: String, user: Identity, expires: Time, needsPassword: Bool) {
      self.token = token
      self.user = user
      self.expires = expires
      self.needsPassword = needsPassword
    }
  }

  /// The session that asked.
  public struct Session: Codable, Sendable, Hashable {
    public var user: Identity
    public var expires: Time?
    public var permissions: [String]
    /// Whether the account is asked for a code when it signs in.
    public var secondFactor: Bool

    public init(user: Identity, expires: Time? = nil, permissions: [String], secondFactor: Bool) {
      self.secondFactor = secondFactor
      self.user = user
      self.expires = expires
      self.permissions = permissions
    }
  }

  /// Who it is.
  public struct Identity: Codable, Sendable, Hashable {
    public var name: String
    public var role: String

    public init(name: String, role: String) {
      self.name = name
      self.role = role
    }
  }

  /// A new password for the own account.
  public struct PasswordChange: Codable, Sendable, Hashable {
    public var password: String
    /// The one in force; not needed after a single-use link.
    public var current: String?

    public init(password: String, current: String? = nil) {
      self.password = password
      self.current = current
    }
  }

  /// An account.
  public struct Account: Codable, Sendable, Hashable {
    public var name: String
    public var role: String
    public var hasPassword: Bool
    public var created: Time
    /// Whether a code is asked for when it signs in.
    public var secondFactor: Bool

    public init(name: String, role: String, hasPassword: Bool, created: Time, secondFactor: Bool) {
      self.secondFactor = secondFactor
      self.name = name
      self.role = role
      self.hasPassword = hasPassword
      self.created = created
    }
  }

  /// A secret for an authenticator app; shown once.
  public struct SecondFactorSecret: Codable, Sendable, Hashable {
    /// Base32, to be typed.
    public var secret: String
    /// `otpauth://…`, to be shown as a picture.
    public var address: String

    public init(secret: String, address: String) { (self.secret, self.address) = (secret, address) }
  }

  /// A code of the second factor.
  public struct SecondFactorCode: Codable, Sendable, Hashable {
    public var code: String

    public init(code: String) { self.code = code }
  }

  /// Codes that replace the app, each once; shown this once.
  public struct RecoveryCodes: Codable, Sendable, Hashable {
    public var recoveryCodes: [String]

    public init(recoveryCodes: [String]) { self.recoveryCodes = recoveryCodes }
  }

  /// An account to be made.
  public struct NewAccount: Codable, Sendable, Hashable {
    public var name: String
    public var role: String
    public var password: String

    public init(name: String, role: String, password: String) {
      self.name = name
      self.role = role
      self.password = password
    }
  }

  /// What of an account is changed.
  public struct AccountChange: Codable, Sendable, Hashable {
    public var role: String

    public init(role: String) { self.role = role }
  }

  /// An API key without the key.
  public struct Token: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var role: String
    public var created: Time
    public var createdBy: String

    public init(id: String, name: String, role: String, created: Time, createdBy: String) {
      self.id = id
      self.name = name
      self.role = role
      self.created = created
      self.createdBy = createdBy
    }
  }

  /// A key to be made.
  public struct NewToken: Codable, Sendable, Hashable {
    public var name: String
    public var role: String

    public init(name: String, role: String) {
      self.name = name
      self.role = role
    }
  }

  /// The key is shown this once.
  public struct IssuedToken: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var role: String
    public var token: String

    public init(id: String, name: String, role: String, token: String) {
      self.id = id
      self.name = name
      self.role = role
      self.token = token
    }
  }
}
