import GBCore
import MediaTime
import SDPCore
import SIPCore

/// A call that the tester placed to the lower platform.
final class UpperCall: Sendable {
  let answer: InviteAnswer
  let answerText: String
  /// `X-RoutePath` of the answer.
  let routePath: String?
  let receiver: MediaReceiver
  let offered: StreamSSRC
  private let lower: LowerPeer
  private let dialog: Guarded<Dialog>
  private let isOver = Guarded(false)

  init(
    _ lower: LowerPeer, dialog: Dialog, response: SIPResponse, receiver: MediaReceiver, offered: StreamSSRC
  ) {
    self.lower = lower
    self.dialog = Guarded(dialog)
    (answer, answerText) = (
      InviteAnswer(parsing: response.body), String(decoding: response.body, as: UTF8.self)
    )
    routePath = response.headers[.routePath]
    (self.receiver, self.offered) = (receiver, offered)
  }

  var callID: String { dialog.value.callID }
  var ssrc: UInt32 { answer.ssrc?.value ?? offered.value }

  /// - Parameter answer: the description, where the 200 has the offer.
  func acknowledge(with answer: String? = nil) async throws {
    var ack = dialog.value.acknowledgement()
    if let answer {
      ack.headers.append(.contentType, InviteOffer.contentType)
      ack.body = Array(answer.utf8)
    }
    try await lower.upper.peer.sendOnce(ack, over: try lower.route)
  }

  /// A request inside the dialog.
  func send(
    _ method: SIPMethod, type: String? = nil, body: String = "", patience: Duration = .seconds(8)
  ) async throws -> ConformPeer.Reply {
    var request = dialog.withLock { $0.request(method) }
    if let type {
      request.headers.append(.contentType, type)
      request.body = Array(body.utf8)
    }
    if method == .bye { isOver.withLock { $0 = true } }
    if method != .bye { request.headers.append(.contact, lower.contact) }
    return try await lower.send(request, patience: patience)
  }

  /// BYE, unless it was sent: the next case must not find the camera busy.
  func abandon() async {
    guard !isOver.value else { return }
    _ = try? await send(.bye, patience: .seconds(2))
  }

  /// BYE; the case fails unless it is answered, and media ends within a few seconds.
  func hangUp() async throws {
    let s = lower.script
    guard case .response(let response) = try await send(.bye) else {
      throw CaseFailure(cause: "BYE was not answered", expected: "200", came: "nothing")
    }
    try s.check(response.isSuccess, "BYE was refused", expected: "200", came: "\(response.status)")
    try await s.eventually("media still arrives seconds after BYE", within: .seconds(5)) {
      try await receiver.silence() > .seconds(1)
    }
    await receiver.close()
  }

  /// Waits until a key frame and some pictures came.
  func expectMedia(_ what: String = "media", within: Duration = .seconds(10)) async throws {
    let s = lower.script
    let seen = Guarded("nothing")
    try await s.eventually("\(what) did not arrive", within: within, came: seen) {
      let report = try await receiver.snapshot()
      seen.withLock { $0 = "\(report.packets) packets, \(report.videoUnits) pictures" }
      return report.keyFrames > 0 && report.videoUnits > 5
    }
  }

  /// What media of a good sender looks like (Annex C, §7.3).
  func judgeMedia() async throws {
    let s = lower.script
    let report = try await receiver.snapshot()
    try s.check(
      report.ssrcs == [ssrc], "RTP carries another SSRC than y= of the answer", expected: "\(ssrc)",
      came: report.ssrcs.map(String.init).joined(separator: ", "))
    try s.check(
      report.payloadTypes == [96], "RTP has another payload type than the answer", expected: "96",
      came: report.payloadTypes.map(String.init).joined(separator: ", "))
    try s.check(report.hasPackHeader, "the payload is no program stream: no pack header")
    try s.check(report.hasSystemHeader, "no system header stands before a key frame")
    try s.check(report.hasStreamMap, "no program stream map stands before a key frame")
  }
}

extension LowerPeer {
  /// What an INVITE of the tester asks for.
  struct Offer: Sendable {
    var session = InviteOffer.Session.live
    var transport = MediaTransportChoice.udp
    /// Sent without a session description: the callee offers.
    var isEmpty = false
    var senderSequence: String?
    /// The platforms that the call shall pass.
    var preferredPath: String?
  }

  /// INVITE until its final answer; the ACK is the caller's.
  func invite(_ channel: DeviceID, _ offer: Offer = Offer()) async throws -> (
    reply: ConformPeer.Reply, receiver: MediaReceiver, request: SIPRequest, ssrc: StreamSSRC
  ) {
    let receiver = try await MediaReceiver.open(
      offer.transport, host: upper.settings.listenHost, on: script.loop)
    script.onEnd { await receiver.close() }
    let isLive = if case .live = offer.session { true } else { false }
    let ssrc = StreamSSRC((isLive ? 200_000_000 : 1_200_000_000) + UInt32.random(in: 1...9_999))
    let media = InviteOffer(
      session: offer.session, platform: upper.settings.upperID, channel: channel,
      address: upper.settings.listenHost, port: receiver.port, transport: offer.transport, ssrc: ssrc,
      edition: upper.edition.version)
    var request = try request(.invite, to: channel)
    request.headers.append(.contact, contact)
    request.headers.append(.subject, media.subject.description)
    if let sequence = offer.senderSequence {
      request.headers.set(
        .subject, "\(channel):\(sequence),\(upper.settings.upperID):\(Token.random().prefix(8))")
    }
    if let path = offer.preferredPath { request.headers.append(.preferredPath, path) }
    if !offer.isEmpty {
      request.headers.append(.contentType, InviteOffer.contentType)
      request.body = media.body
    }
    let reply = try await send(request, patience: .seconds(15))
    return (reply, receiver, request, ssrc)
  }

  /// A call that stands: 200, ACK, and for an active offer the connection.
  func call(_ channel: DeviceID, _ offer: Offer = Offer()) async throws -> UpperCall {
    let s = script
    let (reply, receiver, request, ssrc) = try await invite(channel, offer)
    guard case .response(let response) = reply else {
      throw CaseFailure(cause: "the INVITE was not answered", expected: "200", came: "nothing")
    }
    try s.check(
      response.isSuccess, "the INVITE was refused", expected: "200",
      came: "\(response.status) \(response.reason)")
    let dialog = try s.require(
      Dialog(calling: request, answeredBy: response, from: try route.source), "the 200 makes no dialog")
    try s.check(response.contact != nil, "the 200 to INVITE has no Contact")
    let call = UpperCall(self, dialog: dialog, response: response, receiver: receiver, offered: ssrc)
    if offer.transport == .tcpActive {
      let port = try s.require(call.answer.port, "the answer names no port to connect to")
      let host = try s.require(call.answer.host, "the answer names no address to connect to")
      try await receiver.connect(to: host, port: port)
    }
    try await call.acknowledge()
    s.onEnd { await call.abandon() }
    return call
  }

  /// What the 200 to a live INVITE must say (§7.2, §7.5).
  func judge(_ call: UpperCall, _ transport: MediaTransportChoice) throws {
    let s = script
    let lines = call.answerText.split(whereSeparator: \.isNewline).map { $0.trimmed }
    try s.check(call.answer.ssrc != nil, "the answer has no y= line", came: lines.joined(separator: " | "))
    try s.check(lines.contains { $0.hasPrefix("f=") }, "the answer has no f= line")
    try s.check(lines.contains("a=sendonly"), "the answer does not say a=sendonly")
    try s.check(
      call.answer.maps.contains { $0.payloadType == 96 && $0.encoding.uppercased() == "PS" },
      "the answer does not choose payload type 96, PS")
    guard transport != .udp else { return }
    let expected: TCPSetup = transport == .tcpActive ? .passive : .active
    try s.check(
      call.answer.setup == expected, "a=setup of the answer does not fit the offer",
      expected: "a=setup:\(expected.rawValue)", came: call.answer.setup?.rawValue ?? "none")
  }
}
