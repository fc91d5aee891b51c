import CMediaIO
public import MediaTime

/// The machine's clocks, read here and passed to everything that decides.
public enum SystemClock {
  // In C: which module `timespec` belongs to depends on the order in which a build meets the modules.

  /// UTC.
  public static func wall() -> WallTime { WallTime(nanoseconds: tio_wall()) }

  /// Never steps back, does not count leap or time set by hand.
  public static func monotonic() -> MonotonicTime { MonotonicTime(nanoseconds: tio_monotonic()) }
}
