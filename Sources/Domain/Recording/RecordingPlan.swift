public import MediaTime
public import Registry

/// When a channel is to be recorded.
public enum RecordingPlan: Sendable, Hashable {
  case off
  case continuous
  case weekly(WeeklySchedule)

  /// The planned seconds inside `range`.
  public func planned(in range: WallInterval) -> IntervalSet {
    switch self {
    case .off: IntervalSet()
    case .continuous: IntervalSet([range])
    case .weekly(let schedule): schedule.planned(in: range)
    }
  }

  /// The text a store keeps: `off`, `continuous`, or the schedule (see ``WeeklySchedule/text``).
  public var text: String {
    switch self {
    case .off: "off"
    case .continuous: "continuous"
    case .weekly(let schedule): schedule.text
    }
  }

  /// Parses ``text``.
  public init?(_ text: some StringProtocol) {
    switch text {
    case "off": self = .off
    case "continuous": self = .continuous
    default:
      guard let schedule = WeeklySchedule(text) else { return nil }
      self = .weekly(schedule)
    }
  }
}

/// Recording hours that repeat every week, in a fixed offset from UTC.
public struct WeeklySchedule: Sendable, Hashable {
  /// Minutes of the week, 0…10 080, Monday 00:00 first; a range never wraps.
  public var minutes: [Range<Int>]
  /// East of UTC.
  public var offset: Duration

  static let minutesPerWeek = 7 * 24 * 60
  /// More ranges than minutes of a day make no sense in a week; a longer text is refused.
  static let maximumRanges = 1_440

  /// Ranges outside the week are cut to it.
  public init(minutes: [Range<Int>], offset: Duration = CivilTime.beijing) {
    self.minutes = minutes.map { $0.clamped(to: 0..<Self.minutesPerWeek) }.filter { !$0.isEmpty }
    self.offset = offset
  }

  public func planned(in range: WallInterval) -> IntervalSet {
    guard !range.isEmpty else { return IntervalSet() }
    let week = Int64(Self.minutesPerWeek) * 60
    // 1970-01-05 was a Monday.
    let anchor = WallTime(seconds: 4 * 86_400) - offset
    let first = ((range.start - anchor).nanoseconds / 1_000_000_000) / week - 1
    let last = ((range.end - anchor).nanoseconds / 1_000_000_000) / week + 1
    let all = IntervalSet(
      (first...last).flatMap { index in
        minutes.map { span in
          let monday = anchor + .seconds(index * week)
          return WallInterval(
            monday + .seconds(span.lowerBound * 60), monday + .seconds(span.upperBound * 60))
        }
      })
    return all.intersection(IntervalSet([range]))
  }

  /// `weekly:<offset seconds>:<from>-<to>,…` with minutes of the week.
  public var text: String {
    "weekly:\(offset.nanoseconds / 1_000_000_000):"
      + minutes.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }

  /// Parses ``text``.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "weekly", let seconds = Int(parts[1]), abs(seconds) <= 18 * 3_600
    else {
      return nil
    }
    var ranges: [Range<Int>] = []
    for piece in parts[2].split(separator: ",", maxSplits: Self.maximumRanges) {
      let bounds = piece.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
      guard bounds.count == 2, let from = Int(bounds[0]), let to = Int(bounds[1]), from >= 0, from < to,
        to <= Self.minutesPerWeek
      else { return nil }
      ranges.append(from..<to)
    }
    self.init(minutes: ranges, offset: .seconds(seconds))
  }
}

/// A plan and the moment from which it holds.
public struct PlanEntry: Sendable, Hashable {
  public var channel: ChannelKey
  public var since: WallTime
  public var plan: RecordingPlan
  public var retentionClass: RetentionClass

  public init(
    channel: ChannelKey, since: WallTime, plan: RecordingPlan, retentionClass: RetentionClass = .normal
  ) {
    self.channel = channel
    self.since = since
    self.plan = plan
    self.retentionClass = retentionClass
  }
}

/// All plans a channel ever had: nothing is planned before the first.
public struct PlanHistory: Sendable, Hashable {
  /// Ascending by `since`.
  public private(set) var entries: [PlanEntry]

  public init(_ entries: [PlanEntry]) { self.entries = entries.sorted { $0.since < $1.since } }

  /// The plan that holds at `moment`.
  public func plan(at moment: WallTime) -> RecordingPlan { entries.last { $0.since <= moment }?.plan ?? .off }

  /// The planned seconds inside `range`.
  public func planned(in range: WallInterval) -> IntervalSet {
    var result = IntervalSet()
    for (index, entry) in entries.enumerated() {
      let end = index + 1 < entries.count ? entries[index + 1].since : range.end
      result = result.union(entry.plan.planned(in: WallInterval(entry.since, end).clamped(to: range)))
    }
    return result
  }
}
