import GBCore
import NIOCore
import SDPCore
import SIPCore

/// What a device does with calls (§7).
extension SimulatedDevice {
  func handleInvite(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID else { return answer(request, 400, over: link) }
    if let call = calls[callID] { return call.receivedAgain() }
    let named = (request.uri?.user ?? request.to?.uri.user).flatMap { DeviceID($0) }
    guard let code = named, let channel = catalog.channel(code) else {
      return answer(request, 404, over: link)
    }
    let call = SimulatedCall(
      request, callID: callID, channel: code, userAgent: peer.dialect.userAgent, link: link, loop: loop
    ) { [weak self] in self?.hangUp(callID, saying: true) }
    call.respond(100)
    if let refusal = fault(.inviteRefused) { return call.respond(refusal.number) }
    do {
      let offer = try MediaOffer(request)
      if let allowed = peer.mediaTransports, !allowed.contains(offer.transport) {
        throw MediaOffer.Refusal.notAcceptable
      }
      calls[callID] = call
      countCall()
      let delay = TimeAmount(fault(.answerDelay)?.duration ?? .zero)
      guard delay > .zero else { return accept(call, offer, channel: channel, over: link) }
      _ = schedule(delay) { [weak self] in
        guard let self, call.state == .answering else { return }
        accept(call, offer, channel: channel, over: link)
      }
    } catch MediaOffer.Refusal.malformed {
      call.respond(400)
    } catch {
      call.respond(488)
    }
  }

  private func accept(
    _ call: SimulatedCall, _ offer: MediaOffer, channel: ChannelDescription, over link: DeviceLink
  ) {
    let feed = engine.feed(peer.scene(of: channel))
    let plan = MediaLeg.Plan(
      transport: offer.transport, remoteHost: offer.host, remotePort: offer.port, localHost: link.local.host,
      feed: feed, ssrc: offer.ssrc.value &+ (fault(.wrongSSRC) == nil ? 0 : 1_000_003),
      loss: peer.faults.faults.first { $0.kind == .packetLoss }?.probability ?? 0)
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
        call.respond(200, body: body, contact: contact(link))
      case .failure:
        calls[callID] = nil
        call.respond(500)
      }
    }
  }

  func handleACK(_ request: SIPRequest) {
    guard let callID = request.callID, let call = calls[callID], call.acknowledged(), let leg = call.leg,
      fault(.silentMedia) == nil
    else { return }
    engine.loop.execute { leg.begin() }
  }

  func handleBye(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID, calls[callID] != nil else { return answer(request, 481, over: link) }
    answer(request, 200, over: link)
    hangUp(callID, saying: false)
  }

  func handleCancel(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID, let call = calls[callID] else {
      return answer(request, 481, over: link)
    }
    answer(request, 200, over: link)
    if call.cancelled() { hangUp(callID, saying: false) }
  }

  /// Ends a call; with `saying` the platform gets a BYE.
  func hangUp(_ callID: String, saying: Bool) {
    guard let call = calls.removeValue(forKey: callID) else { return }
    let wasAnswered = call.state == .running || call.state == .confirming
    call.finish(on: engine.loop)
    guard saying, wasAnswered, let link, var bye = bye(of: call) else { return }
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
