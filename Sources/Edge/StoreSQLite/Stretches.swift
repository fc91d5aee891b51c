import GRDB
import MediaTime
import Recording

/// The table `stretch`: of every channel the union of its segments, `deleting` ones left out.
///
/// Disjoint and never touching, so that both `start` and `end` ascend. Every
/// change of a segment changes it in the same transaction; ``Schema/fillStretches``
/// makes it anew from the segments.
enum Stretches {
  /// The interval of a segment that is in the index and not marked for deletion.
  static func live(_ channel: Int64, _ startMilliseconds: Int64, _ db: Database) throws -> WallInterval? {
    try intervals(
      """
      SELECT start, "end" FROM segment WHERE channel = ? AND startMilliseconds = ? AND state != 3
      """, [channel, startMilliseconds], db
    ).first
  }

  /// A segment's interval changed. Growing, which happens every few seconds, is one look and one row.
  static func replace(_ old: WallInterval?, with new: WallInterval?, _ channel: Int64?, _ db: Database) throws
  {
    guard let channel else { return }
    switch (old, new) {
    case (nil, nil): break
    case (let old?, nil): try refresh(old, channel, db)
    case (nil, let new?): try add(new, channel, db)
    case (let old?, let new?):
      if new.start <= old.start, new.end >= old.end { return try add(new, channel, db) }
      try refresh(old, channel, db)
      try add(new, channel, db)
    }
  }

  /// Adds `interval`, joined with what it meets.
  static func add(_ interval: WallInterval, _ channel: Int64, _ db: Database) throws {
    guard !interval.isEmpty else { return }
    let met = try touching(interval, channel, db)
    if met.count == 1, met[0].start <= interval.start {
      guard met[0].end < interval.end else { return }
      return try db.run(
        "UPDATE stretch SET \"end\" = ? WHERE channel = ? AND start = ?",
        [interval.end.column, channel, met[0].start.column])
    }
    try write(IntervalSet(met + [interval]), instead: met, channel, db)
  }

  /// Makes the stretches inside `interval` anew from the segments that are left.
  static func refresh(_ interval: WallInterval, _ channel: Int64, _ db: Database) throws {
    guard !interval.isEmpty else { return }
    let met = try touching(interval, channel, db)
    let left = try intervals(
      """
      SELECT start, "end" FROM segment WHERE channel = ?1 AND start < ?2 AND "end" > ?3 AND state != 3
      AND start >= ?3 - (SELECT longest FROM recordedChannel WHERE number = ?1)
      """, [channel, interval.end.column, interval.start.column], db
    ).map { $0.clamped(to: interval) }
    let outside = IntervalSet(met).subtracting(IntervalSet([interval]))
    try write(IntervalSet(outside.intervals + left), instead: met, channel, db)
  }

  /// Stretches that overlap `range`, ascending.
  static func overlapping(_ range: WallInterval, _ channel: Int64, _ db: Database) throws -> [WallInterval] {
    // Of those that begin before the range only the last can reach into it.
    try intervals(
      """
      SELECT start, "end" FROM stretch WHERE channel = ?1 AND start < ?2 AND "end" > ?3 AND start >= COALESCE(
        (SELECT start FROM stretch WHERE channel = ?1 AND start <= ?3 ORDER BY start DESC LIMIT 1), ?3)
      ORDER BY start
      """, [channel, range.end.column, range.start.column], db)
  }

  /// The end of the last segment in `range` that is being written.
  static func openEnd(_ range: WallInterval, _ channel: Int64, _ db: Database) throws -> WallTime? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT MAX("end") FROM segment INDEXED BY segmentOpen
        WHERE channel = ? AND state = 0 AND start < ? AND "end" > ?
        """)
    return try Int64.fetchOne(statement, arguments: [channel, range.end.column, range.start.column])
      .map { WallTime(nanoseconds: $0) }
  }

  /// Stretches that overlap or touch `interval`, ascending.
  private static func touching(_ interval: WallInterval, _ channel: Int64, _ db: Database) throws
    -> [WallInterval]
  {
    let room = Duration.nanoseconds(1)
    return try overlapping(WallInterval(interval.start - room, interval.end + room), channel, db)
  }

  private static func write(
    _ new: IntervalSet, instead old: [WallInterval], _ channel: Int64, _ db: Database
  ) throws {
    for stretch in old {
      try db.run("DELETE FROM stretch WHERE channel = ? AND start = ?", [channel, stretch.start.column])
    }
    for stretch in new.intervals {
      try db.run(
        "INSERT INTO stretch VALUES (?, ?, ?)", [channel, stretch.start.column, stretch.end.column])
    }
  }

  /// Steps through two integer columns without making a record of each row.
  private static func intervals(_ sql: String, _ arguments: StatementArguments, _ db: Database) throws
    -> [WallInterval]
  {
    let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
    var result: [WallInterval] = []
    while let row = try rows.next() {
      let (start, end): (Int64, Int64) = (row[0], row[1])
      result.append(WallInterval(WallTime(nanoseconds: start), WallTime(nanoseconds: end)))
    }
    return result
  }
}
