import GRDB
public import MediaTime
public import Recording

/// Deleting in two phases, with accounts.
extension SQLiteStore {
  public func markDeleting(_ deletions: [RetentionDecision.Deletion], now: WallTime) async throws {
    try await pool.write { db in
      for deletion in deletions { try Self.mark(deletion, now, db) }
    }
  }

  private static func mark(_ deletion: RetentionDecision.Deletion, _ now: WallTime, _ db: Database) throws {
    let id = deletion.segment.id
    guard let channel = try number(of: id.channel, db, create: false),
      let old = try Stretches.live(channel, id.startMilliseconds, db)
    else { return }
    try db.run(
      """
      UPDATE segment SET state = 3 WHERE channel = ? AND startMilliseconds = ? AND state IN (1, 2)
      AND NOT \(held)
      """, [channel, id.startMilliseconds, now.column])
    guard db.changesCount == 1 else { return }
    try db.run(
      "INSERT OR REPLACE INTO deletion VALUES (?, ?, ?, ?, 0)",
      [channel, id.startMilliseconds, deletion.rule.rawValue, now.column])
    try Stretches.refresh(old, channel, db)
  }

  public func finishDeletions(
    on disk: DiskID?, limit: Int, now: WallTime, remove: @escaping @Sendable (SegmentRecord) -> FileRemoval
  ) async throws -> [FinishedDeletion] {
    try await pool.write { db in
      try Self.keepHeld(now, db)
      var finished: [FinishedDeletion] = []
      for (segment, rule) in try Self.marked(on: disk, limit, db) {
        let removal = remove(segment)
        finished.append(FinishedDeletion(segment: segment, rule: rule, removal: removal))
        switch removal {
        case .failed: try Self.postpone(segment.id, rule, now, db)
        case .removed(let bytes): try Self.confirm(segment, rule, bytes, db)
        // The run that removed it could not write down what it took.
        case .missing: try Self.confirm(segment, rule, segment.bytes, db)
        }
      }
      return finished
    }
  }

  public func deletionTotals() async throws -> [DeletionTotal] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM deletionTotal ORDER BY rule").map {
        DeletionTotal(rule: $0.text("rule"), files: $0["files"], bytes: $0["bytes"])
      }
    }
  }

  /// Takes the marks off what a hold protects by now.
  private static func keepHeld(_ now: WallTime, _ db: Database) throws {
    let rows = try Row.fetchAll(
      db, sql: "SELECT channel, startMilliseconds, start, \"end\" FROM segment WHERE state = 3 AND \(held)",
      arguments: [now.column])
    for row in rows {
      let (channel, start): (Int64, Int64) = (row["channel"], row["startMilliseconds"])
      try db.run(
        "UPDATE segment SET state = 1 WHERE channel = ? AND startMilliseconds = ?", [channel, start])
      try db.run("DELETE FROM deletion WHERE channel = ? AND startMilliseconds = ?", [channel, start])
      try Stretches.add(WallInterval(row.time("start"), row.time("end")), channel, db)
    }
  }

  private static func marked(on disk: DiskID?, _ limit: Int, _ db: Database) throws
    -> [(SegmentRecord, String)]
  {
    let place = try disk.map { try self.place(of: $0, db, create: false) ?? 0 }
    return try Row.fetchAll(
      db,
      sql: """
        SELECT \(segmentColumns), rule FROM segment JOIN recordedChannel ON number = segment.channel
        LEFT JOIN deletion ON deletion.channel = segment.channel
          AND deletion.startMilliseconds = segment.startMilliseconds
        WHERE state = 3 AND place = COALESCE(?, place)
        ORDER BY COALESCE(attempts, 0), segment.start LIMIT \(max(0, limit))
        """, arguments: [place]
    ).compactMap { row in
      SegmentRecord(row: row).map { ($0, row["rule"] ?? "interrupted") }
    }
  }

  private static func postpone(_ id: SegmentID, _ rule: String, _ now: WallTime, _ db: Database) throws {
    guard let channel = try number(of: id.channel, db, create: false) else { return }
    try db.run(
      """
      INSERT INTO deletion VALUES (?, ?, ?, ?, 1)
      ON CONFLICT (channel, startMilliseconds) DO UPDATE SET attempts = attempts + 1
      """, [channel, id.startMilliseconds, rule, now.column])
  }

  private static func confirm(_ segment: SegmentRecord, _ rule: String, _ bytes: Int64, _ db: Database) throws
  {
    guard let channel = try number(of: segment.channel, db, create: false) else { return }
    let key: StatementArguments = [channel, segment.id.startMilliseconds]
    try db.run("DELETE FROM segment WHERE channel = ? AND startMilliseconds = ?", key)
    try db.run("DELETE FROM deletion WHERE channel = ? AND startMilliseconds = ?", key)
    try db.run(
      """
      INSERT INTO deletionTotal VALUES (?, 1, ?)
      ON CONFLICT (rule) DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes
      """, [rule, bytes])
    try explain(segment, .purged, rule, channel, db)
  }

  /// One gap per unbroken stretch: where the time before has the same cause and detail, that gap grows.
  static func explain(
    _ segment: SegmentRecord, _ cause: GapCause, _ detail: String, _ channel: Int64, _ db: Database
  ) throws {
    let before = try Row.fetchOne(
      db,
      sql: """
        SELECT start, "end" FROM gap WHERE channel = ? AND cause = ? AND detail = ? AND start <= ?
        ORDER BY start DESC LIMIT 1
        """, arguments: [channel, cause.rawValue, detail, segment.start.column])
    if let before, let end = before.optionalTime("end"), end >= segment.start - Timeline.joinTolerance {
      try db.run(
        "UPDATE gap SET \"end\" = ? WHERE channel = ? AND start = ? AND cause = ?",
        [max(end, segment.end).column, channel, before.time("start").column, cause.rawValue])
    } else {
      try db.run(
        "INSERT OR REPLACE INTO gap (channel, start, cause, \"end\", detail) VALUES (?, ?, ?, ?, ?)",
        [channel, segment.start.column, cause.rawValue, segment.end.column, detail])
    }
  }

  /// Whether a hold protects the row of `segment`; its one argument is the present.
  static let held = """
    EXISTS (SELECT 1 FROM hold WHERE hold.channel = segment.channel AND released IS NULL
      AND hold.start < segment."end" AND hold."end" > segment.start AND (until IS NULL OR until > ?))
    """
}
