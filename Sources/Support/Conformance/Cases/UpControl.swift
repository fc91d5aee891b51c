import GBCore
import SIPCore

/// U18–U25: orders to a lower platform. What a camera does with them cannot be seen from here; that they are taken can.
enum UpControl {
  static let cases: [ConformCase] = [
    ConformCase(
      "U18", "PTZ", "云台控制", clause: "GB/T 28181 9.3, A.3", role: .upperPlatform,
      sends: "PTZCmd in eight directions, and drag zoom",
      expects: "200 with an empty body, no business answer",
      body: { s in
        try await ptz(
          s,
          [
            .move(pan: .left, panSpeed: 128), .move(pan: .right, panSpeed: 128),
            .move(tilt: .up, tiltSpeed: 128),
            .move(tilt: .down, tiltSpeed: 128), .move(zoom: .zoomIn, zoomSpeed: 8),
            .move(zoom: .zoomOut, zoomSpeed: 8),
          ])
      }),
    ConformCase(
      "U19", "PTZ stop", "云台停止", clause: "GB/T 28181 A.3", role: .upperPlatform, sends: "PTZCmd 00",
      expects: "200 with an empty body", body: { try await ptz($0, [.stop]) }),
    ConformCase(
      "U20", "Presets", "预置位", clause: "GB/T 28181 A.3.4, 9.5 PresetQuery", role: .upperPlatform,
      sends: "set, query, call and delete preset 7",
      expects: "the list names it and later does not", body: presets),
    ConformCase(
      "U21", "Cruise, scan, wiper, focus, iris", "巡航、扫描、雨刷、聚焦、光圈", clause: "GB/T 28181 A.3",
      role: .upperPlatform, sends: "one command of each", expects: "200 with an empty body",
      body: { s in
        try await ptz(
          s,
          [
            .cruise(1, .start), .stop, .scan(1, .start), .stop, .auxiliary(1, isOn: true),
            .auxiliary(1, isOn: false),
          ])
      }),
    ConformCase(
      "U22", "Home position", "看守位", clause: "GB/T 28181-2022 9.3, 9.5", mandatory: false,
      editions: [.edition2022], role: .upperPlatform, sends: "HomePosition, then HomePositionQuery",
      expects: "Result OK; the same values", body: home),
    ConformCase(
      "U23", "Precise PTZ", "云台精准控制", clause: "GB/T 28181-2022 9.3, A.2.3.1.11", mandatory: false,
      editions: [.edition2022], role: .upperPlatform, sends: "PTZPreciseCtrl, then PTZPosition",
      expects: "the angles come back", body: precise),
    ConformCase(
      "U24", "Record, guard, alarm reset", "录像、布撤防、报警复位", clause: "GB/T 28181 9.3",
      role: .upperPlatform, sends: "RecordCmd, GuardCmd, AlarmCmd",
      expects: "Response with Result OK and the SN",
      body: { s in
        let lower = try await s.lower()
        let camera = try await lower.camera()
        try await lower.control("RecordCmd", of: camera, [XMLElement("RecordCmd", "Record")])
        try await lower.control("RecordCmd", of: camera, [XMLElement("RecordCmd", "StopRecord")])
        try await lower.control("GuardCmd", of: lower.id, [XMLElement("GuardCmd", "SetGuard")])
        try await lower.control("GuardCmd", of: lower.id, [XMLElement("GuardCmd", "ResetGuard")])
        try await lower.control("AlarmCmd", of: lower.id, [XMLElement("AlarmCmd", "ResetAlarm")])
      }),
    ConformCase(
      "U25", "Key frame", "强制关键帧", clause: "GB/T 28181 9.3, A.2.3.1.6", role: .upperPlatform,
      sends: "IFameCmd or IFrameCmd", expects: "200 with an empty body, no business answer",
      body: { s in
        let lower = try await s.lower()
        let name = s.edition == .edition2022 ? "IFrameCmd" : "IFameCmd"
        try await lower.silentControl(name, of: try await lower.camera(), [XMLElement(name, "Send")])
      }),
  ]

  private static func ptz(_ s: Script, _ commands: [PTZCommand]) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    for command in commands {
      let sn = lower.upper.nextSerial()
      try await lower.tell(.ptz(sn: sn, channel: camera, command: command))
    }
    let extra = try await lower.upper.peer.expect(within: .milliseconds(500)) {
      $0.is(.response, "DeviceControl")
    }
    try s.check(extra == nil, "PTZCmd was answered by a document, which it must not")
  }

  private static func presets(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    func numbers() async throws -> [Int] {
      let answer = try await lower.ask(.query, "PresetQuery", of: camera)
      let list = try s.require(answer.element.child("PresetList"), "the answer has no PresetList")
      return list.children.compactMap { $0.integer("PresetID") }
    }
    try await lower.tell(.ptz(sn: lower.upper.nextSerial(), channel: camera, command: .preset(.set, 7)))
    try await s.eventually("preset 7 was stored and is not listed", within: .seconds(5)) {
      try await numbers().contains(7)
    }
    try await lower.tell(.ptz(sn: lower.upper.nextSerial(), channel: camera, command: .preset(.call, 7)))
    try await lower.tell(.ptz(sn: lower.upper.nextSerial(), channel: camera, command: .preset(.delete, 7)))
    try await s.eventually("preset 7 was deleted and is still listed", within: .seconds(5)) {
      try await !numbers().contains(7)
    }
  }

  private static func home(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let values = [
      XMLElement("Enabled", "1"), XMLElement("ResetTime", "45"), XMLElement("PresetIndex", "3"),
    ]
    try await lower.control("HomePosition", of: camera, [XMLElement("HomePosition", children: values)])
    let answer = try await lower.ask(.query, "HomePositionQuery", of: camera)
    let block = try s.require(answer.element.child("HomePosition"), "the answer has no HomePosition")
    for value in values {
      try s.check(
        block.value(value.name) == value.text, "\(value.name) of the home position was not kept",
        expected: value.text, came: block.value(value.name))
    }
  }

  private static func precise(_ s: Script) async throws {
    let lower = try await s.lower()
    let camera = try await lower.camera()
    let order = XMLElement(
      "PTZPreciseCtrl",
      children: [XMLElement("Pan", "45.50"), XMLElement("Tilt", "10.00"), XMLElement("Zoom", "2.00")])
    try await lower.silentControl("PTZPreciseCtrl", of: camera, [order])
    let seen = Guarded("")
    try await s.eventually("the camera did not reach the angle", within: .seconds(10), came: seen) {
      let answer = try await lower.ask(.query, "PTZPosition", of: camera)
      let pan = answer.element.value("Pan") ?? ""
      seen.withLock { $0 = "Pan \(pan)" }
      return abs((Double(pan) ?? -999) - 45.5) < 0.5
    }
  }
}
