import GBCore
import NIOCore
import SIPCore

/// A device, recorder or lower platform that the tester plays.
///
/// Queries are answered by themselves, as a good device does, unless the case says otherwise; calls are the case's.
final class TestDevice: Sendable {
  typealias Answers = @Sendable (MANSCDPMessage) -> [MANSCDPDocument]?

  let identity: TestIdentity
  let edition: Edition
  let channels: [TestChannel]
  let peer: ConformPeer
  let script: Script
  private let state = Guarded(State())

  private struct State {
    var route: Route?
    var answers: Answers?
    var sequence: UInt32 = 0
    var serial = 0
    var catalog: [CatalogItem] = []
    var registrationCall = Token.random() + "@conform"
    var isRegistered = false
    var grantedSubscription: Int?
  }

  init(_ identity: TestIdentity, index: Int, channels count: Int, edition: Edition, script: Script) {
    (self.identity, self.edition, self.script) = (identity, edition, script)
    let base = String(identity.id.text.prefix(10)) + "132" + identity.id.text.dropFirst(13).prefix(4)
    channels = (0..<count).compactMap { number in
      // Six digits of the device's serial, then two of its own: unique in the run.
      let code = base + String(identity.id.text.suffix(1)) + script.padded(number + 1, 2)
      return DeviceID(code).map { TestChannel(device: identity.id, channel: $0) }
    }
    peer = ConformPeer(
      "device \(index)", ladder: script.ladder, loop: script.loop, codec: script.settings.codec,
      manners: { _ in .leave })
    let items = self.channels.enumerated().map { index, channel in
      Self.item(channel.channel, "\(identity.name) camera \(index + 1)", of: identity.id)
    }
    state.withLock { $0.catalog = items }
  }

  var id: DeviceID { identity.id }
  /// The first channel.
  var channel: TestChannel { channels[0] }
  var isRegistered: Bool { state.withLock { $0.isRegistered } }

  // MARK: Its line

  func connect(overTCP: Bool) async throws {
    try await peer.setManners { [weak self] in self?.manner($0) ?? .leave }
    let server = try script.serverAddress()
    let wire =
      overTCP
      ? try await peer.connectTCP(from: script.host, to: server)
      : try await peer.openUDP(host: script.host)
    state.withLock { $0.route = Route(wire: wire, remote: server) }
  }

  /// Goes on from another socket: what a NAT does that forgot its mapping.
  func moveToNewSocket() async throws {
    let wire = try await peer.openUDP(host: script.host)
    let server = try script.serverAddress()
    state.withLock { $0.route = Route(wire: wire, remote: server) }
    script.ladder.note("\(peer.label) goes on from port \(wire.local.port)")
  }

  /// Talks to another server from now on.
  func turn(to server: SIPHostPort) throws {
    let address = try SocketAddress.makeAddressResolvingHost(server.host, port: server.port)
    let wire = try route.wire
    state.withLock { $0.route = Route(wire: wire, remote: address) }
    script.ladder.note("\(peer.label) turns to \(server)")
  }

  /// The connection is gone without a word.
  func cut() async throws {
    let route = try route
    try await peer.onLoop { route.wire.close() }
    script.ladder.note("\(peer.label) closes its socket")
  }

  var route: Route {
    get throws { try script.require(state.withLock { $0.route }, "the tester's device has no socket") }
  }

  /// Takes its leave and closes its sockets.
  func leave() async {
    if isRegistered { _ = try? await register(expires: 0, patience: .seconds(2)) }
    await peer.close()
  }

  // MARK: What it answers

  /// Answers of the case's own; nil from the closure means the usual one.
  func answerQueries(_ answers: @escaping Answers) { state.withLock { $0.answers = answers } }

  /// Grants every subscription so many seconds, whatever it asks for.
  func grantSubscriptions(_ seconds: Int) { state.withLock { $0.grantedSubscription = seconds } }

  func setCatalog(_ items: [CatalogItem]) { state.withLock { $0.catalog = items } }

  var catalog: [CatalogItem] { state.withLock { $0.catalog } }

  /// The manners of a good device. On the peer's loop.
  private func manner(_ incoming: IncomingRequest) -> ConformPeer.Manner {
    switch incoming.method {
    case .message:
      guard let document = incoming.document else { return .answer(400) }
      let own = state.withLock { $0.answers }
      let answers = own?(document) ?? usualAnswers(document)
      // The 200 goes out first, the documents behind it.
      if !answers.isEmpty { peer.loop.execute { self.sendSerially(answers[...]) } }
      return .answer(200)
    case .subscribe:
      let contact = contact
      let granted = state.withLock { $0.grantedSubscription }.map(String.init)
      return .answer(200) { response in
        response.headers.append(.expires, granted ?? incoming.request.headers[.expires] ?? "600")
        response.headers.append(.contact, contact)
        if let event = incoming.request.headers[.event] { response.headers.append(.event, event) }
      }
    case .invite: return .leave
    case .info:
      return .answer(200) { response in
        response.headers.append(.contentType, "Application/MANSRTSP")
        let number = incoming.bodyText.split(whereSeparator: \.isNewline)
          .first { $0.lowercased().hasPrefix("cseq:") }
        response.body = Array("RTSP/1.0 200 OK\r\n\(number ?? "CSeq: 1")\r\n\r\n".utf8)
      }
    case .bye, .cancel, .options, .notify: return .answer(200)
    default: return .answer(405)
    }
  }

  private func usualAnswers(_ message: MANSCDPMessage) -> [MANSCDPDocument] {
    guard let target = message.deviceID else { return [] }
    let sn = message.sn ?? 0
    switch (message.root, message.cmdType.name) {
    case (.query, "Catalog"): return catalogParts(catalog, sn: sn)
    case (.query, "DeviceInfo"):
      let info = DeviceInfoReply(
        name: identity.name, manufacturer: "Tributary", model: "Conformance tester", firmware: "1",
        channels: channels.count)
      return [.deviceInfo(sn: sn, from: target, info)]
    case (.query, "DeviceStatus"): return [.deviceStatus(sn: sn, from: target, DeviceStatusReply())]
    case (.query, _):
      return DeviceDocuments.usual(message.cmdType.name, sn: sn, target: target, edition: edition)
    case (.control, _):
      let answered = ["RecordCmd", "GuardCmd", "AlarmCmd", "HomePosition", "DeviceUpgrade"]
      let isAnswered =
        message.cmdType == .deviceConfig || answered.contains { message.element.child($0) != nil }
      return isAnswered ? [.result(message.cmdType, sn: sn, from: target, isOK: true)] : []
    case (.notify, "Broadcast"): return [.result(.broadcast, sn: sn, from: target, isOK: true)]
    case (.notify, _), (.response, _): return []
    }
  }

  /// A catalog answer in parts that fit one datagram, or a hundred items over TCP.
  func catalogParts(_ items: [CatalogItem], sn: Int, size: Int? = nil) -> [MANSCDPDocument] {
    guard !items.isEmpty else {
      return [.catalog(sn: sn, from: id, total: 0, items: [], edition: edition.version)]
    }
    let isReliable = state.withLock { $0.route?.wire.kind.isReliable ?? false }
    let count = size ?? (isReliable ? 100 : 2)
    return stride(from: 0, to: items.count, by: count).map {
      .catalog(
        sn: sn, from: id, total: items.count, items: Array(items[$0..<min($0 + count, items.count)]),
        edition: edition.version)
    }
  }

  /// A camera as the catalog lists it.
  static func item(
    _ id: DeviceID, _ name: String, of parent: DeviceID, _ more: [CatalogField: String] = [:]
  ) -> CatalogItem {
    CatalogItem(
      id: id, name: name,
      values: [
        .manufacturer: "Tributary", .model: "Conformance camera", .owner: "Tributary",
        .civilCode: String(id.text.prefix(6)), .address: "Test street", .parental: "0",
        .parentID: parent.text, .registerWay: "1", .secrecy: "0", .status: "ON",
        .longitude: "118.376000", .latitude: "31.326000", .ptzType: "1",
      ].merging(more) { $1 })
  }

  // MARK: Sending

  func nextSerial() -> Int {
    state.withLock { state in
      state.serial += 1
      return state.serial
    }
  }

  var contact: String {
    let local = state.withLock { $0.route?.wire.local }
    return NameAddress(uri: SIPURI(user: id.text, host: local?.host ?? "127.0.0.1", port: local?.port))
      .description
  }

  /// A request outside a dialog.
  func request(_ method: SIPMethod, to: DeviceID? = nil, callID: String? = nil) -> SIPRequest {
    let number = state.withLock { state in
      state.sequence += 1
      return state.sequence
    }
    let settings = script.settings
    let target = to ?? settings.platformID
    var request = SIPRequest(
      method: method, uri: SIPURI(user: target.text, host: settings.domain),
      from: NameAddress(uri: SIPURI(user: id.text, host: settings.domain), tag: Token.random()),
      to: NameAddress(uri: SIPURI(user: target.text, host: settings.domain)),
      callID: callID ?? Token.random() + "@conform", cseq: number)
    request.headers.append(.gbVersion, edition.version.description)
    return request
  }

  func message(_ document: MANSCDPDocument) -> SIPRequest {
    var request = request(.message)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(edition.version.declaredEncoding, codec: script.settings.codec)
    return request
  }

  /// Sends a request over its line.
  func send(_ request: SIPRequest, patience: Duration = .seconds(8)) async throws -> ConformPeer.Reply {
    try await peer.send(request, over: try route, patience: patience)
  }

  /// Sends a document; the case fails unless it is answered by 200.
  func tell(_ document: MANSCDPDocument) async throws {
    try await script.expectOK(try await send(message(document)), "\(document.cmdType)")
  }

  /// One document after the other, each when the one before is answered (§4.3). On the peer's loop.
  private func sendSerially(_ documents: ArraySlice<MANSCDPDocument>) {
    guard let first = documents.first, let route = try? route else { return }
    peer.post(message(first), over: route, patience: .seconds(8)).whenSuccess { _ in
      self.sendSerially(documents.dropFirst())
    }
  }

  // MARK: Registering

  /// What a registration brought.
  struct Trace: Sendable {
    /// The 401, when there was one.
    var challenge: SIPResponse?
    var final: ConformPeer.Reply

    var status: Int? { if case .response(let response) = final { response.status } else { nil } }
    var response: SIPResponse? { if case .response(let response) = final { response } else { nil } }
  }

  /// REGISTER, 401, REGISTER with credentials.
  func register(
    expires: Int = 3_600, password: String? = nil, answeringAgain: DigestChallenge? = nil,
    patience: Duration = .seconds(8), fill: @Sendable (inout SIPRequest) -> Void = { _ in }
  ) async throws -> Trace {
    var first = registerRequest(expires)
    fill(&first)
    if let answeringAgain { authorise(&first, answeringAgain, password) }
    let reply = try await send(first, patience: patience)
    guard case .response(let challenge) = reply, challenge.status == 401 else {
      note(reply, expires)
      return Trace(challenge: nil, final: reply)
    }
    guard
      let found = challenge.headers.values(of: .wwwAuthenticate).lazy.compactMap({ DigestChallenge($0) })
        .first(where: { $0.algorithm == .md5 })
    else { return Trace(challenge: challenge, final: reply) }
    var second = registerRequest(expires)
    fill(&second)
    authorise(&second, found, password)
    let final = try await send(second, patience: patience)
    note(final, expires)
    return Trace(challenge: challenge, final: final)
  }

  private func note(_ reply: ConformPeer.Reply, _ expires: Int) {
    guard case .response(let response) = reply, response.isSuccess else { return }
    state.withLock { $0.isRegistered = expires > 0 }
  }

  func registerRequest(_ expires: Int) -> SIPRequest {
    let call = state.withLock { $0.registrationCall }
    var request = request(.register, callID: call)
    // A REGISTER is to oneself (RFC 3261 §10.2).
    request.headers.set(
      .to, NameAddress(uri: SIPURI(user: id.text, host: script.settings.domain)).description)
    request.headers.append(.contact, contact)
    request.headers.append(.expires, String(expires))
    return request
  }

  func authorise(_ request: inout SIPRequest, _ challenge: DigestChallenge, _ password: String?) {
    let credentials = DigestCredentials(
      answering: challenge, username: id.text, password: password ?? identity.password, method: .register,
      uri: request.requestURI, cnonce: Token.random(), hash: script.settings.hash)
    request.headers.set(.authorization, credentials.headerValue)
  }

  /// Registers; the case fails when that does not work.
  @discardableResult
  func registered(expires: Int = 3_600) async throws -> Trace {
    let trace = try await register(expires: expires)
    try script.check(
      trace.status == 200, "a device with the right password could not register", expected: "200",
      came: trace.status.map(String.init) ?? "nothing")
    return trace
  }

  /// A heartbeat.
  func keepalive(faulty: [DeviceID] = []) async throws -> ConformPeer.Reply {
    try await send(message(.keepalive(sn: nextSerial(), from: id, faulty: faulty)))
  }

  // MARK: Expecting

  /// The next request that matches, or the case fails.
  func expect(
    _ what: String, within: Duration = .seconds(8),
    _ matches: @escaping @Sendable (IncomingRequest) -> Bool
  ) async throws -> IncomingRequest {
    if let found = try await peer.expect(within: within, matches) { return found }
    throw CaseFailure(
      cause: "\(what) did not come", expected: "\(what) within \(Script.text(within))",
      came: "nothing like it")
  }

  /// Nothing that matches may come for so long.
  func expectNone(
    _ what: String, for time: Duration, _ matches: @escaping @Sendable (IncomingRequest) -> Bool
  ) async throws {
    if let found = try await peer.expect(within: time, matches) {
      throw CaseFailure(
        cause: "\(what) came, which must not", expected: "none", came: found.request.method.name)
    }
  }
}
