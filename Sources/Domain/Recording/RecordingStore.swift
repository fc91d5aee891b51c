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
  /// First phase of deletion: sets the state to `deleting`. Unknown ids are ignored.
  func markDeleting(_ ids: [SegmentID]) async throws
  /// Second phase, after the files are gone: removes the rows.
  func removeSegments(_ ids: [SegmentID]) async throws
  /// One segment, in whatever state.
  func segment(_ id: SegmentID) async throws -> SegmentRecord?
  /// Segments of `channel` that overlap `range` (or touch none: empty), ascending by start, `deleting` ones left out.
  ///
  /// - Parameter limit: the most to return, from the earliest on.
  func segments(_ channel: ChannelKey, in range: WallInterval, limit: Int) async throws -> [SegmentRecord]
  /// What `channel` has recorded in `range`, `deleting` segments left out. Reads stretches, not files.
  func coverage(_ channel: ChannelKey, in range: WallInterval) async throws -> RecordedCoverage
  /// All segments in `state`, ascending by start: `open` after a crash, `deleting` after an interrupted purge.
  func segments(state: SegmentState, limit: Int) async throws -> [SegmentRecord]
  /// The oldest `closed` or `repaired` segments of a class, ascending by start.
  func oldestSegments(_ retentionClass: RetentionClass, limit: Int) async throws -> [SegmentRecord]
  /// Replaces the whole segment index in one transaction (`db rebuild-index`). Gaps and plans stay.
  func replaceAllSegments(_ segments: [SegmentRecord]) async throws

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
