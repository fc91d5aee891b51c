import GBCore
import MPEGCore
import SDPCore
import SIPCore

/// R6, R10, R11, R14–R16: media under attack, characters, loops, IPv6.
enum RobustMedia {
  static let cases: [ConformCase] = [
    ConformCase(
      "R6", "RTP from somebody else", "RTP 注入", clause: "reference §9.3, §15.3",
      sends: "a flood of RTP with the right SSRC from another address into a running stream",
      expects: "the picture goes on as it was", body: injection),
    ConformCase(
      "R10", "Loss and reordering", "丢包与乱序", clause: "GB/T 28181 Annex C, reference §9.1",
      sends: "a stream of which 1 % is lost and some packets change places",
      expects: "the picture goes on and recovers at key frames", body: lossy),
    ConformCase(
      "R11", "The media connection breaks", "媒体连接中断", clause: "GB/T 28181 Annex D, K",
      sends: "the end of the TCP connection that carries a stream",
      expects: "BYE, another INVITE while somebody watches, and the picture again", body: broken),
    ConformCase(
      "R14", "Rare characters", "GB18030 四字节字符", clause: "GB/T 28181-2022 6.10; GB 18030",
      sends: "a catalog whose names use two- and four-byte characters of GB18030",
      expects: "the same names", body: characters),
    ConformCase(
      "R15", "Two platforms below each other", "互为上下级环路", clause: "reference §11.1, §15.3",
      role: .lowerPlatform,
      sends:
        "a catalog that names the server itself and a ring of parents, then an INVITE for the own channel",
      expects: "no catalog queries without end, no INVITE back", body: ring),
    ConformCase(
      "R16", "IPv6 in Via, Contact and SDP", "IPv6 的 Via 与 SDP", clause: "RFC 4566 §5.7, RFC 5118",
      sends: "a registration and an answer that name IPv6 addresses",
      expects: "the registration works; the call plays or is ended cleanly", body: version6),
  ]

  private static func injection(_ s: Script) async throws {
    guard let elsewhere = s.otherHost else {
      throw CaseSkip(reason: "this machine has one address towards the server; a stranger needs another")
    }
    let device = try await s.device()
    try await device.registered()
    let (call, picture) = try await DownLive.play(s, device)
    let usual = Int(try await s.actions.ask(.pictureBytes(picture))) ?? 0
    let again = try await s.actions.openLive(device.channel, stream: nil)
    s.onEnd { try? await s.actions.close(again) }
    let clip = try s.require(MediaClip(video: .h265), "the tester has no such clip")
    let injector = try await MediaSender.open(
      .udp, clip: clip, ssrc: call.offer.ssrc?.value ?? 0, host: elsewhere, on: s.loop)
    s.onEnd { await injector.close() }
    try s.check(
      call.offer.transport == .udp, "the server did not offer UDP: nothing can be injected into another way")
    s.ladder.note("a stranger sends RTP with the same SSRC at forty times the pace")
    try await injector.begin(to: call.offer.host, port: call.offer.port, every: .milliseconds(1))
    try await s.pass(.seconds(1), "the stranger sends")
    let during = Int(try await s.actions.ask(.pictureBytes(again))) ?? 0
    await injector.close()
    let state = try await s.actions.ask(.pictureState(again))
    try s.check(
      state == "live" || state == "playing", "a stranger's packets ended the picture", expected: "live",
      came: state)
    try s.check(
      during > 0 && during < usual * 4 + 20_000, "a stranger's packets arrive at the viewer",
      expected: "about \(usual) bytes in 2 s", came: "\(during)")
    let codec = try await s.actions.ask(.pictureCodec(again)).lowercased().replacing(".", with: "")
    try s.check(
      codec.contains("h264") || codec == "unknown", "a stranger's stream is shown", expected: "h264",
      came: codec)
  }

  private static func lossy(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let (call, picture) = try await DownLive.play(s, device)
    try await call.sender.setFaults(loss: 0.01, reorders: true)
    try await s.pass(.seconds(5), "a bad network")
    let bytes = Int(try await s.actions.ask(.pictureBytes(picture))) ?? 0
    let state = try await s.actions.ask(.pictureState(picture))
    try s.check(
      state == "live" || state == "playing", "1 % of loss ended the picture", expected: "live", came: state)
    try s.check(bytes > 0, "nothing more is shown after 1 % of loss")
    _ = try await call.sender.connectionState()
  }

  private static func broken(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    let picture = try await s.actions.openLive(device.channel, stream: nil)
    s.onEnd { try? await s.actions.close(picture) }
    let first = try await overTCP(s, device)
    try await first.acknowledged()
    try await DownLive.shown(s, picture)
    async let looking = s.actions.ask(.pictureBytes(picture))
    s.ladder.note("the media connection is cut")
    await first.sender.close()
    let callID = first.invite.callID
    let bye = try await device.peer.expect(within: .seconds(25)) { $0.method == .bye && $0.callID == callID }
    try s.check(bye != nil, "the call is not ended by BYE when its media connection is gone")
    let watching = try await s.actions.openLive(device.channel, stream: nil)
    s.onEnd { try? await s.actions.close(watching) }
    let second = try await overTCP(s, device)
    try await second.acknowledged()
    _ = try await looking
    try await DownLive.shown(s, watching, within: .seconds(15))
  }

  /// Accepts the first offer over TCP passive and refuses others.
  private static func overTCP(_ s: Script, _ device: TestDevice) async throws -> TestCall {
    for _ in 0..<4 {
      let invite = try await device.invited(device.channel, within: .seconds(30))
      if OfferedMedia(invite)?.transport == .tcpPassive {
        return try await device.accept(invite, device.channel)
      }
      try await device.peer.answer(invite, 488)
    }
    throw CaseFailure(cause: "a device that refuses UDP by 488 is never offered TCP")
  }

  private static func characters(_ s: Script) async throws {
    let device = try await s.device(channels: 2)
    // 㐀 and 䶵 have four bytes in GB18030, 𠮷 lies outside the basic plane, 東門 is ordinary.
    let names = ["東門 㐀䶵 𠮷野", "镕堃喆·ÄÖß"]
    device.setCatalog(
      zip(device.channels, names).map { TestDevice.item($0.channel, $1, of: device.id) })
    try await device.registered()
    for (channel, name) in zip(device.channels, names) {
      try await s.eventually(
        .channelName(channel), is: name, within: .seconds(15), "a name with rare characters is not kept")
    }
  }

  private static func ring(_ s: Script) async throws {
    let device = try await s.device(type: "200", channels: 2)
    let (first, second) = (device.channels[0].channel, device.channels[1].channel)
    device.setCatalog([
      TestDevice.item(s.settings.platformID, "The server itself", of: device.id, [.parental: "1"]),
      TestDevice.item(device.id, "The tester itself", of: s.settings.platformID, [.parental: "1"]),
      TestDevice.item(first, "First", of: second, [.parental: "1"]),
      TestDevice.item(second, "Second", of: first, [.parental: "1"]),
    ])
    try await device.registered()
    try await s.eventually(
      .channelName(device.channels[0]), is: "First", within: .seconds(10),
      "a catalog with a ring of parents is lost")
    try await s.pass(.seconds(4), "queries without end would come now")
    let queries = try await device.peer.seen { $0.is(.query, "Catalog") }.count
    try s.check(
      queries <= 3, "the catalog is asked for again and again", expected: "once", came: "\(queries) times")
    var invite = device.request(.invite, to: first)
    invite.headers.append(.contact, device.contact)
    invite.headers.append(.subject, "\(first):0200000001,\(device.id):0")
    invite.headers.append(.contentType, InviteOffer.contentType)
    let offer = InviteOffer(
      platform: device.id, channel: first, address: s.host, port: 30_000, transport: .udp,
      ssrc: StreamSSRC(200_000_001), edition: s.edition.version)
    invite.body = offer.body
    guard case .response(let answer) = try await device.send(invite, patience: .seconds(15)) else {
      throw CaseFailure(cause: "an INVITE for a channel of the caller was not answered")
    }
    try s.check(
      !answer.isSuccess, "a picture is led in a ring", expected: "a refusal", came: "\(answer.status)")
    try await device.expectNone("an INVITE back to the caller", for: .seconds(1)) { $0.method == .invite }
  }

  private static func version6(_ s: Script) async throws {
    let device = try await s.device()
    let trace = try await device.register { request in
      request.headers.set(.contact, "<sip:\(device.id)@[2001:db8::20]:5060>")
      request.headers.append("Allow", "INVITE, ACK, BYE")
    }
    try s.check(
      trace.status == 200, "a device with an IPv6 Contact could not register", expected: "200",
      came: trace.status.map(String.init) ?? "nothing")
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    let picture = try await s.actions.openLive(device.channel, stream: nil)
    s.onEnd { try? await s.actions.close(picture) }
    let invite = try await device.invited(device.channel)
    let call = try await device.accept(invite, device.channel, address: "2001:db8::20")
    try await call.acknowledged()
    let callID = invite.callID
    let ended = Guarded(false)
    try await s.eventually(
      "a call whose answer names an IPv6 address neither plays nor ends", within: .seconds(15)
    ) {
      let state = try await s.actions.ask(.pictureState(picture))
      let byes = try await device.peer.seen { $0.method == .bye && $0.callID == callID }
      ended.withLock { $0 = !byes.isEmpty }
      return state == "live" || state == "playing" || !byes.isEmpty
    }
    s.ladder.note(ended.value ? "the call was ended cleanly" : "the call plays")
  }
}
