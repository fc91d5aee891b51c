@testable import HTTPAPI

/// Cameras that move.
extension FakePlatform {
  private static let grip = API.CameraGrip(by: "chen", priority: 100, until: moment, moving: true)

  func cameraControl(channel id: String) async throws -> API.CameraControl {
    try check()
    return API.CameraControl(
      edition: "3.0", ptzType: 1, unknown: [], unanswered: ["PresetQuery"], holder: Self.grip)
  }

  func move(channel id: String, _ request: API.PTZRequest, by caller: Caller) async throws -> API.PTZAnswer {
    try check(caller)
    return API.PTZAnswer(command: "PTZCmd", hex: "A50F0100000000B5", milliseconds: 3, holder: Self.grip)
  }

  func command(channel id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    try check(caller)
    return API.ControlAnswer(command: request.command, confirmed: true, milliseconds: 12)
  }

  func presets(channel id: String, again: Bool) async throws -> API.Presets {
    try check()
    return API.Presets(
      items: [.init(number: 1, name: "北门", source: "device"), .init(number: 2, source: "platform")],
      listed: true, complete: true)
  }

  func namePreset(channel id: String, number: Int, name: String, by caller: Caller) async throws -> API.Preset
  {
    try check(caller)
    return API.Preset(number: number, name: name, source: "device")
  }

  func cruises(channel id: String, again: Bool) async throws -> [API.Cruise] {
    try check()
    return [API.Cruise(number: 0, name: "Night")]
  }

  func cruise(channel id: String, number: Int, again: Bool) async throws -> API.Cruise {
    try check()
    return API.Cruise(number: number, points: [.init(preset: 1, stay: 5, speed: 3)])
  }

  func homePosition(channel id: String, again: Bool) async throws -> API.HomePosition {
    try check()
    return API.HomePosition(enabled: true, resetTime: 60, preset: 1)
  }

  func setHomePosition(channel id: String, _ home: API.HomePosition, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    try check(caller)
    return API.ControlAnswer(command: .homePosition, confirmed: true, milliseconds: 5)
  }

  func ptzPosition(channel id: String, again: Bool) async throws -> API.PTZPosition {
    try check()
    return API.PTZPosition(pan: 10, tilt: -3, zoom: 2)
  }
}
