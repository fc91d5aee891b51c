import GBCore
import SIPCore

/// D24, D25: configuration, pictures, cards and firmware of devices.
enum DownCare {
  static let cases: [ConformCase] = [
    ConformCase(
      "D24", "Configuration", "设备配置读写", clause: "GB/T 28181 9.5.1, A.2.3.2, A.2.4.7",
      sends: "BasicParam, then Result OK and what was set",
      expects: "ConfigDownload with its type and the values shown; DeviceConfig with what is set, read back",
      body: configuration),
    ConformCase(
      "D25", "Snapshot, upgrade, card", "图像抓拍、软件升级、存储卡格式化",
      clause: "GB/T 28181-2022 9.3, 9.13, 9.14", editions: [.edition2022],
      sends: "a JPEG by HTTP to the address given, UploadSnapShotFinished; DeviceUpgradeResult",
      expects:
        "SnapShotConfig, DeviceUpgrade and FormatSDCard; the picture is kept, the file is given, the result shown",
      body: { s in
        let device = try await DownControl.ready(s)
        try await snapshot(s, device)
        try await s.actions.order(.formatCard(1), of: device.channel)
        let card = try await device.ordered("FormatSDCard", what: "formatting a card")
        try s.check(card.text == "1", "FormatSDCard names another card", expected: "1", came: card.text)
        try await upgrade(s, device)
      }),
  ]

  private static func configuration(_ s: Script) async throws {
    let device = try await DownControl.ready(s)
    let shown = try await s.actions.ask(.configuration(device.channel, block: "BasicParam"))
    let query = try await device.expect("ConfigDownload") { $0.is(.query, "ConfigDownload") }
    let type = query.document?.element.value("ConfigType") ?? ""
    try s.check(
      type.split(separator: "/").contains("BasicParam"), "ConfigDownload asks for another block",
      expected: "BasicParam", came: type)
    try s.check(
      shown.contains("60") && shown.contains("3600"), "the values of BasicParam are not shown",
      expected: "3600 s, 60 s", came: shown)
    device.keepsConfiguration()
    try await set(
      "BasicParam", ["Expiration": 7_200, "HeartBeatInterval": 45, "HeartBeatCount": 4], s, device)
    guard s.edition == .edition2022 else { return }
    try await set("FrameMirror", ["FrameMirror": 2], s, device)
    try await set("AlarmReport", ["MotionDetection": 1, "FieldDetection": 0], s, device)
    try await set("VideoAlarmRecord", ["RecordEnable": 1, "RecordTime": 30, "PreRecordTime": 5], s, device)
  }

  /// Sets a block; what arrives is what was set.
  private static func set(_ name: String, _ values: [String: Int], _ s: Script, _ device: TestDevice)
    async throws
  {
    try await s.actions.configure(device.channel, block: name, values)
    let order = try await device.expect("DeviceConfig with \(name)") {
      $0.is(.control, "DeviceConfig") && $0.document?.element.child(name) != nil
    }
    let block = try s.require(order.document?.element.child(name), "\(name) cannot be read")
    for (field, value) in values {
      let came = field == name ? block.wholeNumber : block.wholeNumber(field)
      try s.check(
        came == value, "\(field) of \(name) was sent otherwise than it was set", expected: "\(value)",
        came: came.map(String.init))
    }
  }

  private static func snapshot(_ s: Script, _ device: TestDevice) async throws {
    try await s.actions.order(.snapshot, of: device.channel)
    let order = try await device.expect("SnapShotConfig", within: .seconds(10)) {
      $0.is(.control, "DeviceConfig") && $0.document?.element.child("SnapShotConfig") != nil
    }
    let block = try s.require(order.document?.element.child("SnapShotConfig"), "no SnapShotConfig")
    let session = block.value("SessionID") ?? ""
    try s.check(
      (32...128).contains(session.count), "SessionID has not 32 to 128 characters", came: "\(session.count)")
    let address = try s.require(block.value("UploadURL"), "SnapShotConfig has no UploadURL")
    let jpeg: [UInt8] =
      [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [UInt8](repeating: 0, count: 64) + [0xFF, 0xD9]
    let status = try await PlainHTTP.bring(jpeg, to: address)
    try s.check((200..<300).contains(status), "the picture was not taken", expected: "200", came: "\(status)")
    let list = XMLElement(
      "SnapShotList", children: [XMLElement("SnapShotFileID", "\(device.channel.channel)02")])
    try await device.tell(
      MANSCDPDocument(
        .notify, CmdType("UploadSnapShotFinished"), sn: device.nextSerial(), deviceID: device.channel.channel,
        fields: [XMLElement("SessionID", session), list]))
  }

  private static func upgrade(_ s: Script, _ device: TestDevice) async throws {
    let file = Array("firmware of a conformance test".utf8)
    try await s.actions.upgrade(device.id, file: file, firmware: "9.9.9")
    let order = try await device.ordered("DeviceUpgrade", what: "an upgrade")
    let session = order.value("SessionID") ?? ""
    try s.check(
      (32...128).contains(session.count), "SessionID has not 32 to 128 characters", came: "\(session.count)")
    let address = try s.require(order.value("FileURL"), "DeviceUpgrade has no FileURL")
    let answer = try await PlainHTTP.fetch(address)
    try s.check(answer.status == 200, "the file of the upgrade is not given", came: "\(answer.status)")
    s.ladder.note("the device installs \(answer.body.count) bytes and restarts")
    try await device.registered()
    try await device.tell(
      MANSCDPDocument(
        .notify, CmdType("DeviceUpgradeResult"), sn: device.nextSerial(), deviceID: device.id,
        fields: [
          XMLElement("SessionID", session), XMLElement("UpgradeResult", "OK"),
          XMLElement("Firmware", "9.9.9"),
        ]))
    try await s.eventually(
      .upgradeState(device.id), is: "done", within: .seconds(5), "the result of the upgrade is not shown")
  }
}

extension TestDevice {
  /// What is set reads back, as on a good device.
  func keepsConfiguration() {
    let kept = Guarded<[String: XMLElement]>([:])
    let edition = edition
    answerQueries { message in
      switch (message.root, message.cmdType) {
      case (.control, .deviceConfig):
        for block in message.element.children where !["CmdType", "SN", "DeviceID"].contains(block.name) {
          kept.withLock { $0[block.name] = block }
        }
        return nil
      case (.query, .configDownload):
        guard let target = message.deviceID, let sn = message.sn else { return nil }
        let names = (message.element.value("ConfigType") ?? "").split(separator: "/").map(String.init)
        return names.flatMap { name -> [MANSCDPDocument] in
          guard let block = kept.value[name] else {
            return DeviceDocuments.usual("ConfigDownload", sn: sn, target: target, edition: edition)
          }
          return [
            MANSCDPDocument(
              .response, .configDownload, sn: sn, deviceID: target,
              fields: [XMLElement("Result", "OK"), block])
          ]
        }
      default: return nil
      }
    }
  }
}
