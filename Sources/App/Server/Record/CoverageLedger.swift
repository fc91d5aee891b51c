import MediaTime
import Recording
import Registry

/// What is covered and why the rest is not, for one channel with a recording plan.
///
/// A value: told what happened, it answers which gap records to write. The rule
/// behind it is that planned time is either under a segment or under a gap, and
/// that a gap begins where the last picture ended, not where somebody noticed.
struct CoverageLedger: Sendable {
  /// Silence of the recorder up to this long is the normal distance between two fragments.
  static let patience: Duration = .seconds(12)

  let channel: ChannelKey
  /// Recorded up to here; nothing before the plan began is missed.
  private(set) var coveredUntil: WallTime
  /// The gap that is open in the store.
  private(set) var open: GapRecord?

  init(channel: ChannelKey, plannedSince: WallTime) {
    self.channel = channel
    coveredUntil = plannedSince
  }

  /// A fragment or file that spans `interval` was written.
  mutating func recorded(_ interval: WallInterval) -> [GapRecord] {
    defer { coveredUntil = max(coveredUntil, interval.end) }
    if var gap = open {
      open = nil
      gap.end = max(gap.start, interval.start)
      return [gap]
    }
    // A jump forward that nobody noticed in time still has a cause, even if an unknown one.
    if interval.start - coveredUntil > .seconds(1) {
      return [
        GapRecord(
          channel: channel, start: coveredUntil, end: interval.start, cause: .network,
          detail: "no picture between two recorded stretches")
      ]
    }
    return []
  }

  /// Time passes without a picture; `cause` is what is known to be wrong now.
  mutating func missing(now: WallTime, cause: GapCause, detail: String) -> [GapRecord] {
    guard now - coveredUntil > Self.patience else { return [] }
    if var gap = open {
      guard gap.cause != cause else { return [] }
      // The reason changed: one gap ends here, the next begins.
      gap.end = now
      let next = GapRecord(channel: channel, start: now, end: nil, cause: cause, detail: detail)
      open = next
      return [gap, next]
    }
    let gap = GapRecord(channel: channel, start: coveredUntil, end: nil, cause: cause, detail: detail)
    open = gap
    return [gap]
  }

  /// Planning or the program ends at `now`.
  mutating func closed(now: WallTime) -> [GapRecord] {
    guard var gap = open else { return [] }
    open = nil
    gap.end = max(gap.start, now)
    coveredUntil = max(coveredUntil, now)
    return [gap]
  }
}
