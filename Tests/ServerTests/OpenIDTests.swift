import Access
import Foundation
import HTTPAPI
import Testing

@testable import Server

/// Signing in through an identity provider, over real sockets both ways.
@Suite("OpenID Connect", .serialized)
struct OpenIDTests {
  private func with(_ body: (RunningServer, FakeIdentityProvider) async throws -> Void) async throws {
    let provider = try FakeIdentityProvider()
    defer { provider.stop() }
    try await Folder.with { folder in
      let secret = folder + "/secret"
      try "s3cret\n".write(toFile: secret, atomically: true, encoding: .utf8)
      let server = try await RunningServer.start(folder: folder) { configuration in
        var openID = ServerConfiguration.OpenID()
        openID.rules = IdentityRules(
          issuer: provider.issuer, client: "tributary",
          roles: [.init(group: "chiefs", role: .administrator), .init(group: "desk", role: .operator)])
        (openID.secretFile, openID.publicAddress, openID.label) = (secret, "https://video.example", "County")
        configuration.openID = openID
      }
      do { try await body(server, provider) } catch {
        try? await server.stop()
        throw error
      }
      try await server.stop()
    }
  }

  private func browser(_ server: RunningServer) -> HTTPClient {
    HTTPClient(port: server.http.port, token: nil)
  }

  /// The first half: where the browser is sent, and its cookie.
  private func leave(_ server: RunningServer) async throws -> (address: String, cookie: String) {
    let answer = try await browser(server).request("GET", "/api/v1/session/external")
    #expect(answer.status == 303)
    let cookie = answer.headers["set-cookie"]?.prefix { $0 != ";" }
    return (try #require(answer.headers["location"]), String(try #require(cookie)))
  }

  /// The second half: where the browser ends up, and the session it has.
  private func comeBack(_ server: RunningServer, _ code: String, _ state: String, cookie: String) async throws
    -> (place: String, session: String?)
  {
    let answer = try await browser(server)
      .request(
        "GET", "/api/v1/session/external/callback?code=\(code)&state=\(state)", headers: ["Cookie": cookie])
    #expect(answer.status == 303)
    let session = answer.headers["set-cookie"]?.prefix { $0 != ";" }.split(separator: "=").last
    return (answer.headers["location"] ?? "", session.map(String.init))
  }

  private func signIn(_ server: RunningServer, _ provider: FakeIdentityProvider) async throws -> (
    place: String, session: String?
  ) {
    let (address, cookie) = try await leave(server)
    let (code, state) = try provider.agree(address)
    return try await comeBack(server, code, state, cookie: cookie)
  }

  private func who(_ server: RunningServer, _ session: String?) async throws -> API.Session {
    #expect(session != nil)
    return try await HTTPClient(port: server.http.port, token: session)
      .json("GET", "/api/v1/session", as: API.Session.self)
  }

  @Test(
    "A person signs in with code and proof, becomes an account with the role of the group, and follows it")
  func signedIn() async throws {
    try await with { server, provider in
      let ways = try await browser(server).json("GET", "/api/v1/sign-in", as: API.SignInWays.self)
      #expect(ways.external == "County")
      let (address, _) = try await leave(server)
      #expect(
        address.hasPrefix(provider.issuer + "/authorize?") && address.contains("code_challenge_method=S256"))
      #expect(
        address.contains(
          "redirect_uri=https%3A%2F%2Fvideo.example%2Fapi%2Fv1%2Fsession%2Fexternal%2Fcallback"))
      let first = try await signIn(server, provider)
      #expect(first.place == "/#/wall")
      let identity = try await who(server, first.session).user
      #expect(identity == API.Identity(name: "li", role: "operator"))
      provider.behave { ($0.groups, $0.name) = (["chiefs", "desk"], "renamed") }
      let second = try await signIn(server, provider)
      let changed = try await who(server, second.session).user
      #expect(changed == API.Identity(name: "li", role: "administrator"))
      #expect(server.services.gatekeeper.accounts().map(\.name) == ["li"])
    }
  }

  @Test("A key that is new at the provider is found, and what it says of itself is read once")
  func newKey() async throws {
    try await with { server, provider in
      provider.behave { $0.hasNewKey = true }
      let first = try await signIn(server, provider)
      #expect(first.place == "/#/refused/not-verified")
      let second = try await signIn(server, provider)
      #expect(second.place == "/#/wall")
      #expect(provider.requests.count { $0.contains("openid-configuration") } == 1)
    }
  }

  @Test("Forged, foreign, expired and ungrouped tokens open nothing, and the reason is told on the page")
  func refused() async throws {
    try await with { server, provider in
      let cases: [(String, @Sendable (inout FakeIdentityProvider.Behaviour) -> Void)] = [
        ("not-verified", { $0.isSigned = false }), ("not-verified", { $0.algorithm = "none" }),
        ("not-verified", { $0.algorithm = "RS256" }), ("wrong-audience", { $0.audience = "another" }),
        ("expired", { $0.expires = -120 }), ("wrong-nonce", { $0.nonce = "another" }),
        ("no-role", { $0.groups = ["strangers"] }),
      ]
      for (word, change) in cases {
        provider.behave { $0 = FakeIdentityProvider.Behaviour() }
        provider.behave(change)
        let found = try await signIn(server, provider)
        #expect(found.place == "/#/refused/\(word)" && found.session == nil)
      }
      #expect(server.services.gatekeeper.accounts().isEmpty)
      try await server.services.gatekeeper.addAccount(
        name: "li", role: .auditor, password: RightsTests.words)
      provider.behave { $0 = FakeIdentityProvider.Behaviour() }
      let taken = try await signIn(server, provider)
      #expect(taken.place == "/#/refused/name-taken" && taken.session == nil)
    }
  }

  @Test("An answer works once, in the browser that asked, and not without a question")
  func tied() async throws {
    try await with { server, provider in
      let (address, cookie) = try await leave(server)
      let (code, state) = try provider.agree(address)
      let foreign = try await comeBack(server, code, state, cookie: "tributary_sign_in=another")
      #expect(foreign.place == "/#/refused/broken-off")
      let own = try await comeBack(server, code, state, cookie: cookie)
      #expect(own.place == "/#/wall")
      let again = try await comeBack(server, code, state, cookie: cookie)
      #expect(again.place == "/#/refused/wrong-nonce" && again.session == nil)
      let made = try await comeBack(server, "made-up", "made-up", cookie: "tributary_sign_in=made-up")
      #expect(made.place == "/#/refused/wrong-nonce")
      provider.stop()
      let late = try await leave(server)
      let answer = try await comeBack(
        server, "x", try provider.agree(late.address).state, cookie: late.cookie)
      #expect(answer.place == "/#/refused/not-verified")
    }
  }

  @Test("Without an identity provider there is none")
  func none() async throws {
    try await RunningServer.with { server in
      let ways = try await browser(server).json("GET", "/api/v1/sign-in", as: API.SignInWays.self)
      #expect(ways.external == nil)
      #expect(try await browser(server).request("GET", "/api/v1/session/external").status == 404)
    }
  }
}
