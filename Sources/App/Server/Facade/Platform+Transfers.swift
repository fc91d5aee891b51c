import Access
import GBCore
import HTTPAPI
import MediaTime
import Registry

/// Pictures that cameras take themselves, and firmware.
extension Platform {
  func takeSnapshots(channel id: String, _ request: API.SnapshotRequest, by caller: Caller) async throws
    -> API.SnapshotSession
  {
    let key = try channelKey(id)
    let (count, interval) = (request.count ?? 1, request.interval ?? 1)
    guard (1...10).contains(count), (1...3_600).contains(interval) else {
      throw Problem.invalid("“count” must be from 1 to 10, “interval” from 1 to 3600 seconds.")
    }
    let session = try await services.snapshots.take(
      key, count: count, interval: interval, by: caller.principal.name)
    note(caller, key.description, "snapshots \(count)")
    return Self.resource(session)
  }

  func snapshots(channel id: String) async throws -> API.Snapshots {
    let key = try channelKey(id)
    return API.Snapshots(
      items: await services.snapshots.files(of: key).map {
        API.SnapshotFile(file: $0.name, time: API.Time($0.time), bytes: $0.bytes)
      }, sessions: await services.snapshots.sessions(of: key).map(Self.resource))
  }

  /// A kept picture is looked at like any other, and the log of looks says so.
  func snapshotFile(channel id: String, name: String, by caller: Caller) async throws -> MediaFile {
    let key = try channelKey(id)
    let bytes = try await services.snapshots.picture(name, of: key)
    let look = try await services.looks.begin(
      LookRecord(
        user: caller.principal.name, role: caller.principal.role, channel: key.description, kind: .snapshot,
        purpose: caller.admission?.purpose ?? "", source: caller.source, started: SystemClock.wall()))
    await services.looks.end(look)
    return MediaFile(contentType: "image/jpeg", bytes: bytes)
  }

  func expectsSnapshot(session: String) async throws { _ = try await services.snapshots.expects(session) }

  func storeSnapshot(session: String, bytes: [UInt8], source: String) async throws {
    try await services.snapshots.store(session, bytes)
  }

  /// The name of the session is a credential: people see its beginning.
  private static func resource(_ session: SnapshotService.Session) -> API.SnapshotSession {
    API.SnapshotSession(
      session: String(session.id.prefix(8)), channel: session.channel.description,
      state: session.state.rawValue,
      by: session.by, started: API.Time(session.started), asked: session.asked, arrived: session.arrived,
      reported: session.reported, reason: session.reason)
  }

  // MARK: Firmware

  func firmware() async throws -> [API.FirmwareFile] { services.upgrades.shelf.files() }

  func placeFirmware(_ name: String, by caller: Caller) async throws -> any FirmwareWriter {
    let writer = try services.upgrades.shelf.writer(name)
    note(caller, name, "firmware placed")
    return writer
  }

  func removeFirmware(_ name: String, by caller: Caller) async throws {
    try services.upgrades.shelf.remove(name)
    note(caller, name, "firmware removed")
  }

  func fetchFirmware(session: String, source: String) async throws -> ExportContent {
    try await services.upgrades.fetch(session)
  }

  func upgrades(device id: String) async throws -> [API.Upgrade] {
    let device = try deviceID(id)
    return await services.upgrades.upgrades(of: device).map { session in
      API.Upgrade(
        session: String(session.id.prefix(8)), device: session.device, file: session.file,
        firmware: session.firmware, state: session.state.rawValue, reason: session.reason, by: session.by,
        started: API.Time(WallTime(milliseconds: session.started)),
        changed: API.Time(WallTime(milliseconds: session.changed)))
    }
  }
}
