import Access
import Foundation
import MediaTime

/// A signed token in its compact form (RFC 7515), taken apart. Total: any text gives a token or a failure.
struct TokenReader {
  /// A key with its name.
  struct Key: Sendable, Hashable {
    var id: String?
    var key: TokenKey
  }

  /// Characters of a token at most.
  private static let longest = 1 << 16

  private let algorithm: String
  private let keyID: String?
  private let signed: [UInt8]
  private let signature: [UInt8]
  private let payload: [String: Any]

  init(_ text: String) throws {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard text.utf8.count <= Self.longest, parts.count == 3, let head = Self.object(parts[0]),
      let payload = Self.object(parts[1]), let signature = Base64Text.decode(parts[2]),
      let algorithm = head["alg"] as? String, head["crit"] == nil
    else { throw OpenIDFailure("the token has another form") }
    (self.algorithm, keyID) = (algorithm, head["kid"] as? String)
    (self.payload, self.signature) = (payload, signature)
    signed = Array("\(parts[0]).\(parts[1])".utf8)
  }

  /// Whether one of the keys made the signature, with the algorithm that belongs to the key: what the token says of
  /// its algorithm chooses nothing else.
  func isSigned(by keys: [Key], _ verify: (TokenKey, [UInt8], [UInt8]) -> Bool) -> Bool {
    keys.contains { known in
      if let keyID, let id = known.id, keyID != id { return false }
      switch known.key {
      case .rsa: guard algorithm == "RS256" else { return false }
      case .p256: guard algorithm == "ES256" else { return false }
      }
      return verify(known.key, signature, signed)
    }
  }

  func claims(name: String, groups: String) throws -> IdentityClaims {
    guard let issuer = payload["iss"] as? String, let subject = payload["sub"] as? String,
      let expires = Self.time(payload["exp"]), let issued = Self.time(payload["iat"])
    else { throw OpenIDFailure("the token does not say who, by whom and until when") }
    let audience =
      (payload["aud"] as? String).map { [$0] } ?? (payload["aud"] as? [Any])?.compactMap { $0 as? String }
      ?? []
    let listed =
      (payload[groups] as? [Any])?.compactMap { $0 as? String }
      ?? (payload[groups] as? String)?.split(separator: " ").map(String.init) ?? []
    return IdentityClaims(
      issuer: issuer, audience: Set(audience), authorizedParty: payload["azp"] as? String, subject: subject,
      expires: expires, issued: issued, nonce: payload["nonce"] as? String, name: payload[name] as? String,
      groups: listed)
  }

  /// The keys of a list that can check signatures of ours; others are left out.
  static func keys(_ list: [String: Any]) -> [Key] {
    (list["keys"] as? [Any] ?? []).compactMap { item in
      guard let item = item as? [String: Any], item["use"] as? String ?? "sig" == "sig" else { return nil }
      func number(_ name: String) -> [UInt8]? { (item[name] as? String).flatMap { Base64Text.decode($0) } }
      switch item["kty"] as? String {
      case "RSA":
        guard let modulus = number("n"), let exponent = number("e") else { return nil }
        return Key(id: item["kid"] as? String, key: .rsa(modulus: modulus, exponent: exponent))
      case "EC" where item["crv"] as? String == "P-256":
        guard let x = number("x"), let y = number("y") else { return nil }
        return Key(id: item["kid"] as? String, key: .p256(x: x, y: y))
      default: return nil
      }
    }
  }

  private static func object(_ part: String) -> [String: Any]? {
    Base64Text.decode(part).flatMap { try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] }
  }

  /// Seconds since 1970, of this millennium and the next.
  private static func time(_ value: Any?) -> WallTime? {
    guard let seconds = (value as? NSNumber)?.doubleValue, (0...100_000_000_000).contains(seconds) else {
      return nil
    }
    return WallTime(seconds: Int64(seconds))
  }
}

/// URL-safe Base64 without padding (RFC 4648 §5).
enum Base64Text {
  static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  static func decode(_ text: String) -> [UInt8]? {
    guard !text.contains(where: { "+/=".contains($0) }), text.utf8.count % 4 != 1 else { return nil }
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)).map {
      Array($0)
    }
  }
}
