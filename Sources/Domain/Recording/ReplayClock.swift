public import MPEGCore
public import MediaTime

/// Re-times recorded units to the rate they are replayed at. Pure.
///
/// Output ticks only grow, whatever is replayed: forwards, backwards, across gaps
/// and seeks. Between two anchors, output ticks advance by source ticks divided
/// by the rate.
public struct ReplayClock: Sendable {
  /// 1/8 … 32, negative for backwards.
  public private(set) var rate: Double
  private var sourceAnchor: MediaTicks?
  private var outputAnchor: Int64
  private var lastOutput: Int64

  /// Rates the console offers: slower and faster than life, and backwards by key frames.
  public static let rates = -32.0...32.0
  /// Above this rate, and backwards, only key frames are shown.
  public static let fastestWholeRate = 4.0
  /// Output time of one frame where the source gives none: after a gap or a seek.
  static let frame: Int64 = 3_600

  /// - Parameter start: the first output tick.
  public init(rate: Double = 1, start: Int64 = MediaTicks.perSecond) {
    self.rate = Self.usable(rate)
    outputAnchor = start
    lastOutput = start - Self.frame
  }

  /// The nearest rate that can be played; 1 for what is no rate.
  public static func usable(_ rate: Double) -> Double {
    guard rate.isFinite, rate != 0 else { return 1 }
    let magnitude = min(max(abs(rate), 0.125), rates.upperBound)
    return rate < 0 ? -max(magnitude, 1) : magnitude
  }

  public var isBackwards: Bool { rate < 0 }
  public var showsKeyFramesOnly: Bool { rate < 0 || rate > Self.fastestWholeRate }
  /// Sound can be heard only at life's own pace.
  public var carriesSound: Bool { rate == 1 }

  /// From here on at another rate.
  public mutating func setRate(_ rate: Double) {
    self.rate = Self.usable(rate)
    sourceAnchor = nil
  }

  /// The next unit does not continue the one before: a seek, a gap, another stream clock.
  ///
  /// - Parameter pause: source ticks of a hole that is short enough to be waited for.
  public mutating func restart(after pause: Int64 = 0) {
    sourceAnchor = nil
    let wait = Double(max(0, pause)) / abs(rate)
    outputAnchor = lastOutput + max(Self.frame, Int64(min(wait, 1e12)))
  }

  /// The output time of a decoding time, without committing to it.
  private func output(_ ticks: MediaTicks, anchor: MediaTicks) -> Int64 {
    let distance = Double(ticks - anchor) / rate
    return outputAnchor + Int64(min(max(distance, -1e15), 1e15).rounded())
  }

  /// The unit with its times on the output clock; payload shared.
  public mutating func retime(_ unit: AccessUnit) -> AccessUnit {
    if sourceAnchor == nil {
      outputAnchor = max(outputAnchor, lastOutput + Self.frame)
      sourceAnchor = unit.dts
    }
    let anchor = sourceAnchor ?? unit.dts
    var dts = output(unit.dts, anchor: anchor)
    if unit.codec.isVideo {
      dts = max(dts, lastOutput + 1)
      lastOutput = dts
    }
    // Backwards every picture stands alone: it is shown when it is decoded.
    let offset = isBackwards ? 0 : Int64((Double(unit.pts - unit.dts) / rate).rounded())
    return AccessUnit(
      codec: unit.codec, isKeyFrame: unit.isKeyFrame, pts: MediaTicks(dts + offset), dts: MediaTicks(dts),
      arrival: unit.arrival, payload: unit.payload)
  }
}
