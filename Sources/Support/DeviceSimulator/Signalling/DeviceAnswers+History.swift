import GBCore
import MediaTime
import NIOCore
import SDPCore
import SIPCore

/// Recordings on board and their replay (§4.6, §7.7, §8). A device without any says so.
extension SimulatedDevice {
  func answerRecordings(_ order: DeviceOrder) {
    guard let recordings = peer.recordings,
      let query = RecordQuery(order.message, clock: RecordClock(offset: .seconds(recordings.clockOffset))),
      let channel = catalog.channel(order.target) ?? peer.channels.first
    else { return reply(order, isOK: false) }
    let items = recordings.files(
      of: order.target, name: channel.name, from: query.start, to: query.end, now: LiveSceneEncoder.now())
    let size = max(recordings.itemsPerPart, 1)
    let parts = stride(from: 0, to: items.count, by: size).map {
      Array(items[$0..<min($0 + size, items.count)])
    }
    let total = max(items.count + recordings.totalError, 0)
    sendRecords(parts.isEmpty ? [[]] : parts[...], total: total, name: channel.name, order: order, losses: 0)
  }

  /// One part after the other, each after the answer to the one before.
  private func sendRecords(
    _ parts: ArraySlice<[RecordItem]>, total: Int, name: String, order: DeviceOrder, losses: Int
  ) {
    guard let part = parts.first, losses < 3, let recordings = peer.recordings else { return }
    let clock = RecordClock(offset: .seconds(recordings.clockOffset))
    let document = MANSCDPDocument.records(
      sn: order.sn, of: order.target, name: name, total: total, items: part, edition: peer.edition,
      clock: clock)
    message(document) { [self] response in
      sendRecords(
        parts.dropFirst(), total: total, name: name, order: order, losses: response == nil ? losses + 1 : 0)
    }
  }

  // MARK: Calls

  /// How many replays and downloads run.
  private var historySessions: Int { calls.values.count { $0.player != nil } }

  /// Answers an INVITE for recorded material.
  ///
  /// - Returns: false when it asks for something else.
  func handleHistoryInvite(_ call: SimulatedCall, over link: DeviceLink) -> Bool {
    guard let recordings = peer.recordings, let wish = HistoryWish(call.request) else { return false }
    guard let offer = try? MediaOffer(call.request, live: false) else {
      call.respond(400)
      return true
    }
    if let allowed = peer.mediaTransports, !allowed.contains(offer.transport) {
      call.respond(488)
      return true
    }
    guard historySessions < recordings.sessions else {
      call.respond(486)
      return true
    }
    let plan = OnBoardPlayer.Plan(
      recordings: recordings, start: wish.start, end: wish.end,
      speed: wish.speed.map { min($0, recordings.fastestDownload) }, ssrc: offer.ssrc.value, zone: fleet.zone)
    let callID = call.callID
    let player = OnBoardPlayer(plan, loop: engine.loop) { [weak self] in
      guard let self else { return }
      loop.execute { self.historyEnded(callID) }
    }
    call.player = player
    calls[callID] = call
    countCall()
    accept(call, offer, player, wish, over: link)
    return true
  }

  private func accept(
    _ call: SimulatedCall, _ offer: MediaOffer, _ player: OnBoardPlayer, _ wish: HistoryWish,
    over link: DeviceLink
  ) {
    let plan = MediaLeg.Plan(
      transport: offer.transport, remoteHost: offer.host, remotePort: offer.port, localHost: link.local.host,
      feed: 0, ssrc: offer.ssrc.value, sequence: 0, begun: .now(), faults: nil, player: player)
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
        let body = wish.answer(
          offer, channel: call.channel, host: link.local.host, port: port, recordings: peer.recordings)
        call.respond(200, body: body, contact: contact(link))
      case .failure:
        calls[callID] = nil
        call.respond(500)
      }
    }
  }

  // MARK: Orders

  /// Orders within a replay; a live stream accepts and ignores them.
  func handleInfo(_ request: SIPRequest, over link: DeviceLink) {
    guard let callID = request.callID, let call = calls[callID] else {
      return answer(request, 481, over: link)
    }
    guard let player = call.player else { return answer(request, 200, over: link) }
    if let status = peer.recordings?.infoStatus { return answer(request, status, over: link) }
    guard let order = PlaybackRequest(parsing: request.body) else { return answer(request, 400, over: link) }
    engine.loop.submit { player.obey(order) }.hop(to: loop).whenSuccess { [weak self] response in
      self?.answer(request, 200, over: link) { answer in
        answer.headers.append(.contentType, PlaybackRequest.contentType)
        answer.body = response.body
      }
    }
    call.pauseEnd?.cancel()
    guard order.method == .pause, let limit = peer.recordings?.pauseLimit else { return }
    call.pauseEnd = schedule(.milliseconds(Int64(limit))) { [weak self] in self?.hangUp(callID, saying: true)
    }
  }

  // MARK: The end of a file

  private func historyEnded(_ callID: String) {
    guard let call = calls[callID], let recordings = peer.recordings else { return }
    switch recordings.endNotice {
    case .never: return
    case .outOfDialog: message(.mediaEnded(sn: nextSerial(), channel: call.channel)) { _ in }
    case .inDialog:
      guard let link, var request = inDialog(.message, of: call) else { return }
      request.headers.append(.contentType, MANSCDPDocument.contentType)
      request.body = body(of: .mediaEnded(sn: nextSerial(), channel: call.channel))
      let branch = stamp(&request, link: link)
      requests.send(request, branch: branch, over: link) { _ in }
    }
  }

  private func inDialog(_ method: SIPMethod, of call: SimulatedCall) -> SIPRequest? {
    guard let from = call.request.from, var to = call.request.to else { return nil }
    to.tag = call.localTag
    let target = call.request.contact?.uri ?? from.uri
    return SIPRequest(method: method, uri: target, from: to, to: from, callID: call.callID, cseq: 20)
  }
}

/// What an INVITE for recorded material wants.
struct HistoryWish {
  /// Unix seconds, UTC.
  let start: Int64
  let end: Int64
  /// Nil for a replay.
  let speed: Int?

  /// Nil for a live stream.
  init?(_ request: SIPRequest) {
    guard let description = try? SessionDescription(parsing: request.body),
      let media = description.primaryMedia, let time = description.time, time.start > 0
    else { return nil }
    switch description.name.lowercased() {
    case "playback": speed = nil
    case "download": speed = max(media.attribute("downloadspeed").flatMap { Int($0) } ?? 1, 1)
    default: return nil
    }
    (start, end) = (time.start, time.end)
  }

  func answer(
    _ offer: MediaOffer, channel: DeviceID, host: String, port: Int, recordings: OnBoardRecordings?
  ) -> [UInt8] {
    var description = SessionDescription(
      name: speed == nil ? "Playback" : "Download", origin: OriginLine(user: channel.text, address: host),
      connection: ConnectionLine(address: host))
    description.time = SessionTime(start: start, end: end)
    var attributes = [
      SDPAttribute("sendonly"), RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000).attribute,
    ]
    if offer.transport != .udp {
      attributes.append(SDPAttribute("setup", offer.transport == .tcpActive ? "passive" : "active"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    if speed != nil, let recordings, recordings.announcesSize {
      let now = LiveSceneEncoder.now()
      let seconds = (start..<end).count { recordings.isRecorded($0, now: now) }
      attributes.append(SDPAttribute("filesize", String(seconds * recordings.bytesPerSecond)))
    }
    description.media = [
      MediaDescription(
        kind: "video", port: port, transport: offer.transport == .udp ? .udp : .tcp, payloadTypes: [96],
        attributes: attributes)
    ]
    description.ssrc = offer.ssrc
    return description.serialised()
  }
}
