import GBCore
import NIOCore
import SIPCore

/// One simulated device: registers, keeps alive, answers.
///
/// ```text
///  unplugged ──plug──► opening ──socket──► registering ──200──► registered
///      ▲                  ▲  └─failed─┐         │ refused, no answer  │ 2/3 of the lifetime: register again
///      │ unplug (any)     │           ▼         ▼                     │ heartbeats unanswered, connection lost
///      └──────────────────└──────── waiting ◄─────────────────────────┘
/// ```
/// A 302 leads from registering back to opening, at another server; ``RedirectFollower`` knows which.
///
/// Proof for @unchecked: everything mutable is touched on the signalling event loop only.
final class SimulatedDevice: DeviceLinkUser, @unchecked Sendable {
  private enum State { case unplugged, opening, registering, registered, waiting }

  let peer: PeerDescription
  /// What it answers about itself and its channels.
  let catalog: PeerCatalog
  let fleet: FleetDescription
  let loop: any EventLoop
  let engine: MediaEngine
  let requests: ClientRequests
  let begun: NIODeadline
  private(set) var link: DeviceLink?
  /// What it writes into Via and Contact: where its first socket was, also when a router gave it another port since.
  private var announced: SIPHostPort?
  var dice: PeerDice
  var clock: DeviceClock
  var eventTimers: [Scheduled<Void>] = []
  var calls: [String: SimulatedCall] = [:]
  /// What happens here, and who has subscribed to it.
  private(set) lazy var events = DeviceEvents(self)
  /// Its loudspeaker.
  private(set) lazy var voices = DeviceVoices(self)
  /// Answers given lately, by transaction: a request that comes again gets the same one.
  private var answers: [(key: SIPTransactionKey, bytes: [UInt8])] = []

  private var state = State.unplugged
  /// Counts openings: what belongs to an earlier one is stale.
  private var generation = 0
  private var registrationTimer: Scheduled<Void>?
  private var keepaliveTimer: Scheduled<Void>?
  private var registrationCallID: String
  private var follower: RedirectFollower
  private var sequence: UInt32 = 0
  private var serial = 0
  private var missedKeepalives = 0
  private(set) var counters = Counters()
  /// What it keeps of what it was told; a power cut does not take it.
  var memory: DeviceState {
    get { kept ?? DeviceState() }
    set { kept = newValue }
  }
  private var kept: DeviceState?
  /// What is done once it is registered again.
  var afterRegistration: (() -> Void)?

  struct Counters: Sendable {
    var registrations = 0
    var refusedRegistrations = 0
    var redirections = 0
    var keepalives = 0
    var missedKeepalives = 0
    var calls = 0
  }

  init(
    _ peer: PeerDescription, of fleet: FleetDescription, begun: NIODeadline, loop: any EventLoop,
    engine: MediaEngine
  ) {
    (self.peer, self.fleet, self.begun, self.loop, self.engine) = (peer, fleet, begun, loop, engine)
    catalog = PeerCatalog(peer)
    requests = ClientRequests(loop: loop)
    follower = RedirectFollower(home: fleet.home)
    dice = PeerDice(seed: fleet.seed, peer: peer.id)
    clock = DeviceClock(peer.faults)
    registrationCallID = dice.with(.token) { String($0.next(), radix: 36) } + "@sim"
  }

  private var server: DeviceID { follower.current.id }
  var domain: String { fleet.domain(of: server) }

  var isRegistered: Bool { state == .registered }
  var isRunning: Bool { state != .unplugged }

  // MARK: Life

  /// Power on.
  func plug() {
    guard state == .unplugged else { return }
    registrationCallID = token() + "@sim"
    open()
  }

  /// Power cut: nobody is told, everything stops.
  func unplug() {
    state = .unplugged
    generation += 1
    registrationTimer?.cancel()
    keepaliveTimer?.cancel()
    keepaliveTimer = nil
    requests.removeAll()
    for call in calls.values { call.finish(on: engine.loop) }
    calls = [:]
    answers = []
    events.forget()
    voices.forget()
    link?.close()
    link = nil
  }

  /// Takes its leave properly: `Expires: 0` (§2.1).
  func unregister(_ completion: @escaping () -> Void) {
    guard state == .registered, link != nil else { return completion() }
    registrationTimer?.cancel()
    keepaliveTimer?.cancel()
    state = .registering
    register(expires: 0, answering: nil) { _ in completion() }
  }

  private func open() {
    state = .opening
    generation += 1
    let opening = generation
    let address = follower.current.address
    DeviceLinks.open(fleet, peer.transport, opening, to: address, on: loop, for: self).whenComplete {
      [self] result in
      guard state == .opening, opening == generation else {
        if case .success(let link) = result { link.value.close() }
        return
      }
      switch result {
      case .success(let link):
        self.link = link.value
        announced = link.value.local
        startRegistration()
      case .failure:
        _ = follower.lost()
        wait()
      }
    }
  }

  /// Tries again after the retry interval plus a random part (§2.1).
  private func wait() {
    state = .waiting
    keepaliveTimer?.cancel()
    keepaliveTimer = nil
    link?.close()
    link = nil
    requests.removeAll()
    let least = Double(peer.retryInterval)
    registrationTimer = schedule(moment(least...least * 1.5)) { [self] in
      if state == .waiting { open() }
    }
  }

  /// The router gives it another port, and it does not know. A connection breaks instead.
  func changePort() {
    guard let old = link, state == .registered || state == .registering else { return }
    guard peer.transport == .udp else { return old.close() }
    let opening = generation
    let address = follower.current.address
    DeviceLinks.open(fleet, .udp, opening, to: address, on: loop, for: self).whenSuccess { [self] opened in
      guard opening == generation, link != nil else { return opened.value.close() }
      link = opened.value
      requests.move(to: opened.value)
      for call in calls.values { call.move(to: opened.value) }
      old.close()
    }
  }

  func linkClosed(_ opened: Int) {
    guard opened == generation, isRunning, state != .opening, state != .waiting else { return }
    _ = follower.lost()
    for call in calls.values { call.finish(on: engine.loop) }
    calls = [:]
    wait()
  }

  // MARK: Registration

  private func startRegistration() {
    state = .registering
    register(expires: peer.expires, answering: nil) { [self] response in
      guard state == .registering else { return }
      switch response.map({ follower.answered($0) }) ?? follower.lost() {
      case .stay:
        response.map { heardDate($0) }
        registered(seconds: response?.registrationExpires ?? peer.expires)
      case .register: redirected()
      case .retry:
        counters.refusedRegistrations += 1
        wait()
      }
    }
  }

  /// On to the next server, where nothing of the last one counts.
  private func redirected() {
    counters.redirections += 1
    registrationCallID = token() + "@sim"
    requests.removeAll()
    // Its end is no loss: it may be told before `close` returns.
    state = .opening
    link?.close()
    link = nil
    open()
  }

  private func registered(seconds: Int) {
    let isNew = keepaliveTimer == nil
    state = .registered
    missedKeepalives = 0
    counters.registrations += 1
    registrationTimer = schedule(.milliseconds(Int64(max(seconds, 3)) * 2_000 / 3)) { [self] in
      if state == .registered { startRegistration() }
    }
    // The first heartbeat at a random moment: a fleet must not beat as one.
    let interval = Double(peer.keepaliveInterval)
    if isNew { scheduleKeepalive(after: moment(interval / 10...interval)) }
    let waiting = afterRegistration
    afterRegistration = nil
    waiting?()
  }

  /// One REGISTER, and a second one with credentials when it is challenged.
  private func register(
    expires: Int, answering challenge: DigestChallenge?, _ completion: @escaping (SIPResponse?) -> Void
  ) {
    guard let link else { return completion(nil) }
    let uri = SIPURI(user: server.text, host: domain)
    var (request, branch) = newRequest(
      .register, uri: uri, to: peer.id, callID: registrationCallID, link: link)
    if fault(.expiresInContact) != nil {
      request.headers.append(.contact, "<\(contact(link))>;expires=\(expires)")
    } else {
      request.headers.append(.contact, "<\(contact(link))>")
      request.headers.append(.expires, String(expires))
    }
    if let challenge { authorize(&request, challenge) }
    requests.send(request, branch: branch, over: link) { [self] response in
      guard challenge == nil, let response, response.status == 401,
        let found = response.headers.values(of: .wwwAuthenticate).lazy.compactMap({ DigestChallenge($0) })
          .first
      else { return completion(response) }
      let namesAlgorithm = response.headers[.wwwAuthenticate]?.lowercased().contains("algorithm") == true
      guard namesAlgorithm || fault(.silentWithoutAlgorithm) == nil else { return completion(nil) }
      register(expires: expires, answering: found, completion)
    }
  }

  private func authorize(_ request: inout SIPRequest, _ challenge: DigestChallenge) {
    let isOdd = fault(.digestSpelling) != nil
    var credentials = DigestCredentials(
      answering: challenge, username: peer.id.text, password: peer.password, method: .register,
      uri: request.requestURI, cnonce: token(), hash: MessageDigest.function)
    if isOdd { credentials.respell(password: peer.password) }
    request.headers.append(.authorization, credentials.headerValue)
  }

  // MARK: Heartbeat

  private func scheduleKeepalive(after delay: TimeAmount) {
    keepaliveTimer?.cancel()
    keepaliveTimer = schedule(delay) { [self] in keepalive() }
  }

  private func keepalive() {
    guard state == .registered || state == .registering else { return }
    scheduleKeepalive(after: .seconds(Int64(peer.keepaliveInterval)))
    let document = MANSCDPDocument.keepalive(sn: nextSerial(), from: peer.id)
    send(document, isEmpty: fault(.keepaliveEmpty) != nil) { [self] response in
      guard state == .registered else { return }
      if let response, response.isSuccess {
        missedKeepalives = 0
        counters.keepalives += 1
        return
      }
      missedKeepalives += 1
      counters.missedKeepalives += 1
      // 403 and 404 mean that the platform does not know us any more; silence must last (§3).
      guard response != nil || missedKeepalives >= peer.keepaliveCount else { return }
      keepaliveTimer?.cancel()
      keepaliveTimer = nil
      for call in calls.values { call.finish(on: engine.loop) }
      calls = [:]
      // A server that others sent us to and that is silent is offline: back to who sent us.
      guard response == nil, follower.depth > 0 else { return startRegistration() }
      _ = follower.lost()
      wait()
    }
  }

  // MARK: Sending

  func nextSerial() -> Int {
    serial = serial % 99_999 + 1
    return serial
  }

  /// Sends a document to the platform.
  func message(_ document: MANSCDPDocument, _ completion: @escaping (SIPResponse?) -> Void) {
    send(document, isEmpty: false, completion)
  }

  private func send(
    _ document: MANSCDPDocument, isEmpty: Bool, _ completion: @escaping (SIPResponse?) -> Void
  ) {
    guard let link else { return completion(nil) }
    let uri = SIPURI(user: server.text, host: domain)
    var (request, branch) = newRequest(
      .message, uri: uri, to: server, callID: token() + "@sim", link: link)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    if !isEmpty { request.body = body(of: document) }
    requests.send(request, branch: branch, over: link, completion: completion)
  }

  /// The bytes of a document as this peer writes them.
  func body(of document: MANSCDPDocument) -> [UInt8] {
    guard !peer.faults.isEmpty || !peer.dialect.habits.isEmpty else {
      return document.body(peer.declaredEncoding, codec: fleet.textCodec)
    }
    return DocumentFaults.body(
      of: document, declaring: peer.declaredEncoding, codec: fleet.textCodec, peer: peer.id
    ) { fault($0) }
  }

  /// A request outside a dialog, without a body.
  private func newRequest(
    _ method: SIPMethod, uri: SIPURI, to: DeviceID, callID: String, link: DeviceLink
  ) -> (request: SIPRequest, branch: String) {
    sequence += 1
    let own = SIPURI(user: peer.id.text, host: domain)
    var request = SIPRequest(
      method: method, uri: uri, from: NameAddress(uri: own, tag: token()),
      to: NameAddress(uri: SIPURI(user: to.text, host: domain)), callID: callID, cseq: sequence)
    let branch = stamp(&request, link: link)
    return (request, branch)
  }

  /// Adds what every request of ours carries; returns the branch.
  func stamp(_ request: inout SIPRequest, link: DeviceLink) -> String {
    let branch = Via.magicCookie + token()
    let own = announced ?? link.local
    let via = Via(
      transport: link.transport, host: own.host, port: own.port, branch: branch)
    request.headers.prepend(.via, via.description)
    request.headers.append(.maxForwards, "70")
    request.headers.append(.userAgent, peer.dialect.userAgent)
    request.headers.append(.gbVersion, peer.edition.description)
    return branch
  }

  func contact(_ link: DeviceLink) -> SIPURI {
    let own = announced ?? link.local
    let host = fault(.contactPrivate) == nil ? own.host : "192.168.1.64"
    var uri = SIPURI(user: peer.id.text, host: host, port: own.port)
    uri.parameters["transport"] = link.transport.uriParameter
    return uri
  }

  func schedule(_ delay: TimeAmount, _ body: @escaping () -> Void) -> Scheduled<Void> {
    let bound = NIOLoopBound(body, eventLoop: loop)
    return loop.scheduleTask(in: delay) { bound.value() }
  }

  // MARK: Receiving

  func received(_ message: SIPMessage) {
    guard isRunning, let link else { return }
    switch message {
    case .response(let response):
      if !voices.received(response) { requests.received(response) }
    case .request(var request):
      if let peer = link.channel.remoteAddress, let host = peer.ipAddress {
        request.receivedFrom = SIPHostPort(host: host, port: peer.port ?? 0)
      }
      if request.method != .ack, let key = SIPTransactionKey(server: request),
        let known = answers.first(where: { $0.key == key })
      {
        return link.send(known.bytes)
      }
      handle(request, over: link)
    }
  }

  /// Answers a request other than INVITE and remembers the answer.
  func answer(
    _ request: SIPRequest, _ status: Int, over link: DeviceLink,
    _ fill: (inout SIPResponse) -> Void = { _ in }
  ) {
    var response = SIPResponse(to: request, status: status, toTag: token())
    response.headers.append(.userAgent, peer.dialect.userAgent)
    fill(&response)
    let bytes = response.serialised()
    link.send(bytes)
    guard let key = SIPTransactionKey(server: request) else { return }
    if answers.count >= 32 { answers.removeFirst() }
    answers.append((key, bytes))
  }

  func countCall() { counters.calls += 1 }
}
