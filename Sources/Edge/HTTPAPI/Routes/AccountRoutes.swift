import Access
import HTTPTypes
import Hummingbird
import MediaTime

/// Log-ins, accounts and API keys: all decided by the gatekeeper.
enum AccountRoutes {
  static func table(
    _ gate: Gatekeeper, _ operations: any PlatformOperations, _ journal: any ActionJournal
  ) -> [Route] {
    session(gate, journal) + secondFactor(gate, operations) + sessions(gate) + accounts(gate, operations)
      + tokens(gate, operations)
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
            permissions: AccessPolicy.permissions(of: principal.role).map(\.rawValue).sorted(),
            secondFactor: principal.kind != .token && gate.hasSecondFactor(principal.name)))
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

  /// One-time passwords beside the password.
  private static func secondFactor(_ gate: Gatekeeper, _ operations: any PlatformOperations) -> [Route] {
    [
      Route(.post, "/api/v1/session/second-factor", .needs(.ownSession)) { call in
        let issuer = try await operations.platform().name
        let (secret, address) = try await gate.enrolSecondFactor(
          of: try call.caller().principal, issuer: issuer.isEmpty ? "Tributary" : issuer)
        return try .json(API.SecondFactorSecret(secret: secret, address: address), status: .created)
      },
      Route(.post, "/api/v1/session/second-factor/confirm", .needs(.ownSession)) { call in
        let given = try await call.json(API.SecondFactorCode.self)
        let codes = try await gate.confirmSecondFactor(
          given.code, of: try call.caller().principal, source: call.source)
        return try .json(API.RecoveryCodes(recoveryCodes: codes))
      },
      Route(.post, "/api/v1/session/second-factor/remove", .needs(.ownSession)) { call in
        let given = try await call.json(API.SecondFactorCode.self)
        try await gate.removeSecondFactor(given.code, of: try call.caller().principal, source: call.source)
        return .noContent
      },
      Route(.delete, "/api/v1/users/{name}/second-factor", .needs(.manageAccounts)) { call in
        try await gate.resetSecondFactor(of: try call.text("name"))
        return .noContent
      },
    ]
  }

  /// Who is signed in where: the own sessions, for administrators all.
  private static func sessions(_ gate: Gatekeeper) -> [Route] {
    [
      Route(.get, "/api/v1/sessions", .needs(.ownSession)) { call in
        let principal = try call.caller().principal
        let all = principal.may(.manageAccounts)
        let items = gate.sessions(of: all ? nil : principal)
          .map { session in
            API.SignedInElsewhere(
              id: session.id, user: session.user, source: session.source, created: API.Time(session.created),
              expires: API.Time(session.expires), own: session.tokenHash == principal.credential)
          }
        return try .json(API.Page(items: items))
      },
      Route(.delete, "/api/v1/sessions/{id}", .needs(.ownSession)) { call in
        let principal = try call.caller().principal
        try await gate.endSession(
          id: try call.id(), of: principal.may(.manageAccounts) ? nil : principal)
        return .noContent
      },
    ]
  }

  private static func accounts(_ gate: Gatekeeper, _ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/users", .needs(.manageAccounts)) { _ in
        try .json(API.Page(items: resources(gate)))
      },
      Route(.post, "/api/v1/users", .needs(.manageAccounts), secondPerson: .accounts) { call in
        let new = try await call.json(API.NewAccount.self)
        try await gate.addAccount(name: new.name, role: try role(new.role), password: new.password)
        return try .json(try account(new.name, gate), status: .created)
      },
      Route(.patch, "/api/v1/users/{name}", .needs(.manageAccounts), secondPerson: .accounts) { call in
        let (name, change) = (try call.text("name"), try await call.json(API.AccountChange.self))
        try await gate.setRole(try role(change.role), of: name)
        try await operations.peopleChanged()
        return try .json(try account(name, gate))
      },
      Route(.delete, "/api/v1/users/{name}", .needs(.manageAccounts), secondPerson: .accounts) { call in
        try await gate.removeAccount(name: try call.text("name"))
        try await operations.peopleChanged()
        return .noContent
      },
    ]
  }

  private static func account(_ name: String, _ gate: Gatekeeper) throws -> API.Account {
    guard let account = resources(gate).first(where: { $0.name == name }) else { throw Problem.internal }
    return account
  }

  private static func resources(_ gate: Gatekeeper) -> [API.Account] {
    gate.accounts()
      .map { account in
        API.Account(
          name: account.name, role: account.role.rawValue, hasPassword: account.hasPassword,
          created: API.Time(account.created), secondFactor: gate.hasSecondFactor(account.name))
      }
  }

  private static func tokens(_ gate: Gatekeeper, _ operations: any PlatformOperations) -> [Route] {
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
        try await operations.peopleChanged()
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
      return try await gate.signIn(user: user, password: password, otp: given.otp, source: call.source)
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
    case .secondFactorNeeded:
      self = Problem(
        slug: "second-factor-needed", status: 401, title: "A code is needed",
        detail: "This account has a second factor.",
        fix: "Send the code of the app, or a recovery code, as “otp”.")
    case .wrongSecondFactor:
      self = Problem(
        slug: "wrong-second-factor", status: 401, title: "The code does not fit",
        detail: "The code is wrong, was used before, or is too old.")
    case .secondFactorExists:
      self = .conflict("The account has a second factor.", fix: "Remove it first.")
    case .unknownSession:
      self = .notFound("There is no such session.")
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
