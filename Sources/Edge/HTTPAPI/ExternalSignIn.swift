public import Access

/// Signing in through an identity provider, as the HTTP interface asks for it.
public protocol ExternalSignIn: Sendable {
  /// What the button on the sign-in page says.
  var label: String { get }
  /// Where the browser is sent, and the word that must come back with it.
  func begin() async throws -> (address: String, state: String)
  /// Who came back. A state works once.
  func finish(code: String, state: String) async throws -> ExternalPerson
}

extension API {
  /// How people sign in here.
  public struct SignInWays: Codable, Sendable, Hashable {
    /// The name of the identity provider; absent without one.
    public var external: String?

    public init(external: String? = nil) { self.external = external }
  }
}
