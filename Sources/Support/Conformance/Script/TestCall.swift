import GBCore
import MPEGCore
import NIOCore
import SDPCore
import SIPCore

/// A call that the server under test placed to one of the tester's devices.
final class TestCall: Sendable {
  let invite: IncomingRequest
  let offer: OfferedMedia
  let device: TestDevice
  let sender: MediaSender
  private let dialog: Guarded<Dialog?>

  init(
    _ invite: IncomingRequest, _ offer: OfferedMedia, device: TestDevice, sender: MediaSender, dialog: Dialog?
  ) {
    (self.invite, self.offer, self.device, self.sender) = (invite, offer, device, sender)
    self.dialog = Guarded(dialog)
  }

  /// The ACK; sending begins with it.
  func acknowledged(within: Duration = .seconds(6), sending: Bool = true) async throws {
    let callID = invite.callID
    _ = try await device.expect("the ACK of the 200", within: within) {
      $0.method == .ack && $0.callID == callID
    }
    if sending { try await sender.begin(to: offer.host, port: offer.port) }
  }

  /// The BYE of the server; it was answered when it came.
  func hungUp(within: Duration) async throws {
    let callID = invite.callID
    _ = try await device.expect("the BYE", within: within) { $0.method == .bye && $0.callID == callID }
    await sender.close()
  }

  /// A request of the device inside the dialog.
  func request(_ method: SIPMethod) -> SIPRequest? {
    dialog.withLock { $0?.request(method) }
  }

  /// The device hangs up.
  func hangUp() async throws {
    let bye = try device.script.require(request(.bye), "the INVITE makes no dialog")
    _ = try await device.send(bye)
    await sender.close()
  }
}

/// What an INVITE offers, taken apart.
struct OfferedMedia: Sendable {
  let text: String
  let description: SessionDescription
  let media: MediaDescription
  let host: String
  let port: Int
  let transport: MediaTransportChoice
  let ssrc: StreamSSRC?

  init?(_ invite: IncomingRequest) {
    guard let description = try? SessionDescription(parsing: invite.request.body),
      let media = description.primaryMedia, let host = description.address(of: media)
    else { return nil }
    (text, self.description, self.media, self.host) = (invite.bodyText, description, media, host)
    (port, ssrc) = (media.port, description.ssrc)
    if media.transport == .udp {
      transport = .udp
    } else {
      transport = description.setup(of: media) == .active ? .tcpActive : .tcpPassive
    }
  }

  /// The answer of a good sender.
  ///
  /// - Parameter sound: whether bare G.711 A is sent instead of a program stream.
  func answer(
    channel: DeviceID, host: String, port: Int, ssrc: StreamSSRC, format: String, sound: Bool = false
  ) -> [UInt8] {
    var answer = SessionDescription(
      name: description.name, origin: OriginLine(user: channel.text, address: host),
      connection: ConnectionLine(address: host))
    answer.time = description.time
    let map =
      sound
      ? RTPMap(payloadType: 8, encoding: "PCMA", clockRate: 8_000)
      : RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000)
    var attributes = [SDPAttribute("sendonly"), map.attribute]
    if transport != .udp {
      attributes.append(SDPAttribute("setup", transport == .tcpActive ? "passive" : "active"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    answer.media = [
      MediaDescription(
        kind: sound ? "audio" : "video", port: port, transport: transport == .udp ? .udp : .tcp,
        payloadTypes: [map.payloadType], attributes: attributes)
    ]
    answer.ssrc = ssrc
    answer.formatText = format
    return answer.serialised()
  }
}

extension TestDevice {
  /// The next INVITE for a channel of this device.
  func invited(_ channel: TestChannel, within: Duration = .seconds(10)) async throws -> IncomingRequest {
    let code = channel.channel.text
    return try await expect("an INVITE for the channel", within: within) {
      $0.method == .invite && ($0.request.uri?.user == code || $0.request.toUser == code)
    }
  }

  /// Answers an INVITE by 200 and is ready to send.
  ///
  /// - Parameters:
  ///   - changedBy: added to the SSRC that was asked for: a device with a mind of its own.
  ///   - sendingAs: the SSRC of the RTP, when it is not even the one of the answer.
  ///   - address: what the answer names as the sender's, instead of the truth.
  func accept(
    _ invite: IncomingRequest, _ channel: TestChannel, video: MediaCodec = .h264, audio: MediaCodec? = nil,
    changedBy: UInt32 = 0, sendingAs: UInt32? = nil, address: String? = nil
  ) async throws -> TestCall {
    let offer = try script.require(
      OfferedMedia(invite), "the INVITE carries no session description that can be read")
    let clip = try script.require(MediaClip(video: video, audio: audio), "the tester has no such clip")
    let asked = offer.ssrc ?? StreamSSRC(UInt32.random(in: 1...99_999_999))
    let answered = StreamSSRC(asked.value &+ changedBy)
    let host = script.host
    let sender = try await MediaSender.open(
      offer.transport, clip: clip, ssrc: sendingAs ?? answered.value, host: host, on: script.loop)
    script.onEnd { await sender.close() }
    let body = offer.answer(
      channel: channel.channel, host: address ?? host, port: sender.port, ssrc: answered,
      format: "v/\(video == .h265 ? 5 : 2)/128x96/10/1/64a/\(audio == .aac ? "6" : "1")/8/1")
    let contact = contact
    try await peer.answer(invite, 200) { response in
      response.headers.append(.contact, contact)
      response.headers.append(.contentType, InviteOffer.contentType)
      response.body = body
    }
    let callID = invite.callID
    let tag = try await peer.onLoop { [peer] in peer.calls[callID]?.localTag }
    let dialog = tag.flatMap { Dialog(called: invite.request, localTag: $0, from: invite.route.source) }
    return TestCall(invite, offer, device: self, sender: sender, dialog: dialog)
  }
}

extension Script {
  func serverAddress() throws -> SocketAddress {
    try SocketAddress.makeAddressResolvingHost(settings.server.host, port: settings.server.port)
  }

  func expectOK(_ reply: ConformPeer.Reply, _ what: String) async throws {
    switch reply {
    case .silence: throw CaseFailure(cause: "\(what) was not answered", expected: "200", came: "nothing")
    case .response(let response):
      try check(
        response.isSuccess, "\(what) was refused", expected: "200",
        came: "\(response.status) \(response.reason)")
    }
  }
}
