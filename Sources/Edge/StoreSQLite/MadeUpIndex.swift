import Foundation
import GRDB
public import MediaTime
public import Registry

/// An index full of recordings that never were, for measurements. Never on a database in use.
///
/// Every channel has one-minute files day after day, written the way a server
/// writes them: a day of every channel before the next day of the first. Nine of
/// ten channels miss five minutes a day; the tenth misses three seconds after
/// every file, so that no two of its files join and every hole has its own cause:
/// the worst timeline there can be.
public struct MadeUpIndex: Sendable {
  /// Begins at this moment, to the minute of each channel's own.
  public static let start = WallTime(seconds: 1_750_000_000)
  private static let minute: Int64 = 60_000_000_000
  private static let minutesPerDay = 1_440

  public let channels: Int
  public let days: Int
  private let path: String

  /// - Parameters:
  ///   - path: of the database; it must not exist.
  ///   - segments: at least this many come out, in whole days of all channels.
  public init(path: String, segments: Int, channels: Int) {
    self.path = path
    self.channels = max(1, channels)
    days = max(1, (segments + self.channels * Self.minutesPerDay - 1) / (self.channels * Self.minutesPerDay))
  }

  public var end: WallTime { Self.start + .seconds(Int64(days) * 86_400) }

  /// - Parameter index: 0 ..< ``channels``.
  public func channel(_ index: Int) -> ChannelKey? {
    let serial = String(index + 1)
    let padded = String(repeating: "0", count: max(0, 7 - serial.count)) + serial
    return ChannelKey("34020000001110000001_3402000000131\(padded)")
  }

  /// Whether a channel has a hole after each of its files.
  public func isBroken(_ index: Int) -> Bool { index % 10 == 9 }

  /// The indices of channels with and without such holes.
  public func indices(broken: Bool) -> [Int] { (0..<channels).filter { isBroken($0) == broken } }

  /// How long the steps took.
  public struct Report: Sendable {
    public var segments: Int
    public var filling: Duration
    /// Making the stretches of all segments: what an update of an existing database costs.
    public var stretching: Duration
    public var bytes: Int64
  }

  /// Makes the database and fills it. Takes minutes for a hundred million.
  ///
  /// - Parameter progress: called now and then with the segments written so far.
  public func fill(secrets: SecretSeal, progress: (Int) -> Void) throws -> Report {
    try SQLiteStore(path: path, secrets: secrets).close()
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    let clock = ContinuousClock()
    var stretching: Duration = .zero
    let began = clock.now
    try queue.writeWithoutTransaction { db in
      // A crash meanwhile costs a database that nobody misses.
      try db.execute(
        sql: """
          PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
          PRAGMA cache_size = -1000000;
          CREATE TEMP TABLE minute AS WITH RECURSIVE n(i) AS (
            SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.minutesPerDay - 1)) SELECT i FROM n;
          """)
      let triggers = try String.fetchAll(
        db, sql: "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'segment'")
      for name in try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'segment'")
      {
        try db.execute(sql: "DROP TRIGGER \(name)")
      }
      try db.inTransaction {
        try addChannels(db)
        return .commit
      }
      var written = 0
      for day in 0..<days {
        try db.inTransaction {
          for index in 0..<channels { written += try add(day, index, db) }
          return .commit
        }
        progress(written)
      }
      stretching = try clock.measure { try db.execute(sql: Schema.fillStretches) }
      try db.execute(
        sql: """
          UPDATE recordedChannel SET longest = \(Self.minute);
          UPDATE diskUsage SET segments = (SELECT COUNT(*) FROM segment), bytes = \(written) * 15000000
            WHERE place = 1 AND deleting = 0;
          """)
      for trigger in triggers { try db.execute(sql: trigger) }
      try db.execute(sql: "PRAGMA journal_mode = WAL")
    }
    let total = clock.now - began
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64) ?? 0
    return Report(
      segments: try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM segment") ?? 0 },
      filling: total - stretching, stretching: stretching, bytes: size)
  }

  private func addChannels(_ db: Database) throws {
    for index in 0..<channels {
      guard let key = channel(index) else { continue }
      try db.run("INSERT INTO recordedChannel VALUES (?, ?, 0)", [index + 1, key.description])
      try db.run("INSERT INTO plan VALUES (?, ?, 'continuous', 1)", [index + 1, Self.start.column])
    }
  }

  /// One day of one channel.
  ///
  /// - Returns: its segments.
  private func add(_ day: Int, _ index: Int, _ db: Database) throws -> Int {
    let phase = Int64(index % 60) * 1_000_000_000
    let start = Self.start.column + Int64(day) * 86_400_000_000_000 + phase
    let length = isBroken(index) ? Self.minute - 3_000_000_000 : Self.minute
    let hole = isBroken(index) ? Self.minutesPerDay : (index &* 7 &+ day &* 131) % (Self.minutesPerDay - 5)
    try db.run(
      """
      INSERT INTO segment SELECT ?1, (?2 + i * ?3) / 1000000, NULL, ?2 + i * ?3, ?2 + i * ?3 + ?4, 15000000,
        randomblob(32), 1, 1, 1920, 1080, 1, 1, 1 FROM minute WHERE i NOT BETWEEN ?5 AND ?5 + 4
      """, [index + 1, start, Self.minute, length, hole])
    let count = db.changesCount
    if isBroken(index) {
      try db.run(
        """
        INSERT INTO gap SELECT ?1, ?2 + i * ?3 + ?4, 'network', ?2 + (i + 1) * ?3, 'no media arrived' FROM minute
        """, [index + 1, start, Self.minute, length])
    } else {
      let from = start + Int64(hole) * Self.minute
      try db.run(
        "INSERT INTO gap VALUES (?, ?, 'network', ?, 'no media arrived')",
        [index + 1, from, from + 5 * Self.minute])
    }
    return count
  }
}
