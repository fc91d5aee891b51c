import GBCore
import MediaTime
import SDPCore
import SIPCore

/// D17–D20: recordings that lie on devices.
enum DownRecords {
  static let cases: [ConformCase] = [
    ConformCase(
      "D17", "A thousand recordings", "千条录像检索", clause: "GB/T 28181 9.7, Annex N / M",
      sends: "1 200 recordings of two days, ten a message", expects: "all of them shown, in order",
      body: search),
    ConformCase(
      "D18", "Playback control", "回放控制", clause: "GB/T 28181 9.8, Annex B (MANSRTSP)",
      sends: "a program stream, 200 to each INFO",
      expects:
        "s=Playback with u= and t=; PAUSE; resume with npt=now-; Scale without Range; seek without Scale",
      body: control),
    ConformCase(
      "D19", "End of file", "文件结束通知", clause: "GB/T 28181 9.8, MediaStatus 121",
      sends: "MediaStatus 121 in the dialog", expects: "200, then BYE", body: endOfFile),
    ConformCase(
      "D20", "Download", "录像下载", clause: "GB/T 28181 9.9", sends: "a program stream, MediaStatus 121",
      expects: "s=Download with a=downloadspeed, then BYE", body: download),
  ]

  private static func ready(_ s: Script) async throws -> TestDevice {
    let device = try await s.device()
    let channel = device.channel.channel
    device.answerQueries { message in
      guard message.cmdType == .recordInfo else { return nil }
      return answers(message, channel)
    }
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    return device
  }

  private static let firstDay = WallTime(seconds: 1_704_124_800)  // 2024-01-02T00:00:00 in Beijing

  /// 600 recordings a day of 144 s each, for two days; those that touch the interval, ten a message.
  private static func answers(_ query: MANSCDPMessage, _ channel: DeviceID) -> [MANSCDPDocument] {
    let sn = query.sn ?? 0
    let from = query.element.value("StartTime").flatMap { GBTime.parse($0) } ?? firstDay
    let to = query.element.value("EndTime").flatMap { GBTime.parse($0) } ?? firstDay
    let items = (0..<1_200).map { firstDay + .seconds(Int64($0) * 144) }
      .filter { $0 < to && $0 + .seconds(144) > from }
      .map { (start: GBTime.text($0), end: GBTime.text($0 + .seconds(144))) }
    guard !items.isEmpty else {
      return [DeviceDocuments.recordings(sn: sn, channel: channel, total: 0, items: [])]
    }
    return stride(from: 0, to: items.count, by: 10).map {
      DeviceDocuments.recordings(
        sn: sn, channel: channel, total: items.count, items: Array(items[$0..<min($0 + 10, items.count)]))
    }
  }

  private static func search(_ s: Script) async throws {
    let device = try await ready(s)
    let shown = try await s.actions.ask(
      .deviceRecordingCount(device.channel, from: "2024-01-02T00:00:00", to: "2024-01-04T00:00:00"))
    try s.check(shown == "1200", "recordings of the device are missing", expected: "1200", came: shown)
  }

  /// A replay of ten minutes that runs.
  private static func replay(_ s: Script, _ device: TestDevice) async throws -> (TestCall, OpenedPicture) {
    let picture = try await s.actions.openPlayback(
      device.channel, from: "2024-01-02T10:00:00", to: "2024-01-02T10:10:00")
    s.onEnd { try? await s.actions.close(picture) }
    // A replay runs for whoever looks.
    async let looking = s.actions.ask(.pictureBytes(picture))
    let invite = try await device.invited(device.channel)
    let offer = try s.require(OfferedMedia(invite), "the INVITE carries no session description")
    try judge(s, device, offer, "Playback")
    let call = try await device.accept(invite, device.channel)
    try await call.acknowledged()
    _ = try await looking
    return (call, picture)
  }

  private static func judge(_ s: Script, _ device: TestDevice, _ offer: OfferedMedia, _ name: String) throws {
    let start = firstDay + .seconds(36_000)
    try s.check(
      offer.description.name == name, "s= names another session", expected: name, came: offer.description.name
    )
    try s.check(
      offer.description.uri?.hasPrefix("\(device.channel.channel):") == true,
      "u= does not name the channel and the type", expected: "\(device.channel.channel):0",
      came: offer.description.uri)
    try s.check(
      offer.description.time?.start == start.seconds, "t= is not the interval in Unix seconds",
      expected: "\(start.seconds)", came: offer.description.time.map { "\($0.start)" })
    let y = offer.text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("y=") }
    try s.check(
      y?.hasPrefix("y=1") == true, "y= of a recording does not begin with 1", came: y.map(String.init))
  }

  /// The next INFO that begins with the first word; it holds all of the words and none of the others.
  private static func info(
    _ s: Script, _ device: TestDevice, _ what: String, has words: [String], lacks others: [String] = []
  ) async throws {
    let order = words.first ?? ""
    // A pause before a jump is the server's own affair.
    let incoming = try await device.expect("INFO for “\(what)”", within: .seconds(6)) {
      $0.method == .info && $0.bodyText.hasPrefix(order)
    }
    let text = incoming.bodyText
    for word in words {
      try s.check(text.contains(word), "INFO for “\(what)” lacks \(word)", expected: word, came: text)
    }
    for word in others {
      try s.check(
        !text.contains(word), "INFO for “\(what)” also carries \(word), which is another order", came: text)
    }
    try s.check(
      incoming.request.contentType?.lowercased() == "application/mansrtsp",
      "INFO has another Content-Type than Application/MANSRTSP", came: incoming.request.contentType)
  }

  private static func control(_ s: Script) async throws {
    let device = try await ready(s)
    let (call, picture) = try await replay(s, device)
    try await DownLive.shown(s, picture, within: .seconds(10))
    try await s.actions.control(picture, .pause)
    try await info(s, device, "pause", has: ["PAUSE RTSP/1.0", "PauseTime: now"])
    try await s.actions.control(picture, .resume)
    try await info(s, device, "resume", has: ["PLAY RTSP/1.0", "npt=now-"], lacks: ["Scale"])
    try await s.actions.control(picture, .rate(2))
    try await info(s, device, "double speed", has: ["PLAY RTSP/1.0", "Scale: 2"], lacks: ["Range"])
    try await s.actions.control(picture, .seek(120))
    try await info(s, device, "seek", has: ["PLAY RTSP/1.0", "npt=120"], lacks: ["Scale"])
    try await s.actions.close(picture)
    try await call.hungUp(within: .seconds(25))
  }

  private static func ended(_ s: Script, _ device: TestDevice, _ call: TestCall) async throws {
    await call.sender.stop()
    var notify = try s.require(call.request(.message), "the INVITE makes no dialog")
    notify.headers.append(.contentType, MANSCDPDocument.contentType)
    notify.body = MANSCDPDocument.mediaEnded(sn: device.nextSerial(), channel: device.channel.channel)
      .body(s.edition.version.declaredEncoding, codec: s.settings.codec)
    try await s.expectOK(try await device.send(notify), "MediaStatus 121")
    try await call.hungUp(within: .seconds(15))
  }

  private static func endOfFile(_ s: Script) async throws {
    let device = try await ready(s)
    let (call, _) = try await replay(s, device)
    try await s.pass(.seconds(1), "some of the recording is played")
    try await ended(s, device, call)
  }

  private static func download(_ s: Script) async throws {
    let device = try await ready(s)
    try await s.actions.openDownload(
      device.channel, from: "2024-01-02T10:00:00", to: "2024-01-02T10:10:00")
    let invite = try await device.invited(device.channel)
    let offer = try s.require(OfferedMedia(invite), "the INVITE carries no session description")
    try judge(s, device, offer, "Download")
    try s.check(offer.media.downloadSpeed != nil, "the INVITE of a download names no a=downloadspeed")
    let call = try await device.accept(invite, device.channel)
    try await call.acknowledged()
    try await s.pass(.seconds(1), "some of the recording is fetched")
    try await ended(s, device, call)
  }
}
