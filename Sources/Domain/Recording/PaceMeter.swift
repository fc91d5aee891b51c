import MediaTime

/// What a device makes of an order for another rate.
public enum ReplayPace: String, Sendable, Hashable, CaseIterable {
  /// It writes the times closer together: a player shows the rate by itself.
  case scaled
  /// It sends faster and writes the times as they were recorded.
  case unscaled
  /// It says yes and goes on as before (§14.2 #36).
  case ignored
}

/// Finds out what a device makes of a rate, from the distance of its pictures and the time they take to come.
///
/// | | media time per second of ours | distance of pictures |
/// |---|---|---|
/// | scaled | 1 | 1 ÷ rate |
/// | unscaled | rate | as before |
/// | ignored | 1 | as before |
struct PaceMeter: Sendable {
  private static let kept = 32
  /// Our time before a verdict, and before the verdict that nothing happened.
  private static let soon: Duration = .milliseconds(800)
  private static let late: Duration = .milliseconds(2_500)

  private var rate = 1.0
  /// At rate 1, in ticks: between pictures, and between key frames.
  private var usualStep: Int64?
  private var usualGroup: Int64?
  private var steps: [Int64] = []
  private var lastKey: MediaTicks?
  private var first: (ticks: MediaTicks, time: MonotonicTime)?
  private var elapsed: Duration = .zero
  private var travelled: Int64 = 0
  private var hasOnlyKeys = true
  private(set) var verdict: ReplayPace?

  /// The next pictures come at this rate.
  mutating func begin(rate: Double) {
    self.rate = rate
    reset()
  }

  /// The next picture does not follow the last one.
  mutating func reset() {
    (steps, lastKey, first, elapsed, travelled) = ([], nil, nil, .zero, 0)
    (hasOnlyKeys, verdict) = (true, nil)
  }

  mutating func note(step: Int64, isKeyFrame: Bool, ticks: MediaTicks, now: MonotonicTime) {
    guard step > 0, step < 60 * MediaTicks.perSecond else { return reset() }
    defer { if isKeyFrame { lastKey = ticks } }
    if rate == 1, isKeyFrame, let lastKey { usualGroup = ticks - lastKey }
    if steps.count == Self.kept { steps.removeFirst() }
    steps.append(step)
    if rate == 1 {
      if steps.count >= 4 { usualStep = median }
      return
    }
    guard let first else {
      first = (ticks, now)
      steps = []
      return
    }
    hasOnlyKeys = hasOnlyKeys && isKeyFrame
    (elapsed, travelled) = (now - first.time, ticks - first.ticks)
    judge()
  }

  private var median: Int64 { steps.sorted()[steps.count / 2] }

  private mutating func judge() {
    guard verdict == nil, elapsed >= Self.soon, steps.count >= (hasOnlyKeys ? 2 : 4), rate > 0 else { return }
    let speed = Double(travelled) / 90_000 / elapsed.inSeconds
    let middle = rate.squareRoot()
    if rate > 1 ? speed >= middle : speed <= middle {
      verdict = .unscaled
      return
    }
    guard let usual = hasOnlyKeys ? usualGroup ?? usualStep : usualStep, usual > 0 else {
      if elapsed >= Self.late { verdict = .scaled }
      return
    }
    let ratio = Double(median) / Double(usual)
    if rate > 1 ? ratio <= 1 / middle : ratio >= 1 / middle {
      verdict = .scaled
    } else if elapsed >= Self.late {
      verdict = .ignored
    }
  }
}
