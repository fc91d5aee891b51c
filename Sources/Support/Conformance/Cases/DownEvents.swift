import GBCore
import MediaTime
import SDPCore
import SIPCore

/// D21–D23, D26, D27: alarms, subscriptions, voice, redirection, access.
enum DownEvents {
  static let cases: [ConformCase] = [
    ConformCase(
      "D21", "Alarm", "报警接收与应答", clause: "GB/T 28181 9.4, A.2.5", sends: "Notify/Alarm",
      expects: "200, then Response/Alarm with the same SN; the alarm is shown", body: alarm),
    ConformCase(
      "D22", "Subscriptions", "订阅与刷新", clause: "GB/T 28181 9.11, RFC 6665",
      sends: "200 that grants 20 s", expects: "SUBSCRIBE to catalog and alarm, refreshed in the same dialog",
      body: subscriptions),
    ConformCase(
      "D23", "Broadcast", "语音广播", clause: "GB/T 28181 9.12", sends: "Response OK, then INVITE for audio",
      expects: "Notify/Broadcast; 200 with m=audio and a=sendonly; sound after the ACK", body: broadcast),
    ConformCase(
      "D26", "Redirect", "注册重定向服务", clause: "GB/T 28181-2022 9.1.2.4", mandatory: false,
      editions: [.edition2022], sends: "REGISTER, and again at the server that the answer names",
      expects: "302 with Contact and Expires; 200 there", body: redirected),
    ConformCase(
      "D27", "Access control", "访问控制", clause: "GB/T 28181 8.5", sends: "nothing",
      expects: "somebody without a right is refused, and no INVITE is sent", body: access),
  ]

  private static func ready(_ s: Script) async throws -> TestDevice {
    let device = try await s.device()
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    return device
  }

  private static func alarm(_ s: Script) async throws {
    let device = try await ready(s)
    let sn = device.nextSerial() + 4_000
    let document = MANSCDPDocument(
      .notify, .alarm, sn: sn, deviceID: device.channel.channel,
      fields: [
        XMLElement("AlarmPriority", "1"), XMLElement("AlarmMethod", "5"),
        XMLElement("AlarmTime", GBTime.text(s.now())), XMLElement("AlarmDescription", "conformance test"),
        XMLElement("Info", children: [XMLElement("AlarmType", "2")]),
      ])
    try await device.tell(document)
    let answer = try await device.expect("Response/Alarm") { $0.is(.response, "Alarm") }
    try s.check(
      answer.document?.sn == sn, "Response/Alarm carries another SN than the alarm", expected: "\(sn)",
      came: answer.document?.sn.map(String.init))
    try s.check(answer.document?.isOK == true, "Response/Alarm has no Result OK")
    try await s.eventually(
      .alarmCount(device.channel), is: "1", within: .seconds(5), "the alarm is not shown once")
  }

  private static func subscriptions(_ s: Script) async throws {
    let device = try await s.device()
    device.grantSubscriptions(20)
    try await device.registered()
    for command in ["Catalog", "Alarm"] {
      let first = try await device.subscribed(to: command)
      try s.check(first.request.contact != nil, "SUBSCRIBE to \(command) has no Contact")
      try s.check(first.request.headers[.event] != nil, "SUBSCRIBE to \(command) has no Event")
      try s.check((first.request.expires ?? 0) > 0, "SUBSCRIBE to \(command) does not say for how long")
    }
    let again = try await device.subscribed(to: "Catalog", within: .seconds(22))
    let first = try await device.peer.seen {
      $0.method == .subscribe && $0.document?.cmdType == .catalog
    }.first
    try s.check(
      again.callID == first?.callID, "the refresh is no refresh but another dialog", expected: first?.callID,
      came: again.callID)
    try s.check(
      (again.request.cseq?.number ?? 0) > (first?.request.cseq?.number ?? 0),
      "the refresh does not count CSeq up")
  }

  private static func broadcast(_ s: Script) async throws {
    let device = try await ready(s)
    // Whoever speaks may be told that it worked only when the speaker has called.
    async let order: Void = s.actions.order(.broadcast, of: device.channel)
    let notify = try await device.expect("Notify/Broadcast", within: .seconds(10)) {
      $0.is(.notify, "Broadcast")
    }
    let element = try s.require(notify.document?.element, "Notify/Broadcast cannot be read")
    let source = try s.require(
      element.value("SourceID").flatMap { DeviceID($0) }, "Notify/Broadcast has no SourceID")
    let target = try s.require(element.value("TargetID"), "Notify/Broadcast has no TargetID")
    let receiver = try await MediaReceiver.open(.udp, host: s.host, on: s.loop)
    s.onEnd { await receiver.close() }
    var invite = device.request(.invite, to: source)
    invite.headers.append(.contact, device.contact)
    invite.headers.append(.subject, "\(source):0200005678,\(target):1")
    invite.headers.append(.contentType, "Application/SDP")
    let text =
      "v=0\r\no=\(device.id) 0 0 IN IP4 \(s.host)\r\ns=Play\r\nc=IN IP4 \(s.host)\r\nt=0 0\r\n"
      + "m=audio \(receiver.port) RTP/AVP 8\r\na=recvonly\r\na=rtpmap:8 PCMA/8000\r\ny=0200005678\r\n"
      + "f=v/////a/1/8/1\r\n"
    invite.body = Array(text.utf8)
    guard case .response(let response) = try await device.send(invite, patience: .seconds(10)) else {
      throw CaseFailure(cause: "the INVITE of the speaker was not answered", expected: "200")
    }
    try s.check(
      response.isSuccess, "the INVITE of the speaker was refused", expected: "200", came: "\(response.status)"
    )
    let answer = String(decoding: response.body, as: UTF8.self)
    try s.check(
      answer.contains("m=audio") && answer.contains("a=sendonly"), "the answer offers no sound",
      expected: "m=audio … a=sendonly", came: answer)
    let dialog = try s.require(
      Dialog(calling: invite, answeredBy: response, from: try device.route.source), "the 200 makes no dialog")
    try await device.peer.sendOnce(dialog.acknowledgement(), over: try device.route)
    try await order
    try await s.eventually("no sound arrives after the ACK", within: .seconds(5)) {
      try await receiver.snapshot().packets > 10
    }
  }

  private static func redirected(_ s: Script) async throws {
    let device = try await s.device(isKnown: false)
    try device.turn(to: try await s.actions.redirector(for: device.identity))
    let trace = try await device.register()
    let response = try s.require(trace.response, "the REGISTER was not answered")
    try s.check(
      response.status == 302, "the device was not sent to another server", expected: "302",
      came: "\(response.status)")
    let contact = try s.require(response.contact?.uri, "the 302 has no Contact: nobody knows where to go")
    try s.check(
      contact.user.flatMap { DeviceID($0) }?.isStandard == true,
      "the Contact of the 302 names no server code",
      expected: "sip:<20 digits>@HOST:PORT", came: contact.description)
    try s.check(
      response.registrationExpires ?? 0 > 0, "the 302 does not say for how long it holds", expected: "Expires"
    )
    try await s.actions.provision(device.identity)
    try device.turn(to: SIPHostPort(host: contact.host, port: contact.port ?? 5_060))
    try await device.registered()
  }

  private static func access(_ s: Script) async throws {
    let device = try await ready(s)
    let refused = try await s.actions.ask(.isStrangerRefused(device.channel))
    try s.check(
      refused == "yes", "somebody without a right opened a picture", expected: "a refusal", came: refused)
    try await device.expectNone("an INVITE for somebody without a right", for: .seconds(1)) {
      $0.method == .invite
    }
  }
}
