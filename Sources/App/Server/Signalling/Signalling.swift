import GBCore
import HTTPAPI
import LevelCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// What devices ask of us, and what we ask of them outside calls.
///
/// Called on the SIP event loop. The heartbeat path is: scan the body, find the
/// device, touch its liveness, answer 200; it takes one uncontended lock and
/// touches memory only. Everything slower happens after the answer.
final class Signalling: SIPRequestHandler {
  struct State {
    var registrar: Registrar
    var queries: PendingQueries
    var catalogs: [DeviceID: CatalogAssembler] = [:]
    /// Where the query under way is for a part of the catalog: which buckets.
    var buckets: [DeviceID: Set<Int>] = [:]
    var faulty: [DeviceID: Set<DeviceID>] = [:]
    /// What the last question for each catalog came to.
    var listings: [DeviceID: Listing] = [:]
    var counters = Counters()
    var random = RandomPool()
  }

  struct Counters: Sendable {
    var registered: UInt64 = 0
    var refreshed: UInt64 = 0
    var refused: UInt64 = 0
    var redirected: UInt64 = 0
    var heartbeats: UInt64 = 0
    var heartbeatsRefused: UInt64 = 0
    var catalogParts: UInt64 = 0
    var catalogsComplete: UInt64 = 0
    var catalogItemsBroken: UInt64 = 0
    var malformedBodies: UInt64 = 0
  }

  /// What the last question for a catalog came to.
  struct Listing: Sendable, Hashable {
    var wasAnswered: Bool
    var announced = 0
    var arrived = 0
    var broken = 0
  }

  /// Bodies up to this size are parsed before the answer, larger ones behind it.
  static let parsedAtOnce = 32 * 1024
  static let allow = "INVITE, ACK, INFO, CANCEL, BYE, OPTIONS, MESSAGE, REGISTER, SUBSCRIBE, NOTIFY"

  let platform: DeviceID
  let realm: String
  let codec: TextCodec
  let directory: DeviceDirectory
  let hub: EventHub
  let logger: Logger
  let state: Mutex<State>
  let interrogation: Interrogation
  let exchanges = Exchanges()
  let chronicle = Chronicle()
  let notes: NoteDesk
  private let connected = Mutex<(SIPEndpoint?, Listeners)>((nil, Listeners()))

  init(
    platform: DeviceID, realm: String, directory: DeviceDirectory, hub: EventHub, codec: TextCodec,
    notes: NoteDesk, redirect: [RedirectTarget] = [], nonceKey: [UInt8], hash: @escaping DigestFunction,
    logger: Logger
  ) {
    (self.platform, self.realm, self.directory, self.hub) = (platform, realm, directory, hub)
    (self.codec, self.notes, self.logger) = (codec, notes, logger)
    var configuration = RegistrarConfiguration(realm: realm)
    if !redirect.isEmpty { configuration.redirect = RedirectPlan(own: platform, targets: redirect) }
    let registrar = Registrar(
      configuration: configuration, nonceKey: nonceKey, now: SystemClock.monotonic(),
      accounts: { [directory] id in directory.account(id) }, hash: hash)
    state = Mutex(
      State(registrar: registrar, queries: PendingQueries(firstSN: Int.random(in: 0..<100_000))))
    interrogation = Interrogation(logger: logger)
  }

  /// Connects the two halves that need each other. Call once, before the endpoint starts.
  func connect(_ endpoint: SIPEndpoint, _ listeners: Listeners) {
    connected.withLock { $0 = (endpoint, listeners) }
  }

  var endpoint: SIPEndpoint? { connected.withLock { $0.0 } }
  var listeners: Listeners { connected.withLock { $0.1 } }

  var counters: Counters { state.withLock { $0.counters } }

  func registration(of device: DeviceID) -> Registration? {
    state.withLock { $0.registrar.registration(of: device) }
  }

  /// When the device was last heard, by the liveness table.
  func lastHeard(_ device: DeviceID) -> WallTime? {
    guard let record = state.withLock({ $0.registrar.liveness.record(of: device) }) else { return nil }
    return SystemClock.wall() - (SystemClock.monotonic() - record.lastSeen)
  }

  func lastRefusal(_ device: DeviceID) -> RegistrationRefusal? { chronicle.door(device).refusal }

  /// What the last question for the device's catalog came to; nil before one since the start.
  func lastCatalog(_ device: DeviceID) -> Listing? { state.withLock { $0.listings[device] } }

  // MARK: Requests

  func handle(_ request: SIPRequest, from source: SIPSource, transaction: SIPServerTransaction) {
    guard notes.accepts(request, from: source) else {
      return transaction.respond(SIPResponse(to: request, status: 403))
    }
    if request.method == .message, LevelEnvelope.isContent(request.headers[.contentType]) {
      return listeners.level(request, source, transaction)
    }
    guard !listeners.superior(request, source, transaction) else { return }
    switch request.method {
    case .register: register(request, source, transaction)
    case .message: message(request, source, transaction)
    case .options:
      var response = SIPResponse(to: request, status: 200)
      response.headers.append(.allow, Self.allow)
      transaction.respond(response)
    case .bye, .info:
      let known = listeners.call(request, source)
      transaction.respond(SIPResponse(to: request, status: known ? 200 : 481))
    case .ack, .cancel:
      _ = listeners.call(request, source)
    case .notify, .subscribe:
      guard !listeners.event(request, source, transaction) else { return }
      transaction.respond(SIPResponse(to: request, status: request.method == .notify ? 481 : 489))
    case .invite:
      guard !listeners.invite(request, source, transaction) else { return }
      transaction.respond(refusal(of: request))
    default:
      var response = SIPResponse(to: request, status: 405)
      response.headers.append(.allow, Self.allow)
      transaction.respond(response)
    }
  }

  private func register(_ request: SIPRequest, _ source: SIPSource, _ transaction: SIPServerTransaction) {
    let outcome = state.withLock { state in
      state.registrar.register(
        request, from: source, now: SystemClock.monotonic(), clock: SystemClock.wall(),
        random: state.random.next())
    }
    transaction.respond(outcome.response)
    for event in outcome.events { handle(event) }
    if outcome.response.status == 401 || outcome.response.status == 403 {
      noteRefused(request, source, outcome)
    } else if outcome.events.isEmpty, let device = request.fromUser.flatMap({ DeviceID($0) }) {
      // Signing off changes nothing for one that was offline already, but it explains why it is.
      chronicle.left(device)
    }
  }

  /// Keeps how far a device that is not in came at the door.
  private func noteRefused(_ request: SIPRequest, _ source: SIPSource, _ outcome: RegistrarOutcome) {
    guard let device = request.fromUser.flatMap({ DeviceID($0) }), directory.device(device) != nil,
      registration(of: device) == nil || directory.device(device)?.status == .offline
    else { return }
    chronicle.challenged(device, host: source.remote.host, platform: SIPURI(request.requestURI)?.user)
    for case .refused(_, _, let reason) in outcome.events {
      let digest = request.headers.firstReadable(.authorization) { DigestCredentials($0) }
      chronicle.refused(device, reason, host: source.remote.host, realm: digest?.realm)
    }
  }

  private func message(_ request: SIPRequest, _ source: SIPSource, _ transaction: SIPServerTransaction) {
    let heartbeat = Keepalive.scan(request.body.span)
    // A heartbeat whose body a middlebox ate still is one (reference §3).
    let isKeepalive = heartbeat != nil || request.body.isEmpty
    let from = request.fromUser.flatMap { DeviceID($0) }
    let body = heartbeat?.deviceID.flatMap { range in
      DeviceID(String(decoding: request.body[range], as: UTF8.self))
    }
    let now = SystemClock.monotonic()
    let (device, hearing) = state.withLock { state -> (DeviceID?, RegistrarHearing) in
      guard let device = state.registrar.identify(from: from, body: body, source: source) else {
        if isKeepalive { state.counters.heartbeatsRefused += 1 }
        return (nil, .refused)
      }
      let hearing = state.registrar.hear(device, from: source, isKeepalive: isKeepalive, now: now)
      if isKeepalive {
        if hearing == .refused {
          state.counters.heartbeatsRefused += 1
        } else {
          state.counters.heartbeats += 1
        }
      }
      return (device, hearing)
    }
    guard let device, hearing != .refused else {
      // 403 makes a device register again (§2.7).
      transaction.respond(SIPResponse(to: request, status: 403))
      return
    }
    if case .acceptedWith(let event) = hearing { handle(event) }
    if isKeepalive {
      transaction.respond(SIPResponse(to: request, status: 200))
      noteFaulty(heartbeat, request.body, device)
    } else {
      document(request, source, device, transaction)
    }
  }

  private func document(
    _ request: SIPRequest, _ source: SIPSource, _ device: DeviceID, _ transaction: SIPServerTransaction
  ) {
    guard request.body.count > Self.parsedAtOnce else {
      do {
        let message = try MANSCDPMessage(parsing: request.body, codec: codec)
        transaction.respond(SIPResponse(to: request, status: 200))
        handle(message, request, source, device)
      } catch {
        malformed(device, "\(error)")
        transaction.respond(SIPResponse(to: request, status: 400))
      }
      return
    }
    // A catalog part of a thousand items takes milliseconds: answer, then read it elsewhere.
    transaction.respond(SIPResponse(to: request, status: 200))
    Task.detached { [self] in
      do {
        handle(try MANSCDPMessage(parsing: request.body, codec: codec), request, source, device)
      } catch {
        malformed(device, "\(error)")
      }
    }
  }

  /// Whose request this is, and that the device lives; nil when it is not registered or not at this address.
  func heard(_ request: SIPRequest, from source: SIPSource) -> DeviceID? {
    let from = request.fromUser.flatMap { DeviceID($0) }
    let now = SystemClock.monotonic()
    let (device, hearing) = state.withLock { state -> (DeviceID?, RegistrarHearing) in
      guard let device = state.registrar.identify(from: from, body: nil, source: source) else {
        return (nil, .refused)
      }
      return (device, state.registrar.hear(device, from: source, isKeepalive: false, now: now))
    }
    guard let device, hearing != .refused else { return nil }
    if case .acceptedWith(let event) = hearing { handle(event) }
    return device
  }

  /// A body of a device could not be read.
  func malformedBody(of device: DeviceID) { malformed(device, "not a document") }

  private func malformed(_ device: DeviceID, _ error: String) {
    state.withLock { $0.counters.malformedBodies += 1 }
    logger.notice("a message could not be read", metadata: ["device.id": "\(device)", "error": "\(error)"])
  }

  private func handle(
    _ message: MANSCDPMessage, _ request: SIPRequest, _ source: SIPSource, _ device: DeviceID
  ) {
    switch (message.root, message.cmdType) {
    case (.response, .catalog), (.notify, .catalog):
      guard let part = CatalogReply(message) else { return }
      // Vendors mix the roots: what an item says tells an answer from a notification (§5.3).
      if part.hasEvents { catalogChanged(part, device) } else { catalog(part, device) }
    case (.response, .deviceInfo):
      if let reply = DeviceInfoReply(message) { deviceInfo(reply, device) }
    case (.notify, .mediaStatus):
      if let notice = MediaStatusNotice(message) { listeners.mediaStatus(notice, device, request.callID) }
    case (.response, _) where exchanges.receive(message, from: device, now: SystemClock.monotonic()): break
    case (.notify, _) where listeners.notice(message, device, source): break
    case (.control, _): refuse(message, device)
    default:
      logger.debug(
        "a message was acknowledged and not used",
        metadata: ["device.id": "\(device)", "command": "\(message.cmdType)"])
    }
  }

  // MARK: Time

  /// Call about once a second.
  func tick() {
    let now = SystemClock.monotonic()
    exchanges.tick(now: now)
    let (events, assemblies, expired) = state.withLock { state in
      let events = state.registrar.tick(now: now)
      var assemblies: [(DeviceID, CatalogAssembly)] = []
      for device in state.catalogs.keys {
        if let assembly = state.catalogs[device]?.tick(now: now) { assemblies.append((device, assembly)) }
        if state.catalogs[device]?.isSpent(now: now) == true { state.catalogs[device] = nil }
      }
      for (device, _) in assemblies { state.queries.end(.catalog, of: device) }
      let expired = state.queries.expire(now: now)
      return (events, assemblies, expired)
    }
    for event in events { handle(event) }
    for (device, assembly) in assemblies { finished(assembly, device) }
    for query in expired {
      if query.command == .catalog {
        state.withLock { state in
          // A part that was asked for again says nothing of the whole.
          guard state.buckets[query.device] == nil else { return }
          state.listings[query.device] = Listing(wasAnswered: false)
        }
        listeners.catalog(query.device, .unread)
      }
      logger.notice(
        "a query was not answered", metadata: ["device.id": "\(query.device)", "command": "\(query.command)"])
      Task { await interrogation.answered(query.device, query.command) }
    }
  }

  // MARK: Registry

  /// Takes up the registrations of before a restart.
  func restore() {
    let now = SystemClock.monotonic()
    let clock = SystemClock.wall()
    for device in directory.devices {
      guard let contact = device.contact, device.status == .online || device.status == .suspect else {
        continue
      }
      let host = SIPHostPort(host: contact.address.host, port: contact.address.port)
      let source = SIPSource(
        transport: contact.transport.sipTransport, remote: host,
        local: SIPHostPort(host: "", port: 0))
      let registration = Registration(
        device: device.id, source: source, contact: contact.contactHeader.flatMap { NameAddress($0) },
        version: device.dossier.version, userAgent: device.dossier.userAgent, registered: contact.registered,
        expires: Int(max((contact.expires - contact.registered).inSeconds, 0)))
      let stands = state.withLock { state in
        state.registrar.restore(registration, now: now, clock: clock)
        notes.heard(registration)
        return state.registrar.liveness.state(of: device.id) == .suspect
      }
      let status: DeviceStatus = stands ? .suspect : .offline
      directory.note(device.id) { known in
        guard known.status != status else { return }
        known.status = status
        known.since = clock
      }
    }
  }

  /// The device was removed or got another password.
  func forget(_ device: DeviceID) {
    exchanges.endAll(of: device)
    chronicle.forget(device)
    let events = state.withLock { state in
      state.queries.endAll(of: device)
      (state.catalogs[device], state.listings[device], state.buckets[device]) = (nil, nil, nil)
      return state.registrar.forget(device, now: SystemClock.monotonic())
    }
    for event in events { handle(event) }
  }

  /// The heartbeat settings of a device changed.
  func ruleChanged(_ device: Device) {
    let rule = device.settings.livenessRule(habits: directory.habits(of: device.id))
    let events = state.withLock { state in
      state.registrar.setRule(rule, of: device.id, now: SystemClock.monotonic())
    }
    for event in events { handle(event) }
  }

  func connectionClosed(_ connection: SIPConnectionID) {
    let events = state.withLock { state in
      state.registrar.connectionClosed(connection, now: SystemClock.monotonic())
    }
    for event in events { handle(event) }
  }

  private func handle(_ event: RegistrarEvent) {
    switch event {
    case .registered(let registration, let change):
      state.withLock { $0.counters.registered += 1 }
      noteContact(registration)
      // Before its presence is told: what was granted before is gone.
      listeners.registered(registration, true)
      noteChange(change)
      interrogate(registration.device)
    case .refreshed(let registration):
      state.withLock { $0.counters.refreshed += 1 }
      noteContact(registration)
      listeners.registered(registration, false)
    case .moved(let registration, let old):
      noteContact(registration)
      logger.info(
        "a device is heard from another address",
        metadata: [
          "device.id": "\(registration.device)", "peer": "\(registration.source.remote)",
          "before": "\(old.remote)",
        ])
    case .changed(let change): noteChange(change)
    case .quarantine(let request): noteStranger(request)
    case .redirected(let device, let source, let target):
      state.withLock { $0.counters.redirected += 1 }
      logger.info(
        "a device was sent to another server",
        metadata: ["device.id": "\(device)", "peer": "\(source.remote)", "server": "\(target)"])
    case .refused(let device, let source, let reason):
      state.withLock { $0.counters.refused += 1 }
      logger.notice(
        "a registration was refused",
        metadata: [
          "device.id": "\(device.map(\.text) ?? "none")", "peer": "\(source.remote)",
          "cause": "\(reason.rawValue)",
        ])
    }
  }

  private func noteContact(_ registration: Registration) {
    chronicle.registered(
      registration.device, host: registration.source.remote.host, at: registration.registered)
    notes.heard(registration)
    directory.refresh(
      registration.device,
      contact: DeviceContact(
        transport: SignallingTransport(registration.source.transport),
        address: PeerAddress(host: registration.source.remote.host, port: registration.source.remote.port),
        contactHeader: registration.contact?.description, registered: registration.registered,
        expires: registration.ends),
      userAgent: registration.userAgent, version: registration.version)
  }

  private func noteChange(_ change: LivenessChange) {
    chronicle.changed(change, at: SystemClock.wall())
    let since = SystemClock.wall() - (SystemClock.monotonic() - change.since)
    let status = DeviceStatus(change.state)
    let device = directory.note(change.device) { device in
      device.status = status
      device.since = since
    }
    guard device != nil else { return }
    logger.info(
      "a device changed state",
      metadata: [
        "device.id": "\(change.device)", "state": "\(change.state.rawValue)",
        "cause": "\(change.cause.rawValue)",
      ])
    hub.publish(
      .device(
        API.DeviceEvent(
          id: change.device.text, status: API.DeviceStatus(rawValue: status.rawValue) ?? .unknown,
          since: API.Time(since))))
    switch change.state {
    case .online: listeners.presence(change.device, true)
    case .offline:
      exchanges.endAll(of: change.device)
      state.withLock { state in
        state.queries.endAll(of: change.device)
        state.catalogs[change.device] = nil
      }
      Task { await interrogation.drop(change.device) }
      listeners.presence(change.device, false)
    case .suspect: break
    }
  }

  private func noteStranger(_ request: QuarantineRequest) {
    let now = SystemClock.wall()
    let isNew = directory.quarantine(
      QuarantinedDevice(
        id: request.device,
        address: PeerAddress(host: request.source.remote.host, port: request.source.remote.port),
        transport: SignallingTransport(request.source.transport), userAgent: request.userAgent,
        version: request.version, firstSeen: now, lastSeen: now,
        reason: RegistrationRefusal.unknownDevice.text))
    if isNew { hub.publish(.quarantine(API.QuarantineEvent(id: request.device.text))) }
  }

  /// Marks channels that the heartbeat calls faulty. Without faults only a device that had some is looked at.
  private func noteFaulty(_ heartbeat: Keepalive?, _ body: [UInt8], _ device: DeviceID) {
    guard let heartbeat else { return }
    var children: [DeviceID] = []
    if heartbeat.hasFaultyChildren {
      guard let message = try? MANSCDPMessage(parsing: body, codec: codec) else { return }
      children = Keepalive.faultyChildren(in: message)
    }
    let known = Set(children)
    let changed = state.withLock { state in
      guard (state.faulty[device] ?? []) != known else { return false }
      state.faulty[device] = known.isEmpty ? nil : known
      return true
    }
    guard changed else { return }
    let channels = directory.markFaulty(children, of: device, now: SystemClock.wall())
    logger.notice(
      "a device reports faulty channels", metadata: ["device.id": "\(device)", "count": "\(known.count)"])
    listeners.channels(channels)
  }
}
