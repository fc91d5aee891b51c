import GBCore
import MPEGCore
import SDPCore
import SIPCore

/// D10–D14, D28–D30: pictures.
enum DownLive {
  static let cases: [ConformCase] = [
    ConformCase(
      "D10", "Live over UDP, TCP passive, TCP active", "实时点播：UDP、TCP 被动、TCP 主动",
      clause: "GB/T 28181 9.2, Annex D, G, K", sends: "answers to INVITE and a program stream, each way",
      expects: "a legal INVITE (Subject, y=, order of lines), ACK, picture shown, BYE when it is closed",
      body: live),
    ConformCase(
      "D11", "A device with its own SSRC", "SSRC 与 y= 不一致", clause: "GB/T 28181 Annex G, reference §7.3",
      sends: "a y= of its own in the 200; from another device RTP with an SSRC that nobody agreed on",
      expects: "the picture is shown both times", body: ownSSRC),
    ConformCase(
      "D12", "H.264, H.265, G.711 and AAC", "H.264、H.265、G.711、AAC 解复用", clause: "GB/T 28181 Annex C, F",
      sends: "program streams with each codec", expects: "each is shown under its name", body: codecs),
    ConformCase(
      "D13", "Main and sub-stream", "主辅码流切换", clause: "GB/T 28181-2022 Annex G, a=streamnumber",
      editions: [.edition2022], sends: "answers to an INVITE for the sub-stream",
      expects: "the INVITE for the sub-stream says which stream it wants", body: subStream),
    ConformCase(
      "D14", "Third-party call of a client", "客户端第三方呼叫控制", clause: "GB/T 28181 9.2.2", mandatory: false,
      sends: "an INVITE without a session description, from a user's terminal, for a live channel",
      expects: "200 with an offer, media after the ACK with the answer", body: thirdParty),
    ConformCase(
      "D28", "Many viewers, one stream", "多路观看单路取流", clause: "GB/T 28181 Annex L",
      sends: "the answer to one INVITE", expects: "three viewers, one INVITE, one BYE after the last left",
      body: fanOut),
    ConformCase(
      "D29", "A device restarts", "下级重启", clause: "GB/T 28181 9.1.2, Annex K",
      sends: "a new registration from a new socket in the middle of a stream, which has stopped",
      expects: "the picture comes back by another INVITE", body: restart),
    ConformCase(
      "D30", "Loss of keepalives while streaming", "点播期间心跳丢失", clause: "GB/T 28181 Annex K",
      sends: "nothing more, neither heartbeats nor media",
      expects: "the call is ended and the viewer is told", body: lost),
  ]

  // MARK: Steps that other cases use

  /// Opens the first channel and sends until the picture is shown.
  static func play(
    _ s: Script, _ device: TestDevice, video: MediaCodec = .h264, audio: MediaCodec? = nil,
    changedBy: UInt32 = 0, sendingAs: UInt32? = nil
  ) async throws -> (TestCall, OpenedPicture) {
    let channel = device.channel
    let name = device.catalog.first { $0.id == channel.channel }?.name ?? ""
    try await s.eventually(
      .channelName(channel), is: name, within: .seconds(15),
      "the channel is not listed although the catalog named it")
    let picture = try await s.actions.openLive(channel, stream: nil)
    s.onEnd { try? await s.actions.close(picture) }
    let invite = try await device.invited(channel)
    let call = try await device.accept(
      invite, channel, video: video, audio: audio, changedBy: changedBy, sendingAs: sendingAs)
    try await call.acknowledged()
    try await shown(s, picture)
    return (call, picture)
  }

  /// The picture is there, and arrives at somebody who opens it.
  static func shown(_ s: Script, _ picture: OpenedPicture, within: Duration = .seconds(8)) async throws {
    let state = Guarded("")
    try await s.eventually("no picture is shown although media arrives", within: within, came: state) {
      let said = try await s.actions.ask(.pictureState(picture))
      state.withLock { $0 = said }
      return said == "live" || said == "playing"
    }
    let bytes = Int(try await s.actions.ask(.pictureBytes(picture))) ?? 0
    try s.check(bytes > 0, "somebody who opens the picture receives nothing")
  }

  /// What an INVITE for a live picture must look like (§7.1, §7.2).
  static func judge(_ s: Script, _ invite: IncomingRequest, _ channel: TestChannel, _ offer: OfferedMedia)
    throws
  {
    let request = invite.request
    let subject = try s.require(request.headers[.subject], "the INVITE has no Subject")
    let parts = Subject(parsing: subject)
    try s.check(
      parts.sender == channel.channel, "the Subject does not begin with the channel that is asked for",
      expected: "\(channel.channel):…", came: subject)
    try s.check(
      parts.senderSequence.hasPrefix("0"), "the Subject's sequence of a live stream does not begin with 0",
      came: subject)
    try s.check(parts.receiver != nil, "the Subject names no receiver", came: subject)
    try s.check(request.contact != nil, "the INVITE has no Contact")
    try s.check(
      request.contentType?.lowercased() == "application/sdp", "the Content-Type is not Application/SDP",
      came: request.contentType)
    let lines = offer.text.split(whereSeparator: \.isNewline).map(String.init)
    let y = try s.require(
      lines.first { $0.hasPrefix("y=") }?.dropFirst(2), "the session description has no y= line")
    try s.check(
      y.count == 10 && y.first == "0" && y.allSatisfy(\.isNumber),
      "y= of a live stream is not ten digits that begin with 0", expected: "0DDDDDNNNN", came: String(y))
    let lastAttribute = lines.lastIndex { $0.hasPrefix("a=") } ?? 0
    let ssrc = lines.firstIndex { $0.hasPrefix("y=") } ?? 0
    try s.check(
      ssrc > lastAttribute, "y= stands before an a= line, which Hikvision answers by 415",
      came: lines.joined(separator: " | "))
    try s.check(
      offer.description.name == "Play", "s= of a live stream is not Play", came: offer.description.name)
    try s.check(
      offer.media.payloadTypes.contains(96) && offer.media.maps.contains { $0.payloadType == 96 },
      "payload type 96 (PS) is not offered")
    try s.check(
      offer.media.direction == .receiveOnly, "the receiver does not say a=recvonly",
      came: offer.media.direction?.rawValue)
    try s.check(
      lines.contains { $0 == "t=0 0" }, "a live stream needs t=0 0",
      came: lines.first { $0.hasPrefix("t=") })
    guard offer.transport != .udp else { return }
    try s.check(
      offer.description.setup(of: offer.media) != nil, "media over TCP is offered without a=setup")
    try s.check(
      offer.media.attribute("connection") != nil, "media over TCP is offered without a=connection:new")
  }

  // MARK: Cases

  private static func live(_ s: Script) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for way in MediaTransportChoice.allCases { tasks.addTask { try await live(s, over: way) } }
      try await tasks.waitForAll()
    }
  }

  /// Refuses every offer by 488 until the server offers the way wanted.
  private static func live(_ s: Script, over way: MediaTransportChoice) async throws {
    let device = try await s.device()
    try await device.registered()
    let channel = device.channel
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    let picture = try await s.actions.openLive(channel, stream: nil)
    s.onEnd { try? await s.actions.close(picture) }
    for _ in 0..<4 {
      let invite = try await device.invited(channel)
      let offer = try s.require(
        OfferedMedia(invite), "the INVITE carries no session description that can be read")
      try judge(s, invite, channel, offer)
      guard offer.transport == way else {
        try await device.peer.answer(invite, 488)
        continue
      }
      let call = try await device.accept(invite, channel)
      try await call.acknowledged()
      try await shown(s, picture)
      try await s.actions.close(picture)
      try await call.hungUp(within: .seconds(30))
      return
    }
    throw CaseFailure(
      cause: "a device that only does media over \(way.rawValue) is never asked for that",
      expected: "an INVITE that offers \(way.rawValue) after 488")
  }

  private static func ownSSRC(_ s: Script) async throws {
    // One after the other: of two calls to one address nobody could tell whose the strange packets are.
    for (changedBy, sendingAs) in [
      (UInt32(1_000_003), nil), (0, UInt32.random(in: 700_000_000...799_999_999)),
    ] {
      let device = try await s.device()
      try await device.registered()
      let (call, picture) = try await play(s, device, changedBy: changedBy, sendingAs: sendingAs)
      await call.sender.close()
      try await s.actions.close(picture)
    }
  }

  private static func codecs(_ s: Script) async throws {
    let combinations: [(MediaCodec, MediaCodec, String)] = [
      (.h264, .g711A, "h264"), (.h265, .g711U, "h265"), (.h264, .aac, "h264"),
    ]
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (video, audio, name) in combinations {
        tasks.addTask {
          let device = try await s.device()
          try await device.registered()
          let (_, picture) = try await play(s, device, video: video, audio: audio)
          let shown = try await s.actions.ask(.pictureCodec(picture)).lowercased()
          try s.check(
            shown.replacing(".", with: "").contains(name) || shown == "unknown",
            "a \(name) stream is shown as something else", expected: name, came: shown)
        }
      }
      try await tasks.waitForAll()
    }
  }

  private static func subStream(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    let picture = try await s.actions.openLive(device.channel, stream: 1)
    let invite = try await device.invited(device.channel)
    let selected = invite.bodyText.split(whereSeparator: \.isNewline).filter {
      ["a=streamnumber:1", "a=streamprofile:1", "a=stream:1", "a=streammode:sub"].contains(
        $0.trimmed.lowercased())
    }
    try await device.peer.answer(invite, 486)
    try await s.actions.close(picture)
    try s.check(
      !selected.isEmpty, "the INVITE for the sub-stream is the same as for the main stream",
      expected: "a=streamnumber:1", came: "no such line")
  }

  private static func thirdParty(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let client = try await s.device(type: "300")
    try await client.registered()
    var invite = client.request(.invite, to: device.channel.channel)
    invite.headers.append(.contact, client.contact)
    invite.headers.append(.subject, "\(device.channel.channel):0,\(client.id):0")
    let reply = try await client.send(invite, patience: .seconds(12))
    guard case .response(let response) = reply else {
      throw CaseFailure(cause: "an INVITE without a session description was not answered")
    }
    try s.check(
      response.isSuccess, "an INVITE without a session description was refused",
      expected: "200 with an offer",
      came: "\(response.status) \(response.reason)")
  }

  private static func fanOut(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let (call, first) = try await play(s, device)
    var pictures = [first]
    for _ in 0..<2 { pictures.append(try await s.actions.openLive(device.channel, stream: nil)) }
    for picture in pictures { try await shown(s, picture) }
    try await device.expectNone("a second INVITE for the same picture", for: .seconds(1)) {
      $0.method == .invite
    }
    try await s.actions.close(pictures[0])
    try await s.actions.close(pictures[1])
    try await device.expectNone("a BYE while somebody still watches", for: .seconds(2)) { $0.method == .bye }
    try await shown(s, pictures[2])
    try await s.actions.close(pictures[2])
    try await call.hungUp(within: .seconds(30))
  }

  private static func restart(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let (call, picture) = try await play(s, device)
    await call.sender.close()
    s.ladder.note("the device loses power: the stream stops, calls are forgotten")
    try await device.moveToNewSocket()
    try await device.registered()
    // Somebody still looks: the picture is asked for again.
    async let looking = s.actions.ask(.pictureBytes(picture))
    let again = try await device.invited(device.channel, within: .seconds(40))
    let second = try await device.accept(again, device.channel)
    try await second.acknowledged()
    _ = try await looking
    try await shown(s, picture, within: .seconds(15))
    try await s.actions.close(picture)
  }

  private static func lost(_ s: Script) async throws {
    let device = try await s.device(keepalive: 5)
    try await device.registered()
    let (call, picture) = try await play(s, device)
    await call.sender.stop()
    s.ladder.note("the device falls silent: no media, no heartbeats")
    let callID = call.invite.callID
    try await s.eventually(
      "the viewer is not told that the picture is gone", within: .seconds(30)
    ) {
      let state = try await s.actions.ask(.pictureState(picture))
      return state != "live" && state != "playing"
    }
    try await s.eventually(
      .isOnline(device.id), is: "no", within: .seconds(30), "the device is online although it is silent")
    let bye = try await device.peer.expect(within: .seconds(30)) { $0.method == .bye && $0.callID == callID }
    try s.check(bye != nil, "the call was not ended by BYE", expected: "BYE", came: "nothing")
    try await s.actions.close(picture)
  }
}

extension StringProtocol {
  /// Without spaces at either end.
  var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }
}
