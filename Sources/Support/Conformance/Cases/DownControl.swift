import GBCore
import SIPCore

/// D15, D16, D24, D25: orders that the server gives to devices.
enum DownControl {
  static let cases: [ConformCase] = [
    ConformCase(
      "D15", "PTZ, every command", "云台控制全部命令", clause: "GB/T 28181 9.3, A.3", sends: "200 to each MESSAGE",
      expects: "PTZCmd of eight bytes with the right bits, speed and checksum; a stop after each move",
      body: ptz),
    ConformCase(
      "D16", "Presets", "预置位查询", clause: "GB/T 28181 9.5, A.2.4.9", sends: "the answer to PresetQuery",
      expects: "the presets are listed by number and name; setting one sends its command", body: presets),
    ConformCase(
      "D24", "Configuration", "设备配置读写", clause: "GB/T 28181 9.5.1, A.2.3.2, A.2.4.7",
      sends: "the block BasicParam, then Result OK",
      expects: "ConfigDownload with its type; the values shown",
      body: configuration),
    ConformCase(
      "D25", "Snapshot", "图像抓拍", clause: "GB/T 28181-2022 9.14", editions: [.edition2022],
      sends: "Result OK, a JPEG by HTTP to the address given, UploadSnapShotFinished",
      expects: "SnapShotConfig with address and session; the picture is kept", body: snapshot),
  ]

  private static func ready(_ s: Script) async throws -> TestDevice {
    let device = try await s.device()
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "1", within: .seconds(15), "the catalog was not read")
    return device
  }

  /// The next PTZ command; it is right in form, or the case fails.
  private static func command(
    _ s: Script, _ device: TestDevice, _ what: String, _ matches: @escaping @Sendable (PTZCommand) -> Bool
  ) async throws -> PTZCommand {
    let incoming = try await device.expect("PTZCmd for “\(what)”", within: .seconds(5)) { incoming in
      guard incoming.is(.control, "DeviceControl"),
        let text = incoming.document?.element.value("PTZCmd"), let (command, _) = PTZCommand.parse(text)
      else { return false }
      return matches(command)
    }
    let text = incoming.document?.element.value("PTZCmd") ?? ""
    try s.check(
      text.count == 16 && text.hasPrefix("A50F"), "PTZCmd does not begin with A50F or is not eight bytes",
      expected: "A50F…", came: text)
    guard let (command, isRight) = PTZCommand.parse(text) else {
      throw CaseFailure(cause: "PTZCmd cannot be read", came: text)
    }
    try s.check(isRight, "the checksum of PTZCmd is wrong", came: text)
    return command
  }

  private static func ptz(_ s: Script) async throws {
    let device = try await ready(s)
    // Left 02, right 01, up 08, down 04, zoom in 10, zoom out 20 (A.3.2).
    let moves: [(PeerOrder, UInt8)] = [
      (.move(pan: -1, tilt: 0, zoom: 0, speed: 128), 0x02),
      (.move(pan: 1, tilt: 0, zoom: 0, speed: 128), 0x01),
      (.move(pan: 0, tilt: 1, zoom: 0, speed: 128), 0x08),
      (.move(pan: 0, tilt: -1, zoom: 0, speed: 128), 0x04),
      (.move(pan: 0, tilt: 0, zoom: 1, speed: 128), 0x10),
      (.move(pan: 0, tilt: 0, zoom: -1, speed: 128), 0x20),
      (.move(pan: 1, tilt: 1, zoom: 0, speed: 128), 0x09),
    ]
    for (order, bits) in moves {
      try await s.actions.order(order, of: device.channel)
      let sent = try await command(s, device, order.sentence) { $0.code == bits }
      try s.check(
        bits & 0x03 == 0 || sent.data1 > 0x10,
        "the speed of “\(order.sentence)” is so low that nothing moves",
        came: sent.hex)
      try await s.actions.order(.move(pan: 0, tilt: 0, zoom: 0, speed: 0), of: device.channel)
      _ = try await command(s, device, "stop after “\(order.sentence)”") { $0.code == 0 }
    }
    let others: [(PeerOrder, UInt8)] = [
      (.callPreset(5), 0x82), (.setPreset(5, name: "Gate"), 0x81), (.deletePreset(5), 0x83),
      (.startCruise(1), 0x88), (.startScan(1), 0x89), (.wiper(isOn: true), 0x8C), (.wiper(isOn: false), 0x8D),
    ]
    for (order, code) in others {
      try await s.actions.order(order, of: device.channel)
      let sent = try await command(s, device, order.sentence) { $0.code == code }
      if (0x81...0x83).contains(code) {
        try s.check(
          sent.data2 == 5, "the number of the preset stands at the wrong place", expected: "byte 6 is 05",
          came: sent.hex)
      }
    }
  }

  private static func presets(_ s: Script) async throws {
    let device = try await ready(s)
    let listed = try await s.actions.ask(.presets(device.channel))
    _ = try await device.expect("PresetQuery") { $0.is(.query, "PresetQuery") }
    for preset in ["1 Gate", "2 Yard"] {
      try s.check(
        listed.contains(preset), "a preset of the device is not listed", expected: "1 Gate, 2 Yard",
        came: listed)
    }
  }

  private static func configuration(_ s: Script) async throws {
    let device = try await ready(s)
    let shown = try await s.actions.ask(.configuration(device.channel, block: "BasicParam"))
    let query = try await device.expect("ConfigDownload") { $0.is(.query, "ConfigDownload") }
    let type = query.document?.element.value("ConfigType") ?? ""
    try s.check(
      type.split(separator: "/").contains("BasicParam"), "ConfigDownload asks for another block",
      expected: "BasicParam", came: type)
    try s.check(
      shown.contains("60") && shown.contains("3600"), "the values of BasicParam are not shown",
      expected: "3600 s, 60 s", came: shown)
  }

  private static func snapshot(_ s: Script) async throws {
    let device = try await ready(s)
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
    let status = try await PlainHTTP.upload(jpeg, to: address)
    try s.check((200..<300).contains(status), "the picture was not taken", expected: "200", came: "\(status)")
    let list = XMLElement(
      "SnapShotList", children: [XMLElement("SnapShotFileID", "\(device.channel.channel)02")])
    try await device.tell(
      MANSCDPDocument(
        .notify, CmdType("UploadSnapShotFinished"), sn: device.nextSerial(), deviceID: device.channel.channel,
        fields: [XMLElement("SessionID", session), list]))
  }
}
