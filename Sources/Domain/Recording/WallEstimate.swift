import MPEGCore
import MediaTime

/// Maps stream time to our wall clock, from arrivals that are late by varying amounts.
///
/// Delay only ever adds, so the earliest arrival relative to its media time says
/// most. Between two corrections the mapping is exact (one tick is 1/90 000 s);
/// a correction moves it by at most 1 % of the media time since the last one.
struct WallEstimate: Sendable {
  private var ticks: MediaTicks
  private var wall: WallTime
  /// The smallest lateness of an arrival since the last correction.
  private var leastError: Duration?
  /// The same, over the last full window only: what a step of a clock shows in first.
  private var windowError: Duration?
  private var lastWindowError: Duration?
  private var windowStart: MediaTicks

  /// A window without any arrival near its due time means that a clock stepped.
  static let window: Int64 = 4 * MediaTicks.perSecond

  init(first unit: AccessUnit) {
    ticks = unit.dts
    wall = unit.arrival
    windowStart = unit.dts
  }

  func wallTime(of moment: MediaTicks) -> WallTime { wall + MediaClock.duration(ofTicks: moment - ticks) }

  mutating func observe(_ unit: AccessUnit) {
    let error = unit.arrival - wallTime(of: unit.dts)
    leastError = min(leastError ?? error, error)
    if unit.dts - windowStart >= Self.window {
      lastWindowError = windowError
      windowError = nil
      windowStart = unit.dts
    }
    windowError = min(windowError ?? error, error)
  }

  /// The disagreement when it is larger than `limit`, nil while the clocks agree.
  ///
  /// Arrivals far too early are a step at once; arrivals that are late may be a
  /// stall of the network, so only a whole window of them counts.
  func step(beyond limit: Duration) -> Duration? {
    if let windowError, windowError < .zero - limit { return windowError }
    if let lastWindowError, let windowError, min(lastWindowError, windowError) > limit {
      return min(lastWindowError, windowError)
    }
    return nil
  }

  /// Corrects the mapping at `unit`, the first of a new file.
  mutating func slew(to unit: AccessUnit) {
    let elapsed = MediaClock.duration(ofTicks: max(0, unit.dts - ticks))
    let most = Duration.nanoseconds(elapsed.nanoseconds / 100)
    let error = min(max(leastError ?? .zero, .zero - most), most)
    wall = wallTime(of: unit.dts) + error
    ticks = unit.dts
    leastError = nil
  }
}
