public import MediaTime

/// A stretch of a timeline without recording.
public struct TimelineGap: Sendable, Hashable {
  public var interval: WallInterval
  public var cause: GapCause
  public var detail: String

  public init(interval: WallInterval, cause: GapCause, detail: String = "") {
    self.interval = interval
    self.cause = cause
    self.detail = detail
  }
}

/// Sums over the planned seconds of a timeline. `recorded + explained + unknown = planned`, always.
public struct TimelineTotals: Sendable, Hashable {
  public var planned: Duration = .zero
  public var recorded: Duration = .zero
  /// Not recorded, with a cause.
  public var explained: Duration = .zero
  /// Not recorded, and nobody knows why.
  public var unknown: Duration = .zero
  /// The part of `recorded` that is only the joint between two segments.
  public var joined: Duration = .zero
}

/// What a channel recorded in a stretch of time, what it did not, and why.
public struct Timeline: Sendable, Hashable {
  /// What was asked for.
  public var range: WallInterval
  /// How far it can be judged: the present, or the end of what the recorder has written out.
  public var horizon: WallTime
  public var planned: IntervalSet
  public var recorded: IntervalSet
  /// Ascending, disjoint: one cause for every second that is not recorded.
  /// Seconds outside the plan come as `no-plan` and count in no total.
  public var gaps: [TimelineGap]
  public var totals: TimelineTotals

  /// Holes up to this long between two segments count as recorded (`product.md` F2).
  public static let joinTolerance: Duration = .seconds(2)
  /// How long an open segment may wait for its next fragment before the wait is a gap.
  public static let openSegmentPatience: Duration = .seconds(15)

  /// - Parameters:
  ///   - plan: the plans of the channel over time.
  ///   - segments: those that overlap `range`, in any order.
  ///   - gaps: those that overlap `range`, in any order and possibly overlapping each other.
  ///   - now: nothing after it is planned yet.
  public static func build(
    plan: PlanHistory, segments: [SegmentRecord], gaps: [GapRecord], range: WallInterval, now: WallTime
  ) -> Timeline {
    let horizon = judgement(segments, range, now)
    let judged = WallInterval(range.start, max(range.start, horizon))
    let window = IntervalSet([judged])
    let planned = plan.planned(in: judged).intersection(window)
    let exact = IntervalSet(segments.map(\.interval)).intersection(window)
    let recorded = IntervalSet(segments.map(\.interval), joining: joinTolerance).intersection(window)

    var open = window.subtracting(recorded)
    var result: [TimelineGap] = []
    for gap in gaps.sorted(by: precedes) where !open.isEmpty {
      let claimed = IntervalSet([gap.interval(now: now)]).intersection(open)
      result += claimed.intervals.map { TimelineGap(interval: $0, cause: gap.cause, detail: gap.detail) }
      open = open.subtracting(claimed)
    }
    result += open.intersection(planned).intervals.map { TimelineGap(interval: $0, cause: .unknown) }
    result += open.subtracting(planned).intervals.map { TimelineGap(interval: $0, cause: .noPlan) }
    result.sort { $0.interval.start < $1.interval.start }

    var totals = TimelineTotals()
    totals.planned = planned.duration
    totals.recorded = recorded.intersection(planned).duration
    totals.joined = recorded.subtracting(exact).intersection(planned).duration
    for gap in result {
      let inside = IntervalSet([gap.interval]).intersection(planned).duration
      if gap.cause == .unknown { totals.unknown += inside } else { totals.explained += inside }
    }
    return Timeline(
      range: range, horizon: horizon, planned: planned, recorded: recorded, gaps: result, totals: totals)
  }

  /// The next recorded moment at or after `moment`, for seeking; nil when nothing follows in range.
  public func nextRecorded(from moment: WallTime) -> WallTime? {
    for interval in recorded.intervals where interval.end > moment { return max(interval.start, moment) }
    return nil
  }

  /// The gap that `moment` lies in.
  public func gap(at moment: WallTime) -> TimelineGap? {
    gaps.first { $0.interval.start <= moment && moment < $0.interval.end }
  }

  private static func judgement(_ segments: [SegmentRecord], _ range: WallInterval, _ now: WallTime)
    -> WallTime
  {
    let limit = min(range.end, now)
    guard let last = segments.filter({ $0.state == .open }).map(\.end).max(), last < limit,
      now - last <= openSegmentPatience
    else { return limit }
    return last
  }

  private static func precedes(_ left: GapRecord, _ right: GapRecord) -> Bool {
    (right.cause.precedence, left.start) < (left.cause.precedence, right.start)
  }
}
