import Access
import Cryptography
import HTTPAPI
import IdentityProvider
import MediaTime
import Synchronization

/// Signing in through one OpenID Connect provider: log-ins on their way, and whom the rules let in.
final class OpenIDSignIn: ExternalSignIn {
  /// How long somebody may take at the provider.
  private static let patience: Duration = .seconds(600)
  /// Log-ins on their way at once; the oldest gives way.
  private static let most = 1_000

  let label: String
  private let redirect: String
  private let provider: IdentityProvider
  private let rules: IdentityRules
  private let attempts = Mutex<[String: (attempt: IdentityProvider.Attempt, began: MonotonicTime)]>([:])

  init(_ settings: ServerConfiguration.OpenID, secret: String?) {
    (label, rules) = (settings.label, settings.rules)
    redirect = settings.publicAddress + "/api/v1/session/external/callback"
    provider = IdentityProvider(
      settings: IdentityProviderSettings(
        issuer: settings.rules.issuer, client: settings.rules.client, secret: secret,
        nameClaim: settings.nameClaim, groupsClaim: settings.groupsClaim),
      means: .init(
        random: { SecureRandom.bytes($0) }, sha256: { Hash.sha256.digest($0) },
        verify: { key, signature, message in
          switch key {
          case .rsa(let modulus, let exponent):
            TokenSignature.rsa(modulus: modulus, exponent: exponent).verify(signature, of: message)
          case .p256(let x, let y): TokenSignature.p256(x: x, y: y).verify(signature, of: message)
          }
        }))
  }

  func begin() async throws -> (address: String, state: String) {
    let attempt = try await provider.begin(redirect: redirect)
    let now = SystemClock.monotonic()
    attempts.withLock { attempts in
      attempts = attempts.filter { now - $0.value.began < Self.patience }
      if attempts.count >= Self.most, let oldest = attempts.min(by: { $0.value.began < $1.value.began }) {
        attempts[oldest.key] = nil
      }
      attempts[attempt.state] = (attempt, now)
    }
    return (attempt.address, attempt.state)
  }

  func finish(code: String, state: String) async throws -> ExternalPerson {
    let now = SystemClock.monotonic()
    let found = attempts.withLock { $0.removeValue(forKey: state) }
    guard let found, now - found.began < Self.patience else { throw IdentityRules.Refusal.wrongNonce }
    let claims = try await provider.finish(code: code, of: found.attempt)
    return try rules.admit(claims, nonce: found.attempt.nonce, at: SystemClock.wall())
  }
}
