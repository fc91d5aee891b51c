import MP4Core
import MPEGCore
import MediaTime
import Recording

/// The loop of one replay: find the next group, re-time it, wait until it is due, give it out.
final class ReplayThread: @unchecked Sendable {
  // Proof for @unchecked: after `init` everything but `control` is used by the replay's thread alone.
  private let control: Monitor<ReplayControl>
  private let output: @Sendable (ReplayOutput) -> Void
  private var source: ReplaySource
  private var clock: ReplayClock
  /// Of a transfer: the times that units carry, while `clock` says when they are due.
  private var stamps: ReplayClock?
  private var formats: [TrackFormat] = []
  private var needsFormats = true
  private var needsPosition = true
  /// Real time and output ticks that belong together.
  private var pace: (real: MonotonicTime, ticks: Int64)?
  /// Stream clock and end of what was given out last.
  private var last: (run: UInt64, end: WallTime)?
  private var ended = false

  init(
    places: SegmentPlaces, range: WallInterval, control: Monitor<ReplayControl>, isTransfer: Bool = false,
    output: @escaping @Sendable (ReplayOutput) -> Void, ask: @escaping (WallInterval) -> Void
  ) {
    self.control = control
    self.output = output
    let start = control.withLock { ($0.position, $0.rate) }
    clock = ReplayClock(rate: start.1)
    stamps = isTransfer ? ReplayClock() : nil
    source = ReplaySource(places: places, range: range) { question in
      control.withLock { $0.answer = nil }
      ask(question)
      // Nil when the replay is stopped meanwhile.
      return control.wait { control -> Result<[SegmentRecord], ReplayIndexError>?? in
        if let answer = control.answer { return .some(answer) }
        return control.isStopped ? .some(nil) : nil
      } ?? nil
    }
    source.seek(to: start.0)
  }

  func run() {
    while true {
      guard obeyOrders() else { return }
      if ended {
        _ = control.wait { $0.hasOrder ? true : nil }
        continue
      }
      let isBrief = stamps == nil && clock.showsKeyFramesOnly
      switch source.next(backwards: clock.isBackwards, keyFramesOnly: isBrief) {
      case .group(let group): play(group)
      case .failed(let reason): output(.failed(reason))
      case .lost(let reason):
        ended = true
        output(.failed(reason))
      case .end(let moment):
        ended = true
        output(.ended(at: moment))
      case .stopped: continue
      }
    }
  }

  /// - Returns: false when the replay is to stop.
  private func obeyOrders() -> Bool {
    let orders = control.withLock { control in
      defer { (control.seek, control.newRate) = (nil, nil) }
      if let rate = control.newRate { control.rate = rate }
      if let seek = control.seek { control.position = seek }
      return (
        isStopped: control.isStopped, seek: control.seek, rate: control.newRate, position: control.position
      )
    }
    guard !orders.isStopped else { return false }
    if let rate = orders.rate { clock.setRate(rate) }
    if orders.seek != nil || orders.rate != nil {
      source.seek(to: orders.seek ?? orders.position)
      restart()
      (needsFormats, needsPosition, ended) = (true, true, false)
      (pace, last) = (nil, nil)
    }
    return true
  }

  private var carriesSound: Bool { stamps != nil || clock.carriesSound }

  private func restart(after pause: Int64 = 0) {
    clock.restart(after: pause)
    stamps?.restart(after: pause)
  }

  /// Gives one group out, in time. Leaves early when there are new orders.
  private func play(_ group: ReplayGroup) {
    joint(to: group)
    if needsFormats || group.formats != formats {
      formats = group.formats
      needsFormats = false
      needsPosition = true
      output(.formats(carriesSound ? formats : formats.filter(\.codec.isVideo)))
    }
    var batch: [AccessUnit] = []
    for unit in group.units where carriesSound || unit.codec.isVideo {
      let retimed = clock.retime(unit)
      let isDue = retimed.dts.value <= horizon()
      if !isDue {
        give(&batch)
        guard waitUntilDue(retimed.dts.value) else { return }
      }
      if needsPosition || unit.isKeyFrame && unit.codec.isVideo {
        give(&batch)
        needsPosition = false
        output(.position(wall: unit.arrival, ticks: retimed.pts, rate: clock.rate))
      }
      batch.append(stamps?.retime(unit) ?? retimed)
    }
    give(&batch)
    last = (group.run, clock.isBackwards ? group.start : group.end)
  }

  /// What lies between the group before and this one: nothing, a short wait, or a gap to report.
  private func joint(to group: ReplayGroup) {
    guard let last else {
      if let wanted = source.takeSeekTarget(), !clock.isBackwards,
        group.start - wanted > Timeline.joinTolerance
      {
        output(.gap(from: wanted, to: group.start))
      }
      return
    }
    let hole = clock.isBackwards ? last.end - group.end : group.start - last.end
    if hole > Timeline.joinTolerance {
      restart()
      needsPosition = true
      output(clock.isBackwards ? .gap(from: group.end, to: last.end) : .gap(from: last.end, to: group.start))
    } else if last.run != group.run {
      restart(after: MediaClock.ticks(in: hole))
      needsPosition = true
    }
  }

  private func give(_ batch: inout [AccessUnit]) {
    guard let last = batch.last(where: { $0.codec.isVideo == clock.showsVideo(formats) }) ?? batch.last else {
      return
    }
    control.withLock { if $0.seek == nil { $0.position = last.arrival } }
    output(.units(batch))
    batch.removeAll(keepingCapacity: true)
  }

  /// The output ticks that may be given out now.
  private func horizon() -> Int64 {
    guard let pace else { return .min }
    let elapsed = MonotonicClock.now - pace.real
    // Whoever keeps a transfer need not begin at once, and a burst would have to wait on its way.
    return pace.ticks + MediaClock.ticks(in: elapsed + (stamps == nil ? ReplayPump.lead : .milliseconds(100)))
  }

  /// - Returns: false when there are new orders.
  private func waitUntilDue(_ ticks: Int64) -> Bool {
    if pace == nil { pace = (MonotonicClock.now, ticks) }
    while true {
      let paused = control.withLock { $0.isPaused }
      if paused {
        let before = MonotonicClock.now
        _ = control.wait { $0.hasOrder || !$0.isPaused ? true : nil }
        if control.withLock({ $0.hasOrder }) { return false }
        // The pause did not happen on the output clock.
        if let pace { self.pace = (pace.real + (MonotonicClock.now - before), pace.ticks) }
        continue
      }
      let ahead = MediaClock.duration(ofTicks: ticks - horizon())
      guard ahead > .zero else { return true }
      let interrupted = control.wait(timeout: ahead) { $0.hasOrder || $0.isPaused ? $0.hasOrder : nil }
      if interrupted == true { return false }
    }
  }
}

extension ReplayClock {
  fileprivate func showsVideo(_ formats: [TrackFormat]) -> Bool { formats.contains { $0.codec.isVideo } }
}
