/// Tells once, before it happens, that the disk will reach its reserve. Pure: forecasts in, alarms out.
///
/// ```text
///          forecast < warning                     forecast > warning × 1.25, or none
///   calm ──────────────────────▶ warned ───────────────────────────────────▶ calm
/// ```
public struct SpaceAlarm: Sendable {
  public enum Output: Sendable, Hashable {
    /// The reserve is reached in this time at the present rate.
    case warn(Duration)
    /// There is time again.
    case clear
  }

  /// How long before the reserve is reached people are told.
  public static let warning: Duration = .seconds(24 * 3_600)

  /// Bytes per second, smoothed over about a quarter of an hour; nil before the first figure.
  public private(set) var bytesPerSecond: Double?
  private var isWarned = false

  public init() {}

  /// Takes the rate of the last minute. Call once a minute.
  public mutating func measured(_ rate: Double) {
    guard let known = bytesPerSecond else {
      bytesPerSecond = rate
      return
    }
    bytesPerSecond = known + (rate - known) / 15
  }

  /// Judges the time until the reserve is reached, nil when nothing is being written.
  public mutating func judge(_ timeToFull: Duration?) -> Output? {
    if isWarned {
      if let timeToFull, timeToFull <= Self.warning + Self.warning / 4 { return nil }
      isWarned = false
      return .clear
    }
    guard let timeToFull, timeToFull < Self.warning else { return nil }
    isWarned = true
    return .warn(timeToFull)
  }
}
