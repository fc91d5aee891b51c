public import MediaTime

/// Where a request of another level came from.
public struct RequestOrigin: Sendable, Hashable {
  /// The neighbour that brought it: what is granted is granted to that platform.
  public let neighbour: String
  /// The request's id there.
  public let id: String
  /// The level where the person is, and what that level calls the person.
  public let level: String
  public let person: String
  /// The person as that level's tokens name him; nil from one that does not say.
  public let visitor: Visitor?
  /// The levels it came through, the asker's first.
  public let path: [String]
  /// Whether the neighbour knows how it was decided, and that what was granted is over.
  public var isTold: Bool
  public var isEndTold: Bool

  public init(
    neighbour: String, id: String, level: String, person: String, visitor: Visitor? = nil, path: [String],
    isTold: Bool = false, isEndTold: Bool = false
  ) {
    (self.neighbour, self.id, self.level, self.person) = (neighbour, id, level, person)
    self.visitor = visitor
    (self.path, self.isTold, self.isEndTold) = (path, isTold, isEndTold)
  }
}

/// Where a request goes on to: the next level on the way to the owner.
public struct RequestForward: Sendable, Hashable {
  public let neighbour: String
  /// Its channels as that level names them.
  public let channels: [String]
  /// Whether the neighbour has it, and knows that it was withdrawn.
  public var isDelivered: Bool
  public var isWithdrawalTold: Bool

  public init(
    neighbour: String, channels: [String], isDelivered: Bool = false, isWithdrawalTold: Bool = false
  ) {
    (self.neighbour, self.channels) = (neighbour, channels)
    (self.isDelivered, self.isWithdrawalTold) = (isDelivered, isWithdrawalTold)
  }
}

extension AccessRequest {
  /// What is still to be told to neighbours. Asked again and again until nothing is: messages may be lost, and
  /// telling twice does no harm.
  public enum Errand: Sendable, Hashable {
    /// To the next level on the way to the owner.
    case ask(neighbour: String)
    case withdraw(neighbour: String)
    /// To the level that brought it.
    case tellDecision(neighbour: String)
    case tellEnd(neighbour: String)
  }

  /// The longest way of a request, in levels.
  public static let longestPath = 8

  /// - Parameter isGrantOver: whether the grant that came out was revoked.
  public func errands(isGrantOver: Bool) -> [Errand] {
    var errands: [Errand] = []
    if let forward {
      if state == .asked, !forward.isDelivered { errands.append(.ask(neighbour: forward.neighbour)) }
      if case .withdrawn = state, forward.isDelivered, !forward.isWithdrawalTold {
        errands.append(.withdraw(neighbour: forward.neighbour))
      }
    }
    if let origin {
      switch state {
      case .asked, .withdrawn: break
      case .granted, .refused, .expired:
        if !origin.isTold { errands.append(.tellDecision(neighbour: origin.neighbour)) }
      }
      if case .granted = state, origin.isTold, isGrantOver, !origin.isEndTold {
        errands.append(.tellEnd(neighbour: origin.neighbour))
      }
    }
    return errands
  }

  /// Marks an errand as done.
  public mutating func done(_ errand: Errand) {
    switch errand {
    case .ask: forward?.isDelivered = true
    case .withdraw: forward?.isWithdrawalTold = true
    case .tellDecision: origin?.isTold = true
    case .tellEnd: origin?.isEndTold = true
    }
  }

  /// The level that has it further decided: yes, as the owner signed it. What comes out is a grant here: for the
  /// person who asked, or for the neighbour that brought the request.
  ///
  /// - Parameter signed: what the owner granted; never more than was asked for.
  public mutating func settle(
    _ grant: String, signed: SignedGrant, by approver: String, words: String, at moment: WallTime
  ) throws(Misfit) -> Grant {
    tick(moment)
    guard case .asked = state, forward != nil else { throw .over }
    let terms = signed.terms
    guard terms.operations.isSubset(of: operations), terms.purpose == purpose.code else { throw .wider }
    let end = min(terms.expires, until)
    guard end > moment else { throw .endPassed }
    state = .granted(Decision(by: approver, at: moment, words: words), grant: grant)
    self.signed = signed
    return Grant(
      id: grant, issuer: terms.owner, grantee: grantee, scope: scope, operations: terms.operations,
      conditions: GrantConditions(
        purposes: [purpose.code], footage: terms.footage.map { .recent($0) }, expires: end,
        viewers: terms.viewers, visitors: visitors), note: words, created: moment, createdBy: approver)
  }

  /// The level that has it further decided: no.
  public mutating func settle(refusedBy approver: String, words: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard case .asked = state, forward != nil else { throw .over }
    state = .refused(Decision(by: approver, at: moment, words: words))
  }

  /// The level that brought it takes it back.
  public mutating func withdraw(byNeighbour neighbour: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard case .asked = state else { throw .over }
    guard origin?.neighbour == neighbour else { throw .notYours }
    state = .withdrawn(at: moment)
  }

  /// Whom a grant is for that comes out of it.
  var grantee: Grantee { origin.map { .level($0.neighbour) } ?? .person(asker) }

  /// Whom of that level it is for.
  var visitors: Set<Visitor>? { origin?.visitor.map { [$0] } }
}
