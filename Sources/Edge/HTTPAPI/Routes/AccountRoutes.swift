import Access
import HTTPTypes
import Hummingbird
import MediaTime

/// Log-ins, accounts and API keys: all decided by the gatekeeper.
enum AccountRoutes {
  static func table(_ gate: Gatekeeper, _ journal: any ActionJournal) -> [Route] {
    session(gate, journal) + accounts(gate) + tokens(gate)
  }

  private static func session(_ gate: Gatekeeper, _ journal: any ActionJournal) -> [Route] {
    [
      Route(.post, "/api/v1/session", .open) { call in
        let signedIn = try await signIn(call, gate, journal)
        do {
          try await journal.signedIn(signedIn.principal, source: call.source)
        } catch {
          try await gate.signOut(signedIn.principal)
          throw error
        }
        var response = try Response.json(
          API.SignedInSession(
            token: signedIn.token, user: identity(signedIn.principal), expires: API.Time(signedIn.expires),
            needsPassword: needsPassword(gate, signedIn.principal)), status: .created)
        response.headers[.setCookie] = SessionCookie.setting(
          signedIn, secure: SessionCookie.isSecure(call.request))
        return response
      },
      Route(.get, "/api/v1/session", .needs(.ownSession)) { call in
        let principal = try call.caller().principal
        return try .json(
          API.Session(
            user: identity(principal), expires: principal.expires.map { API.Time($0) },
            permissions: AccessPolicy.permissions(of: principal.role).map(\.rawValue).sorted()))
      },
      Route(.delete, "/api/v1/session", .needs(.ownSession)) { call in
        try await gate.signOut(try call.caller().principal)
        var response = Response.noContent
        response.headers[.setCookie] = SessionCookie.clearing
        return response
      },
      Route(.post, "/api/v1/session/password", .needs(.ownSession)) { call in
        let change = try await call.json(API.PasswordChange.self)
        let caller = try call.caller()
        try await gate.setPassword(
          change.password, present: change.current, of: caller.principal, source: caller.source)
        return .noContent
      },
    ]
  }

  private static func accounts(_ gate: Gatekeeper) -> [Route] {
    [
      Route(.get, "/api/v1/users", .needs(.manageAccounts)) { _ in
        let items = gate.accounts()
          .map { account in
            API.Account(
              name: account.name, role: account.role.rawValue, hasPassword: account.hasPassword,
              created: API.Time(account.created))
          }
        return try .json(API.Page(items: items))
      },
      Route(.post, "/api/v1/users", .needs(.manageAccounts)) { call in
        let new = try await call.json(API.NewAccount.self)
        try await gate.addAccount(name: new.name, role: try role(new.role), password: new.password)
        guard let account = gate.accounts().first(where: { $0.name == new.name }) else {
          throw Problem.internal
        }
        return try .json(
          API.Account(
            name: account.name, role: account.role.rawValue, hasPassword: account.hasPassword,
            created: API.Time(account.created)), status: .created)
      },
      Route(.delete, "/api/v1/users/{name}", .needs(.manageAccounts)) { call in
        try await gate.removeAccount(name: try call.text("name"))
        return .noContent
      },
    ]
  }

  private static func tokens(_ gate: Gatekeeper) -> [Route] {
    [
      Route(.get, "/api/v1/tokens", .needs(.manageAccounts)) { _ in
        let items = gate.tokens()
          .map { token in
            API.Token(
              id: token.id, name: token.name, role: token.role.rawValue, created: API.Time(token.created),
              createdBy: token.createdBy)
          }
        return try .json(API.Page(items: items))
      },
      Route(.post, "/api/v1/tokens", .needs(.manageAccounts)) { call in
        let new = try await call.json(API.NewToken.self)
        let creator = try call.caller().principal.name
        let (key, record) = try await gate.addToken(name: new.name, role: try role(new.role), by: creator)
        return try .json(
          API.IssuedToken(id: record.id, name: record.name, role: record.role.rawValue, token: key),
          status: .created)
      },
      Route(.delete, "/api/v1/tokens/{id}", .needs(.manageAccounts)) { call in
        try await gate.revokeToken(id: try call.id())
        return .noContent
      },
    ]
  }

  private static func signIn(
    _ call: APICall, _ gate: Gatekeeper, _ journal: any ActionJournal
  ) async throws -> SignedIn {
    let given = try await call.json(API.SignIn.self)
    if let link = given.firstRunToken {
      return try await gate.redeemFirstRun(token: link, source: call.source)
    }
    guard let user = given.user, let password = given.password else {
      throw Problem.badRequest("“user” and “password” are needed, or “firstRunToken”.")
    }
    do {
      return try await gate.signIn(user: user, password: password, source: call.source)
    } catch AccessRefusal.wrongCredentials {
      await journal.signInFailed(user: user, source: call.source)
      throw AccessRefusal.wrongCredentials
    }
  }

  private static func identity(_ principal: Principal) -> API.Identity {
    API.Identity(name: principal.name, role: principal.role.rawValue)
  }

  private static func needsPassword(_ gate: Gatekeeper, _ principal: Principal) -> Bool {
    gate.accounts().contains { $0.name == principal.name && !$0.hasPassword }
  }

  private static func role(_ text: String) throws(Problem) -> Role {
    guard let role = Role(rawValue: text) else {
      let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("“role” must be one of: \(known).")
    }
    return role
  }
}

extension Problem {
  /// How a refusal by the gatekeeper is told.
  init(_ refusal: AccessRefusal) {
    switch refusal {
    case .wrongCredentials:
      self = .wrongCredentials
    case .tooManyFailures(let wait):
      let seconds = max(1, Int(wait.inSeconds.rounded(.up)))
      self = .tooManyRequests(
        "Too many log-ins have failed. Wait \(seconds) seconds before the next.", retryAfter: seconds)
    case .busy:
      self = .unavailable("Too many log-ins are being checked right now.", retryAfter: 1)
    case .weakPassword(let text), .badName(let text):
      self = .invalid(text)
    case .nameTaken:
      self = .conflict("An account with this name exists.", fix: "Choose another name.")
    case .unknownAccount:
      self = .notFound("There is no such account.")
    case .unknownToken:
      self = .notFound("There is no such key.")
    case .lastAdministrator:
      self = .conflict(
        "This is the last administrator with a password.", fix: "Make another administrator first.")
    case .presentPasswordNeeded:
      self = .invalid("“current” must be the password in force.")
    }
  }
}
