import GRDB
import MediaTime
public import Recording
public import Registry

/// Gaps and plans.
extension SQLiteStore: RecordingStore {
  public func putGap(_ gap: GapRecord) async throws {
    try await pool.write { db in
      try db.run(
        Database.upsert(
          "gap", ["channel", "start", "cause", "end", "detail"], keys: ["channel", "start", "cause"]),
        [
          try Self.number(of: gap.channel, db, create: true), gap.start.column, gap.cause.rawValue,
          gap.end?.column, gap.detail,
        ])
    }
  }

  public func removeGap(_ id: GapID) async throws {
    try await pool.write { db in
      guard let channel = try Self.number(of: id.channel, db, create: false) else { return }
      try db.run(
        "DELETE FROM gap WHERE channel = ? AND start = ? AND cause = ?",
        [channel, id.start.column, id.cause.rawValue])
    }
  }

  public func gaps(_ channel: ChannelKey, in range: WallInterval) async throws -> [GapRecord] {
    try await pool.read { db in
      guard let number = try Self.number(of: channel, db, create: false) else { return [] }
      // A camera that fails every minute has tens of thousands a month: columns by their place, no row kept.
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT start, "end", cause, detail FROM gap
            WHERE channel = ? AND start <= ? AND ("end" IS NULL OR "end" >= ?) ORDER BY start
            """), arguments: [number, range.end.column, range.start.column])
      var gaps: [GapRecord] = []
      while let row = try rows.next() {
        let (start, end): (Int64, Int64?) = (row[0], row[1])
        gaps.append(
          GapRecord(
            channel: channel, start: WallTime(nanoseconds: start), end: end.map { WallTime(nanoseconds: $0) },
            cause: GapCause(rawValue: row[2]) ?? .unknown, detail: row[3]))
      }
      return gaps
    }
  }

  public func openGaps() async throws -> [GapRecord] {
    try await pool.read { try Self.fetchGaps($0, "WHERE \"end\" IS NULL ORDER BY start", []) }
  }

  public func putPlan(_ entry: PlanEntry) async throws {
    try await pool.write { db in
      try db.run(
        Database.upsert("plan", ["channel", "since", "plan", "retentionClass"], keys: ["channel", "since"]),
        [
          try Self.number(of: entry.channel, db, create: true), entry.since.column, entry.plan.text,
          entry.retentionClass.rawValue,
        ])
    }
  }

  public func plans(_ channel: ChannelKey) async throws -> PlanHistory {
    try await pool.read { db in
      PlanHistory(try Self.fetchPlans(db, "WHERE key = ?", [channel.description]))
    }
  }

  public func currentPlans() async throws -> [PlanEntry] {
    try await pool.read { db in
      try Self.fetchPlans(
        db, "WHERE since = (SELECT MAX(since) FROM plan AS later WHERE later.channel = plan.channel)", [])
    }
  }

  private static func fetchGaps(
    _ db: Database, _ clauses: String, _ arguments: StatementArguments
  ) throws -> [GapRecord] {
    try Row.fetchAll(
      db, sql: "SELECT gap.*, key FROM gap JOIN recordedChannel ON number = channel \(clauses)",
      arguments: arguments
    )
    .compactMap { row in
      guard let channel = ChannelKey(row.text("key")) else { return nil }
      return GapRecord(
        channel: channel, start: row.time("start"), end: row.optionalTime("end"),
        cause: row.value("cause", as: GapCause.self) ?? .unknown, detail: row.text("detail"))
    }
  }

  private static func fetchPlans(
    _ db: Database, _ clauses: String, _ arguments: StatementArguments
  ) throws -> [PlanEntry] {
    try Row.fetchAll(
      db, sql: "SELECT plan.*, key FROM plan JOIN recordedChannel ON number = channel \(clauses)",
      arguments: arguments
    )
    .compactMap { row in
      guard let channel = ChannelKey(row.text("key")), let plan = RecordingPlan(row.text("plan")) else {
        return nil
      }
      return PlanEntry(
        channel: channel, since: row.time("since"), plan: plan,
        retentionClass: (row["retentionClass"] as Int?).flatMap { RetentionClass(rawValue: $0) } ?? .normal)
    }
  }
}
