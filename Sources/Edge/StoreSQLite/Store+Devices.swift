import Foundation
public import GBCore
import GRDB
import MediaTime
public import Registry

/// Devices and their passwords.
extension SQLiteStore {
  public func devices() async throws -> [Device] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT *, password IS NOT NULL AS hasPassword FROM device").compactMap(
        Device.init(row:))
    }
  }

  public func device(_ id: DeviceID) async throws -> Device? {
    try await pool.read { db in
      try Row.fetchOne(
        db, sql: "SELECT *, password IS NOT NULL AS hasPassword FROM device WHERE id = ?",
        arguments: [id.text]
      )
      .flatMap(Device.init(row:))
    }
  }

  public func save(_ devices: [Device]) async throws {
    try await pool.write { try Self.save(devices, $0) }
  }

  static func save(_ devices: [Device], _ db: Database) throws {
    for device in devices { try db.run(Device.upsert, device.columns) }
  }

  /// Writes records that are there already.
  static func update(_ devices: [Device], _ db: Database) throws {
    for device in devices { try db.run(Device.update, device.columns) }
  }

  /// Writes where devices are, and nothing else of them.
  static func saveContacts(_ devices: [Device], _ db: Database) throws {
    guard !devices.isEmpty else { return }
    let statement = try db.cachedStatement(sql: DeviceContact.update)
    for device in devices {
      guard let contact = device.contact else { continue }
      try statement.execute(arguments: contact.columns(of: device.id))
    }
  }

  public func deleteDevice(_ id: DeviceID) async throws {
    try await pool.write { db in
      try db.run("DELETE FROM catalogProblem WHERE device = ?", [id.text])
      try db.run("DELETE FROM device WHERE id = ?", [id.text])
    }
  }

  public func setPassword(_ password: String?, of id: DeviceID) async throws {
    let sealed = try password.map { try secrets.seal(Array($0.utf8), Self.context(id)) }
    try await pool.write { db in
      try db.run("UPDATE device SET password = ? WHERE id = ?", [sealed.map { Data($0) }, id.text])
    }
  }

  public func passwords() async throws -> [DeviceID: String] {
    let sealed = try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT id, password FROM device WHERE password IS NOT NULL")
        .compactMap { row -> (DeviceID, [UInt8])? in
          guard let id = row.code("id"), let bytes = row["password"] as Data? else { return nil }
          return (id, Array(bytes))
        }
    }
    var passwords: [DeviceID: String] = [:]
    for (id, bytes) in sealed {
      passwords[id] = String(decoding: try secrets.open(bytes, Self.context(id)), as: UTF8.self)
    }
    return passwords
  }

  /// A sealed password opens only for the device it was sealed for.
  private static func context(_ id: DeviceID) -> [UInt8] { Array("device-password:\(id)".utf8) }
}

extension Device {
  fileprivate static let names = [
    "name", "origin", "added", "status", "since", "userAlias", "encoding", "heartbeatInterval",
    "heartbeatCount", "anyRequestCounts", "onlineUntilExpiry", "fixedMediaTransport",
    "rememberedMediaTransport", "streamSelector", "subscriptions", "resetsAlarms", "armsGuard",
    "positionInterval", "manufacturer", "model", "firmware", "declaredChannels",
    "userAgent", "version", "transport", "address", "contactHeader", "registered", "expires",
    "lastKeepalive", "profile", "habits", "recordTimeOffset", "inviteTimeOffset", "historySessions", "id",
  ]
  fileprivate static let upsert = Database.upsert("device", names, keys: ["id"])
  fileprivate static let update = Database.update("device", names)

  /// In the order of ``names``.
  fileprivate var columns: StatementArguments {
    [
      name, origin.rawValue, added.column, status.rawValue, since.column, settings.userAlias,
      settings.encoding?.rawValue, settings.heartbeatInterval, settings.heartbeatCount,
      settings.anyRequestCounts,
      settings.onlineUntilExpiry, settings.fixedMediaTransport?.rawValue,
      settings.rememberedMediaTransport?.rawValue, settings.streamSelector?.rawValue,
      settings.events.subscriptionText, settings.events.resetsAlarms, settings.events.armsGuard,
      settings.events.positionInterval, dossier.manufacturer,
      dossier.model, dossier.firmware, dossier.declaredChannels, dossier.userAgent,
      dossier.version?.description,
      contact?.transport.rawValue, contact?.address.description, contact?.contactHeader,
      contact?.registered.column, contact?.expires.column, contact?.lastKeepalive?.column,
      settings.profile, settings.furtherHabits.text, settings.recordTimeOffset, settings.inviteTimeOffset,
      settings.historySessions, id.text,
    ]
  }

  fileprivate init?(row: Row) {
    guard let id = row.code("id") else { return nil }
    self.init(
      id: id, name: row.text("name"), added: row.time("added"), hasCredential: row["hasPassword"] ?? false,
      origin: row.value("origin", as: Origin.self) ?? .provisioned, settings: DeviceSettings(row: row),
      dossier: DeviceDossier(row: row), contact: DeviceContact(row: row),
      status: row.value("status", as: DeviceStatus.self) ?? .unknown, since: row.time("since"))
  }
}

extension DeviceSettings {
  fileprivate init(row: Row) {
    self.init(
      userAlias: row["userAlias"], encoding: row.value("encoding", as: TextEncodingName.self),
      heartbeatInterval: row["heartbeatInterval"], heartbeatCount: row["heartbeatCount"],
      anyRequestCounts: row["anyRequestCounts"] ?? true, onlineUntilExpiry: row["onlineUntilExpiry"] ?? false,
      fixedMediaTransport: row.value("fixedMediaTransport", as: MediaTransportChoice.self),
      rememberedMediaTransport: row.value("rememberedMediaTransport", as: MediaTransportChoice.self),
      streamSelector: row.value("streamSelector", as: StreamSelector.self),
      profile: row["profile"], furtherHabits: PeerHabits(text: row["habits"] ?? ""),
      events: EventSettings(row: row), recordTimeOffset: row["recordTimeOffset"],
      inviteTimeOffset: row["inviteTimeOffset"], historySessions: row["historySessions"])
  }
}

extension EventSettings {
  /// Decisions as `alarm+,catalog-`; nil when there is none.
  fileprivate var subscriptionText: String? {
    guard !subscriptions.isEmpty else { return nil }
    return subscriptions.sorted { $0.key < $1.key }.map { $0.key.rawValue + ($0.value ? "+" : "-") }
      .joined(separator: ",")
  }

  fileprivate init(row: Row) {
    var decisions: [SubscriptionKind: Bool] = [:]
    for word in row.text("subscriptions").split(separator: ",") {
      guard let kind = SubscriptionKind(rawValue: String(word.dropLast())) else { continue }
      decisions[kind] = word.hasSuffix("+")
    }
    self.init(
      subscriptions: decisions, resetsAlarms: row["resetsAlarms"] ?? false,
      armsGuard: row["armsGuard"] ?? false,
      positionInterval: row["positionInterval"])
  }
}

extension DeviceDossier {
  fileprivate init(row: Row) {
    self.init(
      manufacturer: row["manufacturer"], model: row["model"], firmware: row["firmware"],
      declaredChannels: row["declaredChannels"], userAgent: row["userAgent"],
      version: (row["version"] as String?).flatMap { GBVersion($0) })
  }
}

extension DeviceContact {
  fileprivate static let update = """
    UPDATE device SET transport = ?, address = ?, contactHeader = ?, registered = ?, expires = ?,
      lastKeepalive = ? WHERE id = ?
    """

  /// In the order of ``update``.
  fileprivate func columns(of device: DeviceID) -> StatementArguments {
    [
      transport.rawValue, address.description, contactHeader, registered.column, expires.column,
      lastKeepalive?.column, device.text,
    ]
  }

  fileprivate init?(row: Row) {
    guard let transport = row.value("transport", as: SignallingTransport.self),
      let address = (row["address"] as String?).flatMap({ PeerAddress($0) }),
      let registered = row.optionalTime("registered"), let expires = row.optionalTime("expires")
    else { return nil }
    self.init(
      transport: transport, address: address, contactHeader: row["contactHeader"], registered: registered,
      expires: expires, lastKeepalive: row.optionalTime("lastKeepalive"))
  }
}
