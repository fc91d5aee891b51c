/// A moment in UTC, in nanoseconds since 1970-01-01T00:00:00Z. Leap seconds are not counted.
public struct WallTime: Sendable, Hashable, Comparable, BitwiseCopyable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public init(milliseconds: Int64) { nanoseconds = milliseconds &* 1_000_000 }
  public init(seconds: Int64) { nanoseconds = seconds &* 1_000_000_000 }

  /// Whole milliseconds since 1970, rounded down.
  public var milliseconds: Int64 {
    // Without turning the sign: a time from the wire may be the smallest there is, which has no positive.
    nanoseconds / 1_000_000 - (nanoseconds % 1_000_000 < 0 ? 1 : 0)
  }
  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 {
    nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
  }

  public static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }
  public static func + (left: WallTime, right: Duration) -> WallTime {
    WallTime(nanoseconds: left.nanoseconds &+ right.nanoseconds)
  }
  public static func - (left: WallTime, right: Duration) -> WallTime {
    WallTime(nanoseconds: left.nanoseconds &- right.nanoseconds)
  }
  public static func - (left: WallTime, right: WallTime) -> Duration {
    .nanoseconds(left.nanoseconds &- right.nanoseconds)
  }
}

/// A moment on the machine's monotonic clock, in nanoseconds. Only differences mean anything.
public struct MonotonicTime: Sendable, Hashable, Comparable, BitwiseCopyable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  public static func + (left: MonotonicTime, right: Duration) -> MonotonicTime {
    MonotonicTime(nanoseconds: left.nanoseconds &+ right.nanoseconds)
  }
  public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
    .nanoseconds(left.nanoseconds &- right.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds, saturating at ±292 years.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return product &+ attoseconds / 1_000_000_000
  }
  /// The whole duration in seconds with fraction.
  public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
