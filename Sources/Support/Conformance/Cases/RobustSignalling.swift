import GBCore
import NIOCore
import SIPCore

/// R1–R5, R7–R9: signalling under stress and attack.
enum RobustSignalling {
  static let cases: [ConformCase] = [
    ConformCase(
      "R1", "Malformed and huge SIP messages", "畸形与超大 SIP 报文", clause: "RFC 3261 §16.3, reference §15.3",
      sends: "nonsense, a head of 60 KB, a 64 KB datagram, 10 MB over TCP",
      expects: "400 or silence each time, and an ordinary REGISTER served afterwards", alone: true,
      body: malformed),
    ConformCase(
      "R2", "Malformed XML", "畸形 XML", clause: "reference §14.2 #10",
      sends: "a catalog with bare &, < in an address, no prolog and NULs behind it; a document cut in half",
      expects: "repaired or answered by 400; the other items are kept", body: brokenXML),
    ConformCase(
      "R3", "MESSAGE from somebody unregistered", "未注册来源的 MESSAGE", clause: "reference §2.7, §15.3",
      sends: "a heartbeat and an alarm without registration", expects: "403 or 404, or silence; never 200",
      body: unregistered),
    ConformCase(
      "R4", "Credentials sent again", "重放鉴权信息", clause: "RFC 2617 §3.2.2, RFC 3261 §22",
      sends: "a REGISTER with the Authorization of the one before", expects: "401", body: replay),
    ConformCase(
      "R5", "A forged BYE", "伪造 BYE 与 INFO", clause: "RFC 3261 §12.2.2, reference §15.3",
      sends: "BYE and INFO for a running call, from another address, with right and wrong tags",
      expects: "481, and the picture goes on", body: forged),
    ConformCase(
      "R7", "Guessing passwords", "暴力破解注册", clause: "reference §15.3",
      sends: "forty wrong passwords for one device, then the right one",
      expects: "the device is locked for a while, another one from elsewhere is not", body: guessing),
    ConformCase(
      "R8", "A storm of registrations", "注册风暴", clause: "reference §14.1, §15.3",
      sends: "REGISTER of 500 devices at once, each challenged and answered",
      expects: "all of them registered within 60 s, the catalogs asked for in turn", alone: true, body: storm),
    ConformCase(
      "R9", "200 INVITEs at once", "200 路并发 INVITE", clause: "RFC 3261 §21.5, reference §15.3",
      sends: "200 INVITEs for a channel that does not exist", expects: "a final answer for each within 15 s",
      alone: true, body: manyInvites),
    ConformCase(
      "R12", "24 hours of a hundred streams", "百路 24 小时稳定性", clause: "reference §15.3", mandatory: false,
      sends: "nothing", expects: "no leak of ports, dialogs and SSRCs",
      body: { _ in
        throw CaseSkip(reason: "takes 24 hours; `tributary soak` compresses it")
      }),
    ConformCase(
      "R13", "The server's clock jumps", "服务器时钟跳变", clause: "reference §15.3", mandatory: false,
      sends: "nothing", expects: "no device goes offline",
      body: { _ in
        throw CaseSkip(reason: "needs a machine whose clock may be changed; devices keep a monotonic clock")
      }),
  ]

  /// An ordinary device can register: the server is alive.
  private static func isAlive(_ s: Script) async throws {
    let device = try await s.device()
    let trace = try await device.register()
    try s.check(
      trace.status == 200, "after that no device could register", expected: "200",
      came: trace.status.map(String.init) ?? "nothing")
  }

  private static func malformed(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let route = try device.route
    var message = device.message(.keepalive(sn: 1, from: device.id))
    message.headers.append("X-Padding", String(repeating: "a", count: 60_000))
    _ = ConformPeer.stamp(&message, route: route)
    let nonsense: [[UInt8]] = [
      Array("HELLO\r\n\r\n".utf8), Array("REGISTER sip: SIP/2.0\r\n\r\n".utf8),
      Array("MESSAGE sip:a@b SIP/2.0\r\nVia\r\nFrom: <\r\nContent-Length: -5\r\n\r\n".utf8),
      Array("SIP/2.0 200\r\nCSeq: 99999999999 INVITE\r\n\r\n".utf8), [0, 0, 0, 0], Array("\r\n\r\n".utf8),
      [UInt8](repeating: 65, count: 65_000), message.serialised(),
    ]
    for bytes in nonsense { try await device.peer.sendRaw(bytes, over: route) }
    try await isAlive(s)
    let streamed = try await s.device(overTCP: true)
    try await streamed.registered()
    var huge = streamed.request(.message)
    huge.headers.append(.contentType, MANSCDPDocument.contentType)
    huge.body = Array("<?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType>".utf8)
    huge.body += [UInt8](repeating: 32, count: 10 << 20)
    let reply = try await streamed.send(huge, patience: .seconds(10))
    if case .response(let response) = reply {
      try s.check(
        response.status == 200 || (400..<600).contains(response.status), "10 MB were answered strangely",
        came: "\(response.status)")
    }
    try await isAlive(s)
    let endless = try await s.device(overTCP: true)
    try await endless.peer.sendRaw(
      Array("MESSAGE sip:a@b SIP/2.0\r\nX: ".utf8) + [UInt8](repeating: 97, count: 300 << 10),
      over: try endless.route)
    try await isAlive(s)
  }

  private static func brokenXML(_ s: Script) async throws {
    let device = try await s.device(channels: 3)
    device.answerQueries { [weak device] message in
      guard device != nil, message.cmdType == .catalog else { return nil }
      return []
    }
    try await device.registered()
    let query = try await device.expect("a catalog query", within: .seconds(15)) { $0.is(.query, "Catalog") }
    let sn = query.document?.sn ?? 0
    let codes = device.channels.map(\.channel.text)
    var request = device.message(.keepalive(sn: 1, from: device.id))
    request.body =
      Array(
        """
        <Response><CmdType>Catalog</CmdType><SN>\(sn)</SN><DeviceID>\(device.id)</DeviceID><SumNum>3</SumNum>
        <DeviceList Num="3"><Item><DeviceID>\(codes[0])</DeviceID><Name>Gate & yard</Name>
        <Address>between 3 < 5</Address><Status>ON</Status></Item>
        <Item><DeviceID>\(codes[1])</DeviceID><Name>Broken</Nmae><Status>ON</Status></Item>
        <Item><DeviceID>\(codes[2])</DeviceID><Name>Last one</Name><Status>ON</Status></Item>
        </DeviceList></Response>
        """.utf8) + [0, 0, 0]
    try await s.expectOK(try await device.send(request), "a catalog with errors that can be repaired")
    try await s.eventually(
      .channelName(device.channels[0]), is: "Gate & yard", within: .seconds(20),
      "an item with a bare & is lost")
    try await s.eventually(
      .channelName(device.channels[2]), is: "Last one", within: .seconds(5),
      "a good item behind a broken one is lost")
    var cut = device.message(.keepalive(sn: 1, from: device.id))
    cut.body = Array("<?xml version=\"1.0\"?><Response><CmdType>Catalog</CmdType><SN>1".utf8)
    guard case .response(let answer) = try await device.send(cut) else {
      throw CaseFailure(cause: "a document cut in half was not answered", expected: "400 or 200")
    }
    try s.check(
      answer.status == 400 || answer.status == 200, "a document cut in half was answered strangely",
      expected: "400 or 200", came: "\(answer.status)")
  }

  private static func unregistered(_ s: Script) async throws {
    let device = try await s.device()
    let alarm = MANSCDPDocument(
      .notify, .alarm, sn: 1, deviceID: device.id,
      fields: [XMLElement("AlarmPriority", "1"), XMLElement("AlarmMethod", "2")])
    for document in [MANSCDPDocument.keepalive(sn: 1, from: device.id), alarm] {
      let reply = try await device.send(device.message(document), patience: .seconds(3))
      guard case .response(let response) = reply else { continue }
      try s.check(
        !response.isSuccess, "\(document.cmdType) of a device that never registered was accepted",
        expected: "403 or silence", came: "\(response.status)")
    }
  }

  private static func replay(_ s: Script) async throws {
    let device = try await s.device()
    let first = try await device.send(device.registerRequest(3_600))
    guard case .response(let challenge) = first, challenge.status == 401,
      let found = challenge.headers[.wwwAuthenticate].flatMap({ DigestChallenge($0) })
    else { throw CaseFailure(cause: "a REGISTER without credentials was not challenged by 401") }
    var second = device.registerRequest(3_600)
    device.authorise(&second, found, nil)
    try await s.expectOK(try await device.send(second), "a REGISTER with credentials")
    // Somebody who listened sends the same credentials in a REGISTER of his own.
    let thief = try await s.device(isKnown: false)
    var stolen = device.registerRequest(3_600)
    stolen.headers.set(.contact, "<sip:\(device.id)@192.0.2.66:5060>")
    stolen.headers.set(.authorization, second.headers[.authorization] ?? "")
    guard case .response(let answer) = try await thief.send(stolen) else {
      throw CaseFailure(cause: "a REGISTER with used credentials was not answered", expected: "401")
    }
    try s.check(
      answer.status == 401 || answer.status == 403,
      "credentials that were used before registered the device again", expected: "401",
      came: "\(answer.status)")
  }

  private static func forged(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let (call, picture) = try await DownLive.play(s, device)
    let stranger = ConformPeer(
      "stranger", ladder: s.ladder, loop: s.loop, codec: s.settings.codec, manners: { _ in .answer(481) })
    s.onEnd { await stranger.close() }
    let wire = try await stranger.openUDP(host: s.otherHost ?? s.host)
    let route = Route(wire: wire, remote: try s.serverAddress())
    for (method, hasRightTags) in [
      (SIPMethod.bye, false), (.info, false), (.bye, true), (.info, true),
    ] {
      // From the same address as the device's only the tags tell; behind NAT a source proves little either way.
      guard !hasRightTags || s.otherHost != nil else { continue }
      var request = try s.require(call.request(method), "the INVITE makes no dialog")
      if !hasRightTags, var from = request.from {
        from.tag = Token.random()
        request.headers.set(.from, from.description)
      }
      guard case .response(let answer) = try await stranger.send(request, over: route, patience: .seconds(5))
      else { continue }
      try s.check(
        answer.status == 481 || answer.status == 403,
        "\(method) from another address was accepted\(hasRightTags ? "" : " although its tags are wrong")",
        expected: "481", came: "\(answer.status)")
    }
    try await DownLive.shown(s, picture)
  }

  private static func guessing(_ s: Script) async throws {
    let device = try await s.device()
    for number in 0..<40 {
      let trace = try await device.register(password: "guess-\(number)", patience: .seconds(3))
      try s.check(trace.status != 200, "a wrong password was accepted")
      if trace.status == nil { break }
    }
    let right = try await device.register(patience: .seconds(3))
    try s.check(
      right.status != 200, "forty wrong passwords have no consequence: passwords can be guessed at leisure",
      expected: "no 200 for a while", came: "200")
    guard let elsewhere = s.otherHost else { return }
    // Somebody else at another address must not suffer from it.
    let other = try await s.device()
    let wire = try await other.peer.openUDP(host: elsewhere)
    let route = Route(wire: wire, remote: try s.serverAddress())
    guard
      case .response(let answer) = try await other.peer.send(
        other.registerRequest(60), over: route, patience: .seconds(5))
    else { throw CaseFailure(cause: "a device at another address is locked out as well") }
    try s.check(
      answer.status == 401, "a device at another address is locked out as well", expected: "401",
      came: "\(answer.status)")
  }

  private static func storm(_ s: Script) async throws {
    let count = 500
    let devices = try await withThrowingTaskGroup(of: TestDevice.self) { tasks in
      var (devices, next) = ([TestDevice](), 0)
      while devices.count < count {
        while next < count, next < devices.count + 16 {
          tasks.addTask { try await s.device() }
          next += 1
        }
        if let device = try await tasks.next() { devices.append(device) }
      }
      return devices
    }
    let begin = ContinuousClock.now
    let lost = try await withThrowingTaskGroup(of: Bool.self) { tasks in
      for device in devices {
        tasks.addTask { try await device.register(patience: .seconds(32)).status == 200 }
      }
      var lost = 0
      for try await isIn in tasks where !isIn { lost += 1 }
      return lost
    }
    let took = ContinuousClock.now - begin
    try s.check(lost == 0, "\(lost) of \(count) devices could not register", expected: "none lost")
    try s.check(
      took < .seconds(60), "\(count) registrations took too long", expected: "60 s", came: Script.text(took))
    try await s.eventually(
      .channelCount(devices[count - 1].id), is: "1", within: .seconds(60),
      "the catalogs were not asked for after the storm")
    s.ladder.note("\(count) devices registered within \(Script.text(took))")
  }

  private static func manyInvites(_ s: Script) async throws {
    let device = try await s.device()
    try await device.registered()
    let target = try s.require(DeviceID(device.id.text.prefix(10) + "1329999999"), "no code")
    let unanswered = try await withThrowingTaskGroup(of: Bool.self) { tasks in
      for number in 0..<200 {
        tasks.addTask {
          var invite = device.request(.invite, to: target)
          invite.headers.append(.contact, device.contact)
          invite.headers.append(.subject, "\(target):0200000\(s.padded(number, 3)),\(device.id):0")
          guard case .response = try await device.send(invite, patience: .seconds(15)) else { return true }
          return false
        }
      }
      var count = 0
      for try await isOpen in tasks where isOpen { count += 1 }
      return count
    }
    try s.check(
      unanswered == 0, "\(unanswered) of 200 INVITEs have no final answer", expected: "a final answer each")
    try await s.expectOK(try await device.keepalive(), "a heartbeat after 200 INVITEs")
  }
}
