import GRDB
public import MediaTime
public import Recording
import Registry

/// What the comparison of index and files needs and leaves behind.
extension SQLiteStore {
  public func segments(after id: SegmentID?, limit: Int) async throws -> [SegmentRecord] {
    try await pool.read { db in
      let channel = try id.flatMap { try Self.number(of: $0.channel, db, create: false) }
      return try Row.fetchAll(
        db,
        sql: """
          SELECT \(Self.segmentColumns) FROM segment JOIN recordedChannel ON number = segment.channel
          WHERE (segment.channel, startMilliseconds) > (?, ?)
          ORDER BY segment.channel, startMilliseconds LIMIT \(max(0, limit))
          """, arguments: [channel ?? 0, channel == nil ? 0 : id?.startMilliseconds]
      ).compactMap(SegmentRecord.init(row:))
    }
  }

  public func forgetLost(_ segment: SegmentRecord) async throws {
    try await pool.write { db in
      guard let channel = try Self.number(of: segment.channel, db, create: false),
        let old = try Stretches.live(channel, segment.id.startMilliseconds, db)
      else { return }
      try db.run(
        "DELETE FROM segment WHERE channel = ? AND startMilliseconds = ?",
        [channel, segment.id.startMilliseconds])
      try Stretches.refresh(old, channel, db)
      try Self.explain(segment, .fileLost, "the recorded file is gone", channel, db)
    }
  }

  public func markDamaged(_ id: SegmentID, _ fault: String?, at moment: WallTime) async throws {
    try await pool.write { db in
      guard let channel = try Self.number(of: id.channel, db, create: false) else { return }
      guard let fault else {
        return try db.run(
          "DELETE FROM damage WHERE channel = ? AND startMilliseconds = ?", [channel, id.startMilliseconds])
      }
      try db.run(
        "INSERT OR REPLACE INTO damage VALUES (?, ?, ?, ?)",
        [channel, id.startMilliseconds, fault, moment.column])
    }
  }

  public func damagedSegments(limit: Int) async throws -> [DamagedSegment] {
    try await pool.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT damage.*, key FROM damage JOIN recordedChannel ON number = channel
          ORDER BY seen DESC, channel, startMilliseconds LIMIT \(max(0, limit))
          """
      ).compactMap { row in
        guard let channel = ChannelKey(row.text("key")) else { return nil }
        return DamagedSegment(
          id: SegmentID(channel: channel, startMilliseconds: row["startMilliseconds"]),
          fault: row.text("fault"), seen: row.time("seen"))
      }
    }
  }

  public func putCheck(_ report: IndexCheckReport, hashedUpTo: SegmentID?) async throws {
    try await pool.write { db in
      try db.run(
        "INSERT OR REPLACE INTO checkRun VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          report.started.column, report.ended?.column, report.repairs, report.files, report.hashed,
          report.hashedBytes, hashedUpTo?.description,
        ])
      try db.run("DELETE FROM checkFault WHERE run = ?", [report.started.column])
      for (fault, count) in report.faults {
        try db.run("INSERT INTO checkFault VALUES (?, ?, ?)", [report.started.column, fault, count])
      }
    }
  }

  public func lastCheck() async throws -> (report: IndexCheckReport, hashedUpTo: SegmentID?)? {
    try await pool.read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM checkRun ORDER BY started DESC LIMIT 1") else {
        return nil
      }
      var report = IndexCheckReport(started: row.time("started"), repairs: row["repairs"])
      report.ended = row.optionalTime("ended")
      (report.files, report.hashed, report.hashedBytes) = (row["files"], row["hashed"], row["hashedBytes"])
      for fault in try Row.fetchAll(
        db, sql: "SELECT * FROM checkFault WHERE run = ?", arguments: [report.started.column])
      {
        report.faults[fault.text("fault")] = fault["count"]
      }
      return (report, (row["hashedUpTo"] as String?).flatMap { SegmentID($0) })
    }
  }
}
