/// Somebody of another level, as its tokens name him, or everybody of one of its organisations.
///
/// Names of people elsewhere mean nothing here. A visitor is the level and the name that this level always gives
/// the same person, vouched for by the neighbour that the look came through.
public struct Visitor: Sendable, Hashable, Comparable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case person
    case organisation
  }

  /// The person's own level, by its 20-digit code.
  public let level: String
  public let kind: Kind
  /// The person's pseudonym there, or the organisation's id.
  public let name: String

  /// Bytes of a name at most.
  public static let longest = 240

  /// Nil unless the level is a 20-digit code and the name short, without control characters and not empty.
  public init?(level: String, _ kind: Kind, _ name: String) {
    guard level.utf8.count == 20, level.utf8.allSatisfy({ (48...57).contains($0) }),
      (1...Self.longest).contains(name.utf8.count),
      name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
    else { return nil }
    (self.level, self.kind, self.name) = (level, kind, name)
  }

  /// Reads `level/person/name` or `level/organisation/name`, as ``description`` writes it.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let kind = Kind(rawValue: String(parts[1])) else { return nil }
    self.init(level: String(parts[0]), kind, String(parts[2]))
  }

  public var description: String { "\(level)/\(kind.rawValue)/\(name)" }

  public static func < (left: Visitor, right: Visitor) -> Bool { left.description < right.description }
}
