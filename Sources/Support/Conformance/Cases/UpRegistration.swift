import GBCore
import MediaTime
import SIPCore

/// U1–U8, U41, U44, U45: how a lower platform comes, stays and goes.
enum UpRegistration {
  static let cases: [ConformCase] = [
    ConformCase(
      "U1", "Register", "注册", clause: "GB/T 28181 9.1.2, Annex I", role: .upperPlatform,
      sends: "401 with a digest challenge, then 200 with Date",
      expects: "REGISTER, the same Call-ID and CSeq + 1 with a valid digest, Expires of an hour at least",
      body: register),
    ConformCase(
      "U2", "Refresh", "刷新注册", clause: "GB/T 28181 9.1.2.3", role: .upperPlatform,
      sends: "a lifetime of 12 s, and 401 also to the refresh", expects: "a refresh in time that answers 401",
      body: refresh),
    ConformCase(
      "U3", "Redirect", "注册重定向", clause: "GB/T 28181-2022 9.1.2.4", mandatory: false,
      editions: [.edition2022], role: .upperPlatform, sends: "302 with the Contact of another server",
      expects: "a registration there", body: redirect),
    ConformCase(
      "U4", "Unregister", "注销", clause: "GB/T 28181 9.1.2.3", role: .upperPlatform,
      sends: "401 to a REGISTER with Expires 0", expects: "it is answered, and no message follows",
      body: unregister),
    ConformCase(
      "U5", "Time", "校时", clause: "GB/T 28181 9.10", role: .upperPlatform,
      sends: "Date in the 200; a DeviceStatus query", expects: "a DeviceTime within 2 s", body: time),
    ConformCase(
      "U6", "Keepalive", "心跳", clause: "GB/T 28181 9.6", role: .upperPlatform,
      sends: "200 to each heartbeat",
      expects: "heartbeats at the configured interval, nothing that is no SIP",
      body: keepalive),
    ConformCase(
      "U7", "Failure of the upper platform", "上级故障检测与恢复", clause: "GB/T 28181 9.6, 9.1.2",
      role: .upperPlatform, sends: "nothing for a while", expects: "a new registration afterwards",
      body: failure),
    ConformCase(
      "U8", "Wrong password", "口令错误", clause: "GB/T 28181 9.1.2", role: .upperPlatform, sends: "403",
      expects: "no hot loop: the next try comes a minute later", body: wrongPassword),
    ConformCase(
      "U44", "The tester repeats a request", "请求重传", clause: "RFC 3261 §17.2.2", role: .upperPlatform,
      sends: "the same MESSAGE twice", expects: "the same answer twice, carried out once", body: repeated),
    ConformCase(
      "U45", "An upper platform of 2016", "版本回退", clause: "GB/T 28181-2022 Annex I",
      editions: [.edition2016], role: .upperPlatform, sends: "X-GB-Ver: 2.0 and a catalog query",
      expects: "no element that only the 2022 edition has", body: fallback),
  ]

  /// A platform that begins anew.
  private static func restarted(_ s: Script) async throws -> UpperPlatform {
    let upper = try s.require(s.upper, "the case needs the tester as upper platform")
    if upper.now.route != nil {
      try await s.actions.lower(.stop)
      try await s.eventually("the lower platform did not unregister", within: .seconds(10)) {
        upper.now.route == nil
      }
    }
    try await upper.enter(s.ladder)
    return upper
  }

  private static func register(_ s: Script) async throws {
    let upper = try await restarted(s)
    _ = try await s.lower()
    let requests = try await upper.peer.seen { $0.method == .register }.map(\.request)
    let first = try s.require(requests.first, "no REGISTER came")
    let second = try s.require(
      requests.dropFirst().first { $0.headers.contains(.authorization) }, "the challenge was not answered")
    try s.check(
      second.callID == first.callID, "the REGISTER with credentials has another Call-ID",
      expected: first.callID, came: second.callID)
    let numbers = (first.cseq?.number ?? 0, second.cseq?.number ?? 0)
    try s.check(
      numbers.1 == numbers.0 + 1, "the REGISTER with credentials does not count CSeq up by one",
      expected: "\(numbers.0 + 1)", came: "\(numbers.1)")
    try s.check(
      (second.registrationExpires ?? 3_600) >= 3_600, "the registration is asked for less than an hour",
      expected: "3600 or more", came: second.registrationExpires.map(String.init))
    guard s.edition == .edition2022 else { return }
    try s.check(
      first.headers[.gbVersion].flatMap { GBVersion($0) } != nil, "REGISTER does not carry X-GB-Ver",
      expected: "X-GB-Ver: 3.0", came: first.headers[.gbVersion])
  }

  private static func refresh(_ s: Script) async throws {
    let upper = try await restarted(s)
    upper.setGrantedExpires(12)
    let lower = try await s.lower()
    let before = upper.now.registrations
    let camera = try await lower.camera()
    let call = try await lower.call(camera)
    try await call.expectMedia()
    try await s.eventually("no refresh came before the registration of 12 s expired", within: .seconds(12)) {
      upper.now.registrations > before
    }
    upper.setGrantedExpires(nil)
    try s.check(
      try await call.receiver.silence() < .seconds(2),
      "the stream stopped when the registration was refreshed")
    try await call.hangUp()
  }

  private static func redirect(_ s: Script) async throws {
    let upper = try await restarted(s)
    var settings = upper.settings
    settings.listenPort = 0
    let other = try await UpperPlatform.open(settings, upper.edition, on: s.loop)
    s.onEnd { await other.close() }
    try await other.enter(s.ladder)
    upper.setRegistrar(.redirect("<sip:\(settings.upperID)@\(settings.listenHost):\(other.port)>"))
    try await s.actions.lower(.start)
    let came = try await other.peer.expect(within: .seconds(15)) { $0.method == .register }
    upper.setRegistrar(.usual)
    try? await s.actions.lower(.stop)
    try s.check(came != nil, "302 was not followed", expected: "REGISTER at the Contact of the 302")
  }

  private static func unregister(_ s: Script) async throws {
    _ = try await s.lower()
    let upper = try await restarted(s)
    let came = try await upper.peer.expect(within: .seconds(Int64(upper.settings.lowerKeepalive + 2))) {
      $0.method == .message
    }
    try s.check(came == nil, "a platform that unregistered goes on sending", came: came?.request.method.name)
  }

  private static func time(_ s: Script) async throws {
    let lower = try await s.lower()
    let answer = try await lower.ask(.query, "DeviceStatus")
    guard let text = answer.element.value("DeviceTime") else {
      throw CaseSkip(reason: "DeviceStatus does not tell the time, which it need not")
    }
    let time = try s.require(GBTime.parse(text), "DeviceTime cannot be read: \(text)")
    let distance = abs((time - s.now()).inSeconds)
    try s.check(
      distance <= 2, "the clock is wrong by \(Int(distance)) s", expected: GBTime.text(s.now()), came: text)
  }

  private static func keepalive(_ s: Script) async throws {
    let lower = try await s.lower()
    let interval = Duration.seconds(Int64(s.settings.lowerKeepalive))
    let patience = interval * 2 + .seconds(2)
    func next() async throws -> ContinuousClock.Instant {
      let came = try await lower.upper.peer.expect(within: patience) { $0.is(.notify, "Keepalive") }
      try s.check(came != nil, "no heartbeat came", expected: "one within \(Script.text(patience))")
      try s.check(
        came?.document?.element.value("Status") != nil, "a heartbeat has no Status", expected: "Status OK")
      return .now
    }
    let first = try await next()
    let second = try await next()
    let gap = second - first
    try s.check(
      gap > interval * 0.7 && gap < interval * 1.4 + .seconds(1), "heartbeats come at another interval",
      expected: Script.text(interval), came: Script.text(gap))
    try s.check(
      try await lower.upper.peer.strayBytes() == 0, "bytes that are no SIP came to the SIP port")
  }

  private static func failure(_ s: Script) async throws {
    let lower = try await s.lower()
    let upper = lower.upper
    upper.setAnswersKeepalives(false)
    let before = upper.now.registrations
    s.ladder.note("the upper platform answers no heartbeats")
    // Three heartbeats, of which the last is given up 32 s later; some register again a minute after that.
    try await s.eventually("the failure was not noticed", within: .seconds(95), every: .milliseconds(300)) {
      upper.now.registrations > before
    }
    upper.setAnswersKeepalives(true)
    let patience = Duration.seconds(Int64(s.settings.lowerKeepalive * 2 + 2))
    let came = try await upper.peer.expect(within: patience) { $0.is(.notify, "Keepalive") }
    try s.check(came != nil, "no heartbeats come after the platform registered again")
  }

  private static func wrongPassword(_ s: Script) async throws {
    let upper = try await restarted(s)
    try await s.actions.lower(.startWithWrongPassword)
    for isAnswer in [false, true] {
      let came = try await upper.peer.expect(within: .seconds(60)) {
        $0.method == .register && $0.request.headers.contains(.authorization) == isAnswer
      }
      try s.check(came != nil, "nothing registered with the wrong password")
    }
    let again = try await upper.peer.expect(within: .seconds(10)) { $0.method == .register }
    try await s.actions.lower(.stop)
    try s.check(
      again == nil, "after 403 the platform tries again at once", expected: "a minute's rest",
      came: "a REGISTER within 10 s")
  }

  private static func repeated(_ s: Script) async throws {
    let lower = try await s.lower()
    let sn = lower.upper.nextSerial()
    var message = try lower.message(.query(.deviceInfo, sn: sn, of: lower.id))
    let route = try lower.route
    _ = ConformPeer.stamp(&message, route: route)
    let bytes = message.serialised()
    let callID = message.callID ?? ""
    for round in ["the first", "the same again"] {
      try await lower.upper.peer.sendRaw(bytes, over: route)
      let answer = try await lower.upper.peer.expectResponse(callID: callID, within: .seconds(5))
      try s.check(
        answer?.status == 200, "\(round) was not answered by 200", expected: "200",
        came: answer.map { "\($0.status)" } ?? "nothing")
    }
    _ = try await lower.answer("DeviceInfo", sn: sn)
    let second = try await lower.upper.peer.expect(within: .seconds(2)) {
      $0.is(.response, "DeviceInfo") && $0.document?.sn == sn
    }
    try s.check(second == nil, "a request that came twice was carried out twice")
  }

  private static func fallback(_ s: Script) async throws {
    let lower = try await s.lower()
    for item in try await lower.catalog().items {
      let foreign = item.values.keys.first { !$0.exists(in: .v2016) }
      try s.check(
        foreign == nil, "an upper platform of 2016 gets an element that it cannot know",
        came: foreign?.rawValue)
    }
  }
}
