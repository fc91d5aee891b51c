import Foundation
import GRDB
import MPEGCore
public import MediaTime
public import Recording
public import Registry

/// The index of recorded files.
extension SQLiteStore {
  public func putSegment(_ segment: SegmentRecord) async throws {
    try await pool.write { db in try Self.put(segment, db) }
  }

  public func removeSegments(_ ids: [SegmentID]) async throws {
    try await pool.write { db in
      for id in ids {
        guard let channel = try Self.number(of: id.channel, db, create: false) else { continue }
        let old = try Stretches.live(channel, id.startMilliseconds, db)
        try db.run(
          "DELETE FROM segment WHERE channel = ? AND startMilliseconds = ?", [channel, id.startMilliseconds])
        try db.run(
          "DELETE FROM deletion WHERE channel = ? AND startMilliseconds = ?", [channel, id.startMilliseconds])
        if let old { try Stretches.refresh(old, channel, db) }
      }
    }
  }

  public func segment(_ id: SegmentID) async throws -> SegmentRecord? {
    try await pool.read { db in
      try Self.fetch(
        db, "WHERE key = ? AND startMilliseconds = ?", [id.channel.description, id.startMilliseconds],
        limit: 1
      )
      .first
    }
  }

  public func segments(_ channel: ChannelKey, in range: WallInterval, limit: Int) async throws
    -> [SegmentRecord]
  {
    guard !range.isEmpty else { return [] }
    return try await pool.read { db in
      // `longest` bounds the search, so that a month is found in a year's recordings without reading the year.
      try Self.fetch(
        db,
        """
        WHERE key = ? AND segment.start < ? AND segment.start >= ? - longest AND segment."end" > ? AND state != ?
        ORDER BY segment.start
        """,
        [
          channel.description, range.end.column, range.start.column, range.start.column,
          SegmentState.deleting.number,
        ], limit: limit)
    }
  }

  public func coverage(_ channel: ChannelKey, in range: WallInterval, absent: Set<DiskID>) async throws
    -> RecordedCoverage
  {
    guard !range.isEmpty else { return RecordedCoverage() }
    return try await pool.read { db in
      guard let number = try Self.number(of: channel, db, create: false) else { return RecordedCoverage() }
      // The stretches do not know where a file lies; what does is read only while a disk is away.
      if try Self.holdsSegments(absent, db) {
        let all = try Self.fetch(
          db,
          """
          WHERE channel = ?1 AND segment.start < ?2 AND segment.start >= ?3 - longest AND segment."end" > ?3
          """, [number, range.end.column, range.start.column], limit: .max)
        return RecordedCoverage(segments: all, absent: absent)
      }
      return RecordedCoverage(
        try Stretches.overlapping(range, number, db), openEnd: try Stretches.openEnd(range, number, db))
    }
  }

  public func segments(state: SegmentState, limit: Int) async throws -> [SegmentRecord] {
    try await pool.read { db in
      // The number is written into the text: only then can the partial index be used.
      try Self.fetch(db, "WHERE state = \(state.number) ORDER BY segment.start", [], limit: limit)
    }
  }

  public func oldestSegments(
    _ retentionClass: RetentionClass, on disk: DiskID?, now: WallTime, limit: Int
  ) async throws -> [SegmentRecord] {
    try await pool.read { db in
      var found: [SegmentRecord] = []
      for place in try disk.map({ try [Self.place(of: $0, db, create: false) ?? 0] }) ?? Self.places(db) {
        found += try Self.fetch(
          db,
          """
          WHERE place = ? AND retentionClass = ? AND state IN (1, 2) AND NOT \(Self.held)
          ORDER BY segment.start
          """, [place, retentionClass.rawValue, now.column], limit: limit)
      }
      return Array(found.sorted { $0.start < $1.start }.prefix(limit))
    }
  }

  public func replaceAllSegments(_ segments: [SegmentRecord], on disks: Set<DiskID>?) async throws {
    try await pool.write { db in
      if let disks {
        for disk in disks {
          try db.run(
            "DELETE FROM segment WHERE place = ?", [try Self.place(of: disk, db, create: false)])
        }
      } else {
        try db.run("DELETE FROM segment")
      }
      try db.run("DELETE FROM stretch")
      // Where entries stay, a bound that is too large only reads more than it must.
      if disks == nil { try db.run("UPDATE recordedChannel SET longest = 0") }
      for segment in segments { try Self.insert(segment, db) }
      try db.execute(sql: Schema.fillStretches)
    }
  }

  public func usage() async throws -> RecordingUsage {
    try await pool.read { db in
      var usage = RecordingUsage()
      for row in try Row.fetchAll(
        db,
        sql:
          "SELECT deleting, SUM(segments) AS segments, SUM(bytes) AS bytes FROM diskUsage GROUP BY deleting")
      {
        if row["deleting"] == 1 {
          (usage.deletingSegments, usage.deletingBytes) = (row["segments"], row["bytes"])
        } else {
          (usage.segments, usage.bytes) = (row["segments"], row["bytes"])
        }
      }
      // One look into an index per disk, class and state; a scan would read the whole table.
      let places =
        try Self.places(db).flatMap { place in
          RetentionClass.allCases.map {
            "place = \(place) AND retentionClass = \($0.rawValue) AND state IN (1, 2)"
          }
        } + ["state = 0"]
      for place in places {
        let first = try Row.fetchOne(
          db, sql: "SELECT start FROM segment WHERE \(place) ORDER BY start LIMIT 1")
        let last = try Row.fetchOne(
          db, sql: "SELECT \"end\" FROM segment WHERE \(place) ORDER BY start DESC LIMIT 1")
        if let moment = first?.optionalTime("start") { usage.oldest = min(usage.oldest ?? moment, moment) }
        if let moment = last?.optionalTime("end") { usage.newest = max(usage.newest ?? moment, moment) }
      }
      return usage
    }
  }

  /// The number of a channel; made when it has none and `create` is set.
  static func number(of channel: ChannelKey, _ db: Database, create: Bool) throws -> Int64? {
    let key = channel.description
    let find = "SELECT number FROM recordedChannel WHERE key = ?"
    if let number = try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [key]) { return number }
    guard create else { return nil }
    try db.run("INSERT INTO recordedChannel (key) VALUES (?)", [key])
    return db.lastInsertedRowID
  }

  private static let upsert = Database.upsert(
    "segment",
    [
      "channel", "startMilliseconds", "path", "start", "end", "bytes", "sha256", "state", "codec", "width",
      "height", "hasAudio", "retentionClass", "place",
    ], keys: ["channel", "startMilliseconds"])

  private static func put(_ segment: SegmentRecord, _ db: Database) throws {
    let known = try number(of: segment.channel, db, create: false)
    let old = try known.flatMap { try Stretches.live($0, segment.id.startMilliseconds, db) }
    let channel = try insert(segment, db)
    try Stretches.replace(old, with: segment.state == .deleting ? nil : segment.interval, channel, db)
  }

  /// Writes the row alone: the stretches are the caller's.
  @discardableResult
  private static func insert(_ segment: SegmentRecord, _ db: Database) throws -> Int64? {
    let channel = try number(of: segment.channel, db, create: true)
    try db.run(
      upsert,
      [
        channel, segment.id.startMilliseconds, segment.path == segment.id.path ? nil : segment.path,
        segment.start.column, segment.end.column, segment.bytes, segment.sha256.flatMap(Hexadecimal.data),
        segment.state.number, Int(segment.codec.rawValue), segment.width, segment.height, segment.hasAudio,
        segment.retentionClass.rawValue, try place(of: segment.disk, db, create: true),
      ])
    return channel
  }

  private static func fetch(
    _ db: Database, _ clauses: String, _ arguments: StatementArguments, limit: Int
  ) throws -> [SegmentRecord] {
    let sql = """
      SELECT \(segmentColumns) FROM segment JOIN recordedChannel ON number = channel
      \(clauses) LIMIT \(max(0, limit))
      """
    return try Row.fetchAll(db, sql: sql, arguments: arguments).compactMap(SegmentRecord.init(row:))
  }
}

extension SegmentState {
  /// As stored; the partial indexes name these numbers.
  var number: Int {
    switch self {
    case .open: 0
    case .closed: 1
    case .repaired: 2
    case .deleting: 3
    }
  }

  init?(number: Int?) {
    guard let state = Self.allCases.first(where: { $0.number == number }) else { return nil }
    self = state
  }
}

extension SegmentRecord {
  init?(row: Row) {
    guard let channel = ChannelKey(row.text("key")), let state = SegmentState(number: row["state"]),
      let codec = (row["codec"] as UInt8?).flatMap({ MediaCodec(rawValue: $0) })
    else { return nil }
    self.init(
      id: SegmentID(channel: channel, startMilliseconds: row["startMilliseconds"] ?? 0),
      disk: (row["disk"] as String?).flatMap { DiskID($0) } ?? .former, path: row["path"],
      start: row.time("start"), end: row.time("end"), bytes: row["bytes"] ?? 0,
      sha256: (row["sha256"] as Data?).map(Hexadecimal.text), state: state, codec: codec,
      width: row["width"] ?? 0, height: row["height"] ?? 0, hasAudio: row["hasAudio"] ?? false,
      retentionClass: (row["retentionClass"] as Int?).flatMap { RetentionClass(rawValue: $0) } ?? .normal)
  }
}

/// Hashes are stored as bytes: half the size.
enum Hexadecimal {
  static func text(_ data: Data) -> String {
    data.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  static func data(_ text: String) -> Data? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var data = Data(capacity: digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
        return nil
      }
      data.append(byte)
    }
    return data
  }
}
