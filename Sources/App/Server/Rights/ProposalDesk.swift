import Access
import Foundation
import HTTPAPI
import MediaTime
import Synchronization

/// Actions that wait for a second person. They live as long as this process and a quarter of an hour at most:
/// what is still wanted after that is proposed again.
final class ProposalDesk: Sendable {
  struct Proposal: Sendable {
    let id: String
    let action: ProposedAction
    let proposer: Principal
    var rule: TwoPersonRule
  }

  /// Proposals that are remembered, decided ones too.
  private static let most = 200

  private let table = Mutex<[String: Proposal]>([:])

  func add(_ action: ProposedAction, by proposer: Principal, at moment: WallTime) throws -> Proposal {
    let id = RightsService.newID()
    let proposal = Proposal(
      id: id, action: action, proposer: proposer,
      rule: TwoPersonRule(action: id, proposer: proposer.name, proposed: moment))
    try table.withLock { table in
      Self.tick(&table, moment)
      guard table.values.count(where: { $0.rule.state == .proposed }) < Self.most / 2 else {
        throw Problem.tooManyRequests("Too many actions wait for a second person.", retryAfter: 60)
      }
      if table.count >= Self.most,
        let oldest = table.values.filter({ $0.rule.state != .proposed })
          .min(by: { $0.rule.proposed < $1.rule.proposed })
      {
        table[oldest.id] = nil
      }
      table[id] = proposal
    }
    return proposal
  }

  /// All, newest first.
  func all(at moment: WallTime) -> [Proposal] {
    table.withLock { table in
      Self.tick(&table, moment)
      return table.values.sorted { ($0.rule.proposed, $0.id) > ($1.rule.proposed, $1.id) }
    }
  }

  /// Runs an event of the machine; what does not fit is told.
  func change(_ id: String, _ event: (inout Proposal) throws -> Void) throws -> Proposal {
    try table.withLock { table in
      guard var proposal = table[id] else { throw Problem.notFound("There is no such proposal.") }
      do { try event(&proposal) } catch let misfit as TwoPersonRule.Misfit {
        table[id] = proposal
        switch misfit {
        case .over: throw Problem.conflict("It is confirmed, withdrawn or expired.")
        case .samePerson: throw Problem.forbidden("The second person must be another one.")
        }
      }
      table[id] = proposal
      return proposal
    }
  }

  private static func tick(_ table: inout [String: Proposal], _ moment: WallTime) {
    for id in table.keys { table[id]?.rule.tick(moment) }
  }
}

/// The two-person rule as the interface asks for it.
extension Platform {
  func needsSecondPerson(_ kind: SecondPersonKind) async -> Bool { configuration.twoPersons.contains(kind) }

  func propose(_ action: ProposedAction, by caller: Caller) async throws -> API.Proposal {
    guard caller.principal.kind != .token else {
      throw Problem.forbidden("Two people are needed for this; a key is none.")
    }
    let proposal = try rights.proposals.add(action, by: caller.principal, at: SystemClock.wall())
    return Self.resource(proposal, for: caller)
  }

  func proposals(for caller: Caller) async throws -> [API.Proposal] {
    rights.proposals.all(at: SystemClock.wall())
      .filter { concerns($0, caller) }
      .map { Self.resource($0, for: caller) }
  }

  func confirmProposal(_ id: String, by caller: Caller) async throws -> (
    action: ProposedAction, proposer: Principal
  ) {
    guard caller.principal.kind != .token else { throw Problem.forbidden("Only people confirm.") }
    let proposal = try rights.proposals.change(id) { proposal in
      guard caller.principal.may(proposal.action.permission) else {
        throw Problem.forbidden("Only who could do it may confirm it.")
      }
      try proposal.rule.confirm(by: caller.principal.name, at: SystemClock.wall())
    }
    note(caller, "proposal of \(proposal.proposer.name)", "confirmed")
    return (proposal.action, proposal.proposer)
  }

  func withdrawProposal(_ id: String, by caller: Caller) async throws -> API.Proposal {
    let proposal = try rights.proposals.change(id) { proposal in
      guard caller.principal.kind != .token, concerns(proposal, caller) else {
        throw Problem.notFound("There is no such proposal.")
      }
      try proposal.rule.withdraw(by: caller.principal.name, at: SystemClock.wall())
    }
    return Self.resource(proposal, for: caller)
  }

  /// Who proposed it, or could do it.
  private func concerns(_ proposal: ProposalDesk.Proposal, _ caller: Caller) -> Bool {
    caller.principal.kind != .token
      && (proposal.proposer.name == caller.principal.name || caller.principal.may(proposal.action.permission))
  }

  private static func resource(_ proposal: ProposalDesk.Proposal, for caller: Caller) -> API.Proposal {
    let (action, rule) = (proposal.action, proposal.rule)
    var resource = API.Proposal(
      id: proposal.id, kind: action.kind.rawValue, verb: action.verb, path: action.path,
      content: content(action), proposedBy: proposal.proposer.name, proposed: API.Time(rule.proposed),
      expires: API.Time(rule.expires), state: "proposed",
      mine: proposal.proposer.name == caller.principal.name)
    switch rule.state {
    case .proposed: break
    case .confirmed(let person, let moment):
      (resource.state, resource.decidedBy, resource.decided) = ("confirmed", person, API.Time(moment))
    case .withdrawn(let person, let moment):
      (resource.state, resource.decidedBy, resource.decided) = ("withdrawn", person, API.Time(moment))
    case .expired: resource.state = "expired"
    }
    return resource
  }

  /// The body for the second person's eyes, without passwords.
  private static func content(_ action: ProposedAction) -> String? {
    guard var object = try? JSONSerialization.jsonObject(with: Data(action.body)) as? [String: Any] else {
      return nil
    }
    object["password"] = nil
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
    return (try? JSONSerialization.data(withJSONObject: object, options: options))
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
