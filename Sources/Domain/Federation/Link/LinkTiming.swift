/// The times of a link to a superior that no standard fixes.
public struct LinkTiming: Sendable, Hashable {
  /// The first wait after a failure; the standard asks for at least 60 s (§14.1).
  public var firstRetry: Duration
  /// Waits double up to this.
  public var longestRetry: Duration
  /// A REGISTER without a final answer for so long is lost, whatever the transaction says.
  public var answerWithin: Duration

  public init(
    firstRetry: Duration = .seconds(60), longestRetry: Duration = .seconds(600),
    answerWithin: Duration = .seconds(40)
  ) {
    (self.firstRetry, self.longestRetry) = (firstRetry, max(firstRetry, longestRetry))
    self.answerWithin = answerWithin
  }

  /// The wait after `failures` rounds in a row, 1 and up; `spread`, 0…1, keeps many links from coming at once.
  func wait(after failures: Int, spread: Double) -> Duration {
    let doubled = firstRetry * (1 << min(max(failures, 1) - 1, 10))
    return min(doubled, longestRetry) * (1 + spread / 2)
  }
}

/// Repeatable numbers between 0 and 1 (SplitMix64), so that a link's whole behaviour follows from its seed.
struct Jitter: Sendable, Hashable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Double(Mixing.scramble(state) >> 11) / Double(1 << 53)
  }
}

/// A mixing function of 64 bits, the same on every machine and in every run (`Hasher` is neither).
enum Mixing {
  static func scramble(_ number: UInt64) -> UInt64 {
    var value = number
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// FNV-1a, scrambled.
  static func hash(_ text: some Sequence<UInt8>, seed: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    var value = seed
    for byte in text { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return scramble(value)
  }
}
