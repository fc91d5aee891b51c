import Glibc
import MediaTime

/// The machine's monotonic clock.
enum MonotonicClock {
  static var now: MonotonicTime {
    var moment = timespec()
    clock_gettime(CLOCK_MONOTONIC, &moment)
    return MonotonicTime(nanoseconds: Int64(moment.tv_sec) * 1_000_000_000 + Int64(moment.tv_nsec))
  }
}
