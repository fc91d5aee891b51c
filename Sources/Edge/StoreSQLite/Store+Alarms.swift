public import Alarms
import GBCore
import GRDB
public import MediaTime
import Registry

/// Alarms.
extension SQLiteStore: AlarmStore {
  public func write(_ alarms: [AlarmRecord]) async throws {
    try await pool.write { db in
      for alarm in alarms { try db.run(AlarmRecord.upsert, alarm.columns) }
    }
  }

  public func alarms(_ query: AlarmQuery) async throws -> [AlarmRecord] {
    var clauses: [String] = []
    var arguments: StatementArguments = []
    func add(_ clause: String, _ values: (any DatabaseValueConvertible)?...) {
      guard !values.contains(where: { $0 == nil }) else { return }
      clauses.append(clause)
      arguments += StatementArguments(values.compactMap { $0 })
    }
    add("device = ?", query.device?.text)
    if let channel = query.channel {
      // One index each: an OR over both would read the whole table.
      add(
        "id IN (SELECT id FROM alarm WHERE camera = ? UNION SELECT id FROM alarm WHERE device = ? AND source = ?)",
        channel.description, channel.device.text, channel.channel.text)
    }
    add("method = ?", query.method?.rawValue)
    add("priority <= ?", query.priority)
    if let isAcknowledged = query.isAcknowledged {
      clauses.append(isAcknowledged ? "acknowledged IS NOT NULL" : "acknowledged IS NULL")
    }
    add("received >= ?", query.from?.column)
    add("received < ?", query.to?.column)
    add("id < ?", query.before)
    let filter = clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ")
    let sql = "SELECT * FROM alarm \(filter) ORDER BY id DESC LIMIT \(query.limit)"
    return try await pool.read { [arguments] db in
      try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(AlarmRecord.init(row:))
    }
  }

  public func alarm(_ id: Int64) async throws -> AlarmRecord? {
    try await pool.read { try Self.alarm(id, $0) }
  }

  public func acknowledge(_ id: Int64, _ acknowledgement: AlarmAcknowledgement) async throws -> AlarmRecord? {
    try await pool.write { db in
      try db.run(
        "UPDATE alarm SET acknowledged = ?, acknowledgedBy = ?, note = ? WHERE id = ? AND acknowledged IS NULL",
        [acknowledgement.at.column, acknowledgement.by, acknowledgement.note, id])
      return try Self.alarm(id, db)
    }
  }

  public func unacknowledgedAlarms() async throws -> Int {
    try await pool.read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM alarm WHERE acknowledged IS NULL") ?? 0
    }
  }

  public func deleteAlarms(before moment: WallTime, limit: Int) async throws -> Int {
    try await pool.write { db in
      try db.run(
        "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm WHERE last < ? ORDER BY last LIMIT ?)",
        [moment.column, limit])
      return db.changesCount
    }
  }

  public func nextAlarm() async throws -> Int64 {
    try await pool.read { db in
      (try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'alarm'") ?? 0) + 1
    }
  }

  private static func alarm(_ id: Int64, _ db: Database) throws -> AlarmRecord? {
    try Row.fetchOne(db, sql: "SELECT * FROM alarm WHERE id = ?", arguments: [id]).flatMap(
      AlarmRecord.init(row:))
  }
}

extension AlarmRecord {
  /// What a repetition changes is replaced; what happened first and who took note of it is not.
  fileprivate static let upsert = """
    INSERT INTO alarm (id, device, source, camera, method, type, typeName, event, priority, deviceTime, text,
      longitude, latitude, received, last, count, paths)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET last = excluded.last, count = excluded.count, paths = excluded.paths
    """

  /// In the order of ``upsert``.
  fileprivate var columns: StatementArguments {
    [
      id, device.text, source.text, camera?.description, notice.method.rawValue, notice.type, notice.typeName,
      notice.event, notice.priority, notice.time?.column, notice.text, notice.position?.longitude,
      notice.position?.latitude, received.column, last.column, count,
      paths.map(\.rawValue).sorted().joined(separator: ","),
    ]
  }

  fileprivate init?(row: Row) {
    guard let device = row.code("device"), let source = row.code("source") else { return nil }
    var position: GeoPosition?
    if let longitude = row["longitude"] as Double?, let latitude = row["latitude"] as Double? {
      position = GeoPosition(longitude: longitude, latitude: latitude)
    }
    var acknowledgement: AlarmAcknowledgement?
    if let at = row.optionalTime("acknowledged") {
      acknowledgement = AlarmAcknowledgement(by: row.text("acknowledgedBy"), at: at, note: row.text("note"))
    }
    let notice = AlarmNotice(
      source: source, priority: row["priority"], method: AlarmMethod(rawValue: row["method"]) ?? .other,
      type: row["type"], typeName: row["typeName"], event: row["event"], time: row.optionalTime("deviceTime"),
      text: row["text"], position: position)
    self.init(
      id: row["id"], device: device, camera: (row["camera"] as String?).flatMap { ChannelKey($0) },
      notice: notice, received: row.time("received"), last: row.time("last"), count: row["count"],
      paths: Set(row.text("paths").split(separator: ",").compactMap { AlarmPath(rawValue: String($0)) }),
      acknowledgement: acknowledgement)
  }
}

/// The latest positions.
extension SQLiteStore: PositionStore {
  public func write(_ positions: [LatestPosition]) async throws {
    try await pool.write { db in
      for position in positions { try db.run(LatestPosition.upsert, position.columns) }
    }
  }

  public func positions() async throws -> [LatestPosition] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM position").compactMap(LatestPosition.init(row:))
    }
  }
}

extension LatestPosition {
  fileprivate static let upsert = Database.upsert(
    "position",
    [
      "device", "channel", "longitude", "latitude", "deviceTime", "speed", "direction", "altitude", "height",
      "received",
    ], keys: ["device", "channel"])

  fileprivate var columns: StatementArguments {
    [
      channel.device.text, channel.channel.text, report.position.longitude, report.position.latitude,
      report.time?.column, report.speed, report.direction, report.altitude, report.height, received.column,
    ]
  }

  fileprivate init?(row: Row) {
    guard let device = row.code("device"), let channel = row.code("channel"),
      let position = GeoPosition(longitude: row["longitude"], latitude: row["latitude"])
    else { return nil }
    self.init(
      channel: ChannelKey(device: device, channel: channel),
      report: PositionReport(
        device: channel, time: row.optionalTime("deviceTime"), position: position, speed: row["speed"],
        direction: row["direction"], altitude: row["altitude"], height: row["height"]),
      received: row.time("received"))
  }
}
