import Federation
import GBCore
import Logging
import MediaTime
import Registry
import Synchronization

/// Keeps what we know of each lower platform equal to what it shares with us: one ``CatalogSync`` for each.
///
/// The machine decides when to compare and what to ask for again; this performs. Asking at registration and
/// subscribing are done for every device by ``Signalling`` and ``SubscriptionService``, so nothing is asked twice.
final class LowerCatalogs: Sendable {
  /// What another Tributary answers beyond the standard. A foreign platform answers nothing of it.
  struct Peers: Sendable {
    /// Whether it knows digests.
    var knows: @Sendable (DeviceID) -> Bool = { _ in false }
    /// The digest of what it shares with us.
    var digest: @Sendable (DeviceID) async -> CatalogDigest? = { _ in nil }
    /// Has it send the items of these buckets as parts of an answer with that number. False when it will not.
    var items: @Sendable (DeviceID, _ sn: Int, _ buckets: [Int]) async -> Bool = { _, _, _ in false }
  }

  struct Entry: Sendable {
    var sync: CatalogSync
    var replica: ViewReplica
    /// When the two were last known to agree.
    var agreed: WallTime?
    /// How often the comparison found a difference.
    var differences: UInt64 = 0
    /// Since when an answer is awaited.
    var asked: MonotonicTime?
  }

  /// The longest any answer is awaited: longer than a whole catalog may take.
  private static let patience = Duration.seconds(200)

  private let signalling: Signalling
  private let directory: DeviceDirectory
  private let timing: CatalogSync.Timing
  private let logger: Logger
  private let peers = Mutex(Peers())
  private let state = Mutex<[DeviceID: Entry]>([:])

  init(
    signalling: Signalling, directory: DeviceDirectory, timing: CatalogSync.Timing = CatalogSync.Timing(),
    logger: Logger
  ) {
    (self.signalling, self.directory, self.timing, self.logger) = (signalling, directory, timing, logger)
  }

  func connect(_ peers: Peers) { self.peers.withLock { $0 = peers } }

  func entry(_ device: DeviceID) -> Entry? { state.withLock { $0[device] } }

  /// How many lower platforms are in each phase.
  var phases: [CatalogSync.Phase: Int] {
    state.withLock { $0.values.reduce(into: [:]) { $0[$1.sync.phase, default: 0] += 1 } }
  }

  /// Comparisons so far that found a difference.
  var differences: UInt64 { state.withLock { $0.values.reduce(0) { $0 + $1.differences } } }

  // MARK: What happened

  /// A device registered, for the first time since it was gone or again.
  func registered(_ device: DeviceID, isNew: Bool) {
    guard device.isPlatform, isNew || entry(device) == nil else { return }
    let knows = peers.withLock { $0.knows }(device)
    state.withLock { entries in
      var entry =
        entries[device]
        ?? Entry(
          sync: CatalogSync(timing: timing), replica: ViewReplica(device, channels: []))
      _ = entry.sync.cameUp(knowsDigests: knows, now: SystemClock.monotonic())
      entry.asked = SystemClock.monotonic()
      if knows { entry.agreed = nil }
      entries[device] = entry
    }
  }

  func presence(_ device: DeviceID, isOnline: Bool) {
    guard device.isPlatform else { return }
    guard isOnline else { return state.withLock { $0[device]?.sync.wentDown() } }
    // After our own restart it is there without registering anew.
    guard entry(device)?.sync.phase ?? .unknown == .unknown else { return }
    registered(device, isNew: true)
    signalling.interrogate(device)
  }

  func forget(_ device: DeviceID) { state.withLock { $0[device] = nil } }

  /// Something was heard of a device's catalog, or was to be.
  func heard(_ device: DeviceID, _ news: Signalling.CatalogNews) {
    step(device) { entry, now in
      switch news {
      case .read(let isComplete):
        // A platform without digests is known as well as its last whole answer.
        if isComplete, !entry.sync.knowsDigests { entry.agreed = SystemClock.wall() }
        return entry.sync.fetched(isComplete: isComplete, now: now)
      case .unread: return entry.sync.failed(now: now)
      case .changed(let isWhole):
        entry.sync.noticed()
        if !isWhole { entry.sync.gap(now: now) }
        return []
      case .lost:
        entry.sync.gap(now: now)
        return []
      }
    }
  }

  /// A platform enrolled, or is no neighbour any more.
  func enrolled(_ device: DeviceID) {
    guard let phase = entry(device)?.sync.phase, phase != .unknown else { return }
    registered(device, isNew: true)
    signalling.interrogate(device)
  }

  /// Compares now rather than when it is due.
  func hurry(_ device: DeviceID) {
    step(device) { entry, now in
      entry.sync.gap(now: now)
      return []
    }
  }

  /// Does what is due. Call about once a second.
  func tick() {
    for device in state.withLock({ Array($0.keys) }) {
      step(device) { entry, now in
        if let asked = entry.asked, now - asked > Self.patience { return entry.sync.failed(now: now) }
        return entry.sync.tick(now: now)
      }
    }
  }

  // MARK: Doing

  private func step(
    _ device: DeviceID, _ body: (inout Entry, MonotonicTime) -> [CatalogSync.Action]
  ) {
    let now = SystemClock.monotonic()
    let actions = state.withLock { entries -> [CatalogSync.Action] in
      guard var entry = entries[device] else { return [] }
      let actions = body(&entry, now)
      if !actions.isEmpty { entry.asked = now } else if entry.sync.deadline != nil { entry.asked = nil }
      entries[device] = entry
      return actions
    }
    for action in actions { perform(action, device) }
  }

  private func perform(_ action: CatalogSync.Action, _ device: DeviceID) {
    switch action {
    // ``SubscriptionService`` tries for ever by itself.
    case .subscribe: break
    case .query: signalling.interrogate(device)
    case .askDigest: Task { await compare(device) }
    case .queryBuckets(let buckets): Task { await repair(device, buckets) }
    }
  }

  private func compare(_ device: DeviceID) async {
    guard let theirs = await peers.withLock({ $0.digest })(device) else { return failed(device) }
    // Reading a county's items takes its time: not under the lock.
    guard var replica = entry(device)?.replica else { return }
    replica.follow(directory.read { $0.channels(of: device) })
    let differing = replica.digest.differences(from: theirs)
    step(device) { entry, now in
      entry.replica = replica
      if differing.isEmpty { entry.agreed = SystemClock.wall() } else { entry.differences += 1 }
      return entry.sync.compared(differing, now: now)
    }
    if !differing.isEmpty {
      logger.notice(
        "a lower platform's catalog differs from what is known of it",
        metadata: [
          "device.id": "\(device)", "buckets": "\(differing.count)", "theirs": "\(theirs.count)",
          "ours": "\(replica.count)",
        ])
    }
  }

  private func repair(_ device: DeviceID, _ buckets: [Int]) async {
    guard let sn = signalling.expectCatalog(of: device, buckets: Set(buckets)) else { return failed(device) }
    guard await peers.withLock({ $0.items })(device, sn, buckets) else {
      signalling.expectCatalogNoMore(of: device, sn)
      return failed(device)
    }
  }

  private func failed(_ device: DeviceID) { step(device) { entry, now in entry.sync.failed(now: now) } }
}
