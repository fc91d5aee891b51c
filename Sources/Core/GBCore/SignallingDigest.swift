public import MediaTime
public import SIPCore
import WireBytes

/// The hashes that a `Note` header may name (GB/T 28181 §8.3).
public enum NoteAlgorithm: String, Sendable, Hashable, CaseIterable {
  case md5 = "MD5"
  case sha1 = "SHA-1"
  case sha256 = "SHA-256"
  case sm3 = "SM3"

  /// Reads a name in any case, with or without its hyphen.
  public init?(name: String) {
    let plain = name.lowercased().filter { $0 != "-" }
    guard let found = Self.allCases.first(where: { $0.rawValue.lowercased().filter { $0 != "-" } == plain })
    else {
      return nil
    }
    self = found
  }
}

/// The hash function that this module does not have, raw.
public typealias NoteHash = @Sendable (NoteAlgorithm, [UInt8]) -> [UInt8]

/// The signalling digest that both ends of a link agreed on: `Date` and `Note: Digest nonce="…", algorithm=…` over
/// From, To, Call-ID, Date, a shared seed and the body, joined without anything between them (GB/T 28181 §8.3,
/// 2016 Annex H).
public struct SignallingDigest: Sendable, Hashable {
  /// How much of From and To is hashed: the standard leaves it open, and implementations differ.
  public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// The header as written, with display name, brackets and tag.
    case header
    /// The URI alone.
    case uri
  }

  /// Why a message is not believed.
  public enum Verdict: String, Sendable, Hashable {
    case valid
    /// No `Note`, or no `Date`.
    case missing
    /// A `Note` or `Date` that cannot be read.
    case malformed
    /// Another algorithm than the one agreed on.
    case algorithm
    /// The clocks are too far apart, or somebody plays an old message again.
    case skew
    /// The digest is not the one of this message and seed.
    case digest
  }

  /// How far `Date` may be from our clock either way.
  public static let usualSkew = Duration.seconds(600)

  public var algorithm: NoteAlgorithm
  /// The secret both ends know.
  public var seed: String
  public var scope: Scope
  public var skew: Duration

  public init(
    algorithm: NoteAlgorithm = .sm3, seed: String, scope: Scope = .header, skew: Duration = Self.usualSkew
  ) {
    (self.algorithm, self.seed, self.scope, self.skew) = (algorithm, seed, scope, skew)
  }

  /// Adds `Date` and `Note` to a request that is otherwise complete but for Via and Max-Forwards.
  public func sign(_ request: inout SIPRequest, clock: WallTime, hash: NoteHash) {
    let date = GBTime.dateHeader(clock)
    request.headers.set(.date, date)
    let digest = Base64.encode(hash(algorithm, covered(request, date: date)))
    request.headers.set(.note, "Digest nonce=\"\(digest)\", algorithm=\(algorithm.rawValue)")
  }

  /// Whether a request is what somebody who knows the seed sent lately.
  public func verify(_ request: SIPRequest, clock: WallTime, hash: NoteHash) -> Verdict {
    guard let note = request.headers[.note], let date = request.headers[.date] else { return .missing }
    guard let fields = AuthenticationFields(note), fields.isDigest, let nonce = fields["nonce"],
      let moment = GBTime.parse(date)
    else { return .malformed }
    let named = fields["algorithm"]
    guard named == nil || named.flatMap({ NoteAlgorithm(name: $0) }) == algorithm else { return .algorithm }
    let apart = clock - moment
    guard apart <= skew, apart >= .zero - skew else { return .skew }
    let expected = Base64.encode(hash(algorithm, covered(request, date: date)))
    return Self.areEqual(Array(expected.utf8), Array(nonce.utf8)) ? .valid : .digest
  }

  /// What the digest covers.
  func covered(_ request: SIPRequest, date: String) -> [UInt8] {
    let (from, to): (String, String)
    switch scope {
    case .header: (from, to) = (request.headers[.from] ?? "", request.headers[.to] ?? "")
    case .uri: (from, to) = (request.from?.uri.description ?? "", request.to?.uri.description ?? "")
    }
    return Array((from + to + (request.callID ?? "") + date + seed).utf8) + request.body
  }

  /// In a time that depends on the length alone.
  private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
  }
}
