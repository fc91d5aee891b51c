public import GBCore
import GRDB
import MediaTime
public import Registry

/// Channels.
extension SQLiteStore {
  public func channels(of device: DeviceID?) async throws -> [Channel] {
    try await pool.read { db in
      let rows =
        if let device {
          try Row.fetchAll(db, sql: "SELECT * FROM channel WHERE device = ?", arguments: [device.text])
        } else {
          try Row.fetchAll(db, sql: "SELECT * FROM channel")
        }
      return rows.compactMap(Channel.init(row:))
    }
  }

  /// Channels of a device that has been deleted meanwhile are left out: a late catalog does not bring it back.
  public func updateChannels(saved: [Channel], deleted: [ChannelKey]) async throws {
    try await pool.write { try Self.update(saved: saved, deleted: deleted, $0) }
  }

  static func update(saved: [Channel], deleted: [ChannelKey], _ db: Database) throws {
    var known: [DeviceID: Bool] = [:]
    for channel in saved {
      let device = channel.key.device
      if known[device] == nil {
        known[device] =
          try Row.fetchOne(db, sql: "SELECT 1 FROM device WHERE id = ?", arguments: [device.text]) != nil
      }
      if known[device] == true { try db.run(Channel.upsert, channel.columns) }
    }
    for key in deleted {
      try db.run(
        "DELETE FROM channel WHERE device = ? AND channel = ?", [key.device.text, key.channel.text])
    }
  }
}

extension Channel {
  fileprivate static let upsert = Database.upsert(
    "channel",
    [
      "device", "channel", "catalogName", "chosenName", "parentText", "parent", "organisations",
      "businessGroup",
      "civilCode", "isParental", "status", "since", "manufacturer", "model", "address", "longitude",
      "latitude",
      "ptzType", "raw",
    ], keys: ["device", "channel"])

  fileprivate var columns: StatementArguments {
    [
      key.device.text, key.channel.text, catalogName, chosenName, placement.parentText,
      placement.parent?.text,
      placement.organisations.map(\.text).joined(separator: ","), placement.businessGroup?.text,
      placement.civilCode?.text, placement.isParental, status.rawValue, since.column, manufacturer, model,
      address,
      position?.longitude, position?.latitude, ptzType, raw,
    ]
  }

  fileprivate init?(row: Row) {
    guard let device = row.code("device"), let channel = row.code("channel") else { return nil }
    let placement = ChannelPlacement(
      parentText: row.text("parentText"), parent: row.code("parent"),
      organisations: row.text("organisations").split(separator: ",").compactMap { DeviceID($0) },
      businessGroup: row.code("businessGroup"),
      civilCode: (row["civilCode"] as String?).flatMap { CivilCode($0) },
      isParental: row["isParental"] ?? false)
    var position: GeoPosition?
    if let longitude = row["longitude"] as Double?, let latitude = row["latitude"] as Double? {
      position = GeoPosition(longitude: longitude, latitude: latitude)
    }
    self.init(
      key: ChannelKey(device: device, channel: channel), catalogName: row.text("catalogName"),
      chosenName: row["chosenName"], placement: placement,
      status: row.value("status", as: ChannelStatus.self) ?? .on, since: row.time("since"),
      manufacturer: row["manufacturer"], model: row["model"], address: row["address"], position: position,
      ptzType: row["ptzType"], raw: PackedItem(row.text("raw")))
  }
}
