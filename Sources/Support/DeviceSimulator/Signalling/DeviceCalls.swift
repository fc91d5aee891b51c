import GBCore
import NIOCore
import SDPCore
import SIPCore

/// What a device does with calls (§7).
extension SimulatedDevice {
  func handleInvite(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID else { return answer(request, 400, over: link) }
    if let call = calls[callID] { return call.receivedAgain() }
    releaseCalls(sameSubjectAs: request)
    let named = (request.uri?.user ?? request.to?.uri.user).flatMap { DeviceID($0) }
    guard let code = named, let channel = called(code) else { return answer(request, 404, over: link) }
    let call = SimulatedCall(
      request, callID: callID, channel: code, userAgent: peer.dialect.userAgent, tag: token(), link: link,
      loop: loop
    ) { [weak self] in self?.hangUp(callID, saying: true) }
    call.respond(100)
    guard fault(.answerMissing) == nil else {
      calls[callID] = call
      return
    }
    if VoiceBodies.isTalk(request.body) {
      calls[callID] = call
      return voices.answerTalk(request, call, over: link)
    }
    if offersEarlySSRC(request), fault(.earlySSRCRefused) != nil { return call.respond(415) }
    if let refusal = fault(.inviteRefused) { return call.respond(refusal.number) }
    if handleHistoryInvite(call, over: link) { return }
    do {
      var offer = try MediaOffer(request)
      // Their digits break the rule of §7.3, too.
      if fault(.ownSSRC) != nil { offer.ssrc = StreamSSRC(703_001_718 &+ UInt32(counters.calls)) }
      if let allowed = peer.mediaTransports, !allowed.contains(offer.transport) {
        throw MediaOffer.Refusal.notAcceptable
      }
      calls[callID] = call
      countCall()
      let delay = TimeAmount(fault(.answerDelay)?.duration ?? .zero)
      guard delay > .zero else { return accept(call, offer, channel: channel, over: link) }
      _ = schedule(delay) { [weak self, offer] in
        guard let self, call.state == .answering else { return }
        accept(call, offer, channel: channel, over: link)
      }
    } catch MediaOffer.Refusal.malformed {
      call.respond(400)
    } catch {
      call.respond(488)
    }
  }

  /// A call for the same stream of the same sender takes the place of the one before (2022, Annex K).
  private func releaseCalls(sameSubjectAs request: SIPRequest) {
    guard let text = request.headers[.subject] else { return }
    let subject = Subject(parsing: text)
    // Platforms that do not count their streams write 0 for all of them.
    guard let sender = subject.sender, Int(subject.senderSequence) ?? 0 != 0 else { return }
    for call in Array(calls.values) {
      let other = call.request.headers[.subject].map { Subject(parsing: $0) }
      guard other?.sender == sender, other?.senderSequence == subject.senderSequence else { continue }
      hangUp(call.callID, saying: true)
    }
  }

  /// The channel of that code. Where all channels bear the peer's own code, the first of them.
  private func called(_ code: DeviceID) -> ChannelDescription? {
    if let channel = catalog.channel(code) { return channel }
    let isShared = !peer.faults[.channelIDIsDeviceID].isEmpty
    return code == peer.id && isShared ? peer.channels.first { $0.kind == .camera } : nil
  }

  /// Whether an offer over TCP has its `y=` before one of its `a=` (§14.2 row 23).
  private func offersEarlySSRC(_ request: SIPRequest) -> Bool {
    let text = String(decoding: request.body, as: UTF8.self)
    guard text.contains("TCP/RTP/AVP") else { return false }
    let lines = text.split(whereSeparator: \.isNewline)
    guard let ssrc = lines.firstIndex(where: { $0.hasPrefix("y=") }) else { return false }
    return lines[ssrc...].contains { $0.hasPrefix("a=") }
  }

  private func accept(
    _ call: SimulatedCall, _ offer: MediaOffer, channel: ChannelDescription, over link: DeviceLink
  ) {
    let feed = engine.feed(peer.scene(of: channel))
    let plan = MediaLeg.Plan(
      transport: offer.transport, remoteHost: offer.host, remotePort: offer.port, localHost: link.local.host,
      feed: feed, ssrc: offer.ssrc.value &+ (fault(.wrongSSRC) == nil ? 0 : 1_000_003),
      sequence: dice.with(.moment) { UInt16(truncatingIfNeeded: $0.next()) }, begun: begun,
      faults: packetFaults())
    let callID = call.callID
    let lost: @Sendable () -> Void = { [self] in
      loop.execute { self.hangUp(callID, saying: true) }
    }
    MediaLeg.open(plan, engine: engine, onLost: lost).hop(to: loop).whenComplete {
      [weak self, engine] result in
      guard let self, calls[callID] === call, call.state == .answering else {
        if case .success((let leg, _)) = result { engine.loop.execute { leg.end() } }
        return
      }
      switch result {
      case .success((let leg, let port)):
        call.leg = leg
        let body = offer.answer(
          channel: call.channel, host: link.local.host, port: port, facts: engine.facts[feed],
          kilobits: peer.media.kilobits)
        call.respond(200, body: DescriptionFaults.apply(body) { fault($0) }, contact: contact(link))
        if fault(.mediaBeforeACK) != nil { engine.loop.execute { leg.begin() } }
      case .failure:
        calls[callID] = nil
        call.respond(500)
      }
    }
  }

  func handleACK(_ request: SIPRequest) {
    guard let callID = request.callID, let call = calls[callID], call.acknowledged(), let leg = call.leg
    else { return }
    if let ends = fault(.callEnds) {
      call.byItself = schedule(TimeAmount(ends.duration)) { [weak self] in self?.hangUp(callID, saying: true)
      }
    }
    guard fault(.silentMedia) == nil else { return }
    engine.loop.execute { leg.begin() }
  }

  /// What happens to the packets of the next call, or nil.
  private func packetFaults() -> PacketFaults? {
    let faults = peer.faults.faults.filter(\.kind.concernsPackets)
    guard !faults.isEmpty else { return nil }
    let subject = PeerDice.Subject.packets(call: counters.calls)
    let (log, id) = (fleet.decisions, peer.id)
    return PacketFaults(faults, random: dice.sequence(of: subject)) { log?.record(id, subject.name, $0) }
  }

  func handleBye(_ request: SIPRequest, over link: DeviceLink) {
    let isVoice = request.callID.map { voices.hungUp($0) } ?? false
    guard let callID = request.callID, calls[callID] != nil else {
      return answer(request, isVoice ? 200 : 481, over: link)
    }
    if fault(.byeUnanswered) == nil { answer(request, 200, over: link) }
    hangUp(callID, saying: false, streaming: fault(.streamAfterBye)?.duration ?? .zero)
  }

  func handleCancel(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID, let call = calls[callID] else {
      return answer(request, 481, over: link)
    }
    answer(request, 200, over: link)
    if call.cancelled() { hangUp(callID, saying: false) }
  }

  /// Ends a call; with `saying` the platform gets a BYE.
  func hangUp(_ callID: String, saying: Bool, streaming: Duration = .zero) {
    guard let call = calls.removeValue(forKey: callID) else { return }
    let wasAnswered = call.state == .running || call.state == .confirming
    call.finish(on: engine.loop, streaming: streaming)
    guard saying, wasAnswered, fault(.byeMissing) == nil, let bye = bye(of: call) else { return }
    guard let late = fault(.byeLate) else { return send(bye) }
    _ = schedule(TimeAmount(late.duration)) { [weak self] in self?.send(bye) }
  }

  private func send(_ bye: SIPRequest) {
    guard let link else { return }
    var bye = bye
    let branch = stamp(&bye, link: link)
    requests.send(bye, branch: branch, over: link) { _ in }
  }

  /// From and To change sides; the request goes to the platform's Contact, over the same socket.
  private func bye(of call: SimulatedCall) -> SIPRequest? {
    guard let from = call.request.from, var to = call.request.to else { return nil }
    to.tag = call.localTag
    let target = call.request.contact?.uri ?? from.uri
    return SIPRequest(method: .bye, uri: target, from: to, to: from, callID: call.callID, cseq: 1)
  }
}
