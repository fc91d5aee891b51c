public import MediaTime

/// Access in an emergency: taken at once with a reason, noticed by a reviewer, and open until a reviewer closed it.
///
/// ```text
/// open (access for a while) ──► reviewed (by another person, with a verdict)
/// ```
public struct BreakGlass: Sendable, Hashable, Identifiable {
  public enum Verdict: String, Sendable, Hashable, CaseIterable, Codable {
    case justified
    case unjustified
  }

  /// What the reviewer found.
  public struct Review: Sendable, Hashable {
    public let by: String
    public let at: WallTime
    public let verdict: Verdict
    public let words: String

    public init(by: String, at: WallTime, verdict: Verdict, words: String) {
      (self.by, self.at, self.verdict, self.words) = (by, at, verdict, words)
    }
  }

  /// Why an event does not fit.
  public enum Misfit: String, Error, Sendable, Hashable {
    /// A reason has at least ``BreakGlass/shortestReason`` characters.
    case reasonTooShort = "reason-too-short"
    case over
    /// Nobody reviews himself.
    case ownGlass = "own-glass"
  }

  /// Characters that a reason has at least.
  public static let shortestReason = 10
  /// How long the access lasts.
  public static let lifetime: Duration = .seconds(1_800)
  /// How soon it should be reviewed.
  public static let reviewWithin: Duration = .seconds(86_400)

  public let id: String
  public let person: String
  public let reason: String
  public let opened: WallTime
  /// The grant that came with it.
  public let grant: String
  public private(set) var review: Review?

  /// Restores one that is stored.
  public init(id: String, person: String, reason: String, opened: WallTime, grant: String, review: Review?) {
    (self.id, self.person, self.reason) = (id, person, reason)
    (self.opened, self.grant, self.review) = (opened, grant, review)
  }

  /// Breaks the glass: the record, and the grant that lasts for ``lifetime``.
  public static func open(
    id: String, person: String, reason: String, scope: GrantScope, operations: Set<AccessOperation>,
    issuer: String, at moment: WallTime
  ) throws(Misfit) -> (glass: BreakGlass, grant: Grant) {
    let words = reason.drop { $0.isWhitespace }
    guard words.count >= shortestReason, Set(words).count >= 4 else { throw .reasonTooShort }
    let grant = Grant(
      id: "glass-\(id)", issuer: issuer, grantee: .person(person), scope: scope, operations: operations,
      conditions: GrantConditions(purposes: [Purpose.breakGlass.code], expires: moment + lifetime),
      note: String(words.prefix(StatedPurpose.longest)), created: moment, createdBy: person)
    let glass = BreakGlass(
      id: id, person: person, reason: String(words.prefix(1_000)), opened: moment, grant: grant.id,
      review: nil)
    return (glass, grant)
  }

  /// Whether its review is late.
  public func isLate(at moment: WallTime) -> Bool { review == nil && opened + Self.reviewWithin <= moment }

  /// The reviewer's word closes it.
  public mutating func close(by reviewer: String, verdict: Verdict, words: String, at moment: WallTime)
    throws(Misfit)
  {
    guard review == nil else { throw .over }
    guard reviewer != person else { throw .ownGlass }
    review = Review(by: reviewer, at: moment, verdict: verdict, words: words)
  }
}
