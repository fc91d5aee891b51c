public import MediaTime
public import Registry

/// What a recorded file says about itself, in a `uuid` box before its `moov`.
///
/// Enough to rebuild the index from the files alone, and to map the file's media
/// time to wall-clock time.
///
/// Layout, big-endian: version (1 byte) = 1, retention class (1), length of the
/// channel's text (1), the text, `run` (8), `origin` (8), `anchor` (8), `start` (8).
public struct SegmentMetadata: Sendable, Hashable {
  public var channel: ChannelKey
  /// The same number in all files of one unbroken stream clock; another one after every interruption.
  public var run: UInt64
  /// Stream time of file time zero.
  public var origin: MediaTicks
  /// File time, in 90 kHz ticks, of the first picture.
  public var anchor: Int64
  /// Our clock at that picture.
  public var start: WallTime
  public var retentionClass: RetentionClass

  public init(
    channel: ChannelKey, run: UInt64, origin: MediaTicks, anchor: Int64, start: WallTime,
    retentionClass: RetentionClass = .normal
  ) {
    self.channel = channel
    self.run = run
    self.origin = origin
    self.anchor = anchor
    self.start = start
    self.retentionClass = retentionClass
  }

  static let version: UInt8 = 1

  /// The wall-clock moment of a file time.
  public func wallTime(ofFileTime ticks: Int64) -> WallTime {
    start + MediaClock.duration(ofTicks: ticks &- anchor)
  }

  /// The file time of a wall-clock moment; may lie before or after the file.
  public func fileTime(of moment: WallTime) -> Int64 {
    anchor &+ MediaClock.ticks(in: moment - start)
  }

  /// The bytes of the box after its 16-byte type.
  public var encoded: [UInt8] {
    let name = Array(channel.description.utf8)
    var bytes: [UInt8] = [
      Self.version, UInt8(clamping: retentionClass.rawValue), UInt8(clamping: name.count),
    ]
    bytes += name
    for field in [
      run, UInt64(bitPattern: origin.value), UInt64(bitPattern: anchor),
      UInt64(bitPattern: start.nanoseconds),
    ] {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: field >> shift))
      }
    }
    return bytes
  }

  /// - Returns: nil for another version, a wrong length or a channel that is none.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 3, bytes[0] == Self.version, bytes.count == 3 + Int(bytes[2]) + 32 else {
      return nil
    }
    let nameEnd = 3 + Int(bytes[2])
    guard let channel = ChannelKey(String(decoding: bytes[3..<nameEnd], as: UTF8.self)) else { return nil }
    func field(_ number: Int) -> UInt64 {
      bytes[(nameEnd + 8 * number)..<(nameEnd + 8 * number + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(
      channel: channel, run: field(0), origin: MediaTicks(Int64(bitPattern: field(1))),
      anchor: Int64(bitPattern: field(2)), start: WallTime(nanoseconds: Int64(bitPattern: field(3))),
      retentionClass: RetentionClass(rawValue: Int(bytes[1])) ?? .normal)
  }
}

/// Conversions between 90 kHz ticks and wall-clock durations.
public enum MediaClock {
  /// Rounded down to the nanosecond; saturates at about 292 years.
  public static func duration(ofTicks ticks: Int64) -> Duration {
    let (whole, rest) = ticks.quotientAndRemainder(dividingBy: MediaTicks.perSecond)
    return .nanoseconds(
      whole.multipliedSaturating(by: 1_000_000_000) &+ rest * 1_000_000_000 / MediaTicks.perSecond)
  }

  /// Rounded to the nearest tick.
  public static func ticks(in duration: Duration) -> Int64 {
    let (whole, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let ticks = rest * MediaTicks.perSecond
    return whole * MediaTicks.perSecond + (ticks + (ticks < 0 ? -500_000_000 : 500_000_000)) / 1_000_000_000
  }
}

extension Int64 {
  /// The product, held at the ends of a range that leaves room for one more second.
  fileprivate func multipliedSaturating(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    guard overflow else { return Swift.min(Swift.max(product, .min + factor), .max - factor) }
    return (self < 0) == (factor < 0) ? .max - factor : .min + factor
  }
}
