import MediaTime

/// What a container and the network say about the time of one unit.
struct UnitTiming: Sendable {
  /// 33 bits of 90 kHz.
  var pts: UInt64?
  var dts: UInt64?
  /// Of the RTP packet in which the unit began.
  var rtp: UInt32
  var arrival: WallTime
}

/// Makes one steady media clock out of the time stamps that devices really send (GB/T 28181 §9.5 rows 13, 14).
///
/// The PES time stamp is followed as long as it makes sense from one picture to
/// the next. Where it is missing, constant, in milliseconds or jumps, the step of
/// the RTP timestamp is taken instead; where that makes no sense either, the
/// smoothed time of arrival. Each step is judged alone, and every clock is tied
/// again to the result, so that the output never jumps when the source changes.
struct StreamClock: Sendable {
  /// Which clock gave the last step.
  enum Source: Sendable { case container, rtp, arrival }

  /// A smaller step is a counter or milliseconds, not 90 kHz between two pictures.
  static let minimumStep: Int64 = 180
  /// A larger step must be confirmed by the time of arrival.
  static let maximumStep: Int64 = 10 * MediaTicks.perSecond
  /// Reordered pictures go back this far at most.
  static let maximumReorder: Int64 = 28_800
  /// How far a confirmed jump may be from the time of arrival, and audio from video.
  static let tolerance: Int64 = 5 * MediaTicks.perSecond

  private(set) var source = Source.container
  private(set) var jumps: UInt64 = 0
  /// The last picture's presentation time.
  private(set) var lastVideo: Int64?
  /// Typical ticks between two pictures.
  private(set) var nominal: Int64 = 3_600
  private var lastArrival = WallTime(nanoseconds: 0)
  private var arrivalError: Int64 = 0
  private var containerClock = ClockUnwrapper(bits: 33)
  private var rtpClock = ClockUnwrapper(bits: 32)
  private var containerOffset: Int64 = 0
  private var rtpOffset: Int64 = 0
  private var lastAudio: Int64?
  private var nextAudio: Int64 = 0

  /// The presentation time of the next picture, and its decoding time where the container states one.
  mutating func video(_ timing: UnitTiming) -> (pts: Int64, dts: Int64?) {
    let container = timing.pts.map { containerClock.unwrap($0) }
    let rtp = rtpClock.unwrap(UInt64(timing.rtp))
    let pts: Int64
    if let last = lastVideo {
      pts = next(after: last, container: container, rtp: rtp, arrival: timing.arrival)
    } else {
      pts = container.map { $0 &+ containerOffset } ?? rtp
      source = container == nil ? .rtp : .container
    }
    if let container { containerOffset = pts &- container }
    rtpOffset = pts &- rtp
    lastVideo = pts
    lastArrival = timing.arrival
    guard source == .container, let raw = timing.pts, let dts = timing.dts else { return (pts, nil) }
    let lead = Int64((raw &- dts) & 0x1_FFFF_FFFF)
    return (pts, lead <= Self.maximumStep ? pts &- lead : nil)
  }

  private mutating func next(after last: Int64, container: Int64?, rtp: Int64, arrival: WallTime) -> Int64 {
    let elapsed = Self.ticks(arrival - lastArrival)
    let rtpStep = rtp &+ rtpOffset &- last
    if let container {
      let step = container &+ containerOffset &- last
      if Self.isPlausible(step, elapsed: elapsed) {
        source = .container
        return advance(from: last, by: step, elapsed: elapsed)
      }
      if step > Self.maximumStep || step < -Self.maximumReorder { jumps += 1 }
    }
    if rtpStep > 0, Self.isPlausible(rtpStep, elapsed: elapsed) {
      source = .rtp
      return advance(from: last, by: rtpStep, elapsed: elapsed)
    }
    source = .arrival
    // Follow the mean rate of arrival, and a sixteenth of the error at a time.
    let step = min(max(nominal + arrivalError / 16, Self.minimumStep), Self.maximumStep)
    let progress = min(max(elapsed, 0), Self.maximumStep)
    arrivalError = min(max(arrivalError + progress - step, -Self.maximumStep), Self.maximumStep)
    return last &+ step
  }

  private mutating func advance(from last: Int64, by step: Int64, elapsed: Int64) -> Int64 {
    if step > 0, step < MediaTicks.perSecond { nominal += (step - nominal) / 8 }
    arrivalError = 0
    return last &+ step
  }

  private static func isPlausible(_ step: Int64, elapsed: Int64) -> Bool {
    if step >= minimumStep { return step <= maximumStep || abs(step &- elapsed) < tolerance }
    return step <= -minimumStep && step >= -maximumReorder
  }

  /// The presentation time of the next block of sound, which lasts `duration` ticks.
  ///
  /// Follows the clock that the pictures follow; where that leads nowhere near, sound simply goes on.
  mutating func audio(_ timing: UnitTiming, duration: Int64) -> Int64 {
    let candidate: Int64? =
      switch source {
      case .container: timing.pts.map { nearest($0) &+ containerOffset }
      case .rtp: lastVideo == nil ? nil : rtpNearest(timing.rtp) &+ rtpOffset
      case .arrival: nil
      }
    let anchor = lastVideo ?? (lastAudio == nil ? nil : nextAudio)
    var time = lastAudio == nil ? (lastVideo ?? candidate ?? Int64(timing.rtp)) : nextAudio
    if let candidate, anchor.map({ abs(candidate &- $0) < Self.tolerance }) ?? true {
      if lastAudio.map({ candidate > $0 }) ?? true { time = candidate }
    } else if let lastVideo, abs(time &- lastVideo) > Self.tolerance {
      time = max(lastVideo, (lastAudio ?? .min) &+ 1)
    } else if let candidate, lastVideo == nil {
      // Sound alone whose clock jumped: tie it to where we are.
      containerOffset &+= time &- candidate
      jumps += 1
    }
    lastAudio = time
    nextAudio = time &+ duration
    return time
  }

  /// `raw` unwrapped next to the last picture without disturbing the pictures' own unwrapping.
  private mutating func nearest(_ raw: UInt64) -> Int64 {
    guard lastVideo != nil else { return containerClock.unwrap(raw) }
    var copy = containerClock
    return copy.unwrap(raw)
  }

  private func rtpNearest(_ raw: UInt32) -> Int64 {
    var copy = rtpClock
    return copy.unwrap(UInt64(raw))
  }

  private static func ticks(_ duration: Duration) -> Int64 {
    // Nanoseconds times 9/100 000, in an order that cannot overflow.
    let nanoseconds = duration.nanoseconds
    return nanoseconds / 100_000 &* 9 &+ nanoseconds % 100_000 * 9 / 100_000
  }
}

/// Gives every picture a decoding time when the container gives only presentation times.
///
/// With `depth` pictures of reordering, the decoding times are the presentation
/// times in ascending order, `depth` pictures late: the n-th is the smallest of
/// the `depth + 1` largest presentation times seen so far.
struct DecodeClock: Sendable {
  /// More than any camera uses (GB/T 28181 Annex F allows two B pictures).
  static let maximumDepth = 4

  private var depth = 0
  private var isExplicit = false
  /// The `depth + 1` largest presentation times, ascending.
  private var window: [Int64] = []
  private var last: Int64?
  /// Before it was made to ascend.
  private var lastDerived: Int64?

  /// The decoding time of the next picture.
  ///
  /// - Parameters:
  ///   - stated: what the container says; from the first one on, none means "equal to pts" (ISO 13818-1 §2.4.3.7).
  ///   - depth: reordering by the parameter sets, nil when unknown.
  ///   - frame: ticks between two pictures.
  mutating func time(pts: Int64, stated: Int64?, depth known: Int?, frame: Int64, restarts: Bool) -> Int64 {
    var time: Int64
    if let stated {
      isExplicit = true
      time = stated
    } else if isExplicit {
      time = pts
    } else {
      if restarts || window.isEmpty {
        restart(pts: pts, depth: known.map { min($0, Self.maximumDepth) }, frame: frame)
      }
      time = derive(pts)
    }
    if let last, time <= last { time = last &+ 1 }
    last = time
    return time
  }

  private mutating func restart(pts: Int64, depth known: Int?, frame: Int64) {
    depth = known ?? depth
    lastDerived = nil
    window.removeAll(keepingCapacity: true)
    // Filled as if `depth` pictures had come before; `derive` replaces the first of them.
    for index in 0...depth { window.append(pts &- Int64(depth - index + 1) &* frame) }
  }

  private mutating func derive(_ pts: Int64) -> Int64 {
    window[0] = pts
    var index = 0
    while index < depth, window[index] > window[index + 1] {
      window.swapAt(index, index + 1)
      index += 1
    }
    let time = window[0]
    if let lastDerived, time < lastDerived, depth < Self.maximumDepth {
      // Later than the stream said it would reorder. The new entry is the one that the next picture replaces.
      depth += 1
      window = depth == 1 ? [time, lastDerived] : [time] + window
    }
    lastDerived = time
    return time
  }
}
