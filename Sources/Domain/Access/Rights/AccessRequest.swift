public import MediaTime

/// Somebody asks for access to what he may not see, and the owner's approver decides.
///
/// ```text
/// asked ──► granted (a grant comes out)
///       ──► refused
///       ──► withdrawn (by who asked)
///       ──► expired (nobody decided in time)
/// ```
public struct AccessRequest: Sendable, Hashable, Identifiable {
  public enum State: Sendable, Hashable {
    case asked
    case granted(Decision, grant: String)
    case refused(Decision)
    case withdrawn(at: WallTime)
    case expired(at: WallTime)
  }

  /// Who decided, when, and what he said.
  public struct Decision: Sendable, Hashable {
    public let by: String
    public let at: WallTime
    public let words: String

    public init(by: String, at: WallTime, words: String) { (self.by, self.at, self.words) = (by, at, words) }
  }

  /// Why an event does not fit.
  public enum Misfit: String, Error, Sendable, Hashable {
    /// It is decided, withdrawn or expired.
    case over
    /// Only who asked may withdraw.
    case notYours = "not-yours"
    /// Nobody decides about what he asked for himself.
    case ownRequest = "own-request"
    /// The end lies in the past or before the decision.
    case endPassed = "end-passed"
    /// More is given than was asked for, or nothing.
    case wider
    /// It goes on to another level, whose word it is.
    case elsewhere
  }

  /// What an approver gives of what was asked for. What is nil is given as asked.
  public struct Narrowing: Sendable, Hashable {
    /// Some of the operations that were asked for.
    public var operations: Set<AccessOperation>?
    /// An earlier end.
    public var until: WallTime?
    public var hours: WeeklyHours?
    public var footage: FootageWindow?
    /// Looks at once.
    public var viewers: Int?

    public init(
      operations: Set<AccessOperation>? = nil, until: WallTime? = nil, hours: WeeklyHours? = nil,
      footage: FootageWindow? = nil, viewers: Int? = nil
    ) {
      (self.operations, self.until, self.hours) = (operations, until, hours)
      (self.footage, self.viewers) = (footage, viewers)
    }
  }

  /// How long a request waits for its decision.
  public static let patience: Duration = .seconds(7 * 86_400)

  public let id: String
  /// The account that asks.
  public let asker: String
  public let scope: GrantScope
  public let operations: Set<AccessOperation>
  public let purpose: StatedPurpose
  /// Until when access is asked for.
  public let until: WallTime
  public let created: WallTime
  public internal(set) var state: State
  /// Where it came from; nil when a person of this level asks.
  public internal(set) var origin: RequestOrigin?
  /// Where it goes on to; nil when it is decided here.
  public internal(set) var forward: RequestForward?
  /// The owner's signed word, where another level decided.
  public internal(set) var signed: SignedGrant?

  public init(
    id: String, asker: String, scope: GrantScope, operations: Set<AccessOperation>, purpose: StatedPurpose,
    until: WallTime, created: WallTime, state: State = .asked, origin: RequestOrigin? = nil,
    forward: RequestForward? = nil, signed: SignedGrant? = nil
  ) {
    self.signed = signed
    (self.id, self.asker, self.scope, self.operations) = (id, asker, scope, operations)
    (self.purpose, self.until, self.created, self.state) = (purpose, until, created, state)
    (self.origin, self.forward) = (origin, forward)
  }

  /// The moment at which an undecided request expires.
  public var deadline: WallTime { min(until, created + Self.patience) }

  /// Notices that nobody decided in time. Call before every other event.
  public mutating func tick(_ moment: WallTime) {
    if case .asked = state, deadline <= moment { state = .expired(at: deadline) }
  }

  /// The approver says yes. What comes out is the grant, for the asker alone, for the stated purpose, until the
  /// asked end or an earlier one.
  ///
  /// - Parameters:
  ///   - grant: the id of the grant.
  ///   - narrowed: what the approver takes away.
  public mutating func grant(
    _ grant: String, issuer: String, by approver: String, words: String = "",
    narrowed: Narrowing = Narrowing(), at moment: WallTime
  ) throws(Misfit) -> Grant {
    try checkDecision(by: approver, at: moment)
    let end = min(narrowed.until ?? until, until)
    guard end > moment else { throw .endPassed }
    let given = narrowed.operations ?? operations
    guard !given.isEmpty, given.isSubset(of: operations) else { throw .wider }
    state = .granted(Decision(by: approver, at: moment, words: words), grant: grant)
    return Grant(
      id: grant, issuer: issuer, grantee: grantee, scope: scope, operations: given,
      conditions: GrantConditions(
        purposes: [purpose.code], hours: narrowed.hours, footage: narrowed.footage, expires: end,
        viewers: narrowed.viewers, visitors: visitors),
      note: words, created: moment, createdBy: approver)
  }

  public mutating func refuse(by approver: String, words: String, at moment: WallTime) throws(Misfit) {
    try checkDecision(by: approver, at: moment)
    state = .refused(Decision(by: approver, at: moment, words: words))
  }

  public mutating func withdraw(by person: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard case .asked = state else { throw .over }
    guard person == asker, origin == nil else { throw .notYours }
    state = .withdrawn(at: moment)
  }

  private mutating func checkDecision(by approver: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard case .asked = state else { throw .over }
    guard forward == nil else { throw .elsewhere }
    guard approver != asker || origin != nil else { throw .ownRequest }
  }
}
