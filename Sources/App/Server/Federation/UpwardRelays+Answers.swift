import Access
import Federation
import GBCore
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Streaming
import Synchronization

/// What calls of superiors are answered with, and how they are let go.
extension UpwardRelays {
  // MARK: Answering

  func answer(_ callID: String, _ stream: StreamID) async {
    guard let entry = find(callID) else { return }
    let call = entry.call
    let ssrc = call.offer?.ssrc ?? ownNumber(isHistory: call.session != .live)
    var port = Int(plane.port)
    if let offer = call.offer {
      note(callID) { $0.request = RelayRequest(offer, ssrc) }
      if hasOwnPorts || offer.path == .listen {
        // Nothing may be sent before the ACK; but a port of its own is there only with its relay.
        guard let relay = attach(callID, stream) else { return await fail(callID, 500) }
        port = Int(relay.port)
      }
    } else {
      // Where to send to is not known before the ACK.
      note(callID) { $0.request = RelayRequest(ssrc: ssrc.value, transport: .udp, host: "", port: 0) }
    }
    let format = await live.status(entry.camera).flatMap { Self.format($0.formats) }
    let body = description(callID, entry, port: port, ssrc: ssrc, format: format)
    let isStanding = state.withLock { state in
      guard var entry = state.entries[callID] else { return false }
      entry.answer = body
      entry.dialog = Dialog(called: call.request, localTag: entry.tag, from: entry.source)
      entry.patience = patience(callID, because: "unacknowledged")
      state.entries[callID] = entry
      // Before any BYE: this only puts it on the event loop.
      entry.transaction.respond(agreement(call, body, entry.tag))
      return true
    }
    if !isStanding {
      logger.debug("a call of a superior was given up", metadata: ["sip.call_id": "\(callID)"])
    }
  }

  /// What we say to its offer, or offer ourselves.
  private func description(
    _ callID: String, _ entry: Entry, port: Int, ssrc: StreamSSRC, format: MediaFormatLine?
  ) -> [UInt8] {
    let address = address(towards: entry.source.remote.host)
    guard let offer = entry.call.offer else {
      // With a port for each relay there is none before it: then the number says that nobody listens there.
      return StreamOffer.proposal(
        own: entry.call.superior.ownID, address: address, port: port == 0 ? 9 : port, ssrc: ssrc,
        format: format)
    }
    return offer.answer(
      own: entry.call.superior.ownID, address: address, port: port, ssrc: ssrc,
      stream: offer.stream == nil ? nil : find(callID)?.camera.number, format: format,
      fileSize: entry.feed?.fileSize)
  }

  /// Ends a call with a BYE when nothing has come within the time of a transaction.
  func patience(_ callID: String, because reason: String) -> Task<Void, Never> {
    Task { [weak self, limits] in
      try? await Task.sleep(for: limits.acknowledgement)
      if !Task.isCancelled { await self?.end(callID, because: reason, tells: true) }
    }
  }

  func agreement(_ call: UpwardCall, _ body: [UInt8], _ tag: String) -> SIPResponse {
    var response = response(200, call, tag: tag)
    response.headers.append(.contact, "<\(contact(call))>")
    response.headers.append(.contentType, InviteOffer.contentType)
    response.body = body
    return response
  }

  private func contact(_ call: UpwardCall) -> SIPURI {
    SIPURI(
      user: call.code.text, host: address(towards: call.request.receivedFrom?.host ?? "127.0.0.1"),
      port: signalling.endpoint?.port)
  }

  /// Every answer to an INVITE names the platforms it came through (Annex H).
  func response(_ status: Int, _ call: UpwardCall, tag: String) -> SIPResponse {
    var response = SIPResponse(to: call.request, status: status, toTag: tag)
    let lower = call.channel.device
    let below = lower.isPlatform ? route(call.channel) : nil
    if let route = RoutePath.answer(
      at: signalling.platform, below: below, lower: lower.isPlatform ? lower : nil)
    {
      response.headers.append(.routePath, route.description)
    }
    return response
  }

  /// Refuses a call that has no answer yet.
  func fail(_ callID: String, _ status: Int, warning: String? = nil) async {
    guard let entry = find(callID), entry.dialog == nil else { return }
    var answer = response(status, entry.call, tag: entry.tag)
    if let warning { answer.headers.append(.warning, warning) }
    entry.transaction.respond(answer)
    await end(callID, because: "\(status)", tells: false)
  }

  /// - Parameter tells: whether the superior is sent a BYE.
  func end(_ callID: String, because reason: String, tells: Bool) async {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries.removeValue(forKey: callID) else { return nil }
      if let relay = entry.relay { state.byRelay[relay] = nil }
      state.figures.ended[reason, default: 0] += 1
      return entry
    }
    guard let entry else { return }
    entry.patience?.cancel()
    links.ended(callID, entry.call.superior.id)
    if let relay = entry.relay { plane.detachRelay(relay) }
    if entry.dialog == nil {
      // Preparing: the superior must not wait for an answer.
      entry.transaction.respond(response(487, entry.call, tag: entry.tag))
    } else if tells, var dialog = entry.dialog {
      let target = SIPTarget(entry.source)
      var bye = dialog.request(.bye)
      bye.headers.append(.reason, "SIP ;cause=\(reason == "displaced" ? 486 : 480) ;text=\"\(reason)\"")
      signalling.endpoint?.send(bye, to: target, timeout: .seconds(10)) { _ in }
    }
    if let hold = entry.hold { await live.release(hold) }
    if let look = entry.look { await looks.end(look) }
    if let passed = entry.passed { await passing.withLock { $0 }?.end(passed) }
    logger.info(
      "pictures to a superior ended",
      metadata: [
        "superior.id": "\(entry.call.superior.id)", "channel.id": "\(entry.call.channel)",
        "cause": "\(reason)",
      ])
    // A device may take half a minute to say that it has heard the BYE.
    if let feed = entry.feed { Task { await feed.close() } }
  }

  // MARK: Small things

  func find(_ callID: String) -> Entry? { state.withLock { $0.entries[callID] } }
  func isWanted(_ callID: String) -> Bool { find(callID) != nil }
  func note(_ callID: String, _ body: (inout Entry) -> Void) {
    state.withLock { state in
      guard var entry = state.entries[callID] else { return }
      body(&entry)
      state.entries[callID] = entry
    }
  }

  func address(towards host: String) -> String {
    signalling.endpoint?.localAddress(towards: host) ?? host
  }

  /// A number of our own: 0 for live and 1 for recordings, digits of the domain, four at random (§7.3).
  private func ownNumber(isHistory: Bool) -> StreamSSRC {
    let middle = signalling.platform.text.dropFirst(3).prefix(5)
    let kind: UInt32 = isHistory ? 1_000_000_000 : 0
    return StreamSSRC(kind + (UInt32(middle) ?? 0) * 10_000 + UInt32.random(in: 1...9_999))
  }

  /// What is sent, in the words of `f=`: advice only.
  private static func format(_ formats: [TrackFormat]) -> MediaFormatLine? {
    let codecs = formats.map(\.codec)
    let video: String? = codecs.contains(.h265) ? "5" : codecs.contains(.h264) ? "2" : nil
    guard let video else { return nil }
    let sound = codecs.contains(.g711A) || codecs.contains(.g711U)
    return MediaFormatLine(
      video: .init(codec: video, resolution: "", frameRate: "", rateType: "", bitRate: ""),
      audio: sound ? .init(codec: "1", bitRate: "8", sampleRate: "1") : nil)
  }
}

extension RelayTransport {
  init(_ path: StreamOffer.Path) {
    switch path {
    case .udp: self = .udp
    case .connect: self = .tcpActive
    case .listen: self = .tcpPassive
    }
  }
}

extension RelayRequest {
  /// Where an offer wants its pictures.
  init(_ offer: StreamOffer, _ ssrc: StreamSSRC) {
    self.init(
      ssrc: ssrc.value, transport: RelayTransport(offer.path), host: offer.host,
      port: UInt16(exactly: offer.port) ?? 0)
    payloadType = UInt8(truncatingIfNeeded: offer.payloadType)
  }
}

extension InviteOffer.Session {
  var lookKind: LookKind {
    switch self {
    case .live: .live
    case .playback: .playback
    case .download: .export
    }
  }
}

extension HistoryFailure {
  /// What a superior is told (§7.8).
  var upwardStatus: Int {
    switch code {
    case "offline": 480
    case "busy", "queue-full", "link-full": 486
    case "no-answer", "no-media": 408
    default: status.map { (400..<700).contains($0) ? $0 : 500 } ?? 500
    }
  }
}
