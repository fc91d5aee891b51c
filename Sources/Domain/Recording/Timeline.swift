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

  /// Linear in the number of stretches and gaps.
  ///
  /// - Parameters:
  ///   - plan: the plans of the channel over time.
  ///   - coverage: what is recorded in `range`, and possibly around it.
  ///   - gaps: those that overlap `range`, in any order and possibly overlapping each other.
  ///   - now: nothing after it is planned yet.
  public static func build(
    plan: PlanHistory, coverage: RecordedCoverage, gaps: [GapRecord], range: WallInterval, now: WallTime
  ) -> Timeline {
    let horizon = judgement(coverage, range, now)
    let judged = WallInterval(range.start, max(range.start, horizon))
    let window = IntervalSet([judged])
    let planned = plan.planned(in: judged).intersection(window)
    let exact = coverage.stretches.intersection(window)
    let recorded = IntervalSet(coverage.stretches.intervals, joining: joinTolerance).intersection(window)

    var open = window.subtracting(recorded)
    var result: [TimelineGap] = []
    var totals = TimelineTotals()
    for (_, gaps) in Dictionary(grouping: gaps, by: \.cause).sorted(by: {
      $0.key.precedence > $1.key.precedence
    }) where !open.isEmpty {
      let claims = claims(gaps, in: open, now: now)
      let claimed = IntervalSet(claims.map(\.interval))
      open = open.subtracting(claimed)
      result += claims
      count(claimed, gaps[0].cause, planned, &totals)
    }
    for (rest, cause) in [
      (open.intersection(planned), GapCause.unknown), (open.subtracting(planned), .noPlan),
    ] {
      result += rest.intervals.map { TimelineGap(interval: $0, cause: cause) }
      count(rest, cause, planned, &totals)
    }
    result.sort { $0.interval.start < $1.interval.start }
    totals.planned = planned.duration
    totals.recorded = recorded.intersection(planned).duration
    totals.joined = recorded.subtracting(exact).intersection(planned).duration
    return Timeline(
      range: range, horizon: horizon, planned: planned, recorded: recorded, gaps: result, totals: totals)
  }

  private static func count(
    _ time: IntervalSet, _ cause: GapCause, _ planned: IntervalSet, _ totals: inout TimelineTotals
  ) {
    let inside = time.intersection(planned).duration
    if cause == .unknown { totals.unknown += inside } else { totals.explained += inside }
  }

  /// The parts of `open` that gaps of one cause explain. Where two overlap, the one that began first has it.
  private static func claims(_ gaps: [GapRecord], in open: IntervalSet, now: WallTime) -> [TimelineGap] {
    var result: [TimelineGap] = []
    var index = 0
    var covered = WallTime(nanoseconds: .min)
    for gap in gaps.sorted(by: { $0.start < $1.start }) {
      let whole = gap.interval(now: now)
      let own = WallInterval(max(whole.start, covered), whole.end)
      guard !own.isEmpty else { continue }
      covered = own.end
      while index < open.intervals.count, open.intervals[index].end <= own.start { index += 1 }
      var next = index
      while next < open.intervals.count, open.intervals[next].start < own.end {
        let part = open.intervals[next].clamped(to: own)
        result.append(TimelineGap(interval: part, cause: gap.cause, detail: gap.detail))
        next += 1
      }
    }
    return result
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

  private static func judgement(_ coverage: RecordedCoverage, _ range: WallInterval, _ now: WallTime)
    -> WallTime
  {
    let limit = min(range.end, now)
    guard let last = coverage.openEnd, last > range.start, last < limit, now - last <= openSegmentPatience
    else { return limit }
    return last
  }
}
