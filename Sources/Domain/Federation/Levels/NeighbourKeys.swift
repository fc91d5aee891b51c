public import MediaTime

/// A public key and the short name of it.
public struct LevelKey: Sendable, Hashable {
  /// The first 16 hexadecimal digits of SHA-256 of the key.
  public let id: String
  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Returns: nil unless the key has 32 bytes.
  public init?(_ bytes: [UInt8], sha256: ([UInt8]) -> [UInt8]) {
    guard bytes.count == 32 else { return nil }
    (self.bytes, id) = (bytes, Hex.text(sha256(bytes).prefix(8)))
  }

  /// A key that was kept with its name.
  public init?(id: String, _ bytes: [UInt8]) {
    guard bytes.count == 32, id.utf8.count == 16 else { return nil }
    (self.id, self.bytes) = (id, bytes)
  }
}

/// The keys of one neighbour, as its enrolment and its own rotations brought them here.
///
/// ```text
///   enrolled ── rotated: the old key stays good for the overlap ──► enrolled
///      └── revoked ──► revoked ── enrolled again by a new code ──► enrolled
/// ```
public struct NeighbourKeys: Sendable, Hashable {
  /// A key that was replaced, and until when it is still good.
  public struct Former: Sendable, Hashable {
    public let key: LevelKey
    public let until: WallTime

    public init(key: LevelKey, until: WallTime) { (self.key, self.until) = (key, until) }
  }

  /// Who ended it, and when.
  public struct Revocation: Sendable, Hashable {
    public let at: WallTime
    public let by: String

    public init(at: WallTime, by: String) { (self.at, self.by) = (at, by) }
  }

  /// Replaced keys that are remembered.
  public static let mostFormer = 4
  /// How long a replaced key is good at most.
  public static let longestOverlap: Duration = .seconds(30 * 86_400)

  public let enrolled: WallTime
  public private(set) var current: LevelKey
  /// The latest first.
  public private(set) var former: [Former]
  public private(set) var revoked: Revocation?

  public init(_ key: LevelKey, enrolled: WallTime, former: [Former] = [], revoked: Revocation? = nil) {
    (current, self.enrolled, self.former, self.revoked) = (key, enrolled, former, revoked)
  }

  /// What a key is worth.
  public enum Verdict: Sendable, Hashable {
    case good(LevelKey)
    case unknown
    case retired
    case revoked
  }

  public func verdict(_ id: String, at moment: WallTime) -> Verdict {
    guard revoked == nil else { return .revoked }
    if current.id == id { return .good(current) }
    guard let old = former.first(where: { $0.key.id == id }) else { return .unknown }
    return moment < old.until ? .good(old.key) : .retired
  }

  /// The neighbour replaced its key.
  ///
  /// - Returns: false when nothing may be replaced, or that key was replaced before.
  public mutating func rotate(to key: LevelKey, overlap: Duration, at moment: WallTime) -> Bool {
    guard revoked == nil, !former.contains(where: { $0.key.id == key.id }) else { return false }
    guard key != current else { return true }
    let end = moment + min(max(overlap, .zero), Self.longestOverlap)
    former.insert(Former(key: current, until: end), at: 0)
    former = Array(former.prefix(Self.mostFormer))
    current = key
    return true
  }

  /// Believes nothing of it any more. The first revocation stays.
  public mutating func revoke(at moment: WallTime, by person: String) {
    if revoked == nil { revoked = Revocation(at: moment, by: person) }
  }
}

/// Small hexadecimal digits, two for each byte.
enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
