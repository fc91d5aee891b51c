public import MediaTime

/// All grants of a level, arranged so that a decision looks only at those that can matter.
///
/// A grant stands under its grantee and under the node, group, label or
/// channels it is about; a question visits a few dozen of those places,
/// however many grants there are. A value for one owner.
public struct GrantBook: Sendable {
  /// What a grant can be about.
  private enum Mark: Hashable {
    case all
    case node(String)
    case group(String)
    case label(String)
    case channel(String)
  }

  private var byID: [String: Grant] = [:]
  /// Channels have a dozen marks of which few have grants: those are asked first, and who is meant second.
  private var places: [Mark: [Grantee: [Grant]]] = [:]

  public init(_ grants: [Grant] = []) { for grant in grants { save(grant) } }

  public var count: Int { byID.count }
  /// All grants, newest first.
  public var grants: [Grant] { byID.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) } }
  public subscript(id: String) -> Grant? { byID[id] }

  /// Adds a grant, or replaces the one of its id.
  public mutating func save(_ grant: Grant) {
    if let old = byID[grant.id] { forget(old) }
    byID[grant.id] = grant
    for mark in Self.marks(of: grant) { places[mark, default: [:]][grant.grantee, default: []].append(grant) }
  }

  /// Takes a grant out of the book, as if it had never been.
  public mutating func remove(_ id: String) {
    if let old = byID.removeValue(forKey: id) { forget(old) }
  }

  private mutating func forget(_ grant: Grant) {
    for mark in Self.marks(of: grant) {
      places[mark]?[grant.grantee]?.removeAll { $0.id == grant.id }
      if places[mark]?[grant.grantee]?.isEmpty == true { places[mark]?[grant.grantee] = nil }
      if places[mark]?.isEmpty == true { places[mark] = nil }
    }
  }

  private static func marks(of grant: Grant) -> [Mark] {
    switch grant.scope {
    case .all: [.all]
    case .subtree(let node): [.node(node)]
    case .group(let code): [.group(code)]
    case .label(let label): [.label(label)]
    case .list(let keys): keys.map { .channel($0) }
    }
  }

  /// Calls `visit` for every grant that is for this asker and about this channel, until it answers false.
  private func forEach(_ asker: Asker, _ channel: ChannelFacts, _ visit: (Grant) -> Bool) {
    let grantees = asker.grantees
    func look(_ mark: Mark) -> Bool {
      guard let place = places[mark] else { return true }
      for grantee in grantees {
        guard let grants = place[grantee] else { continue }
        for index in grants.indices where !visit(grants[index]) { return false }
      }
      return true
    }
    guard look(.all), look(.channel(channel.key)) else { return }
    for node in channel.ancestors where !look(.node(node)) { return }
    for group in channel.groups where !look(.group(group)) { return }
    for label in channel.labels where !look(.label(label)) { return }
  }

  // MARK: Decisions

  /// The decision. Default deny; every denial says why.
  ///
  /// - Parameters:
  ///   - purposes: the managed list.
  ///   - running: looks that last under a grant, without the one that is asked about.
  public func decide(
    _ question: AccessQuestion, purposes: PurposeList, running: (_ grant: String) -> Int
  ) -> AccessDecision {
    let purpose = question.purpose.flatMap { purposes[$0.code] }
    let unsaid = purposes.objection(to: question.purpose, at: question.moment)
    var best: Allowance?
    var nearest = Denial(.noGrant)
    forEach(question.asker, question.channel) { grant in
      let count = grant.conditions.viewers == nil ? 0 : running(grant.id)
      if let reason = grant.objection(to: question, purpose: purpose, running: count) ?? unsaid {
        guard best == nil, reason >= nearest.reason else { return true }
        let denial = Denial(reason, grant: grant.id)
        if Self.isNearer(denial, nearest) { nearest = denial }
      } else {
        let allowance = grant.allowance(for: question)
        if best.map({ Self.isBetter(allowance, $0, for: question.operation) }) ?? true { best = allowance }
      }
      return true
    }
    return best.map { .allowed($0) } ?? .denied(nearest)
  }

  /// Whether the asker may know of the channel: any grant that is in force shows it in lists.
  public func shows(_ channel: ChannelFacts, to asker: Asker, at moment: WallTime) -> Bool {
    var found = false
    forEach(asker, channel) { grant in
      found = grant.isInForce(at: moment)
      return !found
    }
    return found
  }

  /// Whether one grant in force shows everything, so that lists need no look at each channel.
  public func showsAll(to asker: Asker, at moment: WallTime) -> Bool {
    guard let place = places[.all] else { return false }
    return asker.grantees.contains { grantee in
      (place[grantee] ?? []).contains { $0.isInForce(at: moment) }
    }
  }

  /// Every grant that is for the asker and about the channel, with what speaks against it; nil for nothing.
  public func explain(
    _ question: AccessQuestion, purposes: PurposeList, running: (_ grant: String) -> Int
  ) -> [(grant: Grant, objection: Denial.Reason?)] {
    let purpose = question.purpose.flatMap { purposes[$0.code] }
    let unsaid = purposes.objection(to: question.purpose, at: question.moment)
    var result: [(grant: Grant, objection: Denial.Reason?)] = []
    forEach(question.asker, question.channel) { grant in
      result.append(
        (grant, grant.objection(to: question, purpose: purpose, running: running(grant.id)) ?? unsaid))
      return true
    }
    return result.sorted { ($0.grant.created, $0.grant.id) > ($1.grant.created, $1.grant.id) }
  }

  private static func isNearer(_ denial: Denial, _ other: Denial) -> Bool {
    guard denial.reason == other.reason else { return denial.reason > other.reason }
    return denial.grant.map { grant in other.grant.map { grant < $0 } ?? true } ?? false
  }

  /// For control the higher priority, then what holds longer; the id settles the rest, so that the order in the
  /// book decides nothing.
  private static func isBetter(_ left: Allowance, _ right: Allowance, for operation: AccessOperation) -> Bool
  {
    if operation == .control, left.priority != right.priority {
      return (left.priority ?? 0) > (right.priority ?? 0)
    }
    switch (left.until, right.until) {
    case (let one?, let other?) where one != other: return one > other
    case (nil, _?): return true
    case (_?, nil): return false
    default: return left.grant < right.grant
    }
  }
}

extension Grant {
  /// Whether it is neither revoked nor over nor still to come.
  public func isInForce(at moment: WallTime) -> Bool {
    if let revoked, revoked.at <= moment { return false }
    if let expires = conditions.expires, expires <= moment { return false }
    if let starts = conditions.starts, moment < starts { return false }
    return true
  }
}
