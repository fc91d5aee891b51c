public import MediaTime

/// Hours of a week, by the clock of one zone.
public struct WeeklyHours: Sendable, Hashable {
  /// 1 Monday … 7 Sunday: the days on which the hours begin.
  public let weekdays: Set<Int>
  /// Minute of the day, 0…1 439.
  public let from: Int
  /// Minute of the day, 1…1 440, not part of it; not after `from` means of the next day.
  public let to: Int
  /// East of UTC.
  public let offset: Duration

  /// Nil unless the parts are in their ranges.
  public init?(weekdays: Set<Int> = Set(1...7), from: Int, to: Int, offset: Duration = CivilTime.beijing) {
    guard !weekdays.isEmpty, weekdays.isSubset(of: 1...7), (0...1_439).contains(from),
      (1...1_440).contains(to),
      offset.nanoseconds.magnitude <= 64_800_000_000_000
    else { return nil }
    (self.weekdays, self.from, self.to, self.offset) = (weekdays, from, to, offset)
  }

  private static let day: Int64 = 86_400_000
  private static let minute: Int64 = 60_000

  /// Until when the hours go on that `moment` lies in; nil when it lies outside. Days that touch are not joined.
  public func end(at moment: WallTime) -> WallTime? {
    let local = (moment + offset).milliseconds
    let today = local >= 0 ? local / Self.day : -((-local + Self.day - 1) / Self.day)
    let length = Int64(to > from ? to - from : to + 1_440 - from) * Self.minute
    for day in [today, today - 1] where weekdays.contains(Self.weekday(day)) {
      let begin = day * Self.day + Int64(from) * Self.minute
      if begin <= local, local < begin + length {
        return WallTime(milliseconds: begin + length) - offset
      }
    }
    return nil
  }

  /// 1970-01-01 was a Thursday.
  private static func weekday(_ day: Int64) -> Int { Int(((day + 3) % 7 + 7) % 7) + 1 }
}

/// How far back recordings may be seen.
public enum FootageWindow: Sendable, Hashable {
  /// Nothing from before a moment: the beginning of a contract, the day somebody came.
  case since(WallTime)
  /// Nothing older than this.
  case recent(Duration)

  /// The earliest footage at `moment`.
  public func earliest(at moment: WallTime) -> WallTime {
    switch self {
    case .since(let begin): begin
    case .recent(let age): moment - age
    }
  }
}

/// Under what conditions a grant holds. What is nil does not limit.
public struct GrantConditions: Sendable, Hashable {
  /// Codes of the purposes it may be used for.
  public var purposes: Set<String>?
  public var hours: WeeklyHours?
  public var footage: FootageWindow?
  /// Not before.
  public var starts: WallTime?
  public var expires: WallTime?
  /// Looks that may last under it at once.
  public var viewers: Int?
  /// Of a grant for another level: only for these of its people and organisations, or of levels behind it.
  public var visitors: Set<Visitor>?
  /// Whether pictures under it are shown without their viewer's name over them.
  public var isUnmarked: Bool

  public init(
    purposes: Set<String>? = nil, hours: WeeklyHours? = nil, footage: FootageWindow? = nil,
    starts: WallTime? = nil, expires: WallTime? = nil, viewers: Int? = nil, visitors: Set<Visitor>? = nil,
    isUnmarked: Bool = false
  ) {
    (self.purposes, self.hours, self.footage) = (purposes, hours, footage)
    self.visitors = visitors
    (self.starts, self.expires, self.viewers) = (starts, expires, viewers)
    self.isUnmarked = isUnmarked
  }
}
