import GBCore
import MPEGCore
import MediaTime
import Recording
import Registry
import TestSupport
import Testing

/// Seconds after some midnight.
func at(_ seconds: Double) -> WallTime {
  WallTime(seconds: 1_700_000_000) + .milliseconds(Int64((seconds * 1_000).rounded()))
}

func span(_ from: Double, _ to: Double) -> WallInterval { WallInterval(at(from), at(to)) }

func channel(_ number: Int = 1) throws -> ChannelKey {
  try #require(ChannelKey("34020000001320000001_3402000000132000000\(number)"))
}

func segment(_ from: Double, _ to: Double, state: SegmentState = .closed) throws -> SegmentRecord {
  SegmentRecord(
    id: SegmentID(channel: try channel(), startMilliseconds: at(from).milliseconds), start: at(from),
    end: at(to),
    bytes: 1_000, state: state, codec: .h264)
}

func gap(_ from: Double, _ to: Double?, _ cause: GapCause) throws -> GapRecord {
  GapRecord(channel: try channel(), start: at(from), end: to.map(at), cause: cause)
}

func continuous(since: Double = -1e6) throws -> PlanHistory {
  PlanHistory([PlanEntry(channel: try channel(), since: at(since), plan: .continuous)])
}

extension Timeline {
  /// From files instead of stretches.
  static func build(
    plan: PlanHistory, segments: [SegmentRecord], gaps: [GapRecord], range: WallInterval, now: WallTime
  ) -> Timeline {
    build(plan: plan, coverage: RecordedCoverage(segments: segments), gaps: gaps, range: range, now: now)
  }
}

@Suite("Timeline")
struct TimelineTests {
  @Test("the worked example of completeness comes out to the second")
  func workedExample() throws {
    // 08:00–20:00; 08:00:03–11:59:59, 12:00:01–15:30:00, 15:40:00–20:10:00 (product.md F2).
    func clock(_ h: Double, _ m: Double, _ s: Double) -> Double { h * 3_600 + m * 60 + s }
    let day = WeeklySchedule(minutes: (0..<7).map { $0 * 1_440 + 480..<$0 * 1_440 + 1_200 }, offset: .zero)
    let midnight = WallTime(seconds: 1_700_000_000 / 86_400 * 86_400)
    func moment(_ seconds: Double) -> WallTime { midnight + .seconds(Int64(seconds)) }
    func piece(_ from: Double, _ to: Double) throws -> SegmentRecord {
      var record = try segment(0, 1)
      (record.start, record.end) = (moment(from), moment(to))
      return record
    }
    let timeline = Timeline.build(
      plan: PlanHistory([PlanEntry(channel: try channel(), since: midnight, plan: .weekly(day))]),
      segments: [
        try piece(clock(8, 0, 3), clock(11, 59, 59)), try piece(clock(12, 0, 1), clock(15, 30, 0)),
        try piece(clock(15, 40, 0), clock(20, 10, 0)),
      ], gaps: [], range: WallInterval(midnight, moment(86_400)), now: moment(86_400))
    #expect(timeline.totals.planned == .seconds(43_200))
    #expect(timeline.totals.recorded == .seconds(42_597))
    #expect(timeline.totals.joined == .seconds(2))
    #expect(timeline.totals.unknown == .seconds(603))
  }

  @Test("recorded, explained and unknown add up to planned, whatever is thrown at it")
  func invariant() throws {
    var random = SeededRandom(seed: 42)
    for _ in 0..<400 {
      func edge() -> Double { Double(Int.random(in: -100...1_100, using: &random)) }
      let segments = try (0..<Int.random(in: 0...8, using: &random)).map { _ in
        let start = edge()
        return try segment(
          start, start + Double(Int.random(in: 0...200, using: &random)),
          state: Bool.random(using: &random) ? .closed : .open)
      }
      let gaps = try (0..<Int.random(in: 0...8, using: &random)).map { _ in
        let start = edge()
        let cause = try #require(GapCause.allCases.randomElement(using: &random))
        return try gap(start, Bool.random(using: &random) ? nil : start + 150, cause)
      }
      let plan = PlanHistory([
        PlanEntry(channel: try channel(), since: at(edge()), plan: .continuous),
        PlanEntry(channel: try channel(), since: at(edge()), plan: .off),
        PlanEntry(channel: try channel(), since: at(edge()), plan: .continuous),
      ])
      let timeline = Timeline.build(
        plan: plan, segments: segments, gaps: gaps, range: span(0, 1_000), now: at(edge()))
      let totals = timeline.totals
      #expect(totals.recorded + totals.explained + totals.unknown == totals.planned)
      // Every second up to the horizon is recorded or has exactly one gap.
      let gapSet = IntervalSet(timeline.gaps.map(\.interval))
      #expect(gapSet.duration == timeline.gaps.reduce(.zero) { $0 + $1.interval.duration })
      #expect(gapSet.intersection(timeline.recorded).isEmpty)
      let judged = WallInterval(at(0), max(at(0), timeline.horizon))
      #expect(gapSet.union(timeline.recorded) == IntervalSet([judged]))
    }
  }

  @Test("of several causes the one we answer for wins")
  func precedence() throws {
    let timeline = Timeline.build(
      plan: try continuous(), segments: [],
      gaps: [try gap(0, 100, .network), try gap(20, 40, .diskFull), try gap(30, nil, .deviceOffline)],
      range: span(0, 60), now: at(60))
    #expect(timeline.gaps.map(\.cause) == [.network, .diskFull, .deviceOffline])
    #expect(timeline.gaps.map(\.interval) == [span(0, 20), span(20, 40), span(40, 60)])
    #expect(timeline.totals.explained == .seconds(60))
  }

  @Test("of two gaps with one cause the first keeps what both claim")
  func sameCause() throws {
    var first = try gap(0, 30, .network)
    first.detail = "first"
    var second = try gap(20, 50, .network)
    second.detail = "second"
    var inner = try gap(5, 10, .network)
    inner.detail = "inner"
    let timeline = Timeline.build(
      plan: try continuous(), segments: [try segment(8, 12)], gaps: [inner, second, first],
      range: span(0, 60), now: at(60))
    #expect(timeline.gaps.map(\.detail) == ["first", "first", "second", ""])
    #expect(timeline.gaps.map(\.interval) == [span(0, 8), span(12, 30), span(30, 50), span(50, 60)])
  }

  @Test("forty thousand pieces and as many gaps are no more than so many steps")
  func manyPieces() throws {
    let count = 40_000
    let pieces = (0..<count).map { span(Double($0) * 60, Double($0) * 60 + 50) }
    let gaps = try (0..<count).map { try gap(Double($0) * 60 + 50, Double($0) * 60 + 60, .network) }
    let timeline = Timeline.build(
      plan: try continuous(), coverage: RecordedCoverage(pieces), gaps: gaps,
      range: span(0, Double(count) * 60), now: at(1e8))
    #expect(timeline.recorded.intervals == pieces)
    #expect(timeline.gaps.count == count)
    #expect(timeline.totals.explained == .seconds(10 * count))
  }

  @Test("files that are being written are added to what the index knows")
  func addingOpen() throws {
    var coverage = RecordedCoverage([span(0, 10)], openEnd: at(8))
    coverage.add(open: [])
    #expect(coverage.openEnd == at(8))
    coverage.add(open: [try segment(10, 20, state: .open)])
    #expect(coverage.stretches.intervals == [span(0, 20)])
    #expect(coverage.openEnd == at(20))
  }

  @Test("time outside the plan is shown as no-plan and counts nowhere")
  func outsideThePlan() throws {
    let timeline = Timeline.build(
      plan: try continuous(since: 50), segments: [], gaps: [], range: span(0, 100), now: at(1_000))
    #expect(timeline.gaps.map(\.cause) == [.noPlan, .unknown])
    #expect(timeline.totals.planned == .seconds(50))
    #expect(timeline.totals.unknown == .seconds(50))
  }

  @Test("what an open segment has not written out yet is not judged, unless it takes too long")
  func openSegment() throws {
    let open = try segment(0, 50, state: .open)
    let fresh = Timeline.build(
      plan: try continuous(), segments: [open], gaps: [], range: span(0, 100), now: at(58))
    #expect(fresh.horizon == at(50))
    #expect(fresh.gaps.isEmpty)
    let stuck = Timeline.build(
      plan: try continuous(), segments: [open], gaps: [], range: span(0, 100), now: at(90))
    #expect(stuck.gaps.map(\.interval) == [span(50, 90)])
  }

  @Test("seeking into a gap finds the next recorded moment")
  func seeking() throws {
    let timeline = Timeline.build(
      plan: try continuous(), segments: [try segment(0, 10), try segment(30, 40)], gaps: [],
      range: span(0, 40), now: at(100))
    #expect(timeline.nextRecorded(from: at(5)) == at(5))
    #expect(timeline.nextRecorded(from: at(15)) == at(30))
    #expect(timeline.nextRecorded(from: at(40)) == nil)
    #expect(timeline.gap(at: at(15))?.cause == .unknown)
  }
}

@Suite("Interval set")
struct IntervalSetTests {
  @Test("agrees with second-by-second arithmetic")
  func againstSets() {
    var random = SeededRandom(seed: 9)
    for _ in 0..<300 {
      func some() -> (IntervalSet, Set<Int>) {
        let pieces = (0..<Int.random(in: 0...5, using: &random)).map { _ in
          let start = Int.random(in: 0..<40, using: &random)
          return start..<start + Int.random(in: 0...10, using: &random)
        }
        return (
          IntervalSet(pieces.map { span(Double($0.lowerBound), Double($0.upperBound)) }),
          Set(pieces.flatMap { Array($0) })
        )
      }
      func seconds(_ set: IntervalSet) -> Set<Int> { Set((0..<60).filter { set.contains(at(Double($0))) }) }
      let ((a, left), (b, right)) = (some(), some())
      #expect(seconds(a.union(b)) == left.union(right))
      #expect(seconds(a.intersection(b)) == left.intersection(right))
      #expect(seconds(a.subtracting(b)) == left.subtracting(right))
      #expect(a.duration == .seconds(left.count))
    }
  }
}
