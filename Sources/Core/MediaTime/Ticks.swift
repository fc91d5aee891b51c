/// A point on a stream's media clock, in 90 kHz ticks, unwrapped to 64 bits.
///
/// The zero point belongs to the stream; two streams' ticks cannot be compared.
public struct MediaTicks: Sendable, Hashable, Comparable, BitwiseCopyable {
  /// Ticks per second of the media clock (ISO 13818-1 §2.4.2, GB/T 28181 Annex C).
  public static let perSecond: Int64 = 90_000

  public var value: Int64

  public init(_ value: Int64) { self.value = value }

  public var seconds: Double { Double(value) / Double(Self.perSecond) }

  public static func < (left: MediaTicks, right: MediaTicks) -> Bool { left.value < right.value }
  public static func - (left: MediaTicks, right: MediaTicks) -> Int64 { left.value &- right.value }
  public static func + (left: MediaTicks, ticks: Int64) -> MediaTicks { MediaTicks(left.value &+ ticks) }
}

/// Turns a clock that wraps at `bits` bits into one that does not.
///
/// Used for the 33-bit PTS of a program stream and the 32-bit RTP timestamp.
/// Steps of up to half the range are followed in both directions.
public struct ClockUnwrapper: Sendable, BitwiseCopyable {
  private let range: Int64
  private var last: Int64?

  /// - Parameter bits: 1…62.
  public init(bits: Int) {
    precondition((1...62).contains(bits))
    range = 1 << Int64(bits)
  }

  /// The unwrapped value nearest to the previous one.
  public mutating func unwrap(_ raw: UInt64) -> Int64 {
    let low = Int64(truncatingIfNeeded: raw & UInt64(range - 1))
    guard let last else {
      last = low
      return low
    }
    var step = (low &- last) & (range - 1)
    if step >= range / 2 { step -= range }
    let value = last &+ step
    self.last = value
    return value
  }

  /// Forgets the previous value: the next one stands for itself.
  public mutating func reset() { last = nil }
}

/// Serial arithmetic on 16-bit sequence numbers (RFC 1982, RFC 3550 §A.1).
public enum Sequence16 {
  /// How far `to` is ahead of `from`: −32 768…32 767, negative when it is behind.
  @inlinable
  public static func distance(from: UInt16, to: UInt16) -> Int {
    Int(Int16(bitPattern: to &- from))
  }
}
