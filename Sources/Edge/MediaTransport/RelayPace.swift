import MPEGCore
import MediaTime
import WireBytes

/// How fast a relay may send: a bucket that fills with time and that the media thread looks into once per pass.
///
/// A picture is out within half the time to the next one, and within 20 ms at most. What is smaller than
/// ``smallest`` goes out at once: it occupies a port of 100 Mbit/s for 2 ms of the 5 ms until more may follow, so that
/// no queue grows in a switch (decision 0009).
struct RelayPace {
  /// Between two sendings of one relay, nanoseconds: the pass of a busy media thread.
  static let interval: Int64 = 5_000_000
  /// The longest time that one picture may take, nanoseconds: half of the interval at 25 pictures per second.
  static let longest: Int64 = 20_000_000
  /// Bytes per interval that any relay may send: 16 packets, 36 Mbit/s.
  static let smallest = 16 * 1_400
  /// Intervals of which the credit is kept while something waits: a late pass makes up for what it missed.
  private static let depth = 4

  private var credit = smallest
  private var last: Int64 = 0
  private var isResting = true

  /// When more may be sent, monotonic nanoseconds. A little earlier than full: a pass that comes a moment too soon
  /// must not cost a whole interval.
  var due: Int64 { isResting ? 0 : last + Self.interval * 4 / 5 }

  /// Bytes that may go out now; more than that by less than a packet is forgiven.
  ///
  /// - Parameter rate: of the picture at hand, bytes per interval.
  mutating func allowance(now: Int64, rate: Int) -> Int {
    let elapsed = min(max(now - last, 0), Int64(Self.depth) * Self.interval)
    let limit = isResting ? rate : rate * Self.depth
    credit = min(credit + rate * Int(elapsed) / Int(Self.interval), limit)
    last = now
    isResting = false
    return credit
  }

  mutating func spend(_ bytes: Int) { credit -= bytes }

  /// Nothing waits.
  mutating func rest() { isResting = true }

  /// Bytes per interval that bring a unit of `bytes` out within `window` nanoseconds.
  static func rate(bytes: Int, window: Int64) -> Int {
    max(smallest, (bytes * Int(interval) + Int(window) - 1) / Int(max(window, 1)))
  }
}

/// How much time each picture of a stream may take, by the distance to the one before.
struct PictureSpacing {
  private var last: Int64?
  private var window = RelayPace.longest

  /// Nanoseconds.
  mutating func window(for unit: AccessUnit) -> Int64 {
    guard unit.codec.isVideo else { return RelayPace.interval }
    if let last {
      let distance = (unit.dts.value - last) * 100_000 / 9
      if distance > 0 { window = min(max(distance / 2, RelayPace.interval), RelayPace.longest) }
    }
    last = unit.dts.value
    return window
  }
}
