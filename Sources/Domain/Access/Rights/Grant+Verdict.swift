public import MediaTime

extension Grant {
  /// What speaks against this grant carrying the question, apart from what the asker said of his purpose; nil for
  /// nothing. The checks run from the farthest from a yes to the nearest.
  ///
  /// - Parameter running: looks that last under this grant, without the one that is asked about.
  public func objection(
    to question: AccessQuestion, purpose: Purpose?, running: Int
  ) -> Denial.Reason? {
    guard operations.contains(question.operation) else { return .operationNotGranted }
    if let revoked, revoked.at <= question.moment { return .revoked }
    if let expires = conditions.expires, expires <= question.moment { return .expired }
    if let visitors = conditions.visitors, visitors.isDisjoint(with: question.asker.visitors) {
      return .otherVisitor
    }
    if let starts = conditions.starts, question.moment < starts { return .notYet }
    if let window = conditions.footage, let footage = question.footage,
      footage.lowerBound < window.earliest(at: question.moment)
    {
      return .outsideFootage
    }
    if let purpose {
      if let purposes = conditions.purposes {
        if !purposes.contains(purpose.code) { return .wrongPurpose }
      } else if purpose.isReserved {
        return .wrongPurpose
      }
    }
    if let hours = conditions.hours, hours.end(at: question.moment) == nil { return .outsideHours }
    if let viewers = conditions.viewers, running >= viewers { return .tooManyViewers }
    return nil
  }

  /// When an allowance under this grant must be asked again; nil never.
  func end(for question: AccessQuestion) -> WallTime? {
    var end = revoked?.at
    func limit(_ moment: WallTime?) {
      if let moment, end.map({ moment < $0 }) ?? true { end = moment }
    }
    limit(conditions.expires)
    limit(question.purpose?.until)
    if let hours = conditions.hours { limit(hours.end(at: question.moment)) }
    return end
  }

  /// The allowance of a grant that nothing speaks against.
  public func allowance(for question: AccessQuestion) -> Allowance {
    Allowance(
      grant: id, until: end(for: question), priority: priority,
      earliestFootage: conditions.footage?.earliest(at: question.moment), isUnmarked: conditions.isUnmarked)
  }
}

/// The managed list of purposes, by code.
public struct PurposeList: Sendable, Hashable {
  private var byCode: [String: Purpose]

  public init(_ purposes: [Purpose]) { byCode = Dictionary(purposes.map { ($0.code, $0) }) { $1 } }

  public subscript(code: String) -> Purpose? { byCode[code] }

  /// What is wrong with what was stated; nil for nothing.
  public func objection(to stated: StatedPurpose?, at moment: WallTime) -> Denial.Reason? {
    guard let stated else { return .purposeNeeded }
    guard let purpose = byCode[stated.code], purpose.isEnabled else { return .unknownPurpose }
    if let until = stated.until, until <= moment { return .purposeExpired }
    if purpose.needsCase, stated.caseNumber == nil { return .caseNeeded }
    if purpose.needsApprover, stated.approver == nil { return .approverNeeded }
    return nil
  }
}
