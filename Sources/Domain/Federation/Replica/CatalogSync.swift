public import MediaTime

/// Keeps what we know of a lower platform equal to what it shares with us (upper side).
///
/// ```text
///            came up                 complete                  compare due, gap, subscription lost
///   unknown ────────► fetching ─────────────────► following ─────────────────► comparing
///      ▲              ▲  │ ▲ incomplete, silent:    ▲   ▲  (foreign: fetching)  │   │ they differ
///      │ went down    │  └─┘ again, later           │   └──────── they agree ───┘   ▼
///      └── any state  └──── repaired twice in vain ─┼──────────────────────────── repairing
///                                                   └ silence: later                 │ then comparing
/// ```
///
/// Notifications may come in any state and are applied by the caller; this machine only hears that they came. What it
/// orders is idempotent. A foreign platform knows no digests: with it, repairing is a full query.
public struct CatalogSync: Sendable {
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    case unknown, fetching, following, comparing, repairing
  }

  public enum Action: Sendable, Hashable {
    /// Subscribe to its catalog, anew.
    case subscribe
    /// Query the whole catalog; report with ``CatalogSync/fetched(isComplete:now:)`` or ``CatalogSync/failed(now:)``.
    case query
    /// Ask for its digest; report with ``CatalogSync/compared(_:now:)`` or ``CatalogSync/failed(now:)``.
    case askDigest
    /// Query the items of these buckets; report with ``CatalogSync/fetched(isComplete:now:)``.
    case queryBuckets([Int])
  }

  /// The times of a synchronisation.
  public struct Timing: Sendable, Hashable {
    /// Between two comparisons when nothing happens.
    public var compare: Duration
    /// Between two full queries of a platform without digests.
    public var fullQuery: Duration
    /// How long after a sign of loss, or a change during a comparison, the next comparison waits.
    public var settle: Duration
    /// The first wait after a failure, and the longest: waits double.
    public var retry: Duration
    public var longestRetry: Duration

    public init(
      compare: Duration = .seconds(300), fullQuery: Duration = .seconds(1_800),
      settle: Duration = .seconds(5),
      retry: Duration = .seconds(10), longestRetry: Duration = .seconds(300)
    ) {
      (self.compare, self.fullQuery, self.settle) = (compare, fullQuery, settle)
      (self.retry, self.longestRetry) = (retry, max(retry, longestRetry))
    }
  }

  /// Comparisons that a flood of changes may spoil before the difference is believed.
  static let mostSpoilt = 3
  /// Repairs of single buckets before everything is asked for.
  static let mostRepairs = 2

  public private(set) var phase = Phase.unknown
  /// Whether the other side is a Tributary and knows digests.
  public private(set) var knowsDigests = false
  private let timing: Timing
  /// When something is to be ordered; nil while an answer is awaited, whose end the caller reports.
  public private(set) var deadline: MonotonicTime?
  private var failures = 0
  private var repairs = 0
  private var spoilt = 0
  /// Times everything was asked for because repairing had not helped.
  private var vain = 0
  /// Whether a notification came since the digest was asked for.
  private var wasDisturbed = false
  /// When the two were last known to be equal.
  public private(set) var agreed: MonotonicTime?

  public init(timing: Timing = Timing()) { self.timing = timing }

  // MARK: What happened

  /// The platform registered, or we have restarted and it is registered: nothing we knew can be relied on.
  public mutating func cameUp(knowsDigests: Bool, now: MonotonicTime) -> [Action] {
    self.knowsDigests = knowsDigests
    (failures, repairs, spoilt, vain) = (0, 0, 0, 0)
    return [.subscribe] + fetch()
  }

  /// Its registration is gone: what comes after it is a new beginning.
  public mutating func wentDown() { (phase, deadline) = (.unknown, nil) }

  /// The subscription ended or could not be made while the platform is there: changes may be missed from here on.
  public mutating func subscriptionLost(now: MonotonicTime) -> [Action] {
    guard phase != .unknown else { return [] }
    suspect(now)
    return [.subscribe]
  }

  /// A notification is known to be missing: a number was left out, or one could not be read.
  public mutating func gap(now: MonotonicTime) { suspect(now) }

  /// A notification came and was applied.
  public mutating func noticed() { wasDisturbed = true }

  /// A query was answered as far as it will be.
  public mutating func fetched(isComplete: Bool, now: MonotonicTime) -> [Action] {
    switch phase {
    case .unknown, .following, .comparing: return []
    case .fetching:
      guard isComplete else { return failed(now: now) }
      failures = 0
      // What changed while the parts were on their way is found by a comparison soon after.
      follow(until: now + pause)
      return []
    case .repairing:
      guard isComplete else { return failed(now: now) }
      repairs += 1
      return compare()
    }
  }

  /// Their digest came; these buckets differ from ours at this moment.
  public mutating func compared(_ differing: [Int], now: MonotonicTime) -> [Action] {
    guard phase == .comparing else { return [] }
    failures = 0
    if differing.isEmpty {
      (repairs, spoilt, vain, agreed) = (0, 0, 0, now)
      follow(until: now + timing.compare)
      return []
    }
    if wasDisturbed, spoilt < Self.mostSpoilt {
      // Their digest and ours may be of different moments.
      spoilt += 1
      follow(until: now + timing.settle)
      return []
    }
    spoilt = 0
    guard repairs < Self.mostRepairs, differing.count <= CatalogDigest.bucketCount / 2 else {
      repairs = 0
      vain += 1
      return fetch()
    }
    (phase, deadline) = (.repairing, nil)
    return [.queryBuckets(differing)]
  }

  /// What was ordered got no answer, or only a part of one.
  public mutating func failed(now: MonotonicTime) -> [Action] {
    switch phase {
    case .unknown, .following: return []
    case .fetching, .comparing, .repairing:
      failures += 1
      deadline = now + min(timing.retry * (1 << min(failures - 1, 10)), timing.longestRetry)
      return []
    }
  }

  /// Does what is due.
  public mutating func tick(now: MonotonicTime) -> [Action] {
    guard let deadline, now >= deadline else { return [] }
    switch phase {
    case .unknown: return []
    case .fetching: return fetch()
    case .following, .comparing, .repairing: return knowsDigests ? compare() : fetch()
    }
  }

  // MARK: Steps

  private mutating func fetch() -> [Action] {
    (phase, deadline, wasDisturbed) = (.fetching, nil, false)
    return [.query]
  }

  /// How long to wait after everything was fetched. What never agrees is not asked for in a circle.
  private var pause: Duration {
    guard knowsDigests else { return wasDisturbed ? timing.settle * 6 : timing.fullQuery }
    return min(timing.settle * (1 << min(2 * vain, 20)), timing.compare)
  }

  private mutating func compare() -> [Action] {
    (phase, deadline, wasDisturbed) = (.comparing, nil, false)
    return [.askDigest]
  }

  private mutating func follow(until next: MonotonicTime) { (phase, deadline) = (.following, next) }

  /// Something may be missing: a state that awaits an answer will compare anyway.
  private mutating func suspect(_ now: MonotonicTime) {
    wasDisturbed = true
    guard phase == .following else { return }
    // A foreign platform is asked for everything; not for every single loss.
    let soon = now + (knowsDigests ? timing.settle : timing.settle * 6)
    deadline = min(deadline ?? soon, soon)
  }
}
