import GBCore
import MediaTime
import SDPCore
import SIPCore

/// U12–U17, U29–U32, U42, U43: pictures of a lower platform.
enum UpLive {
  static let cases: [ConformCase] = [
    ConformCase(
      "U12", "Live over UDP", "实时点播 UDP", clause: "GB/T 28181 9.2, Annex C, G", role: .upperPlatform,
      sends: "INVITE, ACK, BYE",
      expects: "100 and 200 with y= and f=, PS with the right SSRC, silence after BYE",
      body: { try await live($0, .udp) }),
    ConformCase(
      "U13", "Live over TCP", "实时点播 TCP 主被动", clause: "GB/T 28181 Annex D, RFC 4571", mandatory: false,
      role: .upperPlatform, sends: "INVITE with setup passive, and with setup active",
      expects: "the fitting setup, framed RTP",
      body: { s in
        try await live(s, .tcpPassive)
        try await live(s, .tcpActive)
      }),
    ConformCase(
      "U14", "INVITE without an offer", "无 SDP 邀请", clause: "GB/T 28181 9.2.2", mandatory: false,
      role: .upperPlatform, sends: "INVITE without a body, and the answer in the ACK",
      expects: "200 with an offer, media after the ACK", body: offerless),
    ConformCase(
      "U15", "Several receivers", "多接收者", clause: "GB/T 28181 Annex L", role: .upperPlatform,
      sends: "two INVITEs for one camera", expects: "both receive", body: several),
    ConformCase(
      "U16", "Unknown channel, impossible media", "错误通道与媒体协商失败", clause: "GB/T 28181 Annex G, RFC 3261",
      role: .upperPlatform, sends: "INVITE for an unknown code; INVITE whose SDP cannot be satisfied",
      expects: "404; 488", body: impossible),
    ConformCase(
      "U17", "The same Subject again", "相同 Subject 重新点播", clause: "GB/T 28181 Annex K / M", mandatory: false,
      role: .upperPlatform, sends: "two INVITEs with the same sender part of the Subject",
      expects: "the new one works, the old one ends", body: sameSubject),
    ConformCase(
      "U29", "Playback", "历史回放", clause: "GB/T 28181 9.8", role: .upperPlatform,
      sends: "INVITE s=Playback for a recording", expects: "y= that begins with 1, media", body: playback),
    ConformCase(
      "U30", "Playback control", "回放控制", clause: "GB/T 28181 9.8, Annex B",
      role: .upperPlatform, sends: "INFO: pause, resume, Scale 2, seek",
      expects: "200 each; the picture follows",
      body: control),
    ConformCase(
      "U31", "End of file", "文件结束通知", clause: "GB/T 28181 9.8, MediaStatus 121",
      role: .upperPlatform, sends: "INVITE for the last seconds of a recording",
      expects: "MediaStatus 121 in the dialog", body: endOfFile),
    ConformCase(
      "U32", "Download", "录像下载", clause: "GB/T 28181 9.9", role: .upperPlatform,
      sends: "INVITE s=Download with a=downloadspeed:4", expects: "200, faster than life", body: download),
    ConformCase(
      "U42", "The device of a stream is gone", "设备断流", clause: "GB/T 28181 Annex K", mandatory: false,
      role: .upperPlatform, sends: "nothing while the device below loses its power",
      expects: "BYE within 15 s",
      body: deviceGone),
    ConformCase(
      "U43", "The upper platform ends a call it forgot", "上级释放", clause: "GB/T 28181 Annex K, RFC 3261 §15",
      role: .upperPlatform, sends: "BYE for a running call, and again",
      expects: "media ends; 481 or 200 then",
      body: released),
  ]

  private static func live(_ s: Script, _ transport: MediaTransportChoice) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let call = try await lower.call(camera, .init(transport: transport))
    try lower.judge(call, transport)
    try await call.expectMedia()
    try await call.judgeMedia()
    try await call.hangUp()
  }

  private static func offerless(_ s: Script) async throws {
    let lower = try await s.lower()
    let (reply, receiver, request, ssrc) = try await lower.invite(
      try await lower.camera(), .init(isEmpty: true))
    guard case .response(let response) = reply else {
      throw CaseFailure(cause: "an INVITE without an offer was not answered", expected: "200 with an offer")
    }
    try s.check(
      response.isSuccess && !response.body.isEmpty, "an INVITE without an offer was refused",
      expected: "200 with an offer", came: "\(response.status) \(response.reason)")
    let dialog = try s.require(
      Dialog(calling: request, answeredBy: response, from: try lower.route.source), "the 200 makes no dialog")
    let call = UpperCall(lower, dialog: dialog, response: response, receiver: receiver, offered: ssrc)
    let number = call.answer.ssrc ?? ssrc
    let answer =
      "v=0\r\no=\(s.settings.upperID) 0 0 IN IP4 \(s.settings.listenHost)\r\ns=Play\r\n"
      + "c=IN IP4 \(s.settings.listenHost)\r\nt=0 0\r\nm=video \(receiver.port) RTP/AVP 96\r\n"
      + "a=recvonly\r\na=rtpmap:96 PS/90000\r\ny=\(number)\r\n"
    try await call.acknowledge(with: answer)
    s.onEnd { await call.abandon() }
    try await call.expectMedia()
    try await call.hangUp()
  }

  private static func deviceGone(_ s: Script) async throws {
    let lower = try await s.lower()
    guard lower.id.typeCode == 200 else {
      throw CaseSkip(reason: "what registered is a device; only a platform (type 200) has devices below")
    }
    let call = try await lower.call(try await lower.camera())
    try await call.expectMedia()
    try await s.actions.lower(.cut)
    let bye = try await lower.upper.peer.expect(within: .seconds(20)) {
      $0.request.method == .bye && $0.request.callID == call.callID
    }
    try s.check(
      bye != nil, "the device below was cut, and no BYE came", expected: "BYE within 15 s", came: "nothing")
  }

  private static func several(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let first = try await lower.call(camera)
    let second = try await lower.call(camera)
    try await first.expectMedia("media of the first receiver")
    try await second.expectMedia("media of the second receiver")
    try await first.hangUp()
    try s.check(
      try await second.receiver.silence() < .seconds(2), "the BYE of one receiver ended the other's stream")
    try await second.hangUp()
  }

  private static func impossible(_ s: Script) async throws {
    let lower = try await s.lower()
    let unknown = try s.require(DeviceID(lower.id.text.prefix(10) + "1320099999"), "no code")
    let (reply, _, _, _) = try await lower.invite(unknown)
    try expect(s, reply, [404, 480], "an INVITE for an unknown camera")
    let camera = try await lower.camera()
    var request = try lower.request(.invite, to: camera)
    request.headers.append(.contact, lower.contact)
    request.headers.append(.subject, "\(camera):0200000001,\(s.settings.upperID):0")
    request.headers.append(.contentType, InviteOffer.contentType)
    let text =
      "v=0\r\no=\(s.settings.upperID) 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
      + "m=application 9 UDP/WB *\r\ny=0200000001\r\n"
    request.body = Array(text.utf8)
    try expect(
      s, try await lower.send(request, patience: .seconds(10)), [488, 415, 400],
      "an INVITE that offers no picture")
  }

  private static func expect(_ s: Script, _ reply: ConformPeer.Reply, _ statuses: [Int], _ what: String)
    throws
  {
    guard case .response(let response) = reply else {
      throw CaseFailure(cause: "\(what) was not answered", expected: "\(statuses[0])", came: "nothing")
    }
    try s.check(
      statuses.contains(response.status), "\(what) was answered wrongly", expected: "\(statuses[0])",
      came: "\(response.status) \(response.reason)")
  }

  private static func sameSubject(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let first = try await lower.call(camera, .init(senderSequence: "0200007777"))
    try await first.expectMedia()
    let second = try await lower.call(camera, .init(senderSequence: "0200007777"))
    try await second.expectMedia("media of the new call")
    try await s.eventually("the old call of the same Subject goes on", within: .seconds(5)) {
      try await first.receiver.silence() > .seconds(1)
    }
    try await second.hangUp()
  }

  // MARK: Recordings

  /// The last recording of the camera, as Unix seconds.
  private static func recording(_ s: Script, _ lower: LowerPeer, _ camera: DeviceID) async throws -> (
    start: Int64, end: Int64
  ) {
    let items = try await lower.recordings(
      of: camera, from: s.now() - Duration.seconds(86_400), to: s.now())
    guard let item = items.last, let start = item.value("StartTime").flatMap({ GBTime.parse($0) }),
      let end = item.value("EndTime").flatMap({ GBTime.parse($0) })
    else { throw CaseSkip(reason: "the camera has no recording of the last day") }
    return (start.seconds, end.seconds)
  }

  private static func replay(_ s: Script, seconds: Int64 = 60) async throws -> (LowerPeer, UpperCall) {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let (start, end) = try await recording(s, lower, camera)
    let from = max(start, end - seconds)
    let call = try await lower.call(camera, .init(session: .playback(start: from, end: end)))
    return (lower, call)
  }

  private static func playback(_ s: Script) async throws {
    let (_, call) = try await replay(s)
    try s.check(
      StreamSSRC(call.ssrc).isHistory, "y= of a recording does not begin with 1",
      came: StreamSSRC(call.ssrc).description)
    try await call.expectMedia()
    try await call.judgeMedia()
    try await call.hangUp()
  }

  private static func control(_ s: Script) async throws {
    let (_, call) = try await replay(s)
    try await call.expectMedia()
    func order(_ body: String, _ name: String) async throws {
      let reply = try await call.send(.info, type: "Application/MANSRTSP", body: body)
      try await s.expectOK(reply, name)
    }
    try await order("PAUSE RTSP/1.0\r\nCSeq: 1\r\nPauseTime: now\r\n\r\n", "PAUSE")
    try await s.eventually("media goes on after PAUSE", within: .seconds(5)) {
      try await call.receiver.silence() > .seconds(1)
    }
    try await order("PLAY RTSP/1.0\r\nCSeq: 2\r\nRange: npt=now-\r\n\r\n", "PLAY")
    try await s.eventually("no media after resuming", within: .seconds(5)) {
      try await call.receiver.silence() < .milliseconds(500)
    }
    try await order("PLAY RTSP/1.0\r\nCSeq: 3\r\nScale: 2.0\r\n\r\n", "Scale 2.0")
    try await order("PLAY RTSP/1.0\r\nCSeq: 4\r\nRange: npt=5-\r\n\r\n", "seeking")
    try await s.eventually("no media after seeking", within: .seconds(5)) {
      try await call.receiver.silence() < .milliseconds(500)
    }
    try await call.hangUp()
  }

  private static func endOfFile(_ s: Script) async throws {
    let (lower, call) = try await replay(s, seconds: 5)
    try await ended(s, lower, call, within: .seconds(20))
  }

  /// The end of the file is told inside the call, which then is over.
  private static func ended(_ s: Script, _ lower: LowerPeer, _ call: UpperCall, within: Duration) async throws
  {
    let came = try await lower.upper.peer.expect(within: within) { $0.is(.notify, "MediaStatus") }
    let notify = try s.require(came, "no MediaStatus came at the end of the recording")
    try s.check(
      notify.document?.element.value("NotifyType") == "121", "MediaStatus is not 121", expected: "121",
      came: notify.document?.element.value("NotifyType"))
    try s.check(
      notify.callID == call.callID, "MediaStatus came outside the call's dialog", expected: call.callID)
    try await call.hangUp()
  }

  private static func download(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let (start, end) = try await recording(s, lower, camera)
    let from = max(start, end - 40)
    let call = try await lower.call(camera, .init(session: .download(start: from, end: end, speed: 4)))
    try s.check(
      call.answerText.contains("a=filesize:"), "the answer to a download does not say how long the file is",
      expected: "a=filesize:…", came: call.answerText)
    try await call.expectMedia()
    // Forty seconds at four times their pace take ten.
    try await ended(s, lower, call, within: .seconds(25))
  }

  private static func released(_ s: Script) async throws {
    let lower = try await s.lower()
    let call = try await lower.call(try await lower.camera())
    try await call.expectMedia()
    try await call.hangUp()
    guard case .response(let response) = try await call.send(.bye) else {
      throw CaseFailure(cause: "BYE for an ended call was not answered", expected: "481")
    }
    try s.check(
      response.status == 481 || response.isSuccess, "BYE for an ended call was answered strangely",
      expected: "481", came: "\(response.status)")
  }
}
