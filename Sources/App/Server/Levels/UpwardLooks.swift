import Access
import AccessLog
import Federation
import GBCore
import HTTPAPI
import LevelCore
import Logging
import MediaTime
import Registry
import SIPCore
import Synchronization

/// Looks of people above at what belongs to us or to levels below us: each decided, logged and ended by itself,
/// although the picture goes up only once.
///
/// ```text
///   look ─► token good? ─► granted? ─► [not ours: ask below] ─► log ─► allowed
///   look-end, the superior is gone, it forgot ─► log, tell below
///   not granted any more, ended below         ─► log, tell above: look-ended
/// ```
final class UpwardLooks: Sendable {
  private struct Key: Hashable {
    let peer: LevelPeer
    let id: String
  }

  private struct Entry {
    let channel: ChannelKey
    let opened: OpenedLook
    let log: String
    let downward: String?
    let since: MonotonicTime
    var isListed: MonotonicTime
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    /// How urgent each is that goes on, by who asks and what is looked at.
    var lasting: [LevelPeer: [ChannelKey: [String: Int]]] = [:]
    var begun: UInt64 = 0
    var refused: UInt64 = 0
  }

  /// Looks of one superior at a time.
  static let mostLooks = 10_000
  /// A look that its level does not list so long is over.
  private static let patience: Duration = .seconds(15)

  private let book: LevelBook
  private let messages: LevelMessages
  private let downward: DownwardLooks
  private let rights: RightsService
  private let looks: LookBook
  private let channel: @Sendable (_ superior: DeviceID, _ code: DeviceID) async -> ChannelKey?
  private let state = Mutex(State())

  /// - Parameter channel: the camera that a superior means by a code; nil for what it may not see.
  init(
    book: LevelBook, messages: LevelMessages, downward: DownwardLooks, rights: RightsService, looks: LookBook,
    channel: @escaping @Sendable (_ superior: DeviceID, _ code: DeviceID) async -> ChannelKey?
  ) {
    (self.book, self.messages, self.downward) = (book, messages, downward)
    (self.rights, self.looks, self.channel) = (rights, looks, channel)
    messages.handle("look", DownwardLooks.Question.self) { [self] peer, question in
      try await begin(question, peer)
    }
    messages.hear("look-end", DownwardLooks.End.self) { [self] peer, end in
      await close(Key(peer: peer, id: end.id))
    }
    messages.handle("looks", DownwardLooks.List.self) { [self] peer, list in await compare(list, peer) }
  }

  /// Looks that go on, those that began, those that were refused.
  var figures: (open: Int, begun: UInt64, refused: UInt64) {
    state.withLock { ($0.entries.count, $0.begun, $0.refused) }
  }

  /// How urgent, 1…254, the most urgent look is of those above that were allowed and still go on; nil without one.
  func urgency(_ superior: DeviceID, _ channel: ChannelKey) -> Int? {
    state.withLock { $0.lasting[.superior(superior)]?[channel]?.values.max() }
  }

  // MARK: Beginning

  private func begin(_ question: DownwardLooks.Question, _ peer: LevelPeer) async throws
    -> DownwardLooks.Answer
  {
    guard peer.role == .superior, (1...64).contains(question.id.utf8.count) else {
      throw LevelRefusal("malformed", "Only a level above looks.")
    }
    let key = Key(peer: peer, id: question.id)
    if let known = state.withLock({ $0.entries[key] }) { return DownwardLooks.Answer(entry: known.log) }
    guard state.withLock({ $0.entries.keys.count { $0.peer == peer } }) < Self.mostLooks else {
      throw LevelRefusal("busy", "Too many look at once.")
    }
    do { return try await open(key, question) } catch {
      state.withLock { $0.refused += 1 }
      throw error
    }
  }

  private func open(_ key: Key, _ question: DownwardLooks.Question) async throws -> DownwardLooks.Answer {
    let peer = key.peer
    let stated = TokenChain(header: question.token)
    let code = stated?.latest.channel ?? book.platform
    let chain: TokenChain
    do throws(TokenRefusal) {
      chain = try book.accept(question.token, from: peer, about: code, [.live])
    } catch {
      await deny(error.rawValue, stated, peer, code.text)
      throw LevelRefusal(error.rawValue, error.text)
    }
    guard let channel = await channel(peer.id, code) else {
      await deny(Denial.Reason.noGrant.rawValue, chain, peer, code.text)
      throw LevelRefusal(Denial.Reason.noGrant.rawValue, Problem.words(.noGrant).text)
    }
    let access = AccessQuestion(
      asker: Asker(
        person: chain.latest.bearer.person,
        organisations: chain.latest.bearer.organisation.map { [$0] } ?? [],
        level: peer.id.text, visitors: chain.latest.visitors), operation: .live,
      channel: rights.facts(channel), purpose: chain.latest.purpose,
      moment: SystemClock.wall())
    let (decision, begun) = rights.begin(access, channel)
    guard let opened = begun else {
      let reason = decision.denial?.reason ?? .noGrant
      await deny(reason.rawValue, chain, peer, channel.description)
      throw LevelRefusal(reason.rawValue, Problem.words(reason).text)
    }
    do {
      return try await start(key, question, chain, channel, opened)
    } catch {
      rights.abandon(opened)
      throw error
    }
  }

  private func start(
    _ key: Key, _ question: DownwardLooks.Question, _ chain: TokenChain, _ channel: ChannelKey,
    _ opened: OpenedLook
  ) async throws -> DownwardLooks.Answer {
    let passed: String?
    do throws(LookRefused) {
      let limit = Duration.milliseconds(max(500, min(question.within, 60_000) * 8 / 10))
      passed = try await downward.begin(channel, book.looker(chain), within: limit)
    } catch {
      await deny(error.reason, chain, key.peer, channel.description)
      throw LevelRefusal(error.reason, error.text)
    }
    let log: String
    do {
      let bearer = chain.latest.bearer
      log = try await looks.begin(
        LookRecord(
          user: bearer.name, role: bearer.role.flatMap { Role(rawValue: $0) } ?? .machine,
          channel: channel.description, kind: .live, purpose: opened.permit.purpose, source: key.peer.id.text,
          session: String(key.id.prefix(12)), started: SystemClock.wall()),
        basis: book.basis(chain, grant: opened.permit.allowance.grant))
    } catch {
      await downward.end(passed)
      throw LevelRefusal("log-unavailable", "The look cannot be logged there, so it is not allowed.")
    }
    let now = SystemClock.monotonic()
    let entry = Entry(
      channel: channel, opened: opened, log: log, downward: passed, since: now, isListed: now)
    state.withLock { state in
      state.entries[key] = entry
      state.lasting[key.peer, default: [:]][channel, default: [:]][key.id] =
        opened.permit.allowance.priority ?? LinkUser.ordinaryPriority
      state.begun += 1
    }
    rights.attach(
      opened, isAlive: { [weak self] in self?.isOpen(key) ?? false },
      end: { [weak self] reason in await self?.cut(key, reason.rawValue) })
    downward.attach(passed) { [weak self] refused in await self?.cut(key, refused.reason) }
    // It may have been ended below before anybody listened.
    if !downward.isOpen(passed) { await cut(key, "ended") }
    return DownwardLooks.Answer(entry: log)
  }

  /// A refusal is logged with who was refused, as far as that is known.
  private func deny(_ reason: String, _ chain: TokenChain?, _ peer: LevelPeer, _ channel: String) async {
    let bearer = chain?.latest.bearer
    await book.journal.note(
      AccessEvent(
        .denial,
        [
          .role: bearer?.role, .organisation: bearer?.organisation, .purpose: bearer?.purpose,
          .channel: channel,
          .route: chain.map { book.basis($0, grant: nil).route ?? "" }, .operation: "live", .reason: reason,
        ],
        words: [
          .user: bearer?.name ?? peer.id.text, .source: peer.id.text, .caseNumber: bearer?.caseNumber,
        ]))
    book.logger.notice(
      "a look from above was refused",
      metadata: ["level": "\(peer)", "channel.id": "\(channel)", "reason": "\(reason)"])
  }

  // MARK: Ends

  private func isOpen(_ key: Key) -> Bool { state.withLock { $0.entries[key] != nil } }

  /// The look is over, from above or from below.
  @discardableResult
  private func close(_ key: Key) async -> Bool {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries.removeValue(forKey: key) else { return nil }
      state.lasting[key.peer]?[entry.channel]?[key.id] = nil
      if state.lasting[key.peer]?[entry.channel]?.isEmpty == true {
        state.lasting[key.peer]?[entry.channel] = nil
      }
      if state.lasting[key.peer]?.isEmpty == true { state.lasting[key.peer] = nil }
      return entry
    }
    guard let entry else { return false }
    await downward.end(entry.downward)
    rights.abandon(entry.opened)
    await looks.end(entry.log)
    return true
  }

  /// Ends a look that is not allowed any more, and tells the level above.
  private func cut(_ key: Key, _ reason: String) async {
    guard isOpen(key) else { return }
    // Told first: the viewer is cut before the log's disk has answered.
    async let told: Void? = try? messages.tell(
      key.peer, "look-ended", DownwardLooks.End(id: key.id, reason: reason))
    await close(key)
    _ = await told
  }

  /// What a level above says goes on there.
  private func compare(_ list: DownwardLooks.List, _ peer: LevelPeer) async -> DownwardLooks.List {
    let (listed, now) = (Set(list.ids), SystemClock.monotonic())
    let own = state.withLock { state in
      let own = state.entries.filter { $0.key.peer == peer }
      for (key, _) in own where listed.contains(key.id) { state.entries[key]?.isListed = now }
      return own
    }
    for (key, entry) in own where !listed.contains(key.id) && now - entry.since > Self.patience {
      await close(key)
    }
    let known = Set(own.keys.map(\.id))
    return DownwardLooks.List(ids: list.ids.filter { !known.contains($0) })
  }

  /// Ends what a level above does not speak of any more. Call twice a minute.
  func settle() async {
    let now = SystemClock.monotonic()
    let silent = state.withLock { state in
      state.entries.filter { now - $0.value.isListed > .seconds(120) }.map(\.key)
    }
    for key in silent { await close(key) }
  }

  /// A level above is not believed any more.
  func endAll(of peer: LevelPeer) async {
    let all = state.withLock { state in state.entries.keys.filter { $0.peer == peer } }
    for key in all { await close(key) }
  }
}

extension LookToken {
  /// What a grant of ours may be limited to that fits who looks.
  var visitors: Set<Visitor> {
    guard let level = path.first?.text else { return [] }
    return Set(
      [
        Visitor(level: level, .person, bearer.person),
        bearer.organisation.flatMap { Visitor(level: level, .organisation, $0) },
      ]
      .compactMap(\.self))
  }

  /// The purpose as a decision takes it.
  var purpose: StatedPurpose? {
    bearer.purpose.map {
      StatedPurpose(
        code: $0, caseNumber: bearer.caseNumber, approver: bearer.approver, words: bearer.words,
        until: bearer.until)
    }
  }
}
