import Access
import HTTPAPI
import MediaTime

/// Grants between their form in the interface and their values; every refusal says which part.
enum RightsForms {
  static func check(_ condition: Bool, _ text: String) throws {
    guard condition else { throw Problem.invalid(text) }
  }

  static func operation(_ word: String) throws -> AccessOperation {
    guard let operation = AccessOperation(rawValue: word) else {
      let known = AccessOperation.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem.invalid("“operations” are of: \(known).")
    }
    return operation
  }

  static func operations(_ words: [String]) throws -> Set<AccessOperation> { Set(try words.map(operation)) }

  static func scope(_ given: API.GrantScope) throws -> GrantScope {
    let name = given.name ?? ""
    if given.kind != "all", given.kind != "list" {
      try check((1...80).contains(name.utf8.count), "“scope.name” says which \(given.kind).")
    }
    switch given.kind {
    case "all": return .all
    case "subtree": return .subtree(name)
    case "group": return .group(name)
    case "label": return .label(name)
    case "list":
      let channels = given.channels ?? []
      try check(
        (1...1_000).contains(channels.count) && channels.allSatisfy { (1...80).contains($0.utf8.count) },
        "“scope.channels” lists 1 to 1000 channels.")
      return .list(Set(channels))
    default: throw Problem.invalid("“scope.kind” must be all, subtree, group, list or label.")
    }
  }

  static func conditions(_ given: API.GrantConditions, _ purposes: [Purpose]) throws -> GrantConditions {
    let codes = given.purposes.map { Set($0) }
    let known = Set(purposes.map(\.code))
    try check(codes?.isSubset(of: known) ?? true, "“purposes” are codes of the list of purposes.")
    try check(given.viewers.map { (1...100_000).contains($0) } ?? true, "“viewers” is at least 1.")
    try check(
      given.footageSince == nil || given.footageSeconds == nil,
      "Give “footageSince” or “footageSeconds”, not both.")
    try check(
      given.footageSeconds.map { (1...1_000_000_000).contains($0) } ?? true, "“footageSeconds” is at least 1."
    )
    if let starts = given.starts, let expires = given.expires {
      try check(starts < expires, "“starts” must be before “expires”.")
    }
    let visitors = given.visitors?.compactMap { Visitor($0) }
    try check(
      given.visitors.map { (1...200).contains($0.count) && visitors?.count == $0.count } ?? true,
      "“visitors” names 1 to 200 people, level/person/name, or organisations, level/organisation/id: see GET /api/v1/levels/visitors."
    )
    return GrantConditions(
      purposes: codes, hours: try given.hours.map(hours),
      footage: given.footageSince.map { .since($0.wall) }
        ?? given.footageSeconds.map { .recent(.seconds($0)) },
      starts: given.starts?.wall, expires: given.expires?.wall, viewers: given.viewers,
      visitors: visitors.map { Set($0) }, isUnmarked: given.unmarked ?? false)
  }

  /// What an approver gives of what was asked for.
  static func narrowing(_ given: API.AccessRequestDecision) throws -> AccessRequest.Narrowing {
    try check(given.viewers.map { (1...100_000).contains($0) } ?? true, "“viewers” is at least 1.")
    try check(
      given.footageSeconds.map { (1...1_000_000_000).contains($0) } ?? true, "“footageSeconds” is at least 1."
    )
    return AccessRequest.Narrowing(
      operations: try given.operations.map(operations), until: given.until?.wall,
      hours: try given.hours.map(hours),
      footage: given.footageSeconds.map { .recent(.seconds($0)) }, viewers: given.viewers)
  }

  private static func hours(_ given: API.WeeklyHours) throws -> WeeklyHours {
    guard let from = minute(given.from), let to = minute(given.to),
      let hours = WeeklyHours(
        weekdays: Set(given.weekdays ?? Array(1...7)), from: from, to: to,
        offset: .seconds((given.offset ?? 480) * 60))
    else {
      throw Problem.invalid("“hours”: weekdays 1 to 7, “from” and “to” such as 08:30, “offset” in minutes.")
    }
    return hours
  }

  /// `HH:MM`
  private static func minute(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
      let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute)
    else { return nil }
    return hour * 60 + minute
  }

  static func text(_ minute: Int) -> String {
    [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}

extension API.Purpose {
  init(_ purpose: Access.Purpose) {
    self.init(
      code: purpose.code, english: purpose.english, chinese: purpose.chinese, needsCase: purpose.needsCase,
      needsApprover: purpose.needsApprover, reserved: purpose.isReserved, enabled: purpose.isEnabled)
  }
}

extension API.StandingPurpose {
  init(_ stated: StatedPurpose) {
    self.init(
      purpose: stated.code, caseNumber: stated.caseNumber, approver: stated.approver, words: stated.words,
      until: stated.until.map { API.Time($0) })
  }
}

extension API.Person {
  init(_ person: PersonRecord) {
    self.init(
      name: person.name, organisation: person.organisation,
      standing: person.standing.map { API.StandingPurpose($0) })
  }
}

extension API.Grantee {
  init(_ grantee: Access.Grantee) {
    switch grantee {
    case .person(let name): self.init(kind: "person", name: name)
    case .key(let name): self.init(kind: "key", name: name)
    case .role(let role): self.init(kind: "role", name: role.rawValue)
    case .organisation(let id): self.init(kind: "organisation", name: id)
    case .level(let id): self.init(kind: "level", name: id)
    }
  }
}

extension API.GrantScope {
  init(_ scope: Access.GrantScope) {
    switch scope {
    case .all: self.init(kind: "all")
    case .subtree(let node): self.init(kind: "subtree", name: node)
    case .group(let code): self.init(kind: "group", name: code)
    case .label(let label): self.init(kind: "label", name: label)
    case .list(let keys): self.init(kind: "list", channels: keys.sorted())
    }
  }
}

extension API.GrantConditions {
  init(_ conditions: Access.GrantConditions) {
    self.init(
      purposes: conditions.purposes?.sorted(),
      hours: conditions.hours.map {
        API.WeeklyHours(
          weekdays: $0.weekdays.sorted(), from: RightsForms.text($0.from), to: RightsForms.text($0.to),
          offset: Int($0.offset.inSeconds / 60))
      }, starts: conditions.starts.map { API.Time($0) }, expires: conditions.expires.map { API.Time($0) },
      viewers: conditions.viewers, visitors: conditions.visitors?.map(\.description).sorted(),
      unmarked: conditions.isUnmarked ? true : nil)
    switch conditions.footage {
    case .since(let begin): footageSince = API.Time(begin)
    case .recent(let age): footageSeconds = Int(age.inSeconds)
    case nil: break
    }
  }
}

extension API.Grant {
  init(_ grant: Access.Grant, _ now: WallTime) {
    self.init(
      id: grant.id, issuer: grant.issuer, grantee: API.Grantee(grant.grantee),
      scope: API.GrantScope(grant.scope), operations: grant.operations.map(\.rawValue).sorted(),
      priority: grant.priority, conditions: API.GrantConditions(grant.conditions), note: grant.note,
      created: API.Time(grant.created), createdBy: grant.createdBy, inForce: grant.isInForce(at: now),
      revoked: grant.revoked.map { API.Time($0.at) }, revokedBy: grant.revoked?.by)
  }
}

extension API.AccessRequest {
  init(_ request: Access.AccessRequest) {
    self.init(
      id: request.id, asker: request.asker, scope: API.GrantScope(request.scope),
      operations: request.operations.map(\.rawValue).sorted(),
      purpose: API.StandingPurpose(request.purpose), until: API.Time(request.until),
      created: API.Time(request.created), state: "asked", level: request.origin?.level,
      owner: request.forward?.neighbour, delivered: request.forward?.isDelivered)
    switch request.state {
    case .asked: break
    case .granted(let decision, let id):
      (state, grant) = ("granted", id)
      decide(decision)
    case .refused(let decision):
      state = "refused"
      decide(decision)
    case .withdrawn(let moment): (state, decided) = ("withdrawn", API.Time(moment))
    case .expired(let moment): (state, decided) = ("expired", API.Time(moment))
    }
  }

  private mutating func decide(_ decision: Access.AccessRequest.Decision) {
    (decided, decidedBy, answer) = (API.Time(decision.at), decision.by, decision.words)
  }
}

extension API.BreakGlass {
  init(_ glass: Access.BreakGlass, _ now: WallTime) {
    self.init(
      id: glass.id, person: glass.person, reason: glass.reason, opened: API.Time(glass.opened),
      until: API.Time(glass.opened + Access.BreakGlass.lifetime), grant: glass.grant,
      late: glass.isLate(at: now),
      verdict: glass.review?.verdict.rawValue, reviewed: glass.review.map { API.Time($0.at) },
      reviewedBy: glass.review?.by, words: glass.review?.words)
  }
}
