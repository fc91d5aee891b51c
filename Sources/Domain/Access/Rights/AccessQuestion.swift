public import MediaTime

/// May this asker do this with that channel, now and for that reason?
public struct AccessQuestion: Sendable, Hashable {
  public var asker: Asker
  public var operation: AccessOperation
  public var channel: ChannelFacts
  public var purpose: StatedPurpose?
  /// For recordings: what of them.
  public var footage: Range<WallTime>?
  public var moment: WallTime

  public init(
    asker: Asker, operation: AccessOperation, channel: ChannelFacts, purpose: StatedPurpose?,
    footage: Range<WallTime>? = nil, moment: WallTime
  ) {
    (self.asker, self.operation, self.channel) = (asker, operation, channel)
    (self.purpose, self.footage, self.moment) = (purpose, footage, moment)
  }
}

/// The answer. There is no third.
public enum AccessDecision: Sendable, Hashable {
  case allowed(Allowance)
  case denied(Denial)

  public var allowance: Allowance? {
    if case .allowed(let allowance) = self { allowance } else { nil }
  }
  public var denial: Denial? {
    if case .denied(let denial) = self { denial } else { nil }
  }
}

/// What is allowed, and how far.
public struct Allowance: Sendable, Hashable {
  /// The grant that carries it.
  public let grant: String
  /// When it must be asked again at the latest; nil never.
  public let until: WallTime?
  /// The grant's control priority.
  public let priority: Int?
  /// The earliest footage; nil all.
  public let earliestFootage: WallTime?
  /// Whether the picture is shown without its viewer's name over it.
  public let isUnmarked: Bool

  public init(
    grant: String, until: WallTime?, priority: Int?, earliestFootage: WallTime?, isUnmarked: Bool = false
  ) {
    (self.grant, self.until, self.priority) = (grant, until, priority)
    (self.earliestFootage, self.isUnmarked) = (earliestFootage, isUnmarked)
  }
}

/// Why not: the reason that was nearest to a yes.
public struct Denial: Sendable, Hashable, Error {
  /// From the farthest from a yes to the nearest.
  public enum Reason: String, Sendable, Hashable, CaseIterable, Comparable {
    /// No grant for this asker names this channel.
    case noGrant = "no-grant"
    /// There is one, without this operation.
    case operationNotGranted = "operation-not-granted"
    case revoked
    case expired
    /// There is one for the level, for others of its people.
    case otherVisitor = "other-visitor"
    case notYet = "not-yet"
    case outsideFootage = "outside-footage"
    case wrongPurpose = "wrong-purpose"
    case outsideHours = "outside-hours"
    case tooManyViewers = "too-many-viewers"
    // All that is missing is in what the asker said.
    case unknownPurpose = "unknown-purpose"
    case purposeExpired = "purpose-expired"
    case purposeNeeded = "purpose-needed"
    case caseNeeded = "case-needed"
    case approverNeeded = "approver-needed"

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (left: Reason, right: Reason) -> Bool { left.rank < right.rank }
  }

  public let reason: Reason
  /// The grant that failed by it; nil where there is none.
  public let grant: String?

  public init(_ reason: Reason, grant: String? = nil) { (self.reason, self.grant) = (reason, grant) }
}
