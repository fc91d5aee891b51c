import Access
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry

/// Who may look at what, as the interface asks for it: requests become questions to ``RightsService``.
extension Platform {
  var rights: RightsService { services.rights }

  func admit(_ operation: AccessOperation, to id: String, by caller: Caller) async throws -> Admission {
    let permit = try rights.admit(operation, try facts(id), caller.stated, by: caller.principal)
    // What follows from it says to the level that a camera belongs to who asks, when that is another one. Who looks at
    // live pictures is known while they last; a recording that begins meanwhile is nobody's look.
    if operation != .live, let key = ChannelKey(id), key.device.isPlatform {
      services.downward.note(
        services.book.looker(permit.question, name: caller.principal.name, role: caller.principal.role), key,
        operation)
    }
    return Admission(
      grant: permit.allowance.grant, priority: permit.allowance.priority, purpose: permit.purpose)
  }

  func requireShown(channel id: String, by caller: Caller) async throws {
    guard rights.shows(rights.facts(try channelKey(id)), to: caller.principal) else {
      throw Problem.accessDenied(Denial(.noGrant), .live)
    }
  }

  /// Of a channel, or of a device.
  private func facts(_ id: String) throws -> ChannelFacts {
    guard !id.contains("_") else { return rights.facts(try channelKey(id)) }
    let device = try deviceID(id)
    return directory.read { $0.facts(of: device) }
  }

  // MARK: Lists

  /// A page of what the principal may know of. For who does not see everything the total stays unsaid.
  func search(_ query: Registry.ChannelQuery, for principal: Principal) -> (
    channels: [Channel], next: ChannelKey?, total: Int?
  ) {
    if rights.showsAll(to: principal) {
      let page = directory.read { $0.search(query) }
      return (page.channels, page.next, page.total)
    }
    var query = query
    let limit = min(max(query.limit, 1), 1_000)
    query.limit = 1_000
    var found: [Channel] = []
    while true {
      let page = directory.read { $0.search(query) }
      for channel in page.channels where rights.shows(rights.facts(channel.key), to: principal) {
        found.append(channel)
        if found.count > limit {
          return (Array(found.prefix(limit)), found[limit - 1].key, nil)
        }
      }
      guard let next = page.next else { return (found, nil, nil) }
      query.after = next
    }
  }

  /// The nodes that the principal may know of, and those above them.
  func shown(_ nodes: [TreeNode], to principal: Principal) -> [TreeNode] {
    if rights.showsAll(to: principal) { return nodes }
    var kept: Set<String> = []
    for node in nodes.reversed() {
      let isShown = node.channel.map { rights.shows(rights.facts($0), to: principal) } ?? false
      guard isShown || kept.contains(node.id) else { continue }
      kept.insert(node.id)
      if let parent = node.parent { kept.insert(parent) }
    }
    return nodes.filter { kept.contains($0.id) }
  }

  // MARK: Purposes

  func purposes() async throws -> [API.Purpose] { rights.purposes.map { API.Purpose($0) } }

  func savePurpose(_ code: String, _ change: API.PurposeChange, by caller: Caller) async throws -> API.Purpose
  {
    guard Purpose.isCode(code) else {
      throw Problem.invalid("The code of a purpose is 1 to 32 of a–z, 0–9 and “-”.")
    }
    for name in [change.english, change.chinese] {
      guard (1...100).contains(name.count) else { throw Problem.invalid("A name has 1 to 100 characters.") }
    }
    let known = rights.purposes.first { $0.code == code }
    let purpose = Purpose(
      code: code, english: change.english, chinese: change.chinese,
      needsCase: change.needsCase ?? known?.needsCase ?? false,
      needsApprover: change.needsApprover ?? known?.needsApprover ?? false,
      isReserved: known?.isReserved ?? false, isEnabled: change.enabled ?? known?.isEnabled ?? true)
    try await rights.save(purpose)
    note(caller, "purpose \(code)", "changed")
    return API.Purpose(purpose)
  }

  func ownPurpose(of caller: Caller) async throws -> API.OwnPurpose {
    let principal = caller.principal
    let chosen = principal.kind == .token ? nil : rights.person(principal.name).standing
    return API.OwnPurpose(
      standing: rights.standing(of: principal).map { API.StandingPurpose($0) }, byRole: chosen == nil)
  }

  func setOwnPurpose(_ standing: API.StandingPurpose?, of caller: Caller) async throws -> API.OwnPurpose {
    guard caller.principal.kind != .token else {
      throw Problem.forbidden("A key has the purpose of its role; state others with each request.")
    }
    var person = rights.person(caller.principal.name)
    person.standing = try standing.map { try stated($0) }
    try await rights.save(person)
    return try await ownPurpose(of: caller)
  }

  /// A standing purpose that could carry a look now.
  private func stated(_ standing: API.StandingPurpose) throws -> StatedPurpose {
    let stated = StatedPurpose(
      code: standing.purpose, caseNumber: standing.caseNumber, approver: standing.approver,
      words: standing.words, until: standing.until?.wall)
    if let reason = PurposeList(rights.purposes).objection(to: stated, at: SystemClock.wall()) {
      throw Problem.invalid(Problem.words(reason).text, fix: Problem.words(reason).fix)
    }
    return stated
  }

  // MARK: Organisations and people

  func organisations() async throws -> [API.Organisation] {
    rights.organisations.map { API.Organisation(id: $0.id, name: $0.name, parent: $0.parent) }
  }

  func saveOrganisation(_ id: String, _ change: API.OrganisationChange, by caller: Caller) async throws
    -> API.Organisation
  {
    guard Purpose.isCode(id) else {
      throw Problem.invalid("The id of an organisation is 1 to 32 of a–z, 0–9 and “-”.")
    }
    guard (1...100).contains(change.name.count) else {
      throw Problem.invalid("A name has 1 to 100 characters.")
    }
    let parent = change.parent.flatMap { $0.isEmpty ? nil : $0 }
    let known = Dictionary(rights.organisations.map { ($0.id, $0) }) { $1 }
    if let parent {
      guard known[parent] != nil else {
        throw Problem.invalid("There is no organisation “\(parent.prefix(32))”.")
      }
      guard !Organisation.chain(from: parent, in: known).contains(id) else {
        throw Problem.invalid("An organisation cannot be part of itself.")
      }
    }
    let organisation = Organisation(id: id, name: change.name, parent: parent)
    try await rights.save(organisation)
    note(caller, "organisation \(id)", "changed")
    return API.Organisation(id: id, name: organisation.name, parent: parent)
  }

  func removeOrganisation(_ id: String, by caller: Caller) async throws {
    try await rights.removeOrganisation(id)
    note(caller, "organisation \(id)", "removed")
  }

  func persons() async throws -> [API.Person] {
    services.gatekeeper.accounts().map { API.Person(rights.person($0.name)) }
  }

  func changePerson(_ name: String, _ change: API.PersonChange, by caller: Caller) async throws -> API.Person
  {
    guard services.gatekeeper.accounts().contains(where: { $0.name == name }) else {
      throw Problem.notFound("There is no such account.")
    }
    var person = rights.person(name)
    if let organisation = change.organisation {
      guard organisation.isEmpty || rights.organisations.contains(where: { $0.id == organisation }) else {
        throw Problem.invalid("There is no organisation “\(organisation.prefix(32))”.")
      }
      person.organisation = organisation.isEmpty ? nil : organisation
    }
    if change.standingByRole == true { person.standing = nil }
    if let standing = change.standing { person.standing = try stated(standing) }
    try await rights.save(person)
    note(caller, "account \(name)", "changed")
    return API.Person(person)
  }

  func peopleChanged() async throws { try await rights.peopleChanged() }

  // MARK: Labels

  func labels(channel id: String) async throws -> API.ChannelLabels {
    API.ChannelLabels(labels: rights.labels(of: try channelKey(id)).sorted())
  }

  func setLabels(_ labels: API.ChannelLabels, channel id: String, by caller: Caller) async throws
    -> API.ChannelLabels
  {
    let key = try channelKey(id)
    guard labels.labels.count <= 32, labels.labels.allSatisfy({ (1...64).contains($0.count) }) else {
      throw Problem.invalid("A channel has at most 32 labels of 1 to 64 characters.")
    }
    try await rights.setLabels(Set(labels.labels), of: key)
    note(caller, key.description, "labels")
    return try await self.labels(channel: id)
  }
}

extension Caller {
  /// The same caller with what his look was allowed by.
  func admitted(by permit: Permit) -> Caller {
    Caller(
      principal: principal, source: source, correlation: correlation, stated: stated,
      admission: Admission(
        grant: permit.allowance.grant, priority: permit.allowance.priority, purpose: permit.purpose))
  }
}
