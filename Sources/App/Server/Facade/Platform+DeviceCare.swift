import Access
import GBCore
import HTTPAPI
import MediaTime
import Registry

/// Commands to devices, their state, cards and configuration.
extension Platform {
  func command(device id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    let device = try deviceID(id)
    let began = SystemClock.monotonic()
    if request.command == .upgrade { return try await upgrade(device, request, began, caller) }
    guard request.command != .keyFrame else {
      throw Problem.invalid("This is a command for a channel, not for a device.")
    }
    let confirmed = try await services.questions.order(
      try Self.control(request), device: device, target: device,
      priority: Self.priority(of: caller))
    note(caller, device.text, request.command.rawValue)
    return API.ControlAnswer(
      command: request.command, confirmed: confirmed, milliseconds: Self.milliseconds(since: began))
  }

  private func upgrade(
    _ device: DeviceID, _ request: API.ControlRequest, _ began: MonotonicTime, _ caller: Caller
  ) async throws -> API.ControlAnswer {
    guard let file = request.file, let firmware = request.firmware, (1...64).contains(firmware.utf8.count)
    else {
      throw Problem.invalid(
        "An upgrade needs “file”, a file that was placed, and “firmware”, the version it brings.")
    }
    let session = try await services.upgrades.begin(
      device, file: file, firmware: firmware, by: caller.principal.name)
    note(caller, device.text, "upgrade \(file)")
    return API.ControlAnswer(
      command: .upgrade, confirmed: session.state != .offered, milliseconds: Self.milliseconds(since: began),
      session: session.id)
  }

  func deviceState(_ id: String, again: Bool) async throws -> API.DeviceState {
    let id = try deviceID(id)
    let status = try await services.care.status(of: id, again: again)
    let time = status.deviceTime.flatMap { GBTime.parse($0) }.map { directory.ours($0, from: id) }
    return API.DeviceState(
      ok: status.isOK, online: status.isOnline, working: status.isWorking, reason: status.reason,
      encoding: status.isEncoding, recording: status.isRecording, deviceTime: time.map { API.Time($0) },
      clockOffset: time.map { (($0 - SystemClock.wall()).inSeconds * 10).rounded() / 10 },
      alarmInputs: status.alarmInputs.map {
        API.AlarmInput(id: $0.id.text, duty: Self.word($0.duty))
      })
  }

  private static func word(_ duty: DeviceStatusReply.Duty) -> String {
    switch duty {
    case .onDuty: "on-duty"
    case .offDuty: "off-duty"
    case .alarm: "alarm"
    }
  }

  func cards(device id: String, again: Bool) async throws -> [API.StorageCard] {
    try await services.care.cards(of: try deviceID(id), again: again).map {
      API.StorageCard(
        number: $0.number, name: $0.name, status: $0.status, formatProgress: $0.formatProgress,
        capacity: $0.capacity, free: $0.free)
    }
  }

  // MARK: Configuration

  func configurationForms() async throws -> [API.ConfigurationForm] {
    ConfigurationKind.allCases.map { kind in
      API.ConfigurationForm(
        block: kind.rawValue, edition: kind.edition.description,
        writable: kind.isWritable && kind != .snapShotConfig, fields: kind.layout.map { Self.field($0, kind) }
      )
    }
  }

  func configuration(_ id: String, blocks: [String]?, again: Bool) async throws -> API.Configuration {
    let (device, target) = try owner(id)
    let kinds = try (blocks ?? []).map(Self.kind)
    let found = try await services.care.configuration(kinds, device: device, target: target, again: again)
    let edition = services.questions.edition(of: device)
    let wanted = kinds.isEmpty ? ConfigurationKind.allCases.filter { $0.edition <= edition } : kinds
    let present = Set(found.map(\.kind))
    return API.Configuration(
      items: found.map { API.ConfigurationBlock(block: $0.kind.rawValue, values: Self.values($0)) },
      missing: wanted.filter { !present.contains($0) }.map(\.rawValue))
  }

  func configure(_ id: String, block name: String, _ change: API.ConfigurationChange, by caller: Caller)
    async throws
    -> API.ConfigurationResult
  {
    let (device, target) = try owner(id)
    let kind = try Self.kind(name)
    guard kind != .snapShotConfig else {
      throw Problem.invalid("Where pictures go is this platform's business: order them under …/snapshots.")
    }
    let block = GBCore.ConfigurationBlock(kind, change.values.mapValues(Self.value))
    let (confirmed, now) = try await services.care.set(block, device: device, target: target)
    note(caller, id, "configure \(kind.rawValue)")
    return API.ConfigurationResult(
      block: kind.rawValue, confirmed: confirmed, values: now.map(Self.values),
      differences: now.map { block.differences(from: $0) } ?? [])
  }

  /// A channel has two codes, a device one.
  private func owner(_ id: String) throws -> (DeviceID, DeviceID) {
    guard id.contains("_") else {
      let device = try deviceID(id)
      return (device, device)
    }
    let key = try channelKey(id)
    return (key.device, key.channel)
  }

  private static func kind(_ name: String) throws -> ConfigurationKind {
    guard let kind = ConfigurationKind(name: name) else {
      let known = ConfigurationKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem.notFound("There is no block “\(name.prefix(64))”; known are \(known).")
    }
    return kind
  }

  // MARK: Between values

  private static func field(_ field: GBCore.ConfigurationField, _ kind: ConfigurationKind)
    -> API.ConfigurationField
  {
    let name = field.name.isEmpty ? kind.rawValue : field.name
    var result = API.ConfigurationField(
      name: name, type: "text", required: field.isRequired, readOnly: field.isReadOnly)
    switch field.form {
    case .integer(let range):
      (result.type, result.minimum, result.maximum) = (
        "integer", Double(range.lowerBound), Double(range.upperBound)
      )
    case .decimal(let range):
      (result.type, result.minimum, result.maximum) = ("number", range.lowerBound, range.upperBound)
    case .text(let most): result.most = most
    case .raw: result.type = "xml"
    case .list(let list):
      (result.type, result.most) = ("list", list.most)
      result.fields = list.fields.map { Self.field($0, kind) }
    }
    return result
  }

  /// What a person may see: the credential of an upload is none of it.
  private static func values(_ block: GBCore.ConfigurationBlock) -> [String: API.Value] {
    let secret: Set<String> = block.kind == .snapShotConfig ? ["UploadURL", "SessionID"] : []
    return block.values.filter { !secret.contains($0.key) }.mapValues(Self.value)
  }

  private static func value(_ value: ConfigurationValue) -> API.Value {
    switch value {
    case .integer(let number): .integer(number)
    case .decimal(let number): .number(number)
    case .text(let text): .text(text)
    case .list(let items): .list(items.map { $0.mapValues(Self.value) })
    }
  }

  private static func value(_ value: API.Value) -> ConfigurationValue {
    switch value {
    case .integer(let number): .integer(number)
    case .number(let number): .decimal(number)
    case .text(let text): .text(text)
    case .list(let items): .list(items.map { $0.mapValues(Self.value) })
    }
  }
}
