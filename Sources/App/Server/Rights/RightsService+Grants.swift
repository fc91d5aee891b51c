import Access
import Cryptography
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import Synchronization

/// Giving, revoking and explaining grants.
extension RightsService {
  /// All grants, newest first.
  var grants: [Grant] { state.withLock { $0.book.grants } }

  /// Keeps a new grant and puts it in force.
  func give(_ grant: Grant) async throws {
    try await store.saveGrant(grant)
    enter(grant)
    logger.notice(
      "a grant was given",
      metadata: ["grant": "\(grant.id)", "grantee": "\(grant.grantee)", "user": "\(grant.createdBy)"])
  }

  /// Ends a grant at once, and every look under it that no other carries.
  @discardableResult
  func revoke(_ id: String, by person: String) async throws -> Grant {
    guard var grant = state.withLock({ $0.book[id] }) else {
      throw Problem.notFound("There is no such grant.")
    }
    guard grant.revoked == nil else { throw Problem.conflict("This grant is revoked already.") }
    grant.revoke(at: SystemClock.wall(), by: person)
    try await store.saveGrant(grant)
    enter(grant)
    logger.notice("a grant was revoked", metadata: ["grant": "\(id)", "user": "\(person)"])
    await sweep()
    return grant
  }

  /// Puts a grant in the book; lasting looks are asked about again.
  func enter(_ grant: Grant) {
    state.withLock { state in
      state.book.save(grant)
      state.isChanged = true
    }
  }

  /// Whether something would be allowed; nobody is told. Asked every second about every call of a platform above.
  ///
  /// - Parameter own: the grant of the call, which counts itself under it.
  func holds(_ question: AccessQuestion, under own: String?) -> Bool {
    state.withLock { state in
      state.book.decide(question, purposes: state.list) {
        running(under: $0, state) - ($0 == own ? 1 : 0)
      }.allowance != nil
    }
  }

  /// What would be decided, and by which grants; nobody is told.
  func explain(_ question: AccessQuestion) -> (AccessDecision, [(grant: Grant, objection: Denial.Reason?)]) {
    state.withLock { state in
      let running: (String) -> Int = { self.running(under: $0, state) }
      return (
        state.book.decide(question, purposes: state.list, running: running),
        state.book.explain(question, purposes: state.list, running: running)
      )
    }
  }

  /// A short name that was not there before.
  static func newID() -> String { String(LookBook.token().prefix(16)) }

  // MARK: Purposes, organisations, people

  var purposes: [Purpose] {
    state.withLock { state in
      let order = Purpose.initial.map(\.code)
      return state.purposes.values.sorted { left, right in
        let places = [left, right].map { order.firstIndex(of: $0.code) ?? order.count }
        return places[0] != places[1] ? places[0] < places[1] : left.code < right.code
      }
    }
  }

  func save(_ purpose: Purpose) async throws {
    try await store.savePurpose(purpose)
    state.withLock { state in
      state.purposes[purpose.code] = purpose
      state.list = PurposeList(Array(state.purposes.values))
      state.isChanged = true
    }
  }

  var organisations: [Organisation] {
    state.withLock { $0.organisations.values.sorted { $0.id < $1.id } }
  }

  func save(_ organisation: Organisation) async throws {
    try await store.saveOrganisation(organisation)
    state.withLock { state in
      state.organisations[organisation.id] = organisation
      state.isChanged = true
    }
  }

  func removeOrganisation(_ id: String) async throws {
    guard state.withLock({ $0.organisations[id] != nil }) else {
      throw Problem.notFound("There is no such organisation.")
    }
    let isUsed = state.withLock { state in
      state.persons.values.contains { $0.organisation == id }
        || state.organisations.values.contains { $0.parent == id }
    }
    guard !isUsed else {
      throw Problem.conflict("People or other organisations belong to it.", fix: "Move them first.")
    }
    for grant in grants where grant.grantee == .organisation(id) && grant.revoked == nil {
      try await revoke(grant.id, by: "tributary")
    }
    try await store.deleteOrganisation(id)
    state.withLock { state in
      state.organisations[id] = nil
      state.isChanged = true
    }
  }

  func person(_ name: String) -> PersonRecord {
    state.withLock { $0.persons[name] } ?? PersonRecord(name: name)
  }

  func save(_ person: PersonRecord) async throws {
    try await store.savePerson(person)
    state.withLock { state in
      state.persons[person.name] = person
      state.isChanged = true
    }
  }

  // MARK: Labels

  func labels(of channel: ChannelKey) -> Set<String> {
    state.withLock { $0.labels[channel.description] ?? [] }
  }

  func setLabels(_ labels: Set<String>, of channel: ChannelKey) async throws {
    try await store.setLabels(labels, of: channel.description)
    state.withLock { state in
      state.labels[channel.description] = labels.isEmpty ? nil : labels
      state.isChanged = true
    }
  }
}
