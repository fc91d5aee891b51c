import Access
import Cryptography
import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import Synchronization

/// Requests for access on their way to the owner of the cameras and back, between levels of our kind.
///
/// ```text
///   asker's level ── access/ask ──► level between ── access/ask ──► owner: an approver decides
///        grant for the person ◄── access/decided ◄── grant for the level above ◄── access/decided, signed
///                             ◄── access/ended   ◄──                           ◄── revoked at the owner
/// ```
///
/// What must be told is read off the requests themselves (``Access/AccessRequest/errands(isGrantOver:)``) and told
/// until the neighbour has taken it: a lost message, a broken link or a restart delays, and nothing more.
final class LevelRequests: Sendable {
  private let messages: LevelMessages
  private let rights: RightsService
  private let directory: DeviceDirectory
  private let views: SharedViews
  private let platform: DeviceID
  private let keys: Keys
  private let logger: Logger
  /// What grants between levels are signed and checked with.
  struct Keys: Sendable {
    /// Ours.
    var own: @Sendable () -> SigningKey?
    /// Those of another level; nil for one that is not known.
    var of: @Sendable (DeviceID) -> Set<[UInt8]>? = { _ in nil }
    /// What our tokens call a person.
    var pseudonym: @Sendable (_ name: String) -> String
  }

  private struct State {
    /// The telling that runs; one at a time.
    var work: Task<Void, Never>?
    /// Until when a neighbour that did not take a message is left alone.
    var pauses: [LevelPeer: MonotonicTime] = [:]
  }

  private let state = Mutex(State())

  /// How long that is.
  private static let pause: Duration = .seconds(5)

  init(
    messages: LevelMessages, rights: RightsService, directory: DeviceDirectory, views: SharedViews,
    platform: DeviceID, keys: Keys, logger: Logger
  ) {
    (self.messages, self.rights, self.directory, self.views) = (messages, rights, directory, views)
    (self.platform, self.keys, self.logger) = (platform, keys, logger)
  }

  /// Answers what neighbours say. Call before the SIP port is open.
  func listen() {
    messages.handle("access/ask", Ask.self) { [self] peer, ask in try await taken(ask, from: peer) }
    messages.handle("access/decided", Decided.self) { [self] peer, word in
      try await decided(word, by: peer)
      return Receipt()
    }
    messages.handle("access/withdrawn", Reference.self) { [self] peer, reference in
      try await withdrawn(reference, by: peer)
      return Receipt()
    }
    messages.handle("access/ended", Reference.self) { [self] peer, reference in
      try await ended(reference, by: peer)
      return Receipt()
    }
  }

  /// Where a request for these channels goes on to; nil when it is decided here. All must be of one level below.
  func forward(_ scope: GrantScope) -> RequestForward? {
    guard case .list(let names) = scope else { return nil }
    let keys = names.compactMap { ChannelKey($0) }
    guard let device = keys.first?.device, keys.count == names.count,
      keys.allSatisfy({ $0.device == device }), messages.isEnrolled(.lower(device)), device.isPlatform
    else { return nil }
    return RequestForward(neighbour: device.text, channels: keys.map(\.channel.text).sorted())
  }

  // MARK: Telling

  /// Begins to tell neighbours what they must know and do not know yet; a neighbour that does not answer holds up
  /// nobody. Called every second and after every change.
  func settle() {
    state.withLock { state in
      guard state.work == nil else { return }
      state.work = Task {
        await self.tellAll()
        self.state.withLock { $0.work = nil }
      }
    }
  }

  /// Nothing more is told.
  func stop() { state.withLock { $0.work }?.cancel() }

  private func tellAll() async {
    for request in rights.requests() where request.origin != nil || request.forward != nil {
      for errand in request.errands(isGrantOver: rights.isGrantRevoked(request)) {
        await run(errand, of: request)
      }
    }
  }

  private func run(_ errand: AccessRequest.Errand, of request: AccessRequest) async {
    guard let peer = peer(of: errand) else { return }
    let now = SystemClock.monotonic()
    guard state.withLock({ $0.pauses[peer].map { $0 <= now } ?? true }) else { return }
    do {
      try await tell(errand, of: request, to: peer)
      state.withLock { $0.pauses[peer] = nil }
      try await rights.change(request.id) { request in
        request.done(errand)
        return nil
      }
    } catch LevelFailure.declined(let code, let text) {
      await declined(errand, of: request, by: peer, code, text)
    } catch {
      state.withLock { $0.pauses[peer] = SystemClock.monotonic() + Self.pause }
      logger.debug(
        "a request for access waits for a neighbour",
        metadata: ["level": "\(peer)", "request": "\(request.id)", "error": "\(error)"])
    }
  }

  private func peer(of errand: AccessRequest.Errand) -> LevelPeer? {
    switch errand {
    case .ask(let code), .withdraw(let code): DeviceID(code).map { .lower($0) }
    case .tellDecision(let code), .tellEnd(let code): DeviceID(code).map { .superior($0) }
    }
  }

  private func tell(_ errand: AccessRequest.Errand, of request: AccessRequest, to peer: LevelPeer)
    async throws
  {
    switch errand {
    case .ask:
      _ = try await messages.ask(peer, "access/ask", ask(request), as: Receipt.self)
    case .withdraw:
      _ = try await messages.ask(peer, "access/withdrawn", Reference(id: request.id), as: Receipt.self)
    case .tellDecision:
      guard let word = decision(on: request) else { return }
      _ = try await messages.ask(peer, "access/decided", word, as: Receipt.self)
    case .tellEnd:
      let reference = Reference(id: request.origin?.id ?? "")
      _ = try await messages.ask(peer, "access/ended", reference, as: Receipt.self)
    }
  }

  /// A neighbour that will not take a request has refused it; what it does not want to know else is done.
  private func declined(
    _ errand: AccessRequest.Errand, of request: AccessRequest, by peer: LevelPeer, _ code: String,
    _ text: String
  ) async {
    logger.notice(
      "a level declined what a request for access needs",
      metadata: ["level": "\(peer)", "request": "\(request.id)", "code": "\(code)"])
    do {
      try await rights.change(request.id) { request in
        request.done(errand)
        if case .ask = errand {
          try request.settle(
            refusedBy: peer.id.text, words: text.isEmpty ? code : text, at: SystemClock.wall())
        }
        return nil
      }
    } catch {
      logger.error(
        "a declined request could not be kept", metadata: ["request": "\(request.id)", "error": "\(error)"])
    }
  }

  // MARK: Words

  private func ask(_ request: AccessRequest) -> Ask {
    Ask(
      id: request.id, level: request.origin?.level ?? platform.text,
      person: request.origin?.person ?? request.asker, pseudonym: pseudonym(request),
      path: (request.origin?.path ?? []) + [platform.text], channels: request.forward?.channels ?? [],
      operations: request.operations.map(\.rawValue).sorted(), purpose: request.purpose.code,
      caseNumber: request.purpose.caseNumber, approver: request.purpose.approver,
      words: request.purpose.words, until: request.until.milliseconds)
  }

  /// A level between passes on what it was told, which may be nothing.
  private func pseudonym(_ request: AccessRequest) -> String? {
    guard let origin = request.origin else { return keys.pseudonym(request.asker) }
    return origin.visitor?.name
  }

  /// What the level that brought a request is told; the owner's word is signed here, or passed on as it came.
  private func decision(on request: AccessRequest) -> Decided? {
    guard let origin = request.origin else { return nil }
    switch request.state {
    case .asked, .withdrawn: return nil
    case .refused(let decision):
      return Decided(id: origin.id, by: decision.by, words: decision.words, grant: nil)
    case .expired:
      return Decided(id: origin.id, by: platform.text, words: "Nobody decided in time.", grant: nil)
    case .granted(let decision, let id):
      guard let signed = request.signed ?? sign(request, origin, grant: id, at: decision.at) else {
        return Decided(id: origin.id, by: decision.by, words: "The grant cannot be written.", grant: nil)
      }
      return Decided(id: origin.id, by: decision.by, words: decision.words, grant: signed)
    }
  }

  private func sign(_ request: AccessRequest, _ origin: RequestOrigin, grant id: String, at moment: WallTime)
    -> SignedGrant?
  {
    guard let grant = rights.grants.first(where: { $0.id == id }), case .list(let keys) = grant.scope,
      let expires = grant.conditions.expires
    else { return nil }
    var footage: Duration?
    if case .recent(let age) = grant.conditions.footage { footage = age }
    let terms = SignedGrant.Terms(
      id: id, owner: platform.text, asker: origin.level, person: origin.person, channels: keys.sorted(),
      operations: grant.operations, purpose: request.purpose.code, caseNumber: request.purpose.caseNumber,
      issued: moment, expires: expires, viewers: grant.conditions.viewers, footage: footage)
    guard let terms, let key = self.keys.own() else { return nil }
    return SignedGrant(terms: terms, key: key.publicKey, signature: key.sign(terms.message))
  }
}

// MARK: What comes

extension LevelRequests {
  /// A level above asks in the name of one of its people, or of one above it.
  private func taken(_ ask: Ask, from peer: LevelPeer) async throws -> Receipt {
    guard peer.role == .superior else { throw LevelRefusal("wrong-way", "Requests come from above.") }
    if rights.requests().contains(where: { $0.origin?.neighbour == peer.id.text && $0.origin?.id == ask.id })
    {
      return Receipt()
    }
    guard !ask.path.contains(platform.text), (1...AccessRequest.longestPath).contains(ask.path.count) else {
      throw LevelRefusal("loop", "The request has been here, or came through too many levels.")
    }
    let operations = Set(ask.operations.compactMap { AccessOperation(rawValue: $0) })
    let now = SystemClock.wall()
    let until = WallTime(milliseconds: ask.until)
    let purpose = StatedPurpose(
      code: ask.purpose, caseNumber: ask.caseNumber, approver: ask.approver, words: ask.words)
    let visitor = ask.pseudonym.flatMap { Visitor(level: ask.level, .person, $0) }
    guard !operations.isEmpty, operations.count == ask.operations.count, until > now,
      until <= now + .seconds(366 * 86_400), (1...64).contains(ask.channels.count), ask.id.utf8.count <= 64,
      (1...200).contains(ask.person.count), DeviceID(ask.level) != nil, ask.path.first == ask.level,
      (visitor == nil) == (ask.pseudonym == nil)
    else { throw LevelRefusal("malformed", "The request has parts that cannot be.") }
    if let reason = PurposeList(rights.purposes).objection(to: purpose, at: now) {
      throw LevelRefusal(reason.rawValue, Problem.words(reason).text)
    }
    var keys: Set<String> = []
    for code in ask.channels { keys.insert(try await channel(code, for: peer.id).description) }
    let scope = GrantScope.list(keys)
    let request = AccessRequest(
      id: RightsService.newID(), asker: ask.person, scope: scope, operations: operations, purpose: purpose,
      until: until, created: now,
      origin: RequestOrigin(
        neighbour: peer.id.text, id: ask.id, level: ask.level, person: ask.person, visitor: visitor,
        path: ask.path),
      forward: forward(scope))
    do { try await rights.add(request) } catch let problem as Problem {
      throw LevelRefusal("too-many", problem.detail)
    }
    return Receipt()
  }

  /// The camera that a level above means: by the code it was shown, or by the camera's own where it was not shown.
  private func channel(_ code: String, for superior: DeviceID) async throws -> ChannelKey {
    let unknown = LevelRefusal("unknown-channel", "There is no camera with this code here.")
    guard let id = DeviceID(code) else { throw unknown }
    if let shown = await views.channel(superior, id) { return shown }
    let own = directory.read { directory in
      directory.search(ChannelQuery(text: code, limit: 3)).channels.filter { $0.key.channel == id }
    }
    guard own.count == 1 else { throw unknown }
    return own[0].key
  }

  /// The level below has the owner's word.
  private func decided(_ word: Decided, by peer: LevelPeer) async throws {
    let request = try known(word.id, forwardedTo: peer)
    // Told twice: the first time counts.
    guard request.state == .asked else { return }
    let now = SystemClock.wall()
    guard let signed = word.grant else {
      try await change(request.id) { request in
        try request.settle(refusedBy: word.by, words: word.words, at: now)
        return nil
      }
      return
    }
    do {
      try signed.check(
        asker: request.origin?.level ?? platform.text, person: request.origin?.person ?? request.asker,
        key: owner(of: signed), at: now,
        verify: { SigningKey.verify($0, of: $1, by: $2) })
    } catch {
      logger.warning(
        "a grant of another level is not what it should be",
        metadata: ["level": "\(peer)", "request": "\(request.id)", "reason": "\(error.rawValue)"])
      throw LevelRefusal(error.rawValue, "The grant does not hold here.")
    }
    try await change(request.id) { request in
      try request.settle(
        RightsService.newID(), signed: signed, by: word.by, words: word.words, at: now)
    }
    logger.notice(
      "the owner of cameras granted access",
      metadata: ["request": "\(request.id)", "owner": "\(signed.terms.owner)", "by": "\(word.by)"])
  }

  /// The key that a grant must be signed with, where its owner's keys are known; an owner farther away is vouched for
  /// by the neighbour, whose messages are sealed.
  private func owner(of signed: SignedGrant) -> [UInt8]? {
    guard let owner = DeviceID(signed.terms.owner), let known = keys.of(owner) else { return nil }
    return known.contains(signed.key) ? signed.key : known.first ?? []
  }

  /// The level above takes its request back.
  private func withdrawn(_ reference: Reference, by peer: LevelPeer) async throws {
    guard
      let request = rights.requests()
        .first(where: { $0.origin?.neighbour == peer.id.text && $0.origin?.id == reference.id })
    else { throw LevelRefusal("unknown-request", "There is no such request.") }
    guard request.state == .asked else { return }
    try await change(request.id) { request in
      try request.withdraw(byNeighbour: peer.id.text, at: SystemClock.wall())
      return nil
    }
  }

  /// What the owner granted is over before its time.
  private func ended(_ reference: Reference, by peer: LevelPeer) async throws {
    let request = try known(reference.id, forwardedTo: peer)
    guard case .granted(_, let grant) = request.state, !rights.isGrantRevoked(request) else { return }
    try await rights.revoke(grant, by: request.signed?.terms.owner ?? peer.id.text)
  }

  private func known(_ id: String, forwardedTo peer: LevelPeer) throws -> AccessRequest {
    guard let request = rights.request(id), request.forward?.neighbour == peer.id.text, peer.role == .lower
    else { throw LevelRefusal("unknown-request", "There is no such request.") }
    return request
  }

  private func change(_ id: String, _ event: (inout AccessRequest) throws -> Grant?) async throws {
    do { try await rights.change(id, event) } catch let problem as Problem {
      throw LevelRefusal("conflict", problem.detail)
    }
  }
}
