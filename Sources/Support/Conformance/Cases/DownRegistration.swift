import GBCore
import MediaTime
import SIPCore

/// D1–D6: how devices come, stay and go.
enum DownRegistration {
  static let cases: [ConformCase] = [
    ConformCase(
      "D1", "Accept a registration", "接受注册", clause: "GB/T 28181 9.1.2, Annex I; RFC 3261 §22",
      sends: "REGISTER without and with credentials, and once with a wrong password",
      expects: "401 with realm, nonce and algorithm; 200 with Date and Expires; 403; X-GB-Ver in all of them",
      body: register),
    ConformCase(
      "D2", "Refuse an unknown device", "拒绝未知设备", clause: "GB/T 28181 9.1.2",
      sends: "REGISTER with a code that the server does not know", expects: "403 or 404, never 200",
      body: stranger),
    ConformCase(
      "D3", "Refresh and unregister", "刷新注册与注销", clause: "GB/T 28181 9.1.2.3",
      sends: "REGISTER again while a picture runs, then REGISTER with Expires 0",
      expects: "the picture goes on; afterwards the device is offline at once", body: refresh),
    ConformCase(
      "D4", "Expiry and missed keepalives", "注册过期与心跳丢失", clause: "GB/T 28181 9.6",
      sends: "no heartbeat after the first from one device, no refresh from another",
      expects: "each is offline when its time is over, and not before", body: expiry),
    ConformCase(
      "D5", "Keepalive with a list of faults", "心跳携带故障列表", clause: "GB/T 28181 9.6, A.2.5",
      sends: "Keepalive whose Info names one of two channels, then one without",
      expects: "200 each time; the named channel counts as faulty until it is named no more", body: faults),
    ConformCase(
      "D6", "NAT: one TCP connection, a moved UDP port", "NAT：TCP 单连接与 UDP 端口变化",
      clause: "GB/T 28181-2022 9.1, RFC 3581",
      sends: "a registration over TCP; a heartbeat from another UDP port",
      expects: "requests come over the same connection, and to the new port", body: behindNAT),
  ]

  private static func register(_ s: Script) async throws {
    let device = try await s.device()
    let trace = try await device.registered()
    let challenge = try s.require(trace.challenge, "a REGISTER without credentials was not challenged by 401")
    let text = try s.require(challenge.headers[.wwwAuthenticate], "the 401 has no WWW-Authenticate")
    for (field, why) in [
      ("realm", "no device can compute a digest without it"), ("nonce", "the digest cannot be fresh"),
      ("algorithm", "Dahua devices stay silent when it is missing"),
    ] {
      try s.check(
        AuthenticationFields(text)?.hasField(field) == true, "the challenge has no \(field): \(why)",
        expected: "\(field)=…", came: text)
    }
    let answer = try s.require(trace.response, "the REGISTER with credentials was not answered")
    let date = try s.require(answer.headers[.date], "the 200 has no Date: the device cannot set its clock")
    let time = try s.require(GBTime.parse(date), "the Date of the 200 cannot be read: \(date)")
    let distance = abs((time - s.now()).inSeconds)
    try s.check(
      distance < 5, "the Date of the 200 is wrong by \(Int(distance)) s",
      expected: GBTime.dateHeader(s.now()), came: date)
    try s.check(answer.registrationExpires ?? 0 > 0, "the 200 does not say how long the registration lasts")
    try versions(s, [("401", challenge), ("200", answer)])
    // A second device, so that the wrong password cannot lock the first one out.
    let other = try await s.device()
    let wrong = try await other.register(password: "not-\(s.settings.password)")
    let refusal = try s.require(wrong.response, "a wrong password was not answered")
    try s.check(
      refusal.status == 403, "a wrong password was not refused by 403", expected: "403",
      came: "\(refusal.status)")
    try versions(s, [("403", refusal)])
  }

  private static func versions(_ s: Script, _ answers: [(String, SIPResponse)]) throws {
    guard s.edition == .edition2022 else { return }
    for (name, response) in answers {
      try s.check(
        response.headers[.gbVersion].flatMap { GBVersion($0) } != nil,
        "the \(name) does not carry X-GB-Ver, so no edition can be agreed on",
        expected: "X-GB-Ver: 3.0", came: response.headers[.gbVersion])
    }
  }

  private static func stranger(_ s: Script) async throws {
    let device = try await s.device(isKnown: false)
    let trace = try await device.register()
    let status = try s.require(trace.status, "the REGISTER of an unknown device was not answered")
    try s.check(
      status == 403 || status == 404, "an unknown device was not refused", expected: "403 or 404",
      came: "\(status)")
  }

  private static func refresh(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let (call, picture) = try await DownLive.play(s, device)
    let refreshed = try await device.register()
    try s.check(refreshed.status == 200, "a refresh was refused", came: refreshed.status.map(String.init))
    try await device.expectNone("a BYE or another INVITE after a refresh", for: .seconds(2)) {
      $0.method == .bye || $0.method == .invite
    }
    let bytes = Int(try await s.actions.ask(.pictureBytes(picture))) ?? 0
    try s.check(bytes > 0, "the picture stopped when the registration was refreshed")
    try await s.actions.close(picture)
    let left = try await device.register(expires: 0)
    try s.check(left.status == 200, "unregistering was refused", came: left.status.map(String.init))
    try await s.eventually(
      .isOnline(device.id), is: "no", within: .seconds(3), "the device is still online after it unregistered")
    await call.sender.close()
    guard case .response(let answer) = try await device.keepalive() else {
      throw CaseFailure(cause: "a heartbeat of an unregistered device was not answered")
    }
    try s.check(
      answer.status == 403 || answer.status == 404,
      "a heartbeat of an unregistered device was accepted: it will never register again",
      expected: "403 or 404", came: "\(answer.status)")
  }

  private static func expiry(_ s: Script) async throws {
    async let silent: Void = {
      let device = try await s.device(keepalive: 5)
      try await device.registered()
      try await s.expectOK(try await device.keepalive(), "a heartbeat")
      try await s.pass(.seconds(10), "two of three heartbeats of 5 s are missing")
      try s.check(
        try await s.actions.ask(.isOnline(device.id)) == "yes",
        "the device is offline before three heartbeats were missing")
      try await s.eventually(
        .isOnline(device.id), is: "no", within: .seconds(12),
        "the device is still online after three missed heartbeats")
    }()
    async let expired: Void = {
      let device = try await s.device(keepalive: 60)
      try await device.registered(expires: 20)
      try await s.eventually(
        .isOnline(device.id), is: "yes", within: .seconds(3), "a registered device is not online")
      try await s.pass(.seconds(18), "the registration lasts 20 s")
      try await s.eventually(
        .isOnline(device.id), is: "no", within: .seconds(16),
        "the device is still online after its registration expired")
    }()
    _ = try await (silent, expired)
  }

  private static func faults(_ s: Script) async throws {
    let device = try await s.device(channels: 2)
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "2", within: .seconds(10), "the catalog of two channels was not read")
    let broken = device.channels[1]
    let before = try await s.actions.ask(.channelStatus(broken))
    try await s.expectOK(try await device.keepalive(faulty: [broken.channel]), "a heartbeat with a fault")
    try await s.eventually("the channel named in the heartbeat does not count as faulty", within: .seconds(4))
    {
      try await s.actions.ask(.channelStatus(broken)) != before
    }
    try await s.expectOK(try await device.keepalive(), "a heartbeat without faults")
    try await s.eventually(
      .channelStatus(broken), is: before, within: .seconds(4),
      "the channel still counts as faulty although the heartbeat names it no more")
  }

  private static func behindNAT(_ s: Script) async throws {
    let constant = try await s.device(overTCP: true)
    try await constant.registered()
    let query = try await constant.expect("a query over the device's TCP connection") {
      $0.method == .message
    }
    try s.check(
      query.route.wire.kind.isReliable, "the query came over UDP although the device registered over TCP")
    let device = try await s.device()
    try await device.registered()
    try await s.expectOK(try await device.keepalive(), "a heartbeat")
    try await device.moveToNewSocket()
    let port = try device.route.wire.local.port
    try await s.expectOK(try await device.keepalive(), "a heartbeat from another port")
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(10), "the catalog was not read")
    let picture = try await s.actions.openLive(device.channel, stream: nil)
    let invite = try await device.invited(device.channel)
    try s.check(
      invite.route.wire.local.port == port, "the INVITE went to the port that the NAT has forgotten",
      expected: "port \(port)", came: "port \(invite.route.wire.local.port)")
    try await device.peer.answer(invite, 486)
    try await s.actions.close(picture)
  }
}

extension AuthenticationFields {
  /// Whether a field of that name is there; `StaticString` keys cannot be chosen at run time.
  func hasField(_ name: String) -> Bool {
    switch name {
    case "realm": self["realm"] != nil
    case "nonce": self["nonce"] != nil
    case "algorithm": self["algorithm"] != nil
    default: false
    }
  }
}
