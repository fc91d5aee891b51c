import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// What of this platform superiors reach, each by its own service.
struct UpwardHouse: Sendable {
  let gate: UpwardGate
  let questions: DeviceQuestions
  let control: ControlService
  let cameras: ViewService
  let care: DeviceCare
  let recording: RecordingService
  let lists: RecordLists
  let alarms: AlarmService
  let positions: PositionService
  let voice: VoiceService
}

/// Our registrations with the platforms above: one independent ``SuperiorLink`` for each (§11.1).
///
/// The link decides, this performs: sends REGISTER and heartbeats, answers challenges, and tells the rest of the server
/// who came up and who is gone. What superiors ask is ``SuperiorService/handle(_:from:transaction:)``.
final class SuperiorService: Sendable {
  struct Entry: Sendable {
    var account: SuperiorAccount
    var link: SuperiorLink
    /// Call-ID and CSeq of its registration.
    var callID = Signalling.token() + Signalling.token()
    var sequence: UInt32 = 0
    /// Since when its phase holds.
    var since = SystemClock.wall()
    /// The status of its last answer to a REGISTER.
    var lastStatus: Int?
    /// What it told of itself in answers.
    var edition: GBVersion?
    /// Catalog answers that are being sent to it, and questions about things that are being answered.
    var answers = 0
    var questions = 0
    var catalog: CatalogLine
    /// Its other subscriptions.
    var lines: [UpwardLine.Key: UpwardLine] = [:]
    /// Alarms that were told by MESSAGE, and those that are not answered yet.
    var alarmNumber = 0
    var alarmsUnderWay = 0
    var figures = Figures()

    init(_ account: SuperiorAccount) {
      self.account = account
      link = SuperiorLink(account.superior, seed: .random(in: .min ... .max))
      catalog = CatalogLine(account.superior)
    }
  }

  struct Figures: Sendable, Hashable {
    var registrations: UInt64 = 0
    var losses: UInt64 = 0
    var queries: UInt64 = 0
    var refused: UInt64 = 0
    /// Items told in answers, and changes told in notifications.
    var items: UInt64 = 0
    var changes: UInt64 = 0
    /// Orders carried out, and recordings told.
    var orders: UInt64 = 0
    var records: UInt64 = 0
    /// Alarms, positions and views told.
    var news: UInt64 = 0
  }

  /// Catalog answers to one superior at the same time; further questions get 503.
  static let mostAnswers = 4
  /// Questions about things, likewise.
  static let mostQuestions = 64

  let signalling: Signalling
  let directory: DeviceDirectory
  let views: SharedViews
  let store: any SuperiorStore
  let logger: Logger
  let state = Mutex<[DeviceID: Entry]>([:])
  /// What happened and was not looked at yet.
  let news = Mutex<[Happening]>([])
  let relays: UpwardRelays
  let house: UpwardHouse
  let voices: UpwardVoices
  private let hash: DigestFunction
  private let changed: @Sendable (DeviceID) -> Void

  /// - Parameter changed: the state of the link to a superior changed.
  init(
    signalling: Signalling, directory: DeviceDirectory, views: SharedViews, relays: UpwardRelays,
    house: UpwardHouse, store: any SuperiorStore, hash: @escaping DigestFunction, logger: Logger,
    changed: @escaping @Sendable (DeviceID) -> Void = { _ in }
  ) {
    (self.signalling, self.directory, self.views, self.relays) = (signalling, directory, views, relays)
    (self.house, self.store, self.hash) = (house, store, hash)
    voices = UpwardVoices(voice: house.voice, signalling: signalling, gate: house.gate, logger: logger)
    (self.logger, self.changed) = (logger, changed)
  }

  // MARK: Superiors

  /// Reads all superiors and begins to register. Call once the SIP port is open.
  func start() async throws {
    for account in try await store.superiors() { await begin(account) }
  }

  var all: [Entry] { state.withLock { $0.values.sorted { $0.account.superior.id < $1.account.superior.id } } }

  func entry(_ id: DeviceID) -> Entry? { state.withLock { $0[id] } }

  /// Adds a superior, or replaces what was known of it.
  func save(_ account: SuperiorAccount) async throws {
    try await store.saveSuperior(account)
    await end(account.superior.id)
    await begin(account)
  }

  func remove(_ id: DeviceID) async throws {
    try await store.deleteSuperior(id)
    await end(id)
    relays.links.forget(.init(.up, id))
    await views.remove(id)
  }

  /// Another capacity or reserve of the link: nothing else of it changes, and what runs goes on.
  func declare(_ id: DeviceID, _ declaration: LinkLedger.Declaration) async throws {
    guard var account = entry(id)?.account else { return }
    (account.superior.capacity, account.superior.reserve) = (declaration.capacity, declaration.reserve)
    try await store.saveSuperior(account)
    state.withLock { $0[id]?.account = account }
    relays.links.declare(account.superior)
  }

  /// Tries again at once.
  func hurry(_ id: DeviceID) { step(id) { $0.link.hurry(now: SystemClock.monotonic()) } }

  private func begin(_ account: SuperiorAccount) async {
    let superior = account.superior
    relays.links.declare(superior)
    await views.add(superior)
    state.withLock { $0[superior.id] = Entry(account) }
    if superior.isEnabled { step(superior.id) { $0.link.start(now: SystemClock.monotonic()) } }
    changed(superior.id)
  }

  /// Unregisters, without waiting for the answer, and forgets the link.
  private func end(_ id: DeviceID) async {
    guard state.withLock({ $0[id] != nil }) else { return }
    step(id) { $0.link.stop(now: SystemClock.monotonic()) }
    _ = state.withLock { $0.removeValue(forKey: id) }
    house.gate.note(id, isPresent: false)
    voices.endAll(of: id)
    await relays.endAll(of: id)
  }

  /// Unregisters everywhere, at the end of the program.
  func stop() async {
    for entry in all { await end(entry.account.superior.id) }
  }

  /// Does what is due. Call about once a second.
  func tick() {
    let now = SystemClock.monotonic()
    for id in state.withLock({ Array($0.keys) }) {
      step(id) { $0.link.tick(now: now) }
      pump(id)
    }
  }

  // MARK: The link

  private func step(_ id: DeviceID, _ body: (inout Entry) -> [SuperiorLink.Action]) {
    let done = state.withLock { entries -> (Entry, [SuperiorLink.Action], Bool)? in
      guard var entry = entries[id] else { return nil }
      let before = entry.link.phase
      let actions = body(&entry)
      let isOther = entry.link.phase != before
      if isOther { entry.since = SystemClock.wall() }
      entries[id] = entry
      return (entry, actions, isOther)
    }
    guard let (entry, actions, isOther) = done else { return }
    for action in actions { perform(action, entry) }
    if isOther { changed(id) }
  }

  private func perform(_ action: SuperiorLink.Action, _ entry: Entry) {
    let superior = entry.account.superior
    switch action {
    case .register(let attempt):
      if attempt.isFresh {
        state.withLock { entries in
          entries[superior.id]?.callID = Signalling.token() + Signalling.token()
          entries[superior.id]?.sequence = 0
        }
      }
      register(attempt, superior)
    case .unregister(let attempt): register(attempt, superior)
    case .keepalive(let number, let server): keepalive(number, server, superior)
    case .cameUp(let server):
      house.gate.note(superior.id, isPresent: true)
      state.withLock { entries in
        entries[superior.id]?.figures.registrations += 1
        // It may have restarted and forgotten what it subscribed to.
        entries[superior.id]?.catalog = CatalogLine(superior)
        entries[superior.id]?.lines = [:]
      }
      logger.notice(
        "registered with a superior",
        metadata: ["superior.id": "\(superior.id)", "peer": "\(server.address)"])
    case .wentDown(let loss):
      house.gate.note(superior.id, isPresent: false)
      voices.endAll(of: superior.id)
      state.withLock { entries in
        entries[superior.id]?.figures.losses += 1
        entries[superior.id]?.lines = [:]
      }
      logger.notice(
        "the registration with a superior is gone",
        metadata: ["superior.id": "\(superior.id)", "cause": "\(loss)"])
      Task { await relays.endAll(of: superior.id) }
    case .left: break
    }
  }

  /// What a REGISTER and its repetition with credentials have in common. Kept apart from the entry, which is gone when
  /// a farewell is challenged.
  private struct Passage: Sendable {
    let callID: String
    let password: String
    var sequence: UInt32
    var challenge: DigestChallenge?
  }

  private func register(_ attempt: SuperiorLink.Attempt, _ superior: Superior) {
    let passage = state.withLock { entries -> Passage? in
      guard var entry = entries[superior.id] else { return nil }
      // Its repetition has the next number.
      entry.sequence += 2
      entries[superior.id] = entry
      return Passage(
        callID: entry.callID, password: entry.account.password, sequence: entry.sequence - 1, challenge: nil)
    }
    if let passage { register(attempt, superior, passage) }
  }

  private func register(_ attempt: SuperiorLink.Attempt, _ superior: Superior, _ passage: Passage) {
    guard let endpoint = signalling.endpoint else { return }
    let own = NameAddress(uri: SIPURI(user: superior.ownID.text, host: superior.realm))
    var from = own
    from.tag = Signalling.token()
    var request = SIPRequest(
      method: .register, uri: SIPURI(user: attempt.server.id.text, host: superior.realm), from: from, to: own,
      callID: passage.callID, cseq: passage.sequence)
    request.headers.append(.contact, "<\(contact(superior, attempt.server))>")
    request.headers.append(.expires, String(attempt.expires))
    request.headers.append(.gbVersion, superior.edition.description)
    if let challenge = passage.challenge {
      let credentials = DigestCredentials(
        answering: challenge, username: superior.ownID.text, password: passage.password, method: .register,
        uri: request.requestURI, cnonce: Signalling.token(), hash: hash)
      request.headers.append(.authorization, credentials.headerValue)
    }
    endpoint.send(request, to: target(superior, attempt.server), timeout: .seconds(10)) { [weak self] event in
      guard let self else { return }
      switch event {
      case .provisional: break
      case .final(let response, _):
        if passage.challenge == nil, response.status == 401,
          let found = response.headers.values(of: .wwwAuthenticate).lazy.compactMap({ DigestChallenge($0) })
            .first
        {
          var next = passage
          (next.challenge, next.sequence) = (found, passage.sequence + 1)
          return register(attempt, superior, next)
        }
        step(superior.id) { entry in
          entry.lastStatus = response.status
          if let version = response.headers[.gbVersion].flatMap({ GBVersion($0) }) { entry.edition = version }
          return entry.link.answered(attempt.number, response, now: SystemClock.monotonic())
        }
      case .timeout, .transportError:
        step(superior.id) { $0.link.unanswered(attempt.number, now: SystemClock.monotonic()) }
      }
    }
  }

  private func keepalive(_ number: Int, _ server: RedirectFollower.Server, _ superior: Superior) {
    let document = MANSCDPDocument.keepalive(sn: number, from: superior.ownID)
    send(document, to: superior, at: server) { [weak self] status in
      guard let status else { return }
      self?.step(superior.id) {
        $0.link.keepaliveAnswered(number, status: status, now: SystemClock.monotonic())
      }
    }
  }

  // MARK: Sending

  /// Sends a document to where we are registered.
  ///
  /// - Parameter done: the status of the answer; nil for none.
  func send(
    _ document: MANSCDPDocument, to superior: Superior, at server: RedirectFollower.Server? = nil,
    done: @escaping @Sendable (Int?) -> Void
  ) {
    guard let endpoint = signalling.endpoint, let server = server ?? self.server(superior.id) else {
      return done(nil)
    }
    var request = request(.message, to: superior, at: server)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(superior.encoding, codec: signalling.codec)
    endpoint.send(request, to: target(superior, server), timeout: .seconds(10)) { event in
      switch event {
      case .provisional: break
      case .final(let response, _): done(response.status)
      case .timeout, .transportError: done(nil)
      }
    }
  }

  /// The same, waiting for the answer.
  func send(_ document: MANSCDPDocument, to superior: Superior) async -> Int? {
    await withCheckedContinuation { continuation in
      send(document, to: superior) { continuation.resume(returning: $0) }
    }
  }

  /// A request outside any dialog.
  func request(_ method: SIPMethod, to superior: Superior, at server: RedirectFollower.Server) -> SIPRequest {
    SIPRequest(
      method: method, uri: SIPURI(user: server.id.text, host: superior.realm),
      from: NameAddress(
        uri: SIPURI(user: superior.ownID.text, host: superior.realm), tag: Signalling.token()),
      to: NameAddress(uri: SIPURI(user: server.id.text, host: superior.realm)),
      callID: Signalling.token() + Signalling.token(), cseq: UInt32.random(in: 1...9_999))
  }

  /// Where we are registered with a superior; nil when we are not.
  func server(_ id: DeviceID) -> RedirectFollower.Server? {
    state.withLock { entries in
      entries[id].flatMap { $0.link.phase == .registered ? $0.link.server : nil }
    }
  }

  func target(_ superior: Superior, _ server: RedirectFollower.Server) -> SIPTarget {
    superior.transport == .tcp ? .tcp(server.address) : .udp(server.address)
  }

  func contact(_ superior: Superior, _ server: RedirectFollower.Server) -> SIPURI {
    let endpoint = signalling.endpoint
    return SIPURI(
      user: superior.ownID.text, host: endpoint?.localAddress(towards: server.address.host) ?? "0.0.0.0",
      port: endpoint?.port)
  }
}
