import GBCore
import NIOCore
import NIOPosix
import SIPCore

/// A SIP user agent of the tester: sends, repeats, matches answers, keeps what comes for the case to look at.
///
/// It decides nothing about right and wrong. What is to be answered without the case asking for it is in
/// ``manners``; every request is kept in the inbox as well, so that a case can expect it afterwards.
///
/// Proof for @unchecked: everything mutable is touched on `loop` only.
final class ConformPeer: WireUser, @unchecked Sendable {
  /// What a peer does by itself with a request.
  enum Manner: Sendable {
    /// Answers at once.
    case answer(Int, fill: @Sendable (inout SIPResponse) -> Void = { _ in })
    /// The case answers. An INVITE gets a 100.
    case leave
    /// Nothing is sent, not even a 100: a peer that does not hear.
    case ignore
  }

  /// What came of a request.
  enum Reply: Sendable {
    case response(SIPResponse)
    case silence
  }

  let label: String
  private(set) var ladder: Ladder
  let loop: any EventLoop
  let timers = SIPTimers()
  private let codec: TextCodec
  private(set) var wires: [Wire] = []
  private var listeners: [any Channel] = []
  private var inbox = Inbox()
  private var responses = Inbox()
  private var pending: [String: PendingRequest] = [:]
  private var answers: [SIPTransactionKey: [UInt8]] = [:]
  var calls: [String: CalleeTransaction] = [:]
  /// The To tag given last in each call or subscription.
  private(set) var answeredTags: [String: String] = [:]
  private var manners: @Sendable (IncomingRequest) -> Manner
  private var closedWires = 0
  private(set) var retransmissionsSeen = 0

  init(
    _ label: String, ladder: Ladder, loop: any EventLoop, codec: TextCodec,
    manners: @escaping @Sendable (IncomingRequest) -> Manner
  ) {
    (self.label, self.ladder, self.loop, self.codec) = (label, ladder, loop, codec)
    self.manners = manners
  }

  /// Runs `body` on the peer's loop.
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await loop.submit(body).get()
  }

  func setManners(_ manners: @escaping @Sendable (IncomingRequest) -> Manner) async throws {
    try await onLoop { self.manners = manners }
  }

  // MARK: Sockets

  func openUDP(host: String, port: Int = 0) async throws -> Wire {
    let wire = try await Wires.udp(host: host, port: port, on: loop, for: self)
    try await onLoop { self.wires.append(wire) }
    return wire
  }

  func connectTCP(from host: String, to peer: SocketAddress) async throws -> Wire {
    let wire = try await Wires.tcp(from: host, to: peer, on: loop, for: self)
    try await onLoop { self.wires.append(wire) }
    return wire
  }

  /// - Returns: the port.
  func listenTCP(host: String, port: Int) async throws -> Int {
    let channel = try await Wires.listener(host: host, port: port, on: loop, for: self)
    try await onLoop { self.listeners.append(channel) }
    return channel.localAddress?.port ?? 0
  }

  /// What comes from now on belongs to another case. On the loop.
  func begin(_ ladder: Ladder) {
    self.ladder = ladder
    inbox.clear()
    responses.clear()
  }

  func close() async {
    _ = try? await onLoop { [self] in
      for entry in pending.values { entry.end() }
      for call in calls.values { call.end() }
      inbox.closeAll()
      responses.closeAll()
      (pending, calls) = ([:], [:])
      for wire in wires { wire.close() }
      for listener in listeners { listener.close(promise: nil) }
      (wires, listeners) = ([], [])
    }
  }

  /// Connections that the other side closed.
  func closedConnections() async throws -> Int { try await onLoop { self.closedWires } }

  func retransmissions() async throws -> Int { try await onLoop { self.retransmissionsSeen } }

  // MARK: Sending

  /// Sends a request, again as often as UDP needs it, and waits for its final answer.
  ///
  /// Via, Max-Forwards and User-Agent are added. An INVITE that is refused is acknowledged; a 2xx is the
  /// caller's to acknowledge.
  func send(_ request: SIPRequest, over route: Route, patience: Duration) async throws -> Reply {
    try await loop.flatSubmit { [self] in post(request, over: route, patience: patience) }.get()
  }

  /// The same, on the loop.
  func post(_ request: SIPRequest, over route: Route, patience: Duration) -> EventLoopFuture<Reply> {
    var request = request
    let branch = Self.stamp(&request, route: route)
    let entry = PendingRequest(
      request, bytes: request.serialised(), isReliable: route.wire.kind.isReliable, timers: timers,
      loop: loop,
      onSend: { [weak self] bytes in self?.transmit(bytes, over: route) })
    pending[branch] = entry
    entry.start(patience: patience)
    return entry.reply
  }

  /// Sends a request that has no answer: an ACK.
  func sendOnce(_ request: SIPRequest, over route: Route) async throws {
    var request = request
    _ = Self.stamp(&request, route: route)
    let bytes = request.serialised()
    try await onLoop { self.transmit(bytes, over: route) }
  }

  /// Sends bytes as they are.
  func sendRaw(_ bytes: [UInt8], over route: Route) async throws {
    try await onLoop { self.transmit(bytes, over: route) }
  }

  /// A response with this Call-ID that came outside a transaction of ours.
  func expectResponse(callID: String, within: Duration) async throws -> SIPResponse? {
    let item = try await take(.responses, within) { item in
      guard case .response(let response) = item.message else { return false }
      return response.callID == callID && !response.isProvisional
    }
    guard case .response(let response) = item?.message else { return nil }
    return response
  }

  static func stamp(_ request: inout SIPRequest, route: Route) -> String {
    let branch = Via.magicCookie + Token.random()
    let via = Via(
      transport: route.wire.kind, host: route.wire.local.host, port: route.wire.local.port, branch: branch)
    request.headers.prepend(.via, via.description)
    if !request.headers.contains(.maxForwards) { request.headers.append(.maxForwards, "70") }
    if !request.headers.contains(.userAgent) { request.headers.append(.userAgent, Self.agent) }
    return branch
  }

  static let agent = "Tributary-Conform"

  func transmit(_ bytes: [UInt8], over route: Route) {
    ladder.add(.sent, label, route.wire.kind.rawValue.lowercased(), codec.decode(bytes))
    route.send(bytes)
  }

  // MARK: Answering

  /// Gives a response to a request that the manners left open.
  func answer(
    _ incoming: IncomingRequest, _ status: Int,
    fill: @escaping @Sendable (inout SIPResponse) -> Void = { _ in }
  ) async throws {
    try await onLoop { self.respond(to: incoming, status, fill) }
  }

  private func respond(to incoming: IncomingRequest, _ status: Int, _ fill: (inout SIPResponse) -> Void) {
    let request = incoming.request
    let call = request.method == .invite ? request.callID.flatMap { calls[$0] } : nil
    var response = SIPResponse(
      to: request, status: status, toTag: status == 100 ? nil : call?.localTag ?? Token.random())
    response.headers.append(.userAgent, Self.agent)
    fill(&response)
    let bytes = response.serialised()
    if let callID = request.callID, let tag = response.to?.tag { answeredTags[callID] = tag }
    if let call { return call.respond(status, bytes) }
    transmit(bytes, over: incoming.route)
    if let key = SIPTransactionKey(server: request) { answers[key] = bytes }
  }

  // MARK: Expecting

  /// The next request that matches and was not taken before, now or within the time.
  func expect(
    within: Duration, _ matches: @escaping @Sendable (IncomingRequest) -> Bool
  ) async throws -> IncomingRequest? {
    let item = try await take(.requests, within) { item in
      guard case .request(let request) = item.message else { return false }
      return matches(IncomingRequest(request, item.route, codec: item.codec))
    }
    guard let item, case .request(let request) = item.message else { return nil }
    return IncomingRequest(request, item.route, codec: codec)
  }

  /// Every request so far that matches, taken or not.
  func seen(_ matches: @escaping @Sendable (IncomingRequest) -> Bool) async throws -> [IncomingRequest] {
    try await onLoop { [self] in
      inbox.all.compactMap { item in
        guard case .request(let request) = item.message else { return nil }
        let incoming = IncomingRequest(request, item.route, codec: codec)
        return matches(incoming) ? incoming : nil
      }
    }
  }

  private enum Kind { case requests, responses }

  private func take(
    _ kind: Kind, _ within: Duration, _ matches: @escaping @Sendable (InboxItem) -> Bool
  ) async throws -> InboxItem? {
    let promise = loop.makePromise(of: InboxItem?.self)
    loop.execute { [self] in
      let waiting: Int? =
        switch kind {
        case .requests: inbox.take(matches, or: promise)
        case .responses: responses.take(matches, or: promise)
        }
      guard let waiting else { return }
      loop.scheduleTask(in: TimeAmount(within)) { [self] in
        switch kind {
        case .requests: inbox.giveUp(waiting)
        case .responses: responses.giveUp(waiting)
        }
      }
    }
    return try await promise.futureResult.get()
  }

  // MARK: Receiving

  func received(_ message: SIPMessage, raw: [UInt8], over route: Route) {
    ladder.add(.received, label, route.wire.kind.rawValue.lowercased(), codec.decode(raw))
    switch message {
    case .response(let response): receive(response, over: route)
    case .request(var request):
      request.receivedFrom = SIPHostPort(route.remote)
      receive(request, over: route)
    }
  }

  private func receive(_ response: SIPResponse, over route: Route) {
    if let branch = response.via?.branch, let entry = pending[branch] {
      if entry.received(response) { pending[branch] = nil }
      return
    }
    responses.add(InboxItem(message: .response(response), route: route, codec: codec))
  }

  private func receive(_ request: SIPRequest, over route: Route) {
    if request.method == .ack {
      request.callID.flatMap { calls[$0] }?.receivedACK()
    } else if let key = SIPTransactionKey(server: request), let known = answers[key] {
      retransmissionsSeen += 1
      return transmit(known, over: route)
    } else if request.method == .invite, let call = request.callID.flatMap({ calls[$0] }),
      call.isRepeat(request)
    {
      retransmissionsSeen += 1
      return call.receivedAgain()
    }
    let incoming = IncomingRequest(request, route, codec: codec)
    let manner = request.method == .ack ? .leave : manners(incoming)
    if request.method == .invite, let callID = request.callID {
      if case .ignore = manner {
      } else {
        calls[callID] = CalleeTransaction(
          request, timers: timers, route: route, loop: loop,
          onSend: { [weak self] bytes in self?.transmit(bytes, over: route) })
        respond(to: incoming, 100) { _ in }
      }
    }
    switch manner {
    case .answer(let status, let fill): respond(to: incoming, status, fill)
    case .leave, .ignore: break
    }
    inbox.add(InboxItem(message: .request(request), route: route, codec: codec))
  }

  func unreadable(_ bytes: [UInt8], over route: Route) {
    ladder.note("\(bytes.count) bytes that are no SIP message came from \(route.remote)")
    unreadableBytes += bytes.count
  }

  /// Bytes that came and were no SIP message.
  private(set) var unreadableBytes = 0

  func strayBytes() async throws -> Int { try await onLoop { self.unreadableBytes } }

  func closed(_ wire: Wire) {
    closedWires += 1
    wires.removeAll { $0 === wire }
  }

  func accepted(_ wire: Wire) { if !wires.contains(where: { $0 === wire }) { wires.append(wire) } }
}

/// Random text for tags, branches and Call-IDs.
enum Token {
  static func random() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36) }
}
