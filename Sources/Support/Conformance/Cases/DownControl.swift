import GBCore
import SIPCore

/// D15, D16: orders that the server gives to cameras.
enum DownControl {
  static let cases: [ConformCase] = [
    ConformCase(
      "D15", "Control, every command", "设备控制全部命令", clause: "GB/T 28181 9.3, A.2.3.1, A.3",
      sends: "200 to each MESSAGE, Result OK where one belongs",
      expects:
        "PTZCmd of eight bytes with the right bits, speed and checksum; a stop after each move; every other "
        + "control by its name",
      body: { s in
        let device = try await ready(s)
        try await moves(s, device)
        try await lens(s, device)
        try await numbered(s, device)
        try await controls(s, device)
      }),
    ConformCase(
      "D16", "Presets, cruises, home position, precise position", "预置位、巡航、看守位、精准云台",
      clause: "GB/T 28181 9.5, A.2.4; 2022 A.2.3.1.10, A.2.3.1.11",
      sends: "the answers to PresetQuery and, in 2022, to the queries of cruises, home position and view",
      expects: "what they say is shown; HomePosition and PTZPreciseCtrl carry what was ordered", body: views),
  ]

  static func ready(_ s: Script) async throws -> TestDevice {
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

  private static func moves(_ s: Script, _ device: TestDevice) async throws {
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
  }

  /// Focus and iris have bytes and a stop of their own (A.3.3).
  private static func lens(_ s: Script, _ device: TestDevice) async throws {
    for (order, code) in [
      (PeerOrder.focus(1), UInt8(0x41)), (.focus(-1), 0x42), (.iris(1), 0x44), (.iris(-1), 0x48),
    ] {
      try await s.actions.order(order, of: device.channel)
      _ = try await command(s, device, order.sentence) { $0.code == code }
      try await s.actions.order(.lensStop, of: device.channel)
      _ = try await command(s, device, "stop after “\(order.sentence)”") { $0.code == 0x40 }
    }
  }

  /// Presets, cruises, scans, switches: their number stands in a byte of its own (A.3.4–A.3.7).
  private static func numbered(_ s: Script, _ device: TestDevice) async throws {
    let orders: [(PeerOrder, UInt8)] = [
      (.callPreset(5), 0x82), (.setPreset(5, name: "Gate"), 0x81), (.deletePreset(5), 0x83),
      (.startCruise(1), 0x88), (.startScan(1), 0x89), (.wiper(isOn: true), 0x8C), (.wiper(isOn: false), 0x8D),
    ]
    for (order, code) in orders {
      try await s.actions.order(order, of: device.channel)
      let sent = try await command(s, device, order.sentence) { $0.code == code }
      let isPreset = (0x81...0x83).contains(code)
      try s.check(
        isPreset ? sent.data2 == 5 : sent.data1 == 1,
        "the number of “\(order.sentence)” stands at the wrong place",
        expected: isPreset ? "byte 6 is 05" : "byte 5 is 01", came: sent.hex)
    }
  }

  /// Everything that is no PTZCmd.
  private static func controls(_ s: Script, _ device: TestDevice) async throws {
    let keyFrame = s.edition == .edition2022 ? "IFrameCmd" : "IFameCmd"
    let orders: [(PeerOrder, String, String?)] = [
      (.keyFrame, keyFrame, "Send"), (.record(isOn: true), "RecordCmd", "Record"),
      (.record(isOn: false), "RecordCmd", "StopRecord"), (.guardDuty(isOn: true), "GuardCmd", "SetGuard"),
      (.guardDuty(isOn: false), "GuardCmd", "ResetGuard"), (.resetAlarm, "AlarmCmd", "ResetAlarm"),
      (.dragZoomIn, "DragZoomIn", nil), (.reboot, "TeleBoot", "Boot"),
    ]
    for (order, name, word) in orders {
      try await s.actions.order(order, of: device.channel)
      let element = try await device.ordered(name, what: order.sentence)
      guard let word else { continue }
      try s.check(
        element.text == word, "\(name) for “\(order.sentence)” has another value", expected: word,
        came: element.text)
    }
  }

  private static func views(_ s: Script) async throws {
    let device = try await ready(s)
    try await shown(s, device, .presets(device.channel), by: "PresetQuery", ["1 Gate", "2 Yard"])
    try await s.actions.order(.homePosition(preset: 4, seconds: 90), of: device.channel)
    let home = try await device.ordered("HomePosition", what: "a home position")
    try s.check(
      home.integer("PresetIndex") == 4 && home.integer("ResetTime") == 90,
      "HomePosition carries other values than were ordered", expected: "PresetIndex 4, ResetTime 90",
      came: "PresetIndex \(home.value("PresetIndex") ?? "?"), ResetTime \(home.value("ResetTime") ?? "?")")
    guard s.edition == .edition2022 else { return }
    try await shown(s, device, .cruises(device.channel), by: "CruiseTrackListQuery", ["0 Round"])
    try await shown(
      s, device, .homePosition(device.channel), by: "HomePositionQuery", ["preset 1 after 60 s"])
    try await shown(s, device, .view(device.channel), by: "PTZPosition", ["12.5 -3.0 2.0"])
    try await s.actions.order(.precise(pan: 45, tilt: 10, zoom: 2), of: device.channel)
    let place = try await device.ordered("PTZPreciseCtrl", what: "a precise position")
    try s.check(
      place.number("Pan") == 45 && place.number("Tilt") == 10 && place.number("Zoom") == 2,
      "PTZPreciseCtrl carries other angles than were ordered", expected: "45, 10, 2",
      came: ["Pan", "Tilt", "Zoom"].map { place.value($0) ?? "?" }.joined(separator: ", "))
  }

  /// What the device tells is shown, after a query for it.
  private static func shown(
    _ s: Script, _ device: TestDevice, _ question: PeerQuestion, by query: String, _ expected: [String]
  ) async throws {
    let answer = try await s.actions.ask(question)
    _ = try await device.expect(query) { $0.is(.query, query) }
    for part in expected {
      try s.check(
        answer.contains(part), "what the device answers to \(query) is not shown",
        expected: expected.joined(separator: ", "), came: answer)
    }
  }
}

extension TestDevice {
  /// The element of that name in the next DeviceControl that has one.
  func ordered(_ name: String, what: String) async throws -> XMLElement {
    let incoming = try await expect("\(name) for “\(what)”", within: .seconds(5)) {
      $0.is(.control, "DeviceControl") && $0.document?.element.child(name) != nil
    }
    return try script.require(incoming.document?.element.child(name), "\(name) cannot be read")
  }
}
