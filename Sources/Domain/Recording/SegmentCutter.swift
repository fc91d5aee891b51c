import MP4Core
public import MPEGCore
public import MediaTime
public import Registry

/// What the recorder must do next, decided by ``SegmentCutter``.
public enum CutAction: Sendable {
  /// Begin a new file; fragments follow.
  case open(SegmentOpening)
  /// Write one fragment to the open file.
  case write(FragmentContent)
  /// The open file is complete; its last picture ends at this moment.
  case close(end: WallTime)
  /// Nothing was recorded in this stretch.
  case gap(from: WallTime, to: WallTime, cause: GapCause, detail: String)
}

/// The beginning of a file.
public struct SegmentOpening: Sendable {
  public var formats: [TrackFormat]
  public var metadata: SegmentMetadata
}

/// The content of one fragment.
public struct FragmentContent: Sendable {
  /// In order of arrival.
  public var units: [AccessUnit]
  /// Decoding time of the picture that follows, nil when none does.
  public var videoEnd: MediaTicks?
  /// Our clock at the end of the fragment.
  public var end: WallTime
}

/// Decides where files and fragments begin and end. Pure: units in, actions out.
///
/// ```text
///            key frame                 key frame: write the group
///  waiting ───────────▶ collecting ──┬─ every 4 s of a longer group: write a part
///     ▲                     │        ├─ key frame ≥ 60 s into the file: write, close, open
///     └─────────────────────┘        └─ formats, hole, clock step, end: write, close, wait
/// ```
///
/// No picture between the first key frame and the end is lost or written twice:
/// the last one of a file is followed by the first one of the next, which starts
/// at exactly the moment the other ends.
///
/// Wall-clock time is estimated from the arrivals with the least delay and moves
/// at most 1 % against the stream's clock, so that jitter does not show as gaps.
public struct SegmentCutter: Sendable {
  /// What the cutter goes by; one set for the whole recorder.
  public struct Limits: Sendable {
    /// A file ends at the first key frame after this much media time.
    public var segment: Duration = .seconds(60)
    /// A group longer than this is written in parts.
    public var fragment: Duration = .seconds(4)
    /// A part is written, whatever its length, when it holds this many bytes.
    public var fragmentBytes = 8 << 20
    /// Media time missing between two pictures that counts as a gap.
    public var hole: Duration = .seconds(2)
    /// Disagreement of arrival and media time that counts as a step of a clock.
    public var clockStep: Duration = .seconds(2)
    /// The longest that one picture is believed to last.
    public var longestPicture: Duration = .seconds(30)

    public init() {}
  }

  private let channel: ChannelKey
  private let limits: Limits
  private let retentionClass: RetentionClass
  private var run: UInt64
  private var formats: [TrackFormat] = []
  /// New tracks that take effect at the next key frame.
  private var announced: [TrackFormat]?
  private var pending: [AccessUnit] = []
  private var pendingBytes = 0
  private var file: OpenFile?
  private var clock: WallEstimate?
  private var lastLead: MediaTicks?
  /// Between the last two pictures of this file; what the last one is believed to last.
  private var lastInterval: Int64 = Self.usualInterval
  /// The same, but remembered across a hole: the measure for the next one.
  private var lastStep: Int64 = Self.usualInterval
  private var lastEnd: WallTime?
  private var stepDetail: (cause: GapCause, detail: String)?
  private var endsFileSoon = false
  /// Pictures were received and did not reach the disk: a gap, however short.
  private var hasLost = false

  /// 25 pictures per second.
  private static let usualInterval: Int64 = 3_600

  private struct OpenFile: Sendable {
    var first: MediaTicks
  }

  /// - Parameters:
  ///   - run: a number that no other cutter had, such as the nanoseconds of its creation.
  public init(
    channel: ChannelKey, run: UInt64, retentionClass: RetentionClass = .normal, limits: Limits = Limits()
  ) {
    self.channel = channel
    self.run = run
    self.retentionClass = retentionClass
    self.limits = limits
  }

  /// Bytes that wait for their fragment to be complete.
  public var waitingBytes: Int { pendingBytes }

  /// The track that decides: the picture where there is one.
  private var leadIsVideo: Bool { Self.hasVideo(formats) }

  private static func hasVideo(_ formats: [TrackFormat]) -> Bool { formats.contains { $0.codec.isVideo } }

  // MARK: - Events

  /// The tracks changed. A new file begins at the next key frame; until then the old one goes on.
  public mutating func formatsChanged(_ formats: [TrackFormat]) {
    let samePicture = formats.first { $0.codec.isVideo } == self.formats.first { $0.codec.isVideo }
    if file == nil, pending.isEmpty || samePicture {
      // Nothing is written yet that the old tracks describe.
      self.formats = formats
      announced = nil
    } else {
      announced = formats == self.formats ? nil : formats
    }
  }

  /// One unit in order of arrival.
  public mutating func receive(_ unit: AccessUnit, _ act: (CutAction) -> Void) {
    guard unit.codec.isVideo == Self.hasVideo(announced ?? formats) else {
      // Sound before the first picture has nothing to stand beside.
      if (file != nil || !pending.isEmpty) && formats.contains(where: { $0.codec == unit.codec }) {
        collect(unit)
      }
      return
    }
    if let last = lastLead { followLead(unit, last, act) }
    if let announced, unit.isKeyFrame || !formats.contains(where: { $0.codec == unit.codec }) {
      finishFile(followedBy: lastLead == nil ? nil : unit, act)
      formats = announced
      self.announced = nil
    }
    guard formats.contains(where: { $0.codec == unit.codec }) else { return }
    if pending.isEmpty && file == nil {
      guard unit.isKeyFrame else { return }
      start(with: unit, act)
    } else {
      cutBefore(unit, act)
    }
    collect(unit)
    clock?.observe(unit)
    lastLead = unit.dts
  }

  /// The stream is over, or the recording of it.
  public mutating func end(_ act: (CutAction) -> Void) {
    finishFile(followedBy: nil, act)
    lastLead = nil
    clock = nil
    run &+= 1
  }

  /// The open file ends at the next key frame, whatever its length; the next one begins there without a gap.
  public mutating func endFileSoon() { endsFileSoon = file != nil }

  /// What was written since `lastEnd` did not reach the disk: forget the open file and wait for a key frame.
  ///
  /// The gap is reported with `cause` when pictures can be recorded again.
  public mutating func abandon(lastEnd: WallTime?, cause: GapCause, detail: String) {
    file = nil
    endsFileSoon = false
    pending.removeAll()
    pendingBytes = 0
    self.lastEnd = lastEnd ?? self.lastEnd
    restart(cause: cause, detail: detail)
    hasLost = true
  }

  // MARK: - Decisions

  private mutating func collect(_ unit: AccessUnit) {
    pending.append(unit)
    pendingBytes += unit.byteCount
  }

  /// Looks for a hole or a step between the last leading unit and this one.
  ///
  /// A late picture that is no key frame continues its group, so nothing is
  /// missing before it: the one before it simply lasted. Steps are acted upon at
  /// a key frame, so that no picture is lost to them.
  private mutating func followLead(_ unit: AccessUnit, _ last: MediaTicks, _ act: (CutAction) -> Void) {
    let step = unit.dts - last
    let hole = MediaClock.ticks(in: unit.isKeyFrame ? limits.hole : limits.longestPicture) + lastStep
    if step > 0 { lastStep = min(step, MediaClock.ticks(in: limits.longestPicture)) }
    if step < 0 {
      finishFile(followedBy: nil, act)
      restart(cause: .clockStep, detail: "the clock of the stream stepped back")
    } else if step > hole {
      finishFile(followedBy: nil, act)
      restart(cause: .network, detail: "no pictures arrived")
    } else if unit.isKeyFrame, let disagreement = clock?.step(beyond: limits.clockStep) {
      finishFile(followedBy: nil, act)
      restart(
        cause: .clockStep, detail: "arrival and media clock stepped apart by \(disagreement.inSeconds) s")
    } else if step > 0 {
      lastInterval = step
    }
  }

  private mutating func restart(cause: GapCause, detail: String) {
    lastLead = nil
    clock = nil
    lastInterval = Self.usualInterval
    run &+= 1
    stepDetail = (cause, detail)
  }

  private mutating func start(with unit: AccessUnit, _ act: (CutAction) -> Void) {
    if clock == nil || lastLead == nil { clock = WallEstimate(first: unit) }
    if let end = lastEnd, let begin = clock?.wallTime(of: unit.dts),
      begin - end > limits.hole || (hasLost && begin > end)
    {
      let reason = stepDetail ?? (.unknown, "")
      act(.gap(from: end, to: begin, cause: reason.cause, detail: reason.detail))
    }
    stepDetail = nil
    hasLost = false
  }

  private mutating func cutBefore(_ unit: AccessUnit, _ act: (CutAction) -> Void) {
    guard let firstPending = pending.first(where: { $0.codec.isVideo == leadIsVideo }) else { return }
    let age = unit.dts - (file?.first ?? firstPending.dts)
    let endsFile = endsFileSoon || age >= MediaClock.ticks(in: limits.segment)
    if unit.isKeyFrame, endsFile {
      finishFile(followedBy: unit, act)
    } else if leadIsVideo && unit.isKeyFrame
      || unit.dts - firstPending.dts >= MediaClock.ticks(in: limits.fragment)
      || pendingBytes >= limits.fragmentBytes
    {
      flush(followedBy: unit, act)
    }
  }

  /// Writes what was collected; opens the file first when it is the first fragment.
  private mutating func flush(followedBy next: AccessUnit?, _ act: (CutAction) -> Void) {
    guard let lead = pending.first(where: { $0.codec.isVideo == leadIsVideo }), let clock else { return }
    if file == nil {
      let origin = pending.map(\.dts).min() ?? lead.dts
      let metadata = SegmentMetadata(
        channel: channel, run: run, origin: origin, anchor: lead.dts - origin,
        start: clock.wallTime(of: lead.dts),
        retentionClass: retentionClass)
      act(.open(SegmentOpening(formats: formats, metadata: metadata)))
      file = OpenFile(first: lead.dts)
    }
    let endTicks = next?.dts ?? (lastLead ?? lead.dts) + lastInterval
    let content = FragmentContent(
      units: pending, videoEnd: leadIsVideo ? endTicks : nil, end: clock.wallTime(of: endTicks))
    act(.write(content))
    pending.removeAll(keepingCapacity: true)
    pendingBytes = 0
  }

  private mutating func finishFile(followedBy next: AccessUnit?, _ act: (CutAction) -> Void) {
    flush(followedBy: next, act)
    pending.removeAll(keepingCapacity: true)
    pendingBytes = 0
    endsFileSoon = false
    guard file != nil else { return }
    // Corrected only between files, and before the end is named, so that the two meet exactly.
    if let next { clock?.slew(to: next) }
    guard let clock else { return }
    let end = clock.wallTime(of: next?.dts ?? (lastLead ?? MediaTicks(0)) + lastInterval)
    act(.close(end: end))
    lastEnd = end
    file = nil
  }
}
