import GBCore
import Logging
import MediaTime
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Synchronization
import Voice
import VoiceTransport

/// A broadcast on the wire: the question, the device's call, its end (§12.1, §12.2).
extension VoiceService {
  func ask(_ target: DeviceID, _ entry: VoiceEntry) {
    let exchange = Exchange(
      root: .notify, command: .broadcast, device: entry.device, target: target,
      fields: BroadcastNotice(source: entry.source, target: target).fields,
      patience: limits.session.response, limit: limits.session.response)
    let question = Task { [self, signalling] in
      do throws(ExchangeFailure) {
        let reply = try await signalling.exchange(exchange).messages.first
        apply(entry.id) {
          $0.machine.responded(
            isOK: reply?.isOK ?? true, reason: reply?.element.value("Reason"), now: SystemClock.monotonic())
        }
      } catch {
        guard let failure = VoiceFailure(error) else { return }
        apply(entry.id) { $0.machine.undelivered(failure, now: SystemClock.monotonic()) }
      }
    }
    state.withLock { $0.entries[entry.id]?.question = question }
  }

  // MARK: The device's INVITE

  /// An INVITE that no call of ours brought about. True when a broadcast waited for it, or when it repeats one.
  func invite(_ request: SIPRequest, from source: SIPSource, _ transaction: SIPServerTransaction) -> Bool {
    if repeats(request, source, transaction) { return true }
    guard let match = match(request, source) else {
      state.withLock { $0.figures.strangers += 1 }
      return false
    }
    let offer: Result<VoiceOffer, VoiceOffer.Refusal>
    do throws(VoiceOffer.Refusal) {
      offer = .success(try VoiceOffer(parsing: request.body))
    } catch { offer = .failure(error) }
    apply(match.session) { entry in
      let actions = entry.machine.called()
      guard actions == [.accept] else {
        transaction.respond(SIPResponse(to: request, status: 486))
        return []
      }
      (entry.invite, entry.transaction) = (request, transaction)
      switch offer {
      case .success(let offer):
        entry.offer = offer
        entry.format = offer.format(forced: directory.habits(of: entry.device).voiceCoding)
        return actions
      case .failure(let refusal):
        return entry.machine.unopened(.noCommonFormat, status: refusal == .unreadable ? 400 : 488)
      }
    }
    if let callID = request.callID {
      state.withLock { state in
        if state.entries[match.session] != nil { state.byCallID[callID] = match.session }
      }
    }
    return true
  }

  private func match(_ request: SIPRequest, _ source: SIPSource) -> PendingVoice? {
    let caller = VoiceCaller(
      subject: request.headers[.subject].map { Subject(parsing: $0) },
      to: request.to?.uri.user.flatMap { DeviceID($0) }, from: request.fromUser.flatMap { DeviceID($0) },
      host: source.remote.host)
    let pending = all.filter { entry in
      // What registered over TLS is believed on TLS alone.
      entry.machine.isPending && (entry.registration.source.transport != .tls || source.transport == .tls)
    }
    return VoiceMatch.find(
      caller,
      among: pending.map { entry in
        PendingVoice(
          session: entry.id, source: entry.source, target: entry.machine.target, device: entry.device,
          host: entry.registration.source.remote.host)
      })
  }

  /// A refresh of a session that stands gets the same answer again.
  private func repeats(
    _ request: SIPRequest, _ source: SIPSource, _ transaction: SIPServerTransaction
  ) -> Bool {
    guard let callID = request.callID else { return false }
    let answer = state.withLock { state -> (body: [UInt8], tag: String)? in
      guard let id = state.byCallID[callID], var entry = state.entries[id], var dialog = entry.dialog,
        dialog.receive(request, from: source) == .accepted
      else { return nil }
      entry.dialog = dialog
      state.entries[id] = entry
      return (entry.answer, dialog.localTag)
    }
    guard let answer else { return false }
    transaction.respond(Self.agreement(request, answer.body, tag: answer.tag))
    return true
  }

  private static func agreement(_ request: SIPRequest, _ body: [UInt8], tag: String) -> SIPResponse {
    var response = SIPResponse(to: request, status: 200, toTag: tag)
    response.headers.append(.contentType, InviteOffer.contentType)
    response.body = body
    return response
  }

  // MARK: Our answer

  func accept(_ entry: VoiceEntry) {
    guard let invite = entry.invite, let offer = entry.offer, let format = entry.format else { return }
    let host = invite.receivedFrom?.host ?? entry.registration.source.remote.host
    let ssrc = offer.ssrc ?? ownSSRC()
    let plan = VoiceLinePlan(
      path: offer.path, format: format, ssrc: ssrc.value, host: offer.destination(source: host),
      port: offer.port ?? 0, trusted: host)
    Task { [self] in
      do {
        let line = try await VoiceLine.open(plan, ports: ports, on: group, events: events(of: entry.id))
        answer(entry.id, invite, offer, ssrc, line)
      } catch {
        logger.error("no port for a voice", metadata: ["error": "\(error)"])
        apply(entry.id) { $0.machine.unopened(.noPort, status: 500) }
      }
    }
  }

  func events(of id: String) -> VoiceLine.Events {
    VoiceLine.Events(
      began: { [weak self] in self?.apply(id) { $0.machine.began() } },
      heard: { [weak self] samples in self?.find(id)?.socket?.play(samples) },
      lost: { [weak self] in self?.apply(id) { $0.machine.mediaLost() } })
  }

  private func answer(
    _ id: String, _ invite: SIPRequest, _ offer: VoiceOffer, _ ssrc: StreamSSRC, _ line: VoiceLine
  ) {
    let source = find(id)?.registration.source
    let host = invite.receivedFrom?.host ?? source?.remote.host ?? ""
    let address = signalling.endpoint?.localAddress(towards: host) ?? host
    var isWanted = false
    apply(id) { entry in
      let actions = entry.machine.opened()
      guard !actions.isEmpty, let format = entry.format, let transaction = entry.transaction else {
        return []
      }
      isWanted = true
      let tag = Signalling.token()
      entry.answer = VoiceDescription(
        .play, platform: signalling.platform, address: address, port: line.port, path: offer.path,
        formats: [format], ssrc: ssrc
      ).answer(to: offer)
      // Requests go where the INVITE came from, over the connection that the device registered on.
      var peer = entry.registration.source
      if let from = invite.receivedFrom { peer.remote = from }
      entry.dialog = Dialog(called: invite, localTag: tag, from: peer)
      entry.line = line
      // Before any BYE that others may order from now on: this only puts it on the event loop.
      transaction.respond(Self.agreement(invite, entry.answer, tag: tag))
      return actions
    }
    if !isWanted { line.close() }
  }

  func refuse(_ status: Int, _ entry: VoiceEntry) {
    guard let invite = entry.invite else { return }
    entry.transaction?.respond(SIPResponse(to: invite, status: status))
  }

  func bye(_ entry: VoiceEntry) {
    guard var dialog = entry.dialog, let endpoint = signalling.endpoint else { return }
    let target = signalling.registration(of: entry.device)?.target ?? entry.registration.target
    endpoint.send(dialog.request(.bye), to: target, timeout: .seconds(10)) { _ in }
  }

  // MARK: In the session

  /// ACK, BYE, CANCEL or INFO that may belong to a voice. True when it does.
  func received(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard let callID = request.callID else { return false }
    let id = state.withLock { state -> String? in
      guard let id = state.byCallID[callID], var entry = state.entries[id] else { return nil }
      if var dialog = entry.dialog {
        guard dialog.receive(request, from: source) == .accepted else { return nil }
        entry.dialog = dialog
        state.entries[id] = entry
        return id
      }
      return entry.registration.source.remote.host == source.remote.host ? id : nil
    }
    guard let id else { return false }
    switch request.method {
    case .ack: apply(id) { $0.machine.acknowledged() }
    case .bye, .cancel: apply(id) { $0.machine.deviceHungUp() }
    default: break
    }
    return true
  }

  /// A number of our own: live, digits of the domain, four at random (§7.3).
  func ownSSRC() -> StreamSSRC {
    let middle = signalling.platform.text.dropFirst(3).prefix(5)
    return StreamSSRC((UInt32(middle) ?? 0) * 10_000 + UInt32.random(in: 1...9_999))
  }
}

extension VoiceFailure {
  /// What a question that failed means; nil when the session's own clock says it, or nobody asks any more.
  fileprivate init?(_ failure: ExchangeFailure) {
    switch failure {
    case .notRegistered: self = .deviceOffline
    case .noAnswer: self = .notDelivered
    case .refused(let status): self = .rejected(status: status)
    case .declined: self = .refused(reason: nil)
    case .noReply, .cancelled: return nil
    case .busy: self = .notDelivered
    }
  }
}
