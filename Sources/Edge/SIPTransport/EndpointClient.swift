import MediaTime
import NIOCore
import SIPCore

/// Sends requests and performs what the client machines decide.
extension EndpointCore {
  func send(
    _ request: SIPRequest, branch: SIPBranch, to target: SIPTarget, timeout: Duration,
    report: @escaping @Sendable (SIPClientEvent) -> Void
  ) {
    loop.assertInEventLoop()
    guard !isStopped else { return report(.transportError("endpoint stopped")) }
    let client = makeClient(request, branch, target.isReliable, report)
    clients[client.key] = client
    if let callKey = client.callKey { clientsByCall[callKey] = client }
    arm(.expire(client), after: timeout)
    resolve(target) { [self] result in
      switch result {
      case .path(let path): start(client, on: path)
      case .failure(let text): fail(client, text)
      }
    }
  }

  private func makeClient(
    _ request: SIPRequest, _ branch: SIPBranch, _ isReliable: Bool,
    _ report: @escaping @Sendable (SIPClientEvent) -> Void
  ) -> ClientTransaction {
    let timers = configuration.timers
    guard request.method == .invite else {
      return PlainClientTransaction(
        branch: branch, request: request, isReliable: isReliable, timers: timers, report: report)
    }
    return InviteCalling(
      branch: branch, request: request, isReliable: isReliable, timers: timers, report: report)
  }

  private func start(_ client: ClientTransaction, on path: SIPPath) {
    // The request may have expired while its connection was being opened.
    guard clients[client.key] === client else { return }
    client.path = path
    var request = client.request
    configuration.onSend?(&request, path.remote)
    let sent = finished(request, branch: client.branch, path)
    client.sent = sent
    client.bytes = sent.serialised()
    counters.requestsOut += 1
    if let call = client as? InviteCalling {
      perform(call.machine.start(), call)
    } else if let plain = client as? PlainClientTransaction {
      perform(plain.machine.start(), plain)
    }
  }

  /// The request with Via, Max-Forwards, User-Agent and Contact.
  func finished(_ request: SIPRequest, branch: SIPBranch, _ path: SIPPath) -> SIPRequest {
    var complete = request
    let host = localHost(towards: path.remote.host)
    complete.headers.remove(.via)
    let via = Via(transport: path.transport, host: host, port: localPort(path), branch: branch.value)
    complete.headers.prepend(.via, via.description)
    if !complete.headers.contains(.maxForwards) { complete.headers.append(.maxForwards, "70") }
    if let agent = configuration.userAgent, !complete.headers.contains(.userAgent) {
      complete.headers.append(.userAgent, agent)
    }
    let needsContact: [SIPMethod] = [.invite, .subscribe, .notify, .register]
    if needsContact.contains(request.method), !complete.headers.contains(.contact), let from = request.from {
      complete.headers.append(.contact, ownContact(from.uri.user, host, path))
    }
    return complete
  }

  /// Where the peer at the other end of `path` reaches `user` here.
  func ownContact(_ user: String?, _ host: String, _ path: SIPPath) -> String {
    var uri = SIPURI(user: user, host: host, port: localPort(path))
    uri.parameters["transport"] = path.transport.uriParameter
    return NameAddress(uri: uri).description
  }

  private func localPort(_ path: SIPPath) -> Int {
    switch path {
    case .datagram: local.port
    case .stream(let connection): connection.source.local.port
    }
  }

  // MARK: Actions

  func perform(_ action: NonInviteClientTransaction.Action, _ client: PlainClientTransaction) {
    switch action {
    case .send(let resend, let giveUp):
      guard transmit(client) else { return }
      if let resend { arm(.resend(client), after: resend) }
      arm(.giveUp(client), after: giveUp)
    case .resend(let next):
      counters.retransmissionsOut += 1
      if transmit(client) { arm(.resend(client), after: next) }
    case .giveUp:
      counters.timeouts += 1
      finish(client, .timeout)
    case .forget: remove(client)
    case .fail, .deliverProvisional, .deliverFinal, .ignore: break
    }
  }

  func deliver(
    _ action: NonInviteClientTransaction.Action, _ response: SIPResponse, _ source: SIPSource,
    _ client: PlainClientTransaction
  ) {
    switch action {
    case .deliverProvisional: client.report?(.provisional(response))
    case .deliverFinal(let linger):
      let report = client.report
      client.report = nil
      if linger == .zero { remove(client) } else { arm(.linger(client), after: linger) }
      report?(.final(response, source))
    case .send, .resend, .giveUp, .fail, .forget, .ignore: break
    }
  }

  func perform(_ action: InviteClientTransaction.Action, _ call: InviteCalling) {
    switch action {
    case .send(let resend, let giveUp):
      guard transmit(call) else { return }
      if let resend { arm(.inviteResend(call), after: resend) }
      arm(.inviteGiveUp(call), after: giveUp)
    case .resend(let next):
      counters.retransmissionsOut += 1
      if transmit(call) { arm(.inviteResend(call), after: next) }
    case .giveUp:
      if !call.hasTimedOut { counters.timeouts += 1 }
      call.hasTimedOut ? remove(call) : finish(call, .timeout)
    case .forget: remove(call)
    case .repeatACK:
      if let path = call.path, !call.acknowledgement.isEmpty {
        counters.retransmissionsOut += 1
        _ = transmit(call.acknowledgement, on: path)
      }
    case .deliverProvisional, .deliverSuccess, .acknowledgeAndDeliver, .fail, .ignore: break
    }
  }

  func receive(_ response: SIPResponse, _ source: SIPSource, _ call: InviteCalling) {
    let action = call.machine.received(status: response.status)
    switch action {
    case .deliverProvisional:
      if !call.hasTimedOut { call.report?(.provisional(response)) }
      if call.wantsCancel { sendCancel(call) }
    case .deliverSuccess(let linger):
      let report = call.report
      call.report = nil
      arm(.inviteLinger(call), after: linger)
      report?(.final(response, source))
    case .acknowledgeAndDeliver(let linger):
      acknowledge(call, response)
      let report = call.hasTimedOut ? nil : call.report
      call.report = nil
      if linger == .zero { remove(call) } else { arm(.inviteLinger(call), after: linger) }
      report?(.final(response, source))
    case .send, .resend, .repeatACK, .giveUp, .fail, .forget, .ignore: perform(action, call)
    }
  }

  private func acknowledge(_ call: InviteCalling, _ response: SIPResponse) {
    guard let path = call.path, let sent = call.sent else { return }
    call.acknowledgement = sent.acknowledgement(of: response).serialised()
    _ = transmit(call.acknowledgement, on: path)
  }

  /// The user's ACK for a 2xx, repeated whenever the 2xx comes again.
  func sendACK(_ request: SIPRequest, for branch: SIPBranch, newBranch: SIPBranch) {
    loop.assertInEventLoop()
    let key = SIPTransactionKey(branch: branch.value, method: .invite)
    guard let call = clients[key] as? InviteCalling, let path = call.path else { return }
    call.acknowledgement = finished(request, branch: newBranch, path).serialised()
    _ = transmit(call.acknowledgement, on: path)
  }

  // MARK: Ends

  func cancel(_ branch: SIPBranch) {
    loop.assertInEventLoop()
    let key = SIPTransactionKey(branch: branch.value, method: .invite)
    guard let call = clients[key] as? InviteCalling, !call.machine.isOver else { return }
    call.wantsCancel = true
    if call.machine.mayCancel { sendCancel(call) }
  }

  private func sendCancel(_ call: InviteCalling) {
    guard !call.isCancelled, let path = call.path, let sent = call.sent else { return }
    call.isCancelled = true
    let client = PlainClientTransaction(
      branch: call.branch, request: sent.cancellation(), isReliable: path.isReliable,
      timers: configuration.timers, report: { _ in })
    clients[client.key] = client
    client.path = path
    client.bytes = client.request.serialised()
    counters.requestsOut += 1
    perform(client.machine.start(), client)
    // §9.1: without a final answer within 64 × T1 the INVITE is over.
    arm(.abandon(call), after: configuration.timers.giveUp)
  }

  /// The user's own time limit is over.
  func expire(_ client: ClientTransaction) {
    guard clients[client.key] === client, client.report != nil else { return }
    counters.timeouts += 1
    guard let call = client as? InviteCalling, call.path != nil else { return finish(client, .timeout) }
    // The INVITE must be cancelled and a late 2xx still be answered: it stays until its machine ends.
    call.hasTimedOut = true
    call.report?(.timeout)
    cancel(call.branch)
  }

  private func transmit(_ client: ClientTransaction) -> Bool {
    guard let path = client.path else { return false }
    guard let failure = transmit(client.bytes, on: path) else { return true }
    fail(client, failure)
    return false
  }

  func fail(_ client: ClientTransaction, _ text: String) {
    if let call = client as? InviteCalling {
      _ = call.machine.transportFailed()
      if call.hasTimedOut { return remove(call) }
    } else if let plain = client as? PlainClientTransaction {
      _ = plain.machine.transportFailed()
    }
    finish(client, .transportError(text))
  }

  private func finish(_ client: ClientTransaction, _ event: SIPClientEvent) {
    remove(client)
    let report = client.report
    client.report = nil
    report?(event)
  }

  private func remove(_ client: ClientTransaction) {
    if clients[client.key] === client { clients[client.key] = nil }
    if let callKey = client.callKey, clientsByCall[callKey] === client { clientsByCall[callKey] = nil }
    client.bytes = []
  }
}
