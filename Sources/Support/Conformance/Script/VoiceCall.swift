import GBCore
import SDPCore
import SIPCore

/// A call that the lower platform placed to the tester to hear it speak (§12.1).
struct VoiceCall: Sendable {
  let dialog: Dialog
  let sender: MediaSender
  private let lower: LowerPeer

  /// Announces speech, is called, answers, and begins to speak.
  static func speak(_ lower: LowerPeer) async throws -> VoiceCall {
    let s = lower.script
    let upper = lower.upper
    let target = try await lower.speaker()
    let own = upper.settings.upperID
    let sn = upper.nextSerial()
    try await lower.tell(
      MANSCDPDocument(notifying: .broadcast, sn: sn, source: own, target: target))
    let answer = try await lower.answer("Broadcast", sn: sn)
    try s.check(
      answer.isOK == true, "the broadcast was refused", expected: "Result OK",
      came: answer.element.value("Result"))
    let came = try await upper.peer.expect(within: .seconds(12)) { $0.method == .invite }
    let invite = try s.require(came, "no INVITE for the sound came after Response/Broadcast")
    return try await accept(invite, lower)
  }

  private static func accept(_ invite: IncomingRequest, _ lower: LowerPeer) async throws -> VoiceCall {
    let s = lower.script
    let upper = lower.upper
    let own = upper.settings.upperID
    let offer = try s.require(OfferedMedia(invite), "the INVITE of the speaker has no session description")
    try s.check(
      offer.media.kind == "audio", "the speaker asks for something else than sound", expected: "m=audio",
      came: "m=\(offer.media.kind)")
    try s.check(
      (invite.request.uri?.user ?? invite.request.toUser) == own.text,
      "the INVITE of the speaker is not to the source that was announced", expected: own.text,
      came: invite.request.toUser)
    try s.check(
      offer.media.payloadTypes.contains(8), "the speaker does not offer PCMA (8)",
      came: offer.media.payloadTypes.map(String.init).joined(separator: " "))
    let ssrc = offer.ssrc ?? StreamSSRC(UInt32.random(in: 1...99_999_999))
    let host = upper.settings.listenHost
    let sender = try await MediaSender.open(
      offer.transport, clip: .voice, ssrc: ssrc.value, host: host, on: s.loop)
    s.onEnd { await sender.close() }
    let body = offer.answer(
      channel: own, host: host, port: sender.port, ssrc: ssrc, format: "v/////a/1/8/1", sound: true)
    let contact = lower.contact
    try await upper.peer.answer(invite, 200) { response in
      response.headers.append(.contact, contact)
      response.headers.append(.contentType, InviteOffer.contentType)
      response.body = body
    }
    let callID = invite.callID
    let tag = try await upper.peer.onLoop { [peer = upper.peer] in peer.calls[callID]?.localTag }
    let dialog = tag.flatMap { Dialog(called: invite.request, localTag: $0, from: invite.route.source) }
    let ack = try await upper.peer.expect(within: .seconds(6)) { $0.method == .ack && $0.callID == callID }
    try s.check(ack != nil, "the 200 to the INVITE of the speaker was not acknowledged", expected: "ACK")
    try await sender.begin(to: offer.host, port: offer.port)
    return VoiceCall(
      dialog: try s.require(dialog, "the INVITE makes no dialog"), sender: sender, lower: lower)
  }

  /// Speaks for a while; nobody may hang up meanwhile.
  func last(_ duration: Duration) async throws {
    let callID = dialog.callID
    let bye = try await lower.upper.peer.expect(within: duration) { $0.method == .bye && $0.callID == callID }
    try lower.script.check(bye == nil, "the speaker hung up while the tester spoke")
  }

  func hangUp() async throws {
    var dialog = dialog
    try await lower.script.expectOK(try await lower.send(dialog.request(.bye)), "BYE of a broadcast")
    await sender.close()
  }
}

extension LowerPeer {
  /// Where to speak to: a speaker of the catalog, or the device itself, which means all of its speakers.
  func speaker() async throws -> DeviceID {
    try await catalog().items.first { $0.id.typeCode == 137 }?.id ?? id
  }
}

extension MANSCDPDocument {
  /// A notification that sound comes (§12.1): it names source and target instead of a device.
  init(notifying command: CmdType, sn: Int, source: DeviceID, target: DeviceID) {
    self.init(
      .notify, command, sn: sn, deviceID: target,
      fields: [XMLElement("SourceID", source.text), XMLElement("TargetID", target.text)])
  }
}
