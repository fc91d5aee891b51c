public import Access

/// Actions that a level may leave to two people: one proposes, another confirms.
public enum SecondPersonKind: String, Sendable, Hashable, CaseIterable {
  /// Giving grants and deciding about requests; revoking never waits.
  case grants
  /// Adding and removing accounts, changing their roles.
  case accounts
  /// Releasing holds: what was kept may be deleted again.
  case holds
  /// How long recordings are kept.
  case retention
  /// Erasing a person from the access log.
  case logErasure = "log-erasure"
}

/// A request that waits for a second person: exactly what will be carried out.
public struct ProposedAction: Sendable, Hashable {
  public let kind: SecondPersonKind
  /// What the second person must be allowed too.
  public let permission: Permission
  /// As in the request line.
  public let verb: String
  /// With its query.
  public let path: String
  public let contentType: String
  public let body: [UInt8]

  public init(
    kind: SecondPersonKind, permission: Permission, verb: String, path: String, contentType: String,
    body: [UInt8]
  ) {
    (self.kind, self.permission, self.verb) = (kind, permission, verb)
    (self.path, self.contentType, self.body) = (path, contentType, body)
  }
}

extension API {
  /// An action that somebody proposed and another person confirms.
  public struct Proposal: Codable, Sendable, Hashable {
    public var id: String
    /// `grants`, `accounts`, `holds`, `retention` or `log-erasure`.
    public var kind: String
    public var verb: String
    public var path: String
    /// The body as it was sent.
    public var content: String?
    public var proposedBy: String
    public var proposed: Time
    public var expires: Time
    /// `proposed`, `confirmed`, `withdrawn` or `expired`.
    public var state: String
    public var decidedBy: String?
    public var decided: Time?
    /// Whether who asks proposed it; otherwise who asks may confirm it.
    public var mine: Bool

    public init(
      id: String, kind: String, verb: String, path: String, content: String? = nil, proposedBy: String,
      proposed: Time, expires: Time, state: String, decidedBy: String? = nil, decided: Time? = nil,
      mine: Bool
    ) {
      (self.id, self.kind, self.verb, self.path) = (id, kind, verb, path)
      (self.content, self.proposedBy, self.proposed) = (content, proposedBy, proposed)
      (self.expires, self.state, self.mine) = (expires, state, mine)
      (self.decidedBy, self.decided) = (decidedBy, decided)
    }
  }
}

/// The two-person rule, as the HTTP interface asks for it.
public protocol SecondPersonOperations: Sendable {
  /// Whether actions of this kind need a second person here.
  func needsSecondPerson(_ kind: SecondPersonKind) async -> Bool
  /// Keeps an action until somebody else confirms it.
  func propose(_ action: ProposedAction, by caller: Caller) async throws -> API.Proposal
  /// The own proposals, and those the caller may confirm; newest first.
  func proposals(for caller: Caller) async throws -> [API.Proposal]
  /// The second person's word: what is carried out now, once, and in whose name.
  func confirmProposal(_ id: String, by caller: Caller) async throws -> (
    action: ProposedAction, proposer: Principal
  )
  func withdrawProposal(_ id: String, by caller: Caller) async throws -> API.Proposal
}
