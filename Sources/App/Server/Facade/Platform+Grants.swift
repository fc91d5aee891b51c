import Access
import GBCore
import HTTPAPI
import MediaTime
import Registry

/// Grants, requests for access and emergencies.
extension Platform {
  func grants() async throws -> [API.Grant] {
    let now = SystemClock.wall()
    return rights.grants.map { API.Grant($0, now) }
  }

  func addGrant(_ new: API.NewGrant, by caller: Caller) async throws -> API.Grant {
    let priority = new.priority
    guard priority.map({ (1...254).contains($0) }) ?? true else {
      throw Problem.invalid("“priority” is from 1 to 254.")
    }
    guard (new.note ?? "").count <= 1_000 else {
      throw Problem.invalid("A note has at most 1000 characters.")
    }
    let now = SystemClock.wall()
    let conditions = try RightsForms.conditions(new.conditions ?? API.GrantConditions(), rights.purposes)
    if conditions.visitors != nil, new.grantee.kind != "level" {
      throw Problem.invalid("Only a grant for a level is limited to “visitors”.")
    }
    if let expires = conditions.expires, expires <= now {
      throw Problem.invalid("The grant would be over already.")
    }
    let grant = Grant(
      id: RightsService.newID(), issuer: configuration.platform.id.text, grantee: try grantee(new.grantee),
      scope: try RightsForms.scope(new.scope), operations: try RightsForms.operations(new.operations),
      priority: priority, conditions: conditions, note: new.note ?? "", created: now,
      createdBy: caller.principal.name)
    try await rights.give(grant)
    return API.Grant(grant, now)
  }

  func revokeGrant(_ id: String, by caller: Caller) async throws -> API.Grant {
    API.Grant(try await rights.revoke(id, by: caller.principal.name), SystemClock.wall())
  }

  /// A grant for nobody is a mistake that is found when it is needed: names are checked.
  private func grantee(_ given: API.Grantee) throws -> Grantee {
    let unknown = Problem.invalid("There is no \(given.kind) “\(given.name.prefix(64))”.")
    switch given.kind {
    case "person":
      guard services.gatekeeper.accounts().contains(where: { $0.name == given.name }) else { throw unknown }
      return .person(given.name)
    case "key":
      guard services.gatekeeper.tokens().contains(where: { $0.name == given.name }) else { throw unknown }
      return .key(given.name)
    case "role":
      guard let role = Role(rawValue: given.name) else { throw unknown }
      return .role(role)
    case "organisation":
      guard rights.organisations.contains(where: { $0.id == given.name }) else { throw unknown }
      return .organisation(given.name)
    case "level":
      guard let level = DeviceID(given.name), level.isStandard else {
        throw Problem.invalid("A level is named by its 20-digit code.")
      }
      return .level(level.text)
    default: throw Problem.invalid("“kind” must be person, key, role, organisation or level.")
    }
  }

  func explainAccess(_ trial: API.AccessTrial) async throws -> API.AccessExplanation {
    let operation = try RightsForms.operation(trial.operation)
    let asker: Asker
    var standing: StatedPurpose?
    switch trial.asker.kind {
    case "person", "key":
      let isKey = trial.asker.kind == "key"
      let role =
        isKey
        ? services.gatekeeper.tokens().first { $0.name == trial.asker.name }?.role
        : services.gatekeeper.accounts().first { $0.name == trial.asker.name }?.role
      guard let role else { throw Problem.notFound("There is no such \(trial.asker.kind).") }
      let principal = Principal(
        name: trial.asker.name, role: role, kind: isKey ? .token : .user, credential: "", expires: nil)
      asker = rights.asker(principal)
      standing = rights.stated(
        API.Statement(purpose: trial.purpose, caseNumber: trial.caseNumber, approver: trial.approver),
        by: principal)
    case "level":
      let visitor = trial.visitor.flatMap { Visitor($0) }
      guard (visitor == nil) == (trial.visitor == nil) else {
        throw Problem.invalid("“visitor” is level/person/name or level/organisation/id.")
      }
      asker = Asker(level: trial.asker.name, visitors: visitor.map { [$0] } ?? [])
      standing = trial.purpose.map {
        StatedPurpose(code: $0, caseNumber: trial.caseNumber, approver: trial.approver)
      }
    default: throw Problem.invalid("“asker” is a person, a key or a level.")
    }
    var footage: Range<WallTime>?
    if let from = trial.from?.wall, let to = trial.to?.wall {
      try RightsForms.check(from < to, "“from” must be before “to”.")
      footage = from..<to
    }
    let now = SystemClock.wall()
    let (decision, considered) = rights.explain(
      AccessQuestion(
        asker: asker, operation: operation, channel: rights.facts(try channelKey(trial.channel)),
        purpose: standing, footage: footage, moment: now))
    let words = decision.denial.map { Problem.words($0.reason) }
    return API.AccessExplanation(
      allowed: decision.allowance != nil, grant: decision.allowance?.grant ?? decision.denial?.grant,
      reason: decision.denial?.reason.rawValue, text: words?.text, fix: words?.fix,
      until: decision.allowance?.until.map { API.Time($0) },
      considered: considered.map {
        API.GrantOpinion(grant: API.Grant($0.grant, now), reason: $0.objection?.rawValue)
      })
  }

  // MARK: Requests

  func accessRequests(for caller: Caller) async throws -> [API.AccessRequest] {
    let mine = caller.principal
    return rights.requests().filter {
      mine.may(.manageGrants) || (mine.kind != .token && $0.asker == mine.name && $0.origin == nil)
    }
    .map { API.AccessRequest($0) }
  }

  func askForAccess(_ new: API.NewAccessRequest, by caller: Caller) async throws -> API.AccessRequest {
    guard caller.principal.kind != .token else {
      throw Problem.forbidden("A key asks for nothing; its administrator gives it a grant.")
    }
    let now = SystemClock.wall()
    guard new.until.wall > now, new.until.wall <= now + .seconds(366 * 86_400) else {
      throw Problem.invalid("“until” lies in the future, at most a year away.")
    }
    let operations = try RightsForms.operations(new.operations)
    try RightsForms.check(!operations.isEmpty, "Ask for at least one operation.")
    let purpose = StatedPurpose(
      code: new.purpose, caseNumber: new.caseNumber, approver: new.approver, words: new.words)
    if let reason = PurposeList(rights.purposes).objection(to: purpose, at: now) {
      throw Problem.invalid(Problem.words(reason).text, fix: Problem.words(reason).fix)
    }
    let scope = try RightsForms.scope(new.scope)
    let request = AccessRequest(
      id: RightsService.newID(), asker: caller.principal.name, scope: scope,
      operations: operations, purpose: purpose, until: new.until.wall, created: now,
      forward: services.levelRequests.forward(scope))
    try await rights.add(request)
    services.levelRequests.settle()
    return API.AccessRequest(rights.request(request.id) ?? request)
  }

  func decideAccessRequest(_ id: String, _ decision: API.AccessRequestDecision, by caller: Caller)
    async throws
    -> API.AccessRequest
  {
    let (name, issuer, now) = (caller.principal.name, configuration.platform.id.text, SystemClock.wall())
    let answer = String((decision.answer ?? "").prefix(1_000))
    let narrowed = try RightsForms.narrowing(decision)
    let request = try await rights.change(id) { request in
      guard decision.grant else {
        try request.refuse(by: name, words: answer, at: now)
        return nil
      }
      return try request.grant(
        RightsService.newID(), issuer: issuer, by: name, words: answer, narrowed: narrowed, at: now)
    }
    note(caller, "access request \(id)", decision.grant ? "granted" : "refused")
    return API.AccessRequest(request)
  }

  func withdrawAccessRequest(_ id: String, by caller: Caller) async throws -> API.AccessRequest {
    let name = caller.principal.kind == .token ? "" : caller.principal.name
    return API.AccessRequest(
      try await rights.change(id) { request in
        try request.withdraw(by: name, at: SystemClock.wall())
        return nil
      })
  }

  // MARK: Emergencies

  func brokenGlasses(for caller: Caller) async throws -> [API.BreakGlass] {
    let mine = caller.principal
    let now = SystemClock.wall()
    return rights.glasses()
      .filter { mine.may(.reviewBreakGlass) || (mine.kind != .token && $0.person == mine.name) }
      .map { API.BreakGlass($0, now) }
  }

  func breakGlass(_ new: API.NewBreakGlass, by caller: Caller) async throws -> API.BreakGlass {
    guard caller.principal.kind != .token else { throw Problem.forbidden("Only people break the glass.") }
    return API.BreakGlass(
      try await rights.breakGlass(
        caller.principal.name, reason: new.reason, role: caller.principal.role), SystemClock.wall())
  }

  func reviewBreakGlass(_ id: String, _ review: API.BreakGlassReview, by caller: Caller) async throws
    -> API.BreakGlass
  {
    guard let verdict = BreakGlass.Verdict(rawValue: review.verdict) else {
      throw Problem.invalid("“verdict” must be justified or unjustified.")
    }
    return API.BreakGlass(
      try await rights.review(
        id, by: caller.principal.name, verdict: verdict, words: String((review.words ?? "").prefix(1_000))),
      SystemClock.wall())
  }
}
