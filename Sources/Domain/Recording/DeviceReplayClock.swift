public import MPEGCore
public import MediaTime

/// Follows a replay that a device sends: which moment each picture shows, and when it is to be shown.
///
/// ```text
///  waiting ──key frame of the new place──► following ──seek, new call──► waiting
/// ```
/// Positions come from the stream's own times, never from a clock on the wall. At another rate than 1 devices do
/// one of three things, told apart by ``PaceMeter``: they compress the times (`scaled`), they send faster with the
/// times as recorded (`unscaled`; then we re-time), or they do nothing (`ignored`). Pure.
public struct DeviceReplayClock: Sendable {
  /// What becomes of a unit.
  public enum Step: Sendable {
    /// It belongs to what was before a seek, or cannot be shown at this rate.
    case drop
    /// To be shown, re-timed; its `arrival` is the moment it shows. `skipped`: nothing is recorded there.
    case show(AccessUnit, startsOver: Bool, skipped: WallInterval?)
    /// The interval is over; what the device sends after it is not wanted.
    case end
  }

  private enum State: Sendable {
    case waiting(for: WallTime, since: MonotonicTime?, after: MediaTicks?)
    case following
    /// A seek is being ordered: what comes is of the old place.
    case deaf(last: MediaTicks?)
  }

  /// What was asked for.
  public let range: WallInterval
  /// What the device says it has of it; empty when it did not say.
  public var recorded: IntervalSet
  public private(set) var rate: Double = 1
  public private(set) var pace = ReplayPace.scaled
  /// The moment of the latest picture.
  public private(set) var position: WallTime
  private var state: State
  private var lastTicks = MediaTicks(0)
  private var lastArrival = MonotonicTime(nanoseconds: 0)
  private var output: Int64
  private var meter = PaceMeter()
  private var startsOver = true
  /// Position and ticks at the first picture of this rate.
  private var changedAt: (position: WallTime, ticks: MediaTicks)?

  /// Media time between two pictures that is more than a device leaves out at the highest rate.
  private static let leap = 12 * MediaTicks.perSecond
  private static let frame: Int64 = 3_600
  /// How long the old place may go on after the answer to a seek.
  private static let patience: Duration = .milliseconds(1_500)

  public init(range: WallInterval, recorded: IntervalSet, from start: WallTime? = nil) {
    (self.range, self.recorded) = (range, recorded)
    position = start ?? range.start
    state = .waiting(for: position, since: nil, after: nil)
    output = MediaTicks.perSecond
    position = snapped(position)
    state = .waiting(for: position, since: nil, after: nil)
  }

  // MARK: Orders

  /// A call began at `moment`: the next key frame is its first picture.
  public mutating func restart(at moment: WallTime) {
    position = snapped(moment)
    state = .waiting(for: position, since: nil, after: nil)
    meter.reset()
    changedAt = nil
    startsOver = true
  }

  /// From here on nothing is shown, until ``seek(to:now:isQuiet:)``.
  public mutating func close() {
    if case .following = state { state = .deaf(last: lastTicks) } else { state = .deaf(last: nil) }
  }

  /// The device has agreed to go on from `moment`.
  ///
  /// - Parameter isQuiet: whether it was silent before, so that whatever comes is of the new place. Otherwise a jump
  ///   of the stream's times tells, or patience.
  public mutating func seek(to moment: WallTime, now: MonotonicTime, isQuiet: Bool = false) {
    let after: MediaTicks? =
      switch state {
      case .following: lastTicks
      case .deaf(let last): last
      case .waiting: nil
      }
    state = .waiting(for: snapped(moment), since: now, after: isQuiet ? nil : after)
    meter.reset()
    changedAt = nil
    startsOver = true
  }

  /// The device has agreed to another rate.
  ///
  /// - Parameter pace: what this device did the last time.
  public mutating func setRate(_ rate: Double, pace: ReplayPace, now: MonotonicTime) {
    self.rate = rate == 0 || !rate.isFinite ? 1 : rate
    self.pace = self.rate == 1 ? .scaled : pace
    meter.begin(rate: self.rate)
    if case .following = state { changedAt = (position, lastTicks) } else { changedAt = nil }
    startsOver = true
  }

  // MARK: Pictures

  /// The rate at which wall time passes, as far as it is known.
  public var effectiveRate: Double { pace == .ignored ? 1 : rate }

  /// Whether the last second of the interval was reached, where devices that never say so have ended.
  public var isAtEnd: Bool {
    guard case .following = state else { return false }
    let last = recorded.intervals.last.map { min($0.end, range.end) } ?? range.end
    return rate > 0 ? position >= last - .seconds(1) : position <= snapped(range.start) + .seconds(1)
  }

  /// The output time of the latest picture.
  public var outputTicks: MediaTicks { MediaTicks(output) }

  public mutating func receive(_ unit: AccessUnit, now: MonotonicTime) -> Step {
    guard unit.codec.isVideo else { return sound(unit) }
    if rate < 0, !unit.isKeyFrame { return .drop }
    switch state {
    case .waiting(let target, let since, let after):
      guard unit.isKeyFrame, isNewPlace(unit, after: after, since: since, now: now) else {
        (lastTicks, lastArrival) = after == nil ? (unit.dts, now) : (lastTicks, lastArrival)
        return .drop
      }
      position = arrivedAt(target, unit, after)
      state = .following
      output += Self.frame
    case .deaf: return .drop
    case .following:
      let skipped = advance(to: unit, now: now)
      if isOver { return .end }
      return show(unit, now: now, skipped: skipped)
    }
    return isOver ? .end : show(unit, now: now, skipped: nil)
  }

  private var isOver: Bool { rate > 0 ? position >= range.end : position < range.start }

  private mutating func show(_ unit: AccessUnit, now: MonotonicTime, skipped: WallInterval?) -> Step {
    (lastTicks, lastArrival) = (unit.dts, now)
    let first = startsOver && unit.isKeyFrame
    if first { startsOver = false }
    let offset = rate < 0 ? 0 : Int64((Double(unit.pts - unit.dts) * factor / effectiveRate).rounded())
    return .show(
      AccessUnit(
        codec: unit.codec, isKeyFrame: unit.isKeyFrame, pts: MediaTicks(output + offset),
        dts: MediaTicks(output),
        arrival: position, payload: unit.payload), startsOver: first, skipped: skipped)
  }

  /// Sound is heard at life's own pace only.
  private func sound(_ unit: AccessUnit) -> Step {
    guard case .following = state, effectiveRate == 1, !startsOver, abs(unit.dts - lastTicks) < Self.leap
    else { return .drop }
    let shift = unit.dts - lastTicks
    return .show(
      AccessUnit(
        codec: unit.codec, isKeyFrame: unit.isKeyFrame,
        pts: MediaTicks(output + shift + (unit.pts - unit.dts)),
        dts: MediaTicks(output + shift), arrival: position + MediaClock.duration(ofTicks: shift),
        payload: unit.payload), startsOver: false, skipped: nil)
  }

  /// Wall time per media time.
  private var factor: Double { pace == .scaled ? abs(effectiveRate) : 1 }

  /// - Returns: what was jumped over because nothing is recorded there.
  private mutating func advance(to unit: AccessUnit, now: MonotonicTime) -> WallInterval? {
    let step = unit.dts - lastTicks
    let before = position
    meter.note(step: step, isKeyFrame: unit.isKeyFrame, ticks: unit.dts, now: now)
    guard abs(step) <= Self.leap, step >= 0 || rate < 0 else { return leap(step) }
    let distance = Double(abs(step)) * factor
    position = moved(position, by: rate < 0 ? -distance : distance)
    output += max(1, Int64((distance / abs(effectiveRate)).rounded()))
    if rate > 0 { settlePace(unit) }
    return rate > 0 ? skipHole(before) : nil
  }

  /// The times of the stream jumped: another file, or a sender that starts its clock again.
  private mutating func leap(_ step: Int64) -> WallInterval? {
    let before = position
    output += Self.frame
    startsOver = true
    changedAt = nil
    let there = moved(position, by: Double(step) * factor)
    if step > 0, recorded.isEmpty || isRecorded(there, within: .seconds(2)) {
      position = recorded.isEmpty ? min(there, range.end) : snapped(there)
    } else if let next = nextSpan(after: position), isNearEnd(of: position) {
      position = next
    }
    return position - before > .seconds(2) ? WallInterval(before, position) : nil
  }

  /// Devices that write one clock through several files: what lies between them did not happen.
  private mutating func skipHole(_ before: WallTime) -> WallInterval? {
    guard !recorded.isEmpty, !isRecorded(position, within: .milliseconds(1_500)),
      let next = nextSpan(after: position), next > position
    else { return nil }
    position = next
    changedAt = nil
    return WallInterval(before, next)
  }

  /// Corrects the position of everything since the change once it is known what the device made of it.
  private mutating func settlePace(_ unit: AccessUnit) {
    guard rate != 1 else { return }
    let changedAt = changedAt ?? (position, unit.dts)
    self.changedAt = changedAt
    guard let found = meter.verdict, found != pace else { return }
    pace = found
    position = moved(changedAt.position, by: Double(unit.dts - changedAt.ticks) * factor)
    startsOver = true
  }

  // MARK: Places

  private func isNewPlace(
    _ unit: AccessUnit, after: MediaTicks?, since: MonotonicTime?, now: MonotonicTime
  ) -> Bool {
    guard let after, let since else { return true }
    guard now - since < Self.patience else { return true }
    // What the old place can have reached meanwhile, at its fastest.
    let reach = MediaClock.ticks(in: now - lastArrival) * Int64(max(2, abs(rate).rounded(.up)))
    let step = unit.dts - after
    return step < -MediaTicks.perSecond / 5 || step > reach + MediaTicks.perSecond
  }

  /// Where the picture after a seek really is: by the stream's times where they are believable, else what was asked.
  private func arrivedAt(_ target: WallTime, _ unit: AccessUnit, _ after: MediaTicks?) -> WallTime {
    // Only a jump that is seen says how far it went.
    guard let after, unit.dts - after > MediaTicks.perSecond else { return target }
    let told = moved(position, by: Double(unit.dts - after) * (pace == .scaled ? 1 : factor))
    let isNear = told > target - .seconds(12) && told < target + .seconds(3)
    return isNear && range.start <= told ? told : target
  }

  private func moved(_ moment: WallTime, by ticks: Double) -> WallTime {
    moment + .nanoseconds(Int64(min(max(ticks / 90_000, -1e9), 1e9) * 1e9))
  }

  private func isRecorded(_ moment: WallTime, within tolerance: Duration) -> Bool {
    recorded.intervals.contains { $0.start - tolerance <= moment && moment < $0.end + tolerance }
  }

  private func nextSpan(after moment: WallTime) -> WallTime? {
    recorded.intervals.first { $0.start > moment }?.start
  }

  private func isNearEnd(of moment: WallTime) -> Bool {
    recorded.intervals.contains { abs(($0.end - moment).inSeconds) < 5 }
  }

  /// The moment itself where something is recorded, else the next moment with pictures.
  private func snapped(_ moment: WallTime) -> WallTime {
    guard !recorded.isEmpty, !isRecorded(moment, within: .zero) else { return moment }
    return nextSpan(after: moment) ?? moment
  }
}
