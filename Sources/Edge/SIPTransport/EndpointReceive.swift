import NIOCore
import SIPCore

extension EndpointCore {
  /// One datagram.
  func received(_ buffer: ByteBuffer, from address: SocketAddress) {
    loop.assertInEventLoop()
    counters.datagramsIn += 1
    let remote = SIPHostPort(host: HostText.host(of: address), port: address.port ?? 0)
    let path = SIPPath.datagram(address, remote)
    do throws(SIPParseError) {
      let message = try SIPParser.parse(buffer.readableBytesUInt8Span)
      trace(.incoming, path, Array(buffer.readableBytesView))
      dispatch(message, path, SIPSource(transport: .udp, remote: remote, local: local))
    } catch {
      if error == .empty {
        counters.keepAlives += 1
      } else if admitJunk(remote.host) {
        trace(.incoming, path, Array(buffer.readableBytesView))
      }
    }
  }

  /// One message of a connection.
  func received(_ message: SIPMessage, on connection: StreamConnection) {
    let path = SIPPath.stream(connection)
    trace(.incoming, path, message.serialised())
    dispatch(message, path, connection.source)
  }

  /// Counts junk; false when its source has had its share of answers.
  func admitJunk(_ host: String) -> Bool {
    counters.malformed += 1
    if junk.admit(host, now: now) { return true }
    counters.suppressedJunk += 1
    return false
  }

  private func dispatch(_ message: SIPMessage, _ path: SIPPath, _ source: SIPSource) {
    switch message {
    case .request(var request):
      counters.requestsIn += 1
      request.receivedFrom = source.remote
      receive(request, path, source)
    case .response(let response):
      counters.responsesIn += 1
      receive(response, source)
    }
  }

  private func receive(_ request: SIPRequest, _ path: SIPPath, _ source: SIPSource) {
    if request.headers.withValue(of: .userAgent, Scanners.isScanner) == true {
      counters.scanners += 1
      return
    }
    if let defect = request.defect { return refuse(request, path, defect.phrase) }
    guard let key = SIPTransactionKey(server: request) else { return refuse(request, path, "Bad Request") }
    switch request.method {
    case .ack: receivedACK(request, key, source)
    case .cancel: receivedCancel(request, key, path, source)
    case .invite: receivedInvite(request, key, path, source)
    default: receivedPlain(request, key, path, source)
    }
  }

  /// 400 without a transaction, as far as the source has not had its share of them.
  private func refuse(_ request: SIPRequest, _ path: SIPPath, _ reason: String) {
    guard admitJunk(path.remote.host), request.method != .ack, request.headers.contains(.via) else { return }
    counters.responsesOut += 1
    answer(SIPResponse(to: request, status: 400, reason: reason, toTag: random.tag()).serialised(), on: path)
  }

  // MARK: Requests

  private func receivedPlain(
    _ request: SIPRequest, _ key: SIPTransactionKey, _ path: SIPPath, _ source: SIPSource
  ) {
    if let known = plainServers[key] {
      counters.retransmissionsIn += 1
      known.path = path
      return perform(known.machine.receivedAgain(), known)
    }
    let transaction = open(request, key, path)
    handler?.handle(
      request, from: source, transaction: SIPServerTransaction(core: self, transaction: transaction))
  }

  private func open(_ request: SIPRequest, _ key: SIPTransactionKey, _ path: SIPPath)
    -> PlainServerTransaction
  {
    let transaction = PlainServerTransaction(
      key: key, method: request.method, path: path, tag: random.tag(), timers: configuration.timers)
    plainServers[key] = transaction
    return transaction
  }

  private func receivedInvite(
    _ request: SIPRequest, _ key: SIPTransactionKey, _ path: SIPPath, _ source: SIPSource
  ) {
    if let known = inviteServers[key] {
      counters.retransmissionsIn += 1
      known.path = path
      return perform(known.machine.receivedAgain(), known)
    }
    let serving = InviteServing(
      request: request, source: source, key: key, path: path, tag: random.tag(), timers: configuration.timers)
    inviteServers[key] = serving
    if let callKey = serving.callKey { invitesByCall[callKey] = serving }
    handler?.handle(
      request, from: source, transaction: SIPServerTransaction(core: self, transaction: serving))
    // §17.2.1: a 100 stops the retransmissions of a caller whose callee thinks for a while.
    if serving.machine.needsTrying { respond(SIPResponse(to: request, status: 100), in: serving) }
  }

  private func receivedACK(_ request: SIPRequest, _ key: SIPTransactionKey, _ source: SIPSource) {
    let call = SIPTransactionKey(call: request.headers, method: .invite)
    guard let serving = inviteServers[key] ?? call.flatMap({ invitesByCall[$0] }) else {
      counters.strays += 1
      return
    }
    let action = serving.machine.receivedACK()
    if action == .deliverACK {
      handler?.handle(request, from: source, transaction: .ignoring)
    } else {
      perform(action, serving)
    }
  }

  private func receivedCancel(
    _ request: SIPRequest, _ key: SIPTransactionKey, _ path: SIPPath, _ source: SIPSource
  ) {
    if let known = plainServers[key] {
      counters.retransmissionsIn += 1
      return perform(known.machine.receivedAgain(), known)
    }
    let transaction = open(request, key, path)
    let target = SIPTransactionKey(server: request, as: .invite).flatMap { inviteServers[$0] }
    guard let target else { return respond(SIPResponse(to: request, status: 481), in: transaction) }
    respond(SIPResponse(to: request, status: 200, toTag: target.tag), in: transaction)
    guard target.machine.isPending else { return }
    respond(SIPResponse(to: target.request, status: 487), in: target)
    handler?.handle(request, from: source, transaction: .ignoring)
  }

  // MARK: Responses

  private func receive(_ response: SIPResponse, _ source: SIPSource) {
    let found = SIPTransactionKey(client: response).flatMap { clients[$0] } ?? clientByCall(response)
    switch found {
    case let call as InviteCalling: receive(response, source, call)
    case let client as PlainClientTransaction:
      let action = client.machine.received(status: response.status)
      deliver(action, response, source, client)
    default: counters.strays += 1
    }
  }

  /// For devices that send back a Via that is not the one they got.
  private func clientByCall(_ response: SIPResponse) -> ClientTransaction? {
    guard let method = response.cseq?.method else { return nil }
    return SIPTransactionKey(call: response.headers, method: method).flatMap { clientsByCall[$0] }
  }
}
