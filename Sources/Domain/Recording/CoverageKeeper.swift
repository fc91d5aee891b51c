public import MediaTime
public import Registry

/// Keeps one channel's account of why it is not being recorded. Pure: events in, gap records out.
///
/// ```text
///              recording began                    (any event)
///   not recording ───────────▶ recording      reason changes: close gap, open the next
///        ▲   gap open             │
///        └────────────────────────┘ recording ended(at)
/// ```
///
/// While a planned channel is not recorded exactly one gap is open; its cause is
/// the strongest reason known at present (``GapCause/precedence``).
public struct CoverageKeeper: Sendable {
  public enum Output: Sendable, Hashable {
    /// Write this record, replacing the one with the same key.
    case put(GapRecord)
  }

  public let channel: ChannelKey
  /// Whether pictures are being written.
  public private(set) var isRecording = false
  private var isPlanned: Bool
  private var reasons: [GapCause: String] = [:]
  private var open: GapRecord?

  /// - Parameters:
  ///   - open: a gap that the index still holds open, to be continued.
  public init(channel: ChannelKey, isPlanned: Bool, open: GapRecord? = nil) {
    self.channel = channel
    self.isPlanned = isPlanned
    self.open = open
    if let open { reasons[open.cause] = open.detail }
  }

  /// The plan began or ended at `moment`.
  public mutating func planned(_ isPlanned: Bool, at moment: WallTime) -> [Output] {
    self.isPlanned = isPlanned
    return settle(at: moment)
  }

  /// The first picture of a recording was taken at `moment`.
  public mutating func recordingBegan(at moment: WallTime) -> [Output] {
    isRecording = true
    reasons = [:]
    return settle(at: moment)
  }

  /// The last picture ended at `moment`.
  public mutating func recordingEnded(at moment: WallTime, cause: GapCause, detail: String = "") -> [Output] {
    isRecording = false
    reasons[cause] = detail
    return settle(at: moment)
  }

  /// A reason against recording became known, for instance that the device is offline since `moment`.
  ///
  /// A `moment` before the present gap began changes the gap from its beginning on.
  public mutating func reason(_ cause: GapCause, detail: String = "", since moment: WallTime) -> [Output] {
    reasons[cause] = detail
    return settle(at: moment)
  }

  /// A reason no longer holds.
  public mutating func cleared(_ cause: GapCause, at moment: WallTime) -> [Output] {
    reasons[cause] = nil
    return settle(at: moment)
  }

  private mutating func settle(at moment: WallTime) -> [Output] {
    let wanted = isPlanned && !isRecording
    let best = wanted ? reasons.max { $0.key.precedence < $1.key.precedence } : nil
    let cause = best?.key ?? .unknown
    if let current = open {
      if wanted, current.cause == cause { return [] }
      var ended = current
      ended.end = max(current.start, moment)
      open =
        wanted
        ? GapRecord(
          channel: channel, start: max(current.start, moment), end: nil, cause: cause,
          detail: best?.value ?? "") : nil
      return [.put(ended)] + (open.map { [.put($0)] } ?? [])
    }
    guard wanted else { return [] }
    let gap = GapRecord(channel: channel, start: moment, end: nil, cause: cause, detail: best?.value ?? "")
    open = gap
    return [.put(gap)]
  }
}
