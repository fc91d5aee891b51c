import Synchronization

@testable import HTTPAPI

/// Devices from here: state, configuration, pictures and firmware.
extension FakePlatform {
  func command(device id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  {
    try check(caller)
    return API.ControlAnswer(command: request.command, milliseconds: 12, session: "s")
  }

  func deviceState(_ id: String, again: Bool) async throws -> API.DeviceState {
    try check()
    return API.DeviceState(
      ok: true, online: true, working: true, encoding: true, recording: false, deviceTime: Self.moment,
      clockOffset: 0.5, alarmInputs: [.init(id: "34020000001340000001", duty: "on-duty")])
  }

  func cards(device id: String, again: Bool) async throws -> [API.StorageCard] {
    try check()
    return [.init(number: 1, name: "SD1", status: "formatting", formatProgress: 5, capacity: 64_000, free: 1)]
  }

  func configurationForms() async throws -> [API.ConfigurationForm] {
    try check()
    let inner = API.ConfigurationField(name: "Text", type: "text", required: true, readOnly: false, most: 32)
    return [
      .init(
        block: "OSDConfig", edition: "3.0", writable: true,
        fields: [
          .init(name: "TimeX", type: "integer", required: true, readOnly: false, minimum: 0, maximum: 65_535),
          .init(name: "Item", type: "list", required: false, readOnly: false, most: 8, fields: [inner]),
        ])
    ]
  }

  func configuration(_ id: String, blocks: [String]?, again: Bool) async throws -> API.Configuration {
    try check()
    return API.Configuration(
      items: [.init(block: "FrameMirror", values: ["FrameMirror": .integer(1)])], missing: [])
  }

  func configure(_ id: String, block: String, _ change: API.ConfigurationChange, by caller: Caller)
    async throws
    -> API.ConfigurationResult
  {
    try check(caller)
    return API.ConfigurationResult(block: block, confirmed: true, values: change.values, differences: [])
  }

  func takeSnapshots(channel id: String, _ request: API.SnapshotRequest, by caller: Caller) async throws
    -> API.SnapshotSession
  {
    try check(caller)
    return Self.snapshotSession
  }

  private static let snapshotSession = API.SnapshotSession(
    session: "0123abcd", channel: "a_b", state: "partial", by: "chen", started: moment, asked: 3, arrived: 2,
    reported: 2, reason: "the camera uploaded 2 of 3")

  func snapshots(channel id: String) async throws -> API.Snapshots {
    try check()
    return API.Snapshots(
      items: [.init(file: "1.jpg", time: Self.moment, bytes: 4)], sessions: [Self.snapshotSession])
  }

  func snapshotFile(channel id: String, name: String, by caller: Caller) async throws -> MediaFile {
    try check(caller)
    return MediaFile(contentType: "image/jpeg", bytes: [0xff, 0xd8, 0xff, 0xd9])
  }

  func expectsSnapshot(session: String) async throws { try check() }

  func storeSnapshot(session: String, bytes: [UInt8], source: String) async throws {
    try check()
    state.withLock { $0.imported = bytes }
  }

  private static let file = API.FirmwareFile(
    name: "a.bin", bytes: 3, sha256: String(repeating: "0", count: 64), placed: moment)

  func firmware() async throws -> [API.FirmwareFile] {
    try check()
    return [Self.file]
  }

  func placeFirmware(_ name: String, by caller: Caller) async throws -> any FirmwareWriter {
    try check(caller)
    return Writer()
  }

  private struct Writer: FirmwareWriter {
    func write(_ bytes: [UInt8]) async throws {}
    func finish() async throws -> API.FirmwareFile { FakePlatform.file }
    func abandon() async {}
  }

  func removeFirmware(_ name: String, by caller: Caller) async throws { try check(caller) }

  func fetchFirmware(session: String, source: String) async throws -> ExportContent {
    try check()
    return ExportContent(fileName: "a.bin", length: 3, sha256: nil, read: { _ in [1, 2, 3] })
  }

  func upgrades(device id: String) async throws -> [API.Upgrade] {
    try check()
    return [
      .init(
        session: "0123abcd", device: id, file: "a.bin", firmware: "2", state: "failed", reason: "no-result",
        by: "chen", started: Self.moment, changed: Self.moment)
    ]
  }
}
