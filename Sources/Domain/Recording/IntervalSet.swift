public import MediaTime

/// A half-open span of wall-clock time: `start` belongs to it, `end` does not.
public struct WallInterval: Sendable, Hashable {
  public var start: WallTime
  public var end: WallTime

  /// An interval whose `end` would lie before `start` is empty at `start`.
  public init(_ start: WallTime, _ end: WallTime) {
    self.start = start
    self.end = max(start, end)
  }

  public var isEmpty: Bool { end <= start }
  public var duration: Duration { end - start }

  /// What both have in common; empty when they do not meet.
  public func clamped(to other: WallInterval) -> WallInterval {
    WallInterval(max(start, other.start), min(end, other.end))
  }
}

/// Sorted, disjoint, non-empty intervals: the arithmetic of timelines.
public struct IntervalSet: Sendable, Hashable {
  /// Ascending, never touching or overlapping.
  public private(set) var intervals: [WallInterval]

  public init() { intervals = [] }

  /// The union of `source`, in any order, overlapping or not. Empty intervals vanish.
  public init(_ source: some Sequence<WallInterval>) { self.init(source, joining: .zero) }

  /// The union of `source`, with holes of at most `tolerance` closed.
  public init(_ source: some Sequence<WallInterval>, joining tolerance: Duration) {
    intervals = []
    for next in source.filter({ !$0.isEmpty }).sorted(by: { $0.start < $1.start }) {
      if let last = intervals.last, next.start <= last.end + tolerance {
        intervals[intervals.count - 1].end = max(last.end, next.end)
      } else {
        intervals.append(next)
      }
    }
  }

  public var isEmpty: Bool { intervals.isEmpty }

  /// The sum of all lengths.
  public var duration: Duration { intervals.reduce(.zero) { $0 + $1.duration } }

  public func contains(_ moment: WallTime) -> Bool {
    intervals.contains { $0.start <= moment && moment < $0.end }
  }

  public func union(_ other: IntervalSet) -> IntervalSet { IntervalSet(intervals + other.intervals) }

  public func intersection(_ other: IntervalSet) -> IntervalSet {
    var result = IntervalSet()
    var (left, right) = (0, 0)
    while left < intervals.count, right < other.intervals.count {
      let (first, second) = (intervals[left], other.intervals[right])
      let common = first.clamped(to: second)
      if !common.isEmpty { result.intervals.append(common) }
      if first.end < second.end { left += 1 } else { right += 1 }
    }
    return result
  }

  /// What belongs to this set and not to `other`.
  public func subtracting(_ other: IntervalSet) -> IntervalSet {
    var result = IntervalSet()
    var right = 0
    for interval in intervals {
      var position = interval.start
      while right < other.intervals.count, other.intervals[right].end <= position { right += 1 }
      var index = right
      while index < other.intervals.count, other.intervals[index].start < interval.end {
        let hole = other.intervals[index]
        if hole.start > position { result.intervals.append(WallInterval(position, hole.start)) }
        position = max(position, hole.end)
        index += 1
      }
      if position < interval.end { result.intervals.append(WallInterval(position, interval.end)) }
    }
    return result
  }
}
