import MediaTime
import NIOCore
import SIPCore

/// Performs what the server machines decide.
extension EndpointCore {
  /// How often answered transactions are looked through for expired ones.
  private static let pruneInterval = Duration.seconds(1)

  func respond(_ response: consuming SIPResponse, in transaction: ServerTransaction) {
    loop.assertInEventLoop()
    guard !isStopped else { return }
    let status = response.status
    let complete = completed(response, for: transaction)
    if let serving = transaction as? InviteServing {
      let action = serving.machine.respond(status: status)
      switch action {
      case .send, .sendFinal: serving.latest = complete.serialised()
      case .repeatLatest, .deliverACK, .absorbACK, .unacknowledged, .fail, .forget, .ignore: break
      }
      perform(action, serving)
    } else if let plain = transaction as? PlainServerTransaction {
      let action = plain.machine.respond(status: status)
      switch action {
      case .send, .sendFinal: plain.latest = complete.serialised()
      case .repeatLatest, .fail, .forget, .ignore: break
      }
      perform(action, plain)
    }
  }

  /// Adds what the user may leave out: To tag, Server, Contact.
  private func completed(
    _ response: consuming SIPResponse, for transaction: ServerTransaction
  ) -> SIPResponse {
    // Consumed, so that adding to it copies nothing.
    var complete = response
    if complete.status > 100 { complete.addToTag(transaction.tag) }
    if let agent = configuration.userAgent, !complete.headers.contains(.server),
      !complete.headers.contains(.userAgent)
    {
      complete.headers.append(.server, agent)
    }
    let makesDialog = transaction.method == .invite || transaction.method == .subscribe
    if makesDialog, complete.isSuccess, !complete.headers.contains(.contact), let to = complete.to {
      let host = localHost(towards: transaction.path.remote.host)
      complete.headers.append(.contact, ownContact(to.uri.user, host, transaction.path))
    }
    return complete
  }

  func perform(_ action: NonInviteServerTransaction.Action, _ transaction: PlainServerTransaction) {
    switch action {
    case .send:
      send(transaction)
    case .sendFinal(let keep):
      send(transaction)
      if keep == .zero { plainServers[transaction.key] = nil } else { keepAnswered(transaction, keep) }
    case .repeatLatest:
      counters.retransmissionsOut += 1
      send(transaction)
    case .fail, .forget:
      plainServers[transaction.key] = nil
    case .ignore: break
    }
  }

  func perform(_ action: InviteServerTransaction.Action, _ serving: InviteServing) {
    switch action {
    case .send:
      send(serving)
    case .sendFinal(let interval, let giveUp):
      send(serving)
      if let interval { arm(.repeatFinal(serving), after: interval) }
      arm(.serverGiveUp(serving), after: giveUp)
    case .repeatLatest(let next):
      counters.retransmissionsOut += 1
      send(serving)
      if let next { arm(.repeatFinal(serving), after: next) }
    case .absorbACK(let linger):
      if linger == .zero { forget(serving) } else { arm(.serverGiveUp(serving), after: linger) }
    case .unacknowledged:
      counters.timeouts += 1
      forget(serving)
      configuration.onUnacknowledged?(serving.request, serving.source)
    case .fail, .forget:
      forget(serving)
    case .deliverACK, .ignore: break
    }
  }

  private func send(_ transaction: ServerTransaction) {
    counters.responsesOut += 1
    answer(transaction.latest, on: transaction.path)
  }

  private func forget(_ serving: InviteServing) {
    inviteServers[serving.key] = nil
    if let callKey = serving.callKey, invitesByCall[callKey] === serving { invitesByCall[callKey] = nil }
    serving.latest = []
  }

  // MARK: Answered transactions

  private func keepAnswered(_ transaction: PlainServerTransaction, _ keep: Duration) {
    answered.add(transaction, until: now + keep.span)
    while answered.count > configuration.answeredTransactions, let oldest = answered.removeFirst() {
      counters.evictedTransactions += 1
      perform(oldest.machine.keepTimerFired(), oldest)
    }
    guard !prunes else { return }
    prunes = true
    arm(.pruneAnswered, after: min(Self.pruneInterval, keep))
  }

  func pruneAnswered() {
    let moment = now
    while let oldest = answered.removeExpired(moment) { perform(oldest.machine.keepTimerFired(), oldest) }
    prunes = !answered.isEmpty
    if prunes { arm(.pruneAnswered, after: min(Self.pruneInterval, configuration.timers.giveUp)) }
  }
}
