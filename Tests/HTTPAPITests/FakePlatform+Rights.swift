import Access
import Synchronization

@testable import HTTPAPI

/// Rights that answer everything and remember what they were asked.
extension FakePlatform {
  static let purpose = API.Purpose(
    code: "case", english: "Case", chinese: "案件办理", needsCase: true, needsApprover: false, reserved: false,
    enabled: true)
  static let standing = API.StandingPurpose(
    purpose: "case", caseNumber: "2026-7", approver: "chief", words: "theft", until: moment)
  static let grant = API.Grant(
    id: "g1", issuer: "34020000002000000001", grantee: .init(kind: "person", name: "li"),
    scope: .init(kind: "subtree", name: "3402"), operations: ["live"], priority: 7,
    conditions: API.GrantConditions(
      purposes: ["case"], hours: .init(weekdays: [1], from: "08:00", to: "18:00", offset: 480),
      footageSeconds: 60, starts: moment, expires: moment, viewers: 2), note: "n", created: moment,
    createdBy: "root", inForce: false, revoked: moment, revokedBy: "root")
  static let accessRequest = API.AccessRequest(
    id: "r1", asker: "li", scope: .init(kind: "list", channels: ["a_b"]), operations: ["live"],
    purpose: standing, until: moment, created: moment, state: "granted", decided: moment, decidedBy: "root",
    answer: "yes", grant: "g1")
  static let glass = API.BreakGlass(
    id: "b1", person: "li", reason: "smoke in the school", opened: moment, until: moment, grant: "glass-b1",
    late: true, verdict: "justified", reviewed: moment, reviewedBy: "root", words: "w")

  func admit(_ operation: AccessOperation, to id: String, by caller: Caller) async throws -> Admission {
    try check()
    state.withLock { $0.asked.append("\(operation.rawValue) \(id)") }
    if let denial = state.withLock({ $0.denial }) { throw denial }
    return Admission(grant: "g1", priority: 9, purpose: "patrol")
  }

  func requireShown(channel id: String, by caller: Caller) async throws {
    try check()
    state.withLock { $0.asked.append("shown \(id)") }
    if let denial = state.withLock({ $0.denial }) { throw denial }
  }

  func purposes() async throws -> [API.Purpose] { [Self.purpose] }
  func savePurpose(_ code: String, _ change: API.PurposeChange, by caller: Caller) async throws -> API.Purpose
  {
    try check(caller)
    return Self.purpose
  }
  func ownPurpose(of caller: Caller) async throws -> API.OwnPurpose {
    try check(caller)
    return API.OwnPurpose(standing: Self.standing, byRole: false)
  }
  func setOwnPurpose(_ standing: API.StandingPurpose?, of caller: Caller) async throws -> API.OwnPurpose {
    try check(caller)
    return API.OwnPurpose(standing: standing, byRole: standing == nil)
  }

  func organisations() async throws -> [API.Organisation] { [.init(id: "a", name: "A", parent: "b")] }
  func saveOrganisation(_ id: String, _ change: API.OrganisationChange, by caller: Caller) async throws
    -> API.Organisation
  {
    try check(caller)
    return API.Organisation(id: id, name: change.name, parent: change.parent)
  }
  func removeOrganisation(_ id: String, by caller: Caller) async throws { try check(caller) }
  func persons() async throws -> [API.Person] {
    [API.Person(name: "li", organisation: "a", standing: Self.standing)]
  }
  func changePerson(_ name: String, _ change: API.PersonChange, by caller: Caller) async throws -> API.Person
  {
    try check(caller)
    return API.Person(name: name)
  }
  func peopleChanged() async throws { try check() }

  func grants() async throws -> [API.Grant] { [Self.grant] }
  func addGrant(_ grant: API.NewGrant, by caller: Caller) async throws -> API.Grant {
    try check(caller)
    return Self.grant
  }
  func revokeGrant(_ id: String, by caller: Caller) async throws -> API.Grant {
    try check(caller)
    return Self.grant
  }
  func explainAccess(_ trial: API.AccessTrial) async throws -> API.AccessExplanation {
    API.AccessExplanation(
      allowed: false, grant: "g1", reason: "wrong-purpose", text: "t", fix: "f", until: Self.moment,
      considered: [API.GrantOpinion(grant: Self.grant, reason: "wrong-purpose")])
  }

  func accessRequests(for caller: Caller) async throws -> [API.AccessRequest] { [Self.accessRequest] }
  func askForAccess(_ request: API.NewAccessRequest, by caller: Caller) async throws -> API.AccessRequest {
    try check(caller)
    return Self.accessRequest
  }
  func decideAccessRequest(_ id: String, _ decision: API.AccessRequestDecision, by caller: Caller)
    async throws
    -> API.AccessRequest
  {
    try check(caller)
    return Self.accessRequest
  }
  func withdrawAccessRequest(_ id: String, by caller: Caller) async throws -> API.AccessRequest {
    try check(caller)
    return Self.accessRequest
  }

  func brokenGlasses(for caller: Caller) async throws -> [API.BreakGlass] { [Self.glass] }
  func breakGlass(_ new: API.NewBreakGlass, by caller: Caller) async throws -> API.BreakGlass {
    try check(caller)
    return Self.glass
  }
  func reviewBreakGlass(_ id: String, _ review: API.BreakGlassReview, by caller: Caller) async throws
    -> API.BreakGlass
  {
    try check(caller)
    return Self.glass
  }

  func labels(channel id: String) async throws -> API.ChannelLabels { API.ChannelLabels(labels: ["gate"]) }
  func setLabels(_ labels: API.ChannelLabels, channel id: String, by caller: Caller) async throws
    -> API.ChannelLabels
  {
    try check(caller)
    return labels
  }
}
