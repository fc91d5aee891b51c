public import MediaTime
public import Registry

/// What the index says about the space in use.
public struct RecordingUsage: Sendable, Hashable {
  /// Files that are not marked for deletion.
  public var segments: Int
  public var bytes: Int64
  /// Files marked for deletion whose removal is not confirmed yet.
  public var deletingSegments: Int
  public var deletingBytes: Int64
  public var oldest: WallTime?
  public var newest: WallTime?

  public init(
    segments: Int = 0, bytes: Int64 = 0, deletingSegments: Int = 0, deletingBytes: Int64 = 0,
    oldest: WallTime? = nil, newest: WallTime? = nil
  ) {
    (self.segments, self.bytes) = (segments, bytes)
    (self.deletingSegments, self.deletingBytes) = (deletingSegments, deletingBytes)
    (self.oldest, self.newest) = (oldest, newest)
  }
}

/// The index of recordings, gaps and plans. One implementation per database.
///
/// Records are small and keyed (``SegmentID``, ``GapID``): writing the same key
/// twice replaces, so that every call may be repeated after a failure.
public protocol RecordingStore: Sendable {
  /// Inserts or replaces one segment: when it opens, as it grows, when it closes, after repair.
  func putSegment(_ segment: SegmentRecord) async throws
  /// Removes rows whose files are known to be gone or to hold nothing.
  func removeSegments(_ ids: [SegmentID]) async throws
  /// First phase of deletion: sets the state to `deleting` and keeps the rule. What a hold protects, what is
  /// being written and what is not in the index is left alone.
  func markDeleting(_ deletions: [RetentionDecision.Deletion], now: WallTime) async throws
  /// Second phase, for what is marked, those that failed before last.
  ///
  /// In one transaction: what a hold has come to protect meanwhile is kept; of the others the file is removed,
  /// then the row, the accounts are kept, and a `purged` gap says what is missing and by which rule. A crash
  /// before the end leaves the marks, and the next call finds the files missing.
  ///
  /// - Parameters:
  ///   - disk: those of this disk alone; nil takes all.
  ///   - limit: the most to carry out.
  ///   - remove: removes the file of a segment. Other writers wait meanwhile.
  func finishDeletions(
    on disk: DiskID?, limit: Int, now: WallTime, remove: @escaping @Sendable (SegmentRecord) -> FileRemoval
  ) async throws -> [FinishedDeletion]
  /// What was deleted since the database was made, by rule.
  func deletionTotals() async throws -> [DeletionTotal]

  /// Places a hold; its number is chosen here.
  func placeHold(_ hold: Hold) async throws -> Hold
  /// Ends a hold. Ending one that has ended changes nothing.
  ///
  /// - Returns: nil when there is none with this number.
  func releaseHold(_ number: HoldNumber, by account: String, now: WallTime) async throws -> Hold?
  /// Holds, newest first; with those that have ended when `activeAt` is nil.
  func holds(activeAt now: WallTime?) async throws -> [Hold]
  /// Files and bytes of `channel` that overlap `range`.
  func extent(_ channel: ChannelKey, in range: WallInterval) async throws -> (files: Int, bytes: Int64)

  /// One segment, in whatever state.
  func segment(_ id: SegmentID) async throws -> SegmentRecord?
  /// Segments of `channel` that overlap `range` (or touch none: empty), ascending by start, `deleting` ones left out.
  ///
  /// - Parameter limit: the most to return, from the earliest on.
  func segments(_ channel: ChannelKey, in range: WallInterval, limit: Int) async throws -> [SegmentRecord]
  /// What `channel` has recorded in `range`, `deleting` segments left out. Reads stretches, not files,
  /// as long as no disk is absent.
  func coverage(_ channel: ChannelKey, in range: WallInterval, absent: Set<DiskID>) async throws
    -> RecordedCoverage
  /// All segments in `state`, ascending by start: `open` after a crash, `deleting` while a purge is not finished.
  func segments(state: SegmentState, limit: Int) async throws -> [SegmentRecord]
  /// The oldest `closed` or `repaired` segments of a class that no hold protects, ascending by start.
  ///
  /// - Parameter disk: those of this disk alone; nil takes all.
  func oldestSegments(_ retentionClass: RetentionClass, on disk: DiskID?, now: WallTime, limit: Int)
    async throws -> [SegmentRecord]
  /// Replaces the segment index in one transaction (`db rebuild-index`). Gaps and plans stay.
  ///
  /// - Parameter disks: what is replaced; entries of other disks stay. Nil replaces everything.
  func replaceAllSegments(_ segments: [SegmentRecord], on disks: Set<DiskID>?) async throws

  /// Every disk that segments lie or lay on, in the order in which they were first attached.
  func disks() async throws -> [KnownDisk]
  /// A disk was found at a directory.
  ///
  /// - Parameter claimsFormer: what was recorded before disks were told apart lies on it.
  func attachDisk(_ id: DiskID, at directory: String, claimsFormer: Bool, now: WallTime) async throws
  /// Forgets a disk on which the index has nothing.
  func forgetDisk(_ id: DiskID) async throws

  /// Every segment in whatever state, by channel and start: the `limit` that come after one of them.
  ///
  /// - Parameter id: nil begins at the beginning, and so does one of a channel that has no segments.
  func segments(after id: SegmentID?, limit: Int) async throws -> [SegmentRecord]
  /// Removes a segment whose file is gone, and puts a `file-lost` gap in its place.
  func forgetLost(_ segment: SegmentRecord) async throws
  /// Marks a segment as damaged, or (nil) takes the mark back.
  func markDamaged(_ id: SegmentID, _ fault: String?, at moment: WallTime) async throws
  /// Marked segments, the latest first.
  func damagedSegments(limit: Int) async throws -> [DamagedSegment]
  /// Keeps a run of the comparison of index and files; the same start replaces.
  func putCheck(_ report: IndexCheckReport, hashedUpTo: SegmentID?) async throws
  /// The latest run, and after which segment the next goes on hashing.
  func lastCheck() async throws -> (report: IndexCheckReport, hashedUpTo: SegmentID?)?

  /// Inserts or replaces a gap by its ``GapID``.
  func putGap(_ gap: GapRecord) async throws
  func removeGap(_ id: GapID) async throws
  /// Gaps of `channel` that overlap or touch `range`, ascending by start. A gap without end reaches to infinity.
  func gaps(_ channel: ChannelKey, in range: WallInterval) async throws -> [GapRecord]
  /// Every gap without an end, of all channels.
  func openGaps() async throws -> [GapRecord]

  /// Adds an entry to the history of a channel's plan; the same channel and `since` replaces.
  func putPlan(_ entry: PlanEntry) async throws
  /// The history of a channel's plans.
  func plans(_ channel: ChannelKey) async throws -> PlanHistory
  /// The latest entry of every channel that has one.
  func currentPlans() async throws -> [PlanEntry]

  func usage() async throws -> RecordingUsage
}

extension RecordingStore {
  /// With every disk there.
  public func coverage(_ channel: ChannelKey, in range: WallInterval) async throws -> RecordedCoverage {
    try await coverage(channel, in: range, absent: [])
  }

  /// Of all disks.
  public func oldestSegments(_ retentionClass: RetentionClass, now: WallTime, limit: Int) async throws
    -> [SegmentRecord]
  {
    try await oldestSegments(retentionClass, on: nil, now: now, limit: limit)
  }

  /// On all disks.
  public func finishDeletions(
    limit: Int, now: WallTime, remove: @escaping @Sendable (SegmentRecord) -> FileRemoval
  ) async throws -> [FinishedDeletion] {
    try await finishDeletions(on: nil, limit: limit, now: now, remove: remove)
  }

  /// Of all disks.
  public func replaceAllSegments(_ segments: [SegmentRecord]) async throws {
    try await replaceAllSegments(segments, on: nil)
  }
}
