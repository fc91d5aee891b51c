public import MediaTime

/// Times as GB/T 28181 writes them: Beijing time, no zone (§0.2, §2.4).
public enum GBTime {
  /// `yyyy-MM-ddTHH:mm:ss`, as every XML element wants it.
  public static func text(_ moment: WallTime) -> String {
    CivilTime(moment, offset: CivilTime.beijing).iso8601()
  }

  /// `yyyy-MM-ddTHH:mm:ss.SSS`, as the `Date` header of the answer to REGISTER wants it.
  public static func dateHeader(_ moment: WallTime) -> String {
    CivilTime(moment, offset: CivilTime.beijing).iso8601(milliseconds: true)
  }

  /// Reads a time in any of the variants seen, in Beijing time.
  ///
  /// A trailing `Z` is ignored rather than believed: devices append it to their local time (§0.2).
  public static func parse(_ text: String) -> WallTime? {
    guard let (time, zone) = CivilTime.parse(text.trimmed) else { return nil }
    guard let zone, zone != .zero else { return time.wallTime(offset: CivilTime.beijing) }
    return time.wallTime(offset: zone)
  }
}
