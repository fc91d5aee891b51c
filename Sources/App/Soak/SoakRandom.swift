/// SplitMix64: the same seed gives the same faults, so that a run that found something can be repeated.
public struct SoakRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// True in `share` of all cases.
  public mutating func chance(_ share: Double) -> Bool {
    Double(next() >> 11) < share * Double(UInt64(1) << 53)
  }

  /// Nanoseconds, evenly between two numbers of seconds.
  mutating func nanoseconds(_ seconds: ClosedRange<Double>) -> Int64 {
    Int64(Double.random(in: seconds, using: &self) * 1e9)
  }
}
