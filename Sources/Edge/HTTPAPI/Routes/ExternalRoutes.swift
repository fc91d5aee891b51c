import Access
import HTTPTypes
import Hummingbird
import Logging

/// Signing in through an identity provider: there and back, by redirections of the browser.
enum ExternalRoutes {
  /// Ties the way back to the browser that went: another one cannot be made to finish a foreign log-in.
  static let cookie = "tributary_sign_in"
  static let path = "/api/v1/session/external"

  static func table(
    _ gate: Gatekeeper, _ external: (any ExternalSignIn)?, _ journal: any ActionJournal
  ) -> [Route] {
    [
      Route(.get, "/api/v1/sign-in", .open) { _ in
        try .json(API.SignInWays(external: external?.label))
      },
      Route(.get, path, .open) { call in
        guard let external else { throw Problem.notFound("There is no identity provider here.") }
        let secure = SessionCookie.isSecure(call.request) ? "; Secure" : ""
        do {
          let (address, state) = try await external.begin()
          return redirect(
            to: address,
            setting: "\(cookie)=\(state); Path=\(path); HttpOnly; SameSite=Lax; Max-Age=600\(secure)"
          )
        } catch {
          call.logger.error("an identity provider does not answer", metadata: ["reason": "\(error)"])
          return redirect(to: "/#/refused/unreachable")
        }
      },
      Route(.get, path + "/callback", .open) { call in
        guard let external else { throw Problem.notFound("There is no identity provider here.") }
        return try await finish(call, gate, external, journal)
      },
    ]
  }

  /// People see a page, never a problem document: what went wrong is told on the sign-in page.
  private static func finish(
    _ call: APICall, _ gate: Gatekeeper, _ external: any ExternalSignIn, _ journal: any ActionJournal
  ) async throws -> Response {
    let (code, state) = (try call.query("code"), try call.query("state"))
    guard let code, let state, SessionCookie.value(of: cookie, in: call.request) == state else {
      return redirect(to: "/#/refused/broken-off")
    }
    do {
      let person = try await external.finish(code: code, state: state)
      let signedIn = try await gate.signIn(person, source: call.source)
      do {
        try await journal.signedIn(signedIn.principal, source: call.source)
      } catch {
        try await gate.signOut(signedIn.principal)
        throw error
      }
      return redirect(
        to: "/#/wall",
        setting: SessionCookie.setting(signedIn, secure: SessionCookie.isSecure(call.request)))
    } catch {
      call.logger.notice("an identity provider's answer opened nothing", metadata: ["reason": "\(error)"])
      await journal.signInFailed(user: external.label, source: call.source)
      return redirect(to: "/#/refused/\(word(error))")
    }
  }

  private static func word(_ error: any Error) -> String {
    switch error {
    case let refusal as IdentityRules.Refusal: refusal.rawValue
    case AccessRefusal.nameTaken: "name-taken"
    case AccessRefusal.badName: "no-name"
    default: "not-verified"
    }
  }

  private static func redirect(to address: String, setting cookie: String? = nil) -> Response {
    var response = Response(status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    if let cookie { response.headers[.setCookie] = cookie }
    return response
  }
}
