public import MediaTime

/// Where a channel has footage, without the files it lies in: all that a timeline needs.
///
/// A month of one-minute files is 43 200 rows of the index and, when nothing went
/// wrong, one stretch. Stores keep the stretches beside the files (decision 0005).
public struct RecordedCoverage: Sendable, Hashable {
  /// The union of the segments to the nanosecond: ascending, never touching. May reach beyond what was asked for.
  public private(set) var stretches: IntervalSet
  /// The end of the last segment that is still being written, nil when none is.
  public private(set) var openEnd: WallTime?
  /// What was recorded and lies on disks that are away: disjoint from ``stretches``, by disk.
  public private(set) var away: [DiskID: IntervalSet] = [:]

  public init(_ stretches: some Sequence<WallInterval> = [], openEnd: WallTime? = nil) {
    self.stretches = IntervalSet(stretches)
    self.openEnd = openEnd
  }

  /// What `segments` cover when the disks `absent` are away, in any order.
  public init(segments: [SegmentRecord], absent: Set<DiskID>) {
    self.init(segments: segments.filter { !absent.contains($0.disk) && $0.state != .deleting })
    let lost = Dictionary(grouping: segments.filter { absent.contains($0.disk) }, by: \.disk)
    away = lost.mapValues { IntervalSet($0.map(\.interval)).subtracting(stretches) }
  }

  /// What `segments` cover, in any order.
  public init(segments: [SegmentRecord]) {
    self.init(
      segments.map(\.interval), openEnd: segments.filter { $0.state == .open }.map(\.end).max())
  }

  /// Adds files that are being written: the index lags behind them.
  public mutating func add(open segments: [SegmentRecord]) {
    guard !segments.isEmpty else { return }
    let recorded = IntervalSet(segments.map(\.interval))
    stretches = stretches.union(recorded)
    away = away.mapValues { $0.subtracting(recorded) }
    openEnd = segments.map(\.end).reduce(openEnd) { max($0 ?? $1, $1) }
  }
}
