public import MediaTime

/// How long recordings are kept and how much of the disk is not ours.
public struct RetentionPolicy: Sendable, Hashable {
  /// What to do when even recordings younger than ``minimumAge`` would have to go.
  public enum Exhaustion: String, Sendable, Hashable {
    /// Keep recording: shed the oldest of the lowest class, and raise the alarm.
    case shed
    /// Keep what is promised: stop recording, and raise the alarm.
    case stop
  }

  /// For how long at most and at least recordings of one class are kept.
  public struct Ages: Sendable, Hashable {
    /// Older recordings are deleted; nil keeps them until space runs out.
    public var maximum: Duration?
    /// A promise: space alone never deletes younger recordings unless ``exhaustion`` says so.
    public var minimum: Duration

    public init(maximum: Duration?, minimum: Duration = .zero) {
      (self.maximum, self.minimum) = (maximum, minimum)
    }
  }

  /// Of every class that has no ages of its own.
  public var ages: Ages
  public var agesByClass: [RetentionClass: Ages] = [:]
  /// Bytes of the file system that recordings leave free.
  public var reserveBytes: Int64
  public var exhaustion: Exhaustion

  public init(
    maximumAge: Duration? = .seconds(30 * 86_400), minimumAge: Duration = .zero,
    reserveBytes: Int64 = 2 << 30,
    exhaustion: Exhaustion = .shed
  ) {
    ages = Ages(maximum: maximumAge, minimum: minimumAge)
    self.reserveBytes = reserveBytes
    self.exhaustion = exhaustion
  }

  public func ages(of retentionClass: RetentionClass) -> Ages { agesByClass[retentionClass] ?? ages }
}

/// The figures of the file system that holds the recordings.
public struct DiskFigures: Sendable, Hashable {
  /// Bytes.
  public var total: Int64
  /// Bytes an unprivileged process may still use.
  public var free: Int64

  public init(total: Int64, free: Int64) {
    self.total = total
    self.free = free
  }
}

/// Why a segment goes. The raw values are the rule names in the log and in gap records.
public enum RetentionRule: String, Sendable, Hashable, CaseIterable {
  case age = "maximum-age"
  case space = "reserved-space"
  /// Space again, and the promise of a minimum age was broken for it.
  case spaceBelowMinimum = "reserved-space-below-minimum-age"
}

/// Which segments to delete, decided without touching one.
///
/// Deletion has two phases: the index marks the segments, then the files go, then
/// the rows. A crash between any two of them is resumed from the marks.
public struct RetentionDecision: Sendable, Hashable {
  public struct Deletion: Sendable, Hashable {
    public var segment: SegmentRecord
    public var rule: RetentionRule

    public init(segment: SegmentRecord, rule: RetentionRule) {
      self.segment = segment
      self.rule = rule
    }
  }

  public var deletions: [Deletion] = []
  /// Bytes that are still missing to the reserve after all these deletions.
  public var missingBytes: Int64 = 0
  /// The minimum age cannot be met; somebody must be told.
  public var breaksPromise = false
  /// Nothing may be deleted and the reserve is gone: recording must stop.
  public var mustStop = false

  public init() {}

  public var bytes: Int64 { deletions.reduce(0) { $0 + $1.segment.bytes } }

  /// - Parameters:
  ///   - candidates: closed segments that no hold protects; of every class at least the oldest ones.
  ///   - disk: of the file system that holds them.
  ///   - pendingBytes: of segments that are marked already and whose files still take space.
  public static func make(
    policy: RetentionPolicy, candidates: [SegmentRecord], disk: DiskFigures, pendingBytes: Int64 = 0,
    now: WallTime
  ) -> RetentionDecision {
    var decision = RetentionDecision()
    let usable = candidates.filter { $0.state == .closed || $0.state == .repaired }
    var rest: [SegmentRecord] = []
    for segment in usable {
      if let age = policy.ages(of: segment.retentionClass).maximum, now - segment.end > age {
        decision.deletions.append(Deletion(segment: segment, rule: .age))
      } else {
        rest.append(segment)
      }
    }
    var missing = policy.reserveBytes - disk.free - pendingBytes - decision.bytes
    guard missing > 0 else { return decision }
    // Lowest class first, then oldest first.
    rest.sort { ($0.retentionClass, $0.start, $0.id) < ($1.retentionClass, $1.start, $1.id) }
    var young: [SegmentRecord] = []
    for segment in rest where missing > 0 {
      guard now - segment.end >= policy.ages(of: segment.retentionClass).minimum else {
        young.append(segment)
        continue
      }
      decision.deletions.append(Deletion(segment: segment, rule: .space))
      missing -= segment.bytes
    }
    guard missing > 0 else { return decision }
    decision.breaksPromise = !young.isEmpty
    if policy.exhaustion == .shed {
      for segment in young where missing > 0 {
        decision.deletions.append(Deletion(segment: segment, rule: .spaceBelowMinimum))
        missing -= segment.bytes
      }
    }
    decision.missingBytes = max(0, missing)
    decision.mustStop = decision.missingBytes > 0 && decision.deletions.isEmpty
    return decision
  }
}

/// When the disk will be full and how far back recordings will reach, at the present rate.
public struct DiskForecast: Sendable, Hashable {
  /// Until the reserve is reached; nil when nothing is being written.
  public var timeToFull: Duration?
  /// How much time of recordings fits beside the reserve; nil when nothing is being written.
  public var retention: Duration?

  /// - Parameters:
  ///   - recordedBytes: in the index.
  ///   - bytesPerSecond: written at present, all channels together.
  public init(disk: DiskFigures, policy: RetentionPolicy, recordedBytes: Int64, bytesPerSecond: Double) {
    let room = max(0, disk.free - policy.reserveBytes)
    self.init(room: room, recordedBytes: recordedBytes, bytesPerSecond: bytesPerSecond)
  }

  /// - Parameter room: bytes above the reserve, of all disks together.
  public init(room: Int64, recordedBytes: Int64, bytesPerSecond: Double) {
    guard bytesPerSecond > 0 else { return }
    let room = Double(max(0, room))
    timeToFull = Self.duration(room / bytesPerSecond)
    retention = Self.duration((room + Double(max(0, recordedBytes))) / bytesPerSecond)
  }

  /// Held below a century, where the figure means nothing any more.
  private static func duration(_ seconds: Double) -> Duration { .seconds(Int64(min(seconds, 3.2e9))) }
}

extension Duration {
  /// Held between zero and a century.
  public static func days(_ days: Double) -> Duration {
    .seconds(Int64((min(max(days, 0), 36_500) * 86_400).rounded()))
  }

  /// With fraction; days of 24 hours.
  public var inDays: Double { Double(components.seconds) / 86_400 }
}

extension RetentionDecision {
  /// Adds what was decided for another disk.
  public mutating func add(_ other: RetentionDecision) {
    deletions += other.deletions
    let (sum, overflow) = missingBytes.addingReportingOverflow(other.missingBytes)
    missingBytes = overflow ? .max : sum
    breaksPromise = breaksPromise || other.breaksPromise
    mustStop = mustStop || other.mustStop
  }
}
