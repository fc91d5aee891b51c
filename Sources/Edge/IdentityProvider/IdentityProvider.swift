public import Access
import Foundation
import Synchronization

/// What went wrong with an identity provider, for the log; people are told less.
public struct OpenIDFailure: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A key of the provider, as its list gives it (RFC 7517).
public enum TokenKey: Sendable, Hashable {
  case rsa(modulus: [UInt8], exponent: [UInt8])
  case p256(x: [UInt8], y: [UInt8])
}

/// How an identity provider is found and what this program is called there.
public struct IdentityProviderSettings: Sendable, Equatable {
  public var issuer: String
  public var client: String
  /// Nil for a public client, which has only the proof of possession of the code (PKCE).
  public var secret: String?
  /// The claim that holds the account's name.
  public var nameClaim: String
  /// The claim that lists the groups.
  public var groupsClaim: String

  public init(
    issuer: String, client: String, secret: String?, nameClaim: String = "preferred_username",
    groupsClaim: String = "groups"
  ) {
    (self.issuer, self.client, self.secret) = (issuer, client, secret)
    (self.nameClaim, self.groupsClaim) = (nameClaim, groupsClaim)
  }
}

/// One OpenID Connect provider: discovery, the authorization code with PKCE, its keys. Thread safe.
public final class IdentityProvider: Sendable {
  /// A log-in on its way: what must come back.
  public struct Attempt: Sendable, Hashable {
    /// Where the browser is sent.
    public let address: String
    public let state: String
    public let nonce: String
    /// What the challenge in the address was made of (RFC 7636).
    public let verifier: String
    /// Where the browser comes back to.
    public let redirect: String
  }

  /// What this target takes from outside.
  public struct Means: Sendable {
    public var random: @Sendable (_ count: Int) -> [UInt8]
    public var sha256: @Sendable (_ bytes: [UInt8]) -> [UInt8]
    public var verify: @Sendable (_ key: TokenKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool

    public init(
      random: @escaping @Sendable (Int) -> [UInt8], sha256: @escaping @Sendable ([UInt8]) -> [UInt8],
      verify: @escaping @Sendable (TokenKey, [UInt8], [UInt8]) -> Bool
    ) {
      (self.random, self.sha256, self.verify) = (random, sha256, verify)
    }
  }

  private struct Metadata: Sendable {
    var authorization: String
    var token: ProviderAddress
    var keys: ProviderAddress
  }

  private struct State {
    var metadata: Metadata?
    var keys: [TokenReader.Key] = []
  }

  private let settings: IdentityProviderSettings
  private let means: Means
  private let http: ProviderHTTP
  private let state = Mutex(State())

  public init(settings: IdentityProviderSettings, means: Means, timeout: Duration = .seconds(10)) {
    (self.settings, self.means) = (settings, means)
    http = ProviderHTTP(timeout: timeout)
  }

  /// Begins a log-in.
  public func begin(redirect: String) async throws -> Attempt {
    let metadata = try await metadata()
    let secrets = (0..<3).map { _ in Base64Text.encode(means.random(32)) }
    let challenge = Base64Text.encode(means.sha256(Array(secrets[2].utf8)))
    let query = ProviderHTTP.encoded([
      ("response_type", "code"), ("client_id", settings.client), ("redirect_uri", redirect),
      ("scope", "openid profile groups"), ("state", secrets[0]), ("nonce", secrets[1]),
      ("code_challenge", challenge), ("code_challenge_method", "S256"),
    ])
    let joint = metadata.authorization.contains("?") ? "&" : "?"
    return Attempt(
      address: metadata.authorization + joint + query, state: secrets[0], nonce: secrets[1],
      verifier: secrets[2], redirect: redirect)
  }

  /// Exchanges the code that came back for what the provider says of the person. The signature is checked; whether
  /// the claims fit is ``Access/IdentityRules``'s to say.
  public func finish(code: String, of attempt: Attempt) async throws -> IdentityClaims {
    let metadata = try await metadata()
    var form = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", attempt.redirect),
      ("code_verifier", attempt.verifier),
    ]
    var authorization: String?
    if let secret = settings.secret {
      let pair = "\(ProviderHTTP.escaped(settings.client)):\(ProviderHTTP.escaped(secret))"
      authorization = "Basic " + Data(pair.utf8).base64EncodedString()
    } else {
      form.append(("client_id", settings.client))
    }
    let answer = try await http.send(metadata.token, form: form, authorization: authorization)
    guard answer.status == 200, let token = try Self.object(answer.body)["id_token"] as? String else {
      throw OpenIDFailure("the token endpoint answered \(answer.status)")
    }
    let reader = try TokenReader(token)
    try await check(reader, metadata)
    return try reader.claims(name: settings.nameClaim, groups: settings.groupsClaim)
  }

  private func check(_ reader: TokenReader, _ metadata: Metadata) async throws {
    for isFresh in [false, true] {
      // A key that is not known may be a new one: asked for once.
      if isFresh { try await readKeys(metadata) }
      let keys = state.withLock { $0.keys }
      if reader.isSigned(by: keys, means.verify) { return }
    }
    throw OpenIDFailure("no key of \(settings.issuer) fits the token's signature")
  }

  private func metadata() async throws -> Metadata {
    if let known = state.withLock({ $0.metadata }) { return known }
    let issuer = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
    guard let address = ProviderAddress(issuer + "/.well-known/openid-configuration") else {
      throw OpenIDFailure("oidc.issuer must be https://…")
    }
    let answer = try await http.send(address)
    let document = try Self.object(answer.body)
    guard answer.status == 200, document["issuer"] as? String == settings.issuer,
      let authorization = document["authorization_endpoint"] as? String,
      ProviderAddress(authorization) != nil,
      let token = (document["token_endpoint"] as? String).flatMap({ ProviderAddress($0) }),
      let keys = (document["jwks_uri"] as? String).flatMap({ ProviderAddress($0) })
    else { throw OpenIDFailure("\(settings.issuer) does not describe itself as this issuer") }
    let metadata = Metadata(authorization: authorization, token: token, keys: keys)
    state.withLock { $0.metadata = metadata }
    return metadata
  }

  private func readKeys(_ metadata: Metadata) async throws {
    let answer = try await http.send(metadata.keys)
    guard answer.status == 200 else { throw OpenIDFailure("the list of keys answered \(answer.status)") }
    let keys = TokenReader.keys(try Self.object(answer.body))
    state.withLock { $0.keys = keys }
  }

  private static func object(_ bytes: [UInt8]) throws -> [String: Any] {
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw OpenIDFailure("an answer is no JSON object")
    }
    return object
  }
}
