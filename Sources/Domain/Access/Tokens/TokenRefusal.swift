/// Why a token is not believed. Each is a refusal of its own, with a code that stays.
public enum TokenRefusal: String, Error, Sendable, Hashable, CaseIterable {
  /// An enrolled neighbour sent none.
  case missing = "token-missing"
  /// It is no token, or too many of them.
  case malformed = "token-malformed"
  /// Somebody else than this neighbour issued it.
  case wrongIssuer = "token-wrong-issuer"
  /// It is meant for another level.
  case wrongAudience = "token-wrong-audience"
  /// It is about another channel.
  case wrongChannel = "token-wrong-channel"
  /// It is for another operation.
  case wrongOperation = "token-wrong-operation"
  /// The neighbour has no such key.
  case unknownKey = "token-unknown-key"
  /// The key was replaced, and its overlap is over.
  case retiredKey = "token-retired-key"
  /// The neighbour's keys were revoked.
  case revokedKey = "token-revoked-key"
  case badSignature = "token-bad-signature"
  case expired = "token-expired"
  /// It was issued in the future: the clocks differ.
  case notYet = "token-not-yet"
  /// It lives longer than a token may.
  case tooLong = "token-too-long-lived"
  /// It was used before.
  case replayed = "token-replayed"
  /// The tokens that it was made from do not lead to it.
  case brokenChain = "token-broken-chain"
  /// It has passed this level before.
  case loop = "token-loop"
  /// Too many tokens are remembered to tell whether this one is new.
  case full = "token-store-full"

  /// The SIP status of the refusal.
  public var status: Int { self == .full ? 503 : 403 }

  /// One sentence for people.
  public var text: String {
    switch self {
    case .missing: "A level of our kind must say who looks, and why."
    case .malformed: "The token cannot be read."
    case .wrongIssuer: "The token was issued by somebody else."
    case .wrongAudience: "The token is meant for another level."
    case .wrongChannel: "The token is about another channel."
    case .wrongOperation: "The token is for another operation."
    case .unknownKey: "The token was signed with a key that is not known here."
    case .retiredKey: "The token was signed with a key that was replaced."
    case .revokedKey: "The keys of this neighbour were revoked."
    case .badSignature: "The signature of the token is wrong."
    case .expired: "The token has expired; do the clocks agree?"
    case .notYet: "The token is from the future; do the clocks agree?"
    case .tooLong: "The token lives longer than a token may."
    case .replayed: "The token was used before."
    case .brokenChain: "The tokens inside do not lead to this one."
    case .loop: "The look has passed this level before."
    case .full: "Too many looks begin at this moment."
    }
  }
}
