import Access
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry

/// Moving cameras and commanding channels.
extension Platform {
  func cameraControl(channel id: String) async throws -> API.CameraControl {
    let key = try channelKey(id)
    let edition = services.questions.edition(of: key.device)
    return API.CameraControl(
      edition: edition.description, ptzType: directory.channel(key)?.ptzType,
      unknown: Self.unknown(to: edition),
      unanswered: services.questions.unanswered(key.device, key.channel).map(\.name).sorted(),
      holder: await services.control.holder(of: key).map { Self.resource($0) })
  }

  func move(channel id: String, _ request: API.PTZRequest, by caller: Caller) async throws -> API.PTZAnswer {
    let key = try channelKey(id)
    let order = try CameraOrder(request)
    let began = SystemClock.monotonic()
    let sent = try await services.control.perform(order, on: key, by: Self.holder(caller))
    if case .ptz(let command, let names) = sent, case .preset(let action, let number)? = command.action,
      action != .call
    {
      try await services.views.remember(
        Int(number), name: names.preset, isSet: action == .set, of: key, by: caller.principal.name)
    }
    let hex: String? = if case .ptz(let command, _) = sent { command.hex } else { nil }
    note(caller, key.description, "\(request.action.rawValue) \(hex ?? sent.name)")
    return API.PTZAnswer(
      command: sent.name, hex: hex, milliseconds: Self.milliseconds(since: began),
      holder: await services.control.holder(of: key).map { Self.resource($0) })
  }

  func command(channel id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    let key = try channelKey(id)
    let control = try Self.control(request)
    switch control {
    case .reboot, .formatCard, .upgrade:
      throw Problem.invalid("This is a command for a device, not for a channel.")
    default: break
    }
    let target = try Self.target(request.target ?? "channel", of: key)
    let began = SystemClock.monotonic()
    let confirmed = try await services.questions.order(
      control, device: key.device, target: target, priority: Self.priority(of: caller))
    note(caller, key.description, request.command.rawValue)
    return API.ControlAnswer(
      command: request.command, confirmed: confirmed, milliseconds: Self.milliseconds(since: began))
  }

  // MARK: Where a camera looks

  func presets(channel id: String, again: Bool) async throws -> API.Presets {
    let presets = try await services.views.presets(of: try channelKey(id), again: again)
    return API.Presets(
      items: presets.entries.map {
        API.Preset(
          number: $0.preset.number, name: $0.preset.name.flatMap { $0.isEmpty ? nil : $0 },
          source: $0.isListed ? "device" : "platform")
      }, listed: presets.isListed, complete: presets.isComplete)
  }

  func namePreset(channel id: String, number: Int, name: String, by caller: Caller) async throws -> API.Preset
  {
    let key = try channelKey(id)
    let name = try CameraOrder.name(name)
    try await services.views.remember(
      number, name: name ?? "", isSet: true, of: key, by: caller.principal.name)
    return API.Preset(number: number, name: name, source: "platform")
  }

  func cruises(channel id: String, again: Bool) async throws -> [API.Cruise] {
    try await services.views.cruises(of: try channelKey(id), again: again).map {
      API.Cruise(number: $0.number, name: $0.name)
    }
  }

  func cruise(channel id: String, number: Int, again: Bool) async throws -> API.Cruise {
    let cruise = try await services.views.cruise(number, of: try channelKey(id), again: again)
    return API.Cruise(
      number: cruise.number, name: cruise.name,
      points: cruise.points.map { API.CruisePoint(preset: $0.preset, stay: $0.stay, speed: $0.speed) })
  }

  func homePosition(channel id: String, again: Bool) async throws -> API.HomePosition {
    let home = try await services.views.homePosition(of: try channelKey(id), again: again)
    return API.HomePosition(enabled: home.isEnabled, resetTime: home.resetTime, preset: home.preset)
  }

  func setHomePosition(channel id: String, _ home: API.HomePosition, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    let key = try channelKey(id)
    guard home.preset.map({ (0...255).contains($0) }) ?? true,
      home.resetTime.map({ (0...86_400).contains($0) }) ?? true
    else { throw Problem.invalid("“preset” must be from 0 to 255, “resetTime” from 0 to 86400 seconds.") }
    let began = SystemClock.monotonic()
    let confirmed = try await services.questions.order(
      .homePosition(
        GBCore.HomePosition(isEnabled: home.enabled, resetTime: home.resetTime, preset: home.preset)),
      device: key.device, target: key.channel, priority: Self.priority(of: caller))
    note(caller, key.description, "home-position")
    return API.ControlAnswer(
      command: .homePosition, confirmed: confirmed, milliseconds: Self.milliseconds(since: began))
  }

  func ptzPosition(channel id: String, again: Bool) async throws -> API.PTZPosition {
    let position = try await services.views.position(of: try channelKey(id), again: again)
    return API.PTZPosition(
      pan: position.pan, tilt: position.tilt, zoom: position.zoom,
      horizontalFieldAngle: position.horizontalFieldAngle, verticalFieldAngle: position.verticalFieldAngle,
      maxViewDistance: position.maxViewDistance)
  }

  // MARK: Shared

  static func control(_ request: API.ControlRequest) throws -> DeviceControl {
    switch request.command {
    case .keyFrame: return .keyFrame
    case .recordStart, .recordStop:
      guard request.stream.map({ (0...255).contains($0) }) ?? true else {
        throw Problem.invalid("“stream” must be from 0 to 255.")
      }
      return .record(isOn: request.command == .recordStart, stream: request.stream)
    case .guardOn: return .guard(isOn: true)
    case .guardOff: return .guard(isOn: false)
    case .alarmReset: return .resetAlarm(method: try scope(request.method), type: try scope(request.type))
    case .reboot: return .reboot
    case .formatCard:
      guard let card = request.card, (0...64).contains(card) else {
        throw Problem.invalid("“card” must be from 1 to 64, or 0 for all.")
      }
      return .formatCard(card)
    case .homePosition, .upgrade:
      throw Problem.invalid("“\(request.command.rawValue)” is not sent in this way.")
    }
  }

  /// Numbers joined with `/`.
  private static func scope(_ text: String?) throws -> String? {
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.count <= 64, text.utf8.allSatisfy({ (47...57).contains($0) }) else {
      throw Problem.invalid("“method” and “type” are numbers, several joined with “/”.")
    }
    return text
  }

  static func target(_ word: String, of key: ChannelKey) throws -> DeviceID {
    switch word {
    case "channel": key.channel
    case "device": key.device
    default: throw Problem.invalid("“target” must be channel or device.")
    }
  }

  static func holder(_ caller: Caller) -> CameraGrips.Holder {
    CameraGrips.Holder(
      name: caller.principal.name, priority: priority(of: caller),
      credential: caller.principal.credential)
  }

  /// The priority of the grant, or else that of the role.
  static func priority(of caller: Caller) -> Int {
    caller.admission?.priority ?? priority(of: caller.principal.role)
  }

  /// 1…254: who may take a camera from whom.
  static func priority(of role: Role) -> Int {
    switch role {
    case .administrator: 200
    case .operator: 100
    case .deviceManager: 60
    case .machine: 40
    case .auditor: 1
    }
  }

  static func resource(_ grip: CameraGrips.Grip) -> API.CameraGrip {
    API.CameraGrip(
      by: grip.holder.name, priority: grip.holder.priority,
      until: API.Time(SystemClock.wall() + (grip.release - SystemClock.monotonic())), moving: grip.isMoving)
  }

  static func milliseconds(since began: MonotonicTime) -> Int {
    Int((SystemClock.monotonic() - began).inSeconds * 1_000)
  }

  /// Every command is in the log with its author.
  func note(_ caller: Caller, _ target: String, _ command: String) {
    logger.info(
      "a command was sent",
      metadata: [
        "target": "\(target)", "command": "\(command)", "user": "\(caller.principal.name)",
        "correlation": "\(caller.correlation)",
      ])
  }

  private static func unknown(to edition: GBVersion) -> [String] {
    let box = GBCore.DragBox(windowWidth: 1, windowHeight: 1, centreX: 0, centreY: 0, width: 1, height: 1)
    let orders: [(String, DeviceControl)] = [
      ("drag-zoom-in", .dragZoom(isIn: true, box)), ("drag-zoom-out", .dragZoom(isIn: false, box)),
      ("precise", .precise(PrecisePosition())), ("format-card", .formatCard(0)),
      ("home-position", .homePosition(GBCore.HomePosition(isEnabled: true))), ("key-frame", .keyFrame),
    ]
    let queries: [(String, GBVersion)] = [
      ("presets", .v2016), ("cruises", .v2022), ("home-position-query", .v2022), ("ptz-position", .v2022),
      ("cards", .v2022), ("snapshots", .v2022), ("upgrade", .v2022),
    ]
    return orders.filter { !$0.1.isKnown(to: edition) }.map(\.0) + queries.filter { edition < $0.1 }.map(\.0)
  }
}
