import GBCore
import SIPCore

/// U37–U40: voice, what devices bring and fetch by HTTP, and paths.
enum UpTransfers {
  static let cases: [ConformCase] = [
    ConformCase(
      "U37", "Broadcast", "语音广播", clause: "GB/T 28181 9.12.1", role: .upperPlatform,
      sends: "Notify/Broadcast; 200 with m=audio and a=sendonly; G.711 A; BYE",
      expects: "Response/Broadcast with OK, an INVITE for sound to the source, ACK, 200 to BYE",
      body: { s in
        let call = try await VoiceCall.speak(try await s.lower())
        try await call.last(.seconds(1))
        try await call.hangUp()
      }),
    ConformCase(
      "U38", "Talk", "语音对讲", clause: "GB/T 28181 9.12.2", mandatory: false, role: .upperPlatform,
      sends: "INVITE for the live picture, and a broadcast beside it",
      expects: "both go on at once and end each for itself", body: talk),
    ConformCase(
      "U39", "Snapshots, configuration, cards, upgrade", "抓拍、配置、存储卡、升级",
      clause: "GB/T 28181-2022 9.3, 9.5, 9.13, 9.14", mandatory: false, editions: [.edition2022],
      role: .upperPlatform,
      sends: "SnapShotConfig, four blocks, SDCardStatus, FormatSDCard, DeviceUpgrade",
      expects:
        "the pictures by HTTP; the blocks read back; the cards; a new registration; results with SessionID",
      body: { s in
        let lower = try await s.lower()
        let camera = try await lower.camera()
        try await snapshots(s, lower, camera)
        try await blocks(s, lower, camera)
        try await cards(s, lower)
        try await upgrade(s, lower)
      }),
    ConformCase(
      "U40", "Paths", "路径", clause: "GB/T 28181-2022 Annex H", mandatory: false, editions: [.edition2022],
      role: .upperPlatform, sends: "INVITE with X-PreferredPath",
      expects: "an answer whose X-RoutePath begins with the platform itself", body: path),
  ]

  private static func talk(_ s: Script) async throws {
    let lower = try await s.lower()
    let picture = try await lower.call(try await lower.camera())
    try await picture.expectMedia()
    let voice = try await VoiceCall.speak(lower)
    try await voice.last(.seconds(1))
    try s.check(
      try await picture.receiver.silence() < .seconds(2), "the picture stopped when the tester began to speak"
    )
    try await voice.hangUp()
    try await s.pass(.seconds(1), "the picture must outlive the voice")
    try s.check(
      try await picture.receiver.silence() < .seconds(2), "the picture ended with the voice")
    try await picture.hangUp()
  }

  // MARK: Pictures

  private static func snapshots(_ s: Script, _ lower: LowerPeer, _ camera: DeviceID) async throws {
    let door = try await SmallDoor.open(host: s.settings.listenHost, file: [], on: s.loop)
    s.onEnd { await door.close() }
    let session = Token.session()
    let order = XMLElement(
      "SnapShotConfig",
      children: [
        XMLElement("SnapNum", "2"), XMLElement("Interval", "1"),
        XMLElement("UploadURL", "http://\(s.settings.listenHost):\(door.port)/pictures/\(session)"),
        XMLElement("SessionID", session),
      ])
    try await lower.configure(camera, order)
    let came = try await lower.upper.peer.expect(within: .seconds(20)) {
      $0.is(.notify, "UploadSnapShotFinished")
    }
    let notice = try s.require(came?.document, "no UploadSnapShotFinished came")
    try s.check(
      notice.element.value("SessionID") == session, "UploadSnapShotFinished names another session",
      expected: session, came: notice.element.value("SessionID"))
    let pictures = door.all.filter { $0.body.starts(with: [0xFF, 0xD8]) }
    try s.check(
      pictures.count == 2, "not as many pictures were brought as were asked for", expected: "2 JPEGs",
      came: "\(pictures.count)")
    let named = notice.element.descendants("SnapShotFileID", most: 10).count
    try s.check(
      named == 2, "UploadSnapShotFinished names another number of pictures", expected: "2", came: "\(named)")
  }

  // MARK: Configuration

  /// Blocks with a value that tells whether they were kept.
  private static let settings: [(block: XMLElement, probe: String?, value: String)] = [
    (
      XMLElement(
        "OSDConfig",
        children: [
          XMLElement("Length", "1920"), XMLElement("Width", "1080"), XMLElement("TimeX", "24"),
          XMLElement("TimeY", "36"), XMLElement("TimeEnable", "1"), XMLElement("TimeType", "0"),
          XMLElement("TextEnable", "0"), XMLElement("SumNum", "0"),
        ]), "TimeX", "24"
    ),
    (
      XMLElement(
        "PictureMask",
        children: [
          XMLElement("On", "1"), XMLElement("SumNum", "1"),
          XMLElement(
            "RegionList", attributes: [XMLAttribute("Num", "1")],
            children: [
              XMLElement("Item", children: [XMLElement("Seq", "1"), XMLElement("Point", "0,0,96,64")])
            ]
          ),
        ]), "On", "1"
    ),
    (XMLElement("FrameMirror", "2"), nil, "2"),
    (
      XMLElement(
        "VideoRecordPlan",
        children: [
          XMLElement("RecordEnable", "1"), XMLElement("RecordScheduleSumNum", "0"),
          XMLElement("StreamNumber", "0"),
        ]), "RecordEnable", "1"
    ),
  ]

  private static func blocks(_ s: Script, _ lower: LowerPeer, _ camera: DeviceID) async throws {
    for setting in settings {
      let name = setting.block.name
      try await lower.configure(camera, setting.block)
      let answer = try await lower.ask(
        .query, "ConfigDownload", of: camera, [XMLElement("ConfigType", name)])
      let block = try s.require(answer.element.child(name), "the answer to ConfigDownload has no \(name)")
      let kept = setting.probe.map { block.value($0) } ?? block.text
      try s.check(
        kept == setting.value, "\(name) was set and reads back otherwise",
        expected: "\(setting.probe ?? name) \(setting.value)", came: kept)
    }
  }

  // MARK: Cards and upgrade

  private static func cards(_ s: Script, _ lower: LowerPeer) async throws {
    let answer = try await lower.ask(.query, "SDCardStatus")
    let cards = answer.element.descendants("Item", most: 16)
    try s.check(
      answer.element.integer("SumNum") == cards.count, "SumNum of SDCardStatus is not the number of cards",
      expected: "\(cards.count)", came: answer.element.value("SumNum"))
    guard let card = cards.first else { return }
    for name in ["ID", "Status"] { try s.check(card.child(name) != nil, "a card has no \(name)") }
    try await lower.silentControl(
      "FormatSDCard", of: lower.id, [XMLElement("FormatSDCard", card.value("ID") ?? "1")])
    try await s.eventually("the card is not usable again after it was formatted", within: .seconds(20)) {
      let now = try await lower.ask(.query, "SDCardStatus")
      return now.element.descendants("Item", most: 16).first?.value("Status")?.lowercased() == "ok"
    }
  }

  private static func upgrade(_ s: Script, _ lower: LowerPeer) async throws {
    let door = try await SmallDoor.open(
      host: s.settings.listenHost, file: Array("firmware of a conformance test".utf8), on: s.loop)
    s.onEnd { await door.close() }
    let session = Token.session()
    let before = lower.upper.now.registrations
    let order = XMLElement(
      "DeviceUpgrade",
      children: [
        XMLElement("Firmware", "9.9.9"),
        XMLElement("FileURL", "http://\(s.settings.listenHost):\(door.port)/\(session).bin"),
        XMLElement("Manufacturer", "Tributary"), XMLElement("SessionID", session),
      ])
    try await lower.control("DeviceUpgrade", of: lower.id, [order])
    let came = try await lower.upper.peer.expect(within: .seconds(60)) {
      $0.is(.notify, "DeviceUpgradeResult")
    }
    let result = try s.require(came?.document?.element, "no DeviceUpgradeResult came")
    try s.check(door.all.contains { $0.method == "GET" }, "the file of the upgrade was not fetched")
    try s.check(
      lower.upper.now.registrations > before, "DeviceUpgradeResult came without a new registration")
    try s.check(
      result.value("SessionID") == session, "DeviceUpgradeResult names another session", expected: session,
      came: result.value("SessionID"))
    try s.check(
      result.value("UpgradeResult") == "OK", "the upgrade failed", expected: "OK",
      came: result.value("UpgradeFailedReason") ?? result.value("UpgradeResult"))
  }

  // MARK: Paths

  private static func path(_ s: Script) async throws {
    let lower = try await s.lower()
    guard lower.id.typeCode == 200 else {
      throw CaseSkip(reason: "what registered is a device; only a platform (type 200) writes paths")
    }
    let path = lower.id.text
    let call = try await lower.call(try await lower.camera(), .init(preferredPath: path))
    let answered = call.routePath
    try s.check(
      answered?.hasPrefix(path) == true, "X-RoutePath of the answer does not begin with the platform",
      expected: "\(path)-…", came: answered ?? "no X-RoutePath")
    try await call.hangUp()
  }
}

extension Token {
  /// 32 letters and digits: what the standard asks of a SessionID at least.
  static func session() -> String {
    let text = random() + random() + random()
    return String((text + String(repeating: "0", count: 32)).prefix(32))
  }
}

extension LowerPeer {
  /// Sets one block; it is answered by Result OK, or the case fails.
  func configure(_ target: DeviceID, _ block: XMLElement) async throws {
    let answer = try await ask(.control, "DeviceConfig", of: target, [block])
    try script.check(
      answer.isOK == true, "\(block.name) was refused", expected: "Result OK",
      came: answer.element.value("Result"))
  }
}
