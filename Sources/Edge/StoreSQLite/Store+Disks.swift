import GRDB
public import MediaTime
public import Recording

/// The disks that recordings lie on.
extension SQLiteStore {
  public func disks() async throws -> [KnownDisk] {
    try await pool.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT recordingDisk.*, segments, bytes FROM recordingDisk
          JOIN diskUsage ON diskUsage.place = recordingDisk.place AND deleting = 0 ORDER BY recordingDisk.place
          """
      ).compactMap { row in
        guard let id = DiskID(row.text("disk")) else { return nil }
        let disk = KnownDisk(
          id: id, directory: row.text("directory"), attached: row.time("attached"), segments: row["segments"],
          bytes: row["bytes"])
        // Before the first disk is attached there is nothing to know.
        return id == .former && disk.segments == 0 ? nil : disk
      }
    }
  }

  public func attachDisk(_ id: DiskID, at directory: String, claimsFormer: Bool, now: WallTime) async throws {
    try await pool.write { db in
      let known = try Self.place(of: id, db, create: false)
      if claimsFormer {
        if let known, known != 1 {
          try db.run("UPDATE segment SET place = ? WHERE place = 1", [known])
        } else {
          try db.run(
            "UPDATE recordingDisk SET disk = ? WHERE place = 1 AND disk = ?", [id.text, DiskID.former.text])
        }
      }
      let place = try Self.place(of: id, db, create: true)
      try db.run(
        "UPDATE recordingDisk SET directory = ?, attached = ? WHERE place = ?",
        [directory, now.column, place])
    }
  }

  public func forgetDisk(_ id: DiskID) async throws {
    try await pool.write { db in
      guard let place = try Self.place(of: id, db, create: false),
        try Int.fetchOne(db, sql: "SELECT SUM(segments) FROM diskUsage WHERE place = ?", arguments: [place])
          == 0
      else { return }
      if place == 1 {
        // The number that a row without a disk gets stays.
        try db.run(
          "UPDATE recordingDisk SET disk = ?, directory = '', attached = 0 WHERE place = 1",
          [DiskID.former.text])
      } else {
        try db.run("DELETE FROM recordingDisk WHERE place = ?", [place])
      }
    }
  }

  /// What ``SegmentRecord/init(row:)`` needs, of `segment` joined with `recordedChannel`.
  static let segmentColumns = """
    segment.*, key,
    (SELECT disk FROM recordingDisk WHERE recordingDisk.place = segment.place) AS disk
    """

  /// The number of a disk; made when it has none and `create` is set.
  static func place(of id: DiskID, _ db: Database, create: Bool) throws -> Int64? {
    // It keeps its number when a disk has claimed it.
    guard id != .former else { return 1 }
    let find = "SELECT place FROM recordingDisk WHERE disk = ?"
    if let place = try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [id.text]) { return place }
    guard create else { return nil }
    try db.run("INSERT INTO recordingDisk (disk, directory, attached) VALUES (?, '', 0)", [id.text])
    return db.lastInsertedRowID
  }

  static func places(_ db: Database) throws -> [Int64] {
    try Int64.fetchAll(db.cachedStatement(sql: "SELECT place FROM recordingDisk ORDER BY place"))
  }

  /// Whether any segment lies on one of `disks`.
  static func holdsSegments(_ disks: Set<DiskID>, _ db: Database) throws -> Bool {
    for disk in disks {
      guard let place = try place(of: disk, db, create: false) else { continue }
      let count = try Int.fetchOne(
        db.cachedStatement(sql: "SELECT SUM(segments) FROM diskUsage WHERE place = ?"), arguments: [place])
      if count ?? 0 > 0 { return true }
    }
    return false
  }
}
