import Access
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import Synchronization

/// The only place that decides who may look at what: owns the grants in memory and their store.
///
/// Looks that last are asked about again when a grant changes, when their allowance ends, and in turn; one that is
/// not allowed any more is ended, with the reason.
final class RightsService: Sendable {
  struct State {
    var book = GrantBook()
    var purposes: [String: Purpose] = [:]
    var list = PurposeList([])
    var organisations: [String: Organisation] = [:]
    var persons: [String: PersonRecord] = [:]
    var requests: [String: AccessRequest] = [:]
    var glasses: [String: BreakGlass] = [:]
    /// Labels by channel.
    var labels: [String: Set<String>] = [:]
    var looks: [UInt64: RunningLook] = [:]
    var lastLook: UInt64 = 0
    /// Whether every lasting look must be asked about now.
    var isChanged = false
    /// The look after which the turn goes on.
    var turn: UInt64 = 0
  }

  /// Lasting looks that are asked about in one turn without an occasion.
  private static let turnLength = 2_000

  let store: any RightsStore
  let gatekeeper: Gatekeeper
  let directory: DeviceDirectory
  let platform: DeviceID
  let logger: Logger
  let proposals = ProposalDesk()
  let state = Mutex(State())
  private let listener = Mutex<(@Sendable (AccessDecision, AccessQuestion) -> Void)?>(nil)
  private let calls = Mutex<@Sendable (_ grant: String) -> Int>({ _ in 0 })
  private let changeListener = Mutex<(@Sendable () async -> Void)?>(nil)

  init(
    store: any RightsStore, gatekeeper: Gatekeeper, directory: DeviceDirectory, platform: DeviceID,
    logger: Logger
  ) {
    (self.store, self.gatekeeper, self.directory) = (store, gatekeeper, directory)
    (self.platform, self.logger) = (platform, logger)
  }

  /// Tells every decision about a look or an order, also those of other levels. Lists are no looks.
  func onDecision(_ body: @escaping @Sendable (AccessDecision, AccessQuestion) -> Void) {
    listener.withLock { $0 = body }
  }

  /// Says where looks that are not known here are counted: how many last under a grant. Asked under our lock.
  func count(elsewhere body: @escaping @Sendable (_ grant: String) -> Int) { calls.withLock { $0 = body } }

  /// Tells that grants or what they refer to changed, within a second, several changes at once.
  func onChange(_ body: @escaping @Sendable () async -> Void) { changeListener.withLock { $0 = body } }

  // MARK: Beginning

  /// Reads everything. A level without any grant, a new one or one of before grants were, gets those of the house.
  func load() async throws {
    var purposes = Dictionary(try await store.purposes().map { ($0.code, $0) }) { $1 }
    for purpose in Purpose.initial where purposes[purpose.code] == nil {
      try await store.savePurpose(purpose)
      purposes[purpose.code] = purpose
    }
    var grants = try await store.grants()
    if grants.isEmpty {
      grants = HouseGrants.make(issuer: platform.text, now: SystemClock.wall())
      for grant in grants { try await store.saveGrant(grant) }
      logger.notice("every role got a grant of the house: it may do what it could; revoke what is too wide")
    }
    let organisations = try await store.organisations()
    let persons = try await store.persons()
    let requests = try await store.accessRequests()
    let glasses = try await store.brokenGlasses()
    let byLabel = try await store.channelLabels()
    state.withLock { [grants, purposes] state in
      state.book = GrantBook(grants)
      state.purposes = purposes
      state.list = PurposeList(Array(purposes.values))
      state.organisations = Dictionary(organisations.map { ($0.id, $0) }) { $1 }
      state.persons = Dictionary(persons.map { ($0.name, $0) }) { $1 }
      state.requests = Dictionary(requests.map { ($0.id, $0) }) { $1 }
      state.glasses = Dictionary(glasses.map { ($0.id, $0) }) { $1 }
      state.labels = [:]
      for (label, channels) in byLabel {
        for channel in channels { state.labels[channel, default: []].insert(label) }
      }
    }
    try await peopleChanged()
  }

  /// Revokes what was granted to people and keys that are gone: a later one of the same name is another.
  func peopleChanged() async throws {
    let people = Set(gatekeeper.accounts().map(\.name))
    let keys = Set(gatekeeper.tokens().map(\.name))
    let orphans = state.withLock { state in
      state.persons = state.persons.filter { people.contains($0.key) }
      return state.book.grants.filter { grant in
        guard grant.revoked == nil else { return false }
        switch grant.grantee {
        case .person(let name): return !people.contains(name)
        case .key(let name): return !keys.contains(name)
        case .role, .organisation, .level: return false
        }
      }
    }
    for grant in orphans { try await revoke(grant.id, by: "tributary") }
    state.withLock { $0.isChanged = true }
  }

  // MARK: Who and what

  func asker(_ principal: Principal) -> Asker {
    guard principal.kind != .token else { return Asker(key: principal.name, role: principal.role) }
    let organisations = state.withLock { state in
      state.persons[principal.name]?.organisation
        .map { Organisation.chain(from: $0, in: state.organisations) } ?? []
    }
    return Asker(person: principal.name, role: principal.role, organisations: organisations)
  }

  /// The asker as he is now: people change their role and their organisation while a picture runs.
  private func present(_ asker: Asker) -> Asker {
    guard asker.level == nil, let name = asker.person else { return asker }
    guard let role = gatekeeper.role(of: name) else { return Asker() }
    return self.asker(Principal(name: name, role: role, kind: .user, credential: "", expires: nil))
  }

  func facts(_ key: ChannelKey) -> ChannelFacts {
    let labels = state.withLock { $0.labels[key.description] ?? [] }
    return directory.read { $0.facts(of: key, labels: labels) }
  }

  /// The purpose an account's looks carry when it states none.
  func standing(of principal: Principal) -> StatedPurpose? {
    let own = principal.kind == .token ? nil : state.withLock { $0.persons[principal.name]?.standing }
    return own ?? Purpose.standing(of: principal.role)
  }

  /// What was stated, completed by the standing purpose. A text that is no code of the list is taken as words under
  /// the standing purpose: programs of before purposes were go on working, and their words are kept.
  func stated(_ statement: API.Statement?, by principal: Principal) -> StatedPurpose? {
    let standing = standing(of: principal)
    let statement = statement ?? API.Statement()
    if let text = statement.purpose, state.withLock({ $0.purposes[text] != nil }) {
      let same = standing?.code == text ? standing : nil
      return StatedPurpose(
        code: text, caseNumber: statement.caseNumber ?? same?.caseNumber,
        approver: statement.approver ?? same?.approver, words: same?.words, until: same?.until)
    }
    return standing.map {
      StatedPurpose(
        code: $0.code, caseNumber: statement.caseNumber ?? $0.caseNumber,
        approver: statement.approver ?? $0.approver, words: statement.purpose ?? $0.words, until: $0.until)
    }
  }

  // MARK: Deciding

  /// Answers a question and tells the listener.
  func decide(_ question: AccessQuestion) -> AccessDecision {
    let decision = answer(question, without: nil)
    listener.withLock { $0 }?(decision, question)
    return decision
  }

  private func answer(_ question: AccessQuestion, without look: UInt64?) -> AccessDecision {
    state.withLock { answer(question, without: look, $0) }
  }

  private func answer(_ question: AccessQuestion, without look: UInt64?, _ state: State) -> AccessDecision {
    state.book.decide(question, purposes: state.list) { running(under: $0, without: look, state) }
  }

  /// Looks that last under a grant, also calls of platforms above.
  func running(under grant: String, without look: UInt64? = nil, _ state: State) -> Int {
    let own = state.looks.count {
      $0.key != look && $0.value.permit.allowance.grant == grant && $0.value.isAlive()
    }
    return own + calls.withLock { $0 }(grant)
  }

  /// Allows an order or the beginning of a look, or says why not.
  func admit(
    _ operation: AccessOperation, _ facts: ChannelFacts, _ statement: API.Statement?, by principal: Principal,
    footage: Range<WallTime>? = nil
  ) throws -> Permit {
    let question = AccessQuestion(
      asker: asker(principal), operation: operation, channel: facts,
      purpose: stated(statement, by: principal), footage: footage, moment: SystemClock.wall())
    switch decide(question) {
    case .allowed(let allowance): return Permit(question: question, allowance: allowance)
    case .denied(let denial): throw Problem.accessDenied(denial, operation)
    }
  }

  /// Whether a permit still holds; for looks that are made of many steps.
  func check(_ permit: Permit) throws {
    var question = permit.question
    question.moment = SystemClock.wall()
    if let denial = answer(question, without: nil).denial, denial.reason != .tooManyViewers {
      throw Problem.accessDenied(denial, question.operation)
    }
  }

  /// Whether the principal may know of the channel.
  func shows(_ facts: ChannelFacts, to principal: Principal) -> Bool {
    let asker = asker(principal)
    return state.withLock { $0.book.shows(facts, to: asker, at: SystemClock.wall()) }
  }

  func showsAll(to principal: Principal) -> Bool {
    let asker = asker(principal)
    return state.withLock { $0.book.showsAll(to: asker, at: SystemClock.wall()) }
  }

  // MARK: Looks that last

  /// Allows the beginning of a look that lasts, and counts it from now on. Tell what became of it: ``attach`` or
  /// ``abandon``.
  func begin(
    _ operation: AccessOperation, _ channel: ChannelKey, _ statement: API.Statement?, by principal: Principal,
    footage: Range<WallTime>? = nil
  ) throws -> OpenedLook {
    let question = AccessQuestion(
      asker: asker(principal), operation: operation, channel: facts(channel),
      purpose: stated(statement, by: principal), footage: footage, moment: SystemClock.wall())
    let (decision, look) = begin(question, channel)
    if let look { return look }
    throw Problem.accessDenied(decision.denial ?? Denial(.noGrant), operation)
  }

  /// The same for any question, also of another level.
  func begin(_ question: AccessQuestion, _ channel: ChannelKey) -> (
    AccessDecision, OpenedLook?
  ) {
    let (decision, look) = state.withLock { state -> (AccessDecision, OpenedLook?) in
      let decision = answer(question, without: nil, state)
      guard let allowance = decision.allowance else { return (decision, nil) }
      state.lastLook += 1
      let permit = Permit(question: question, allowance: allowance)
      state.looks[state.lastLook] = RunningLook(permit: permit, channel: channel)
      return (decision, OpenedLook(number: state.lastLook, permit: permit))
    }
    listener.withLock { $0 }?(decision, question)
    return (decision, look)
  }

  /// The look has begun: from now on it is ended when it is not allowed any more.
  ///
  /// - Parameters:
  ///   - isAlive: whether it still lasts; asked often.
  ///   - end: ends it, with the reason that its viewer is told.
  func attach(
    _ look: OpenedLook, isAlive: @escaping @Sendable () -> Bool,
    end: @escaping @Sendable (Denial.Reason) async -> Void
  ) {
    state.withLock { state in
      state.looks[look.number]?.isAlive = isAlive
      state.looks[look.number]?.end = end
    }
  }

  /// Nothing came of it.
  func abandon(_ look: OpenedLook) { state.withLock { _ = $0.looks.removeValue(forKey: look.number) } }

  /// Lasting looks that are known.
  var lookCount: Int { state.withLock { $0.looks.count } }

  /// Ends what is not allowed any more. Call every second.
  func sweep() async {
    let now = SystemClock.wall()
    let (due, isChanged) = state.withLock { state -> ([(UInt64, RunningLook)], Bool) in
      state.looks = state.looks.filter { $0.value.isAlive() }
      let all = state.isChanged
      state.isChanged = false
      let numbers = state.looks.keys.sorted()
      let turn = numbers.filter { $0 > state.turn }.prefix(Self.turnLength)
      state.turn = turn.count < Self.turnLength ? 0 : turn.last ?? 0
      let inTurn = Set(turn)
      let due = state.looks.filter { number, look in
        all || inTurn.contains(number) || look.permit.allowance.until.map { $0 <= now } ?? false
      }
      return (due.map { ($0, $1) }, all)
    }
    if isChanged, let tell = changeListener.withLock({ $0 }) { await tell() }
    for (number, look) in due {
      guard let end = look.end, let reason = reconsider(number, look, now) else { continue }
      state.withLock { _ = $0.looks.removeValue(forKey: number) }
      logger.notice(
        "a look was ended: it is not allowed any more",
        metadata: ["channel.id": "\(look.channel)", "reason": "\(reason.rawValue)"])
      await end(reason)
    }
  }

  /// Asks again; nil when the look may go on.
  private func reconsider(_ number: UInt64, _ look: RunningLook, _ now: WallTime) -> Denial.Reason? {
    var question = look.permit.question
    (question.moment, question.channel) = (now, facts(look.channel))
    question.asker = present(question.asker)
    switch answer(question, without: number) {
    case .denied(let denial):
      listener.withLock { $0 }?(.denied(denial), question)
      return denial.reason
    case .allowed(let allowance):
      let permit = Permit(question: look.permit.question, allowance: allowance)
      state.withLock { $0.looks[number]?.permit = permit }
      return nil
    }
  }
}
