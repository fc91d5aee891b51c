import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Federation

/// Puts items through a real document, each only once: documents are slow to read and items mostly stay.
final class Wire {
  private var known: [CatalogItem: CatalogItem] = [:]

  func carry(_ item: CatalogItem) throws -> CatalogItem {
    if let read = known[item] { return read }
    let text = MANSCDPDocument.catalogNotice(sn: 1, from: item.id, items: [item], edition: .v2022)
      .text(declaring: .utf8)
    let reply = try #require(CatalogReply(try MANSCDPMessage(text: text)))
    let read = try #require(reply.items.first)
    known[item] = read
    return read
  }
}

/// One level above another, and everything between them that can go wrong.
struct TestLevels {
  var keeper: SharedViewKeeper
  /// The upper level's registry.
  var directory = Directory()
  var replica: ViewReplica
  var sync: CatalogSync
  var now = MonotonicTime(nanoseconds: 0)
  var random: SeededRandom
  /// One message of so many is lost; nil: none.
  var losses: Int?
  let wire: Wire
  /// What changed in the registry above since it was last asked.
  var news: [ShareInput] = []
  var orders = 0

  let lower: DeviceID
  let knowsDigests: Bool

  init(_ keeper: SharedViewKeeper, seed: UInt64, wire: Wire, knowsDigests: Bool = true) {
    (self.keeper, self.wire, self.knowsDigests) = (keeper, wire, knowsDigests)
    lower = keeper.superior.ownID
    replica = ViewReplica(lower, channels: [])
    sync = CatalogSync()
    random = SeededRandom(seed: seed)
    let device = TestNetwork.device(lower)
    directory.save(device)
    news.append(.device(device))
  }

  private mutating func isLost() -> Bool {
    losses.map { Int.random(in: 0..<$0, using: &random) == 0 } ?? false
  }

  private var seen: WallTime { TestNetwork.seen + (now - MonotonicTime(nanoseconds: 0)) }

  private mutating func take(_ change: CatalogChange) {
    directory.apply(change)
    replica.apply(change)
    news.append(.channels(saved: change.saved, removed: change.deleted))
  }

  mutating func takeNews() -> [ShareInput] {
    defer { news = [] }
    return news
  }

  mutating func pass(_ seconds: Int) { now = now + .seconds(seconds) }

  // MARK: What happens

  mutating func connect() throws { try perform(sync.cameUp(knowsDigests: knowsDigests, now: now)) }

  /// The lower level tells what changed, some of it to nobody.
  mutating func tell(_ changes: [SharedChange]) throws {
    guard sync.phase != .unknown else { return }
    var rest = changes[...]
    while !rest.isEmpty {
      let part = rest.prefix(Int.random(in: 1...20, using: &random))
      rest = rest.dropFirst(part.count)
      if isLost() {
        // A number is missing; nobody notices when the last one is.
        if Bool.random(using: &random) { sync.gap(now: now) }
        continue
      }
      var items: [CatalogItem] = []
      for change in part { items.append(try wire.carry(change.catalogItem)) }
      take(CatalogChange(notice: items, of: lower, known: directory.channels(of: lower), seen: seen))
      sync.noticed()
    }
  }

  mutating func restartAbove() throws {
    replica = ViewReplica(lower, channels: directory.channels(of: lower))
    sync = CatalogSync()
    try connect()
  }

  mutating func disconnect() { sync.wentDown() }

  /// Lets time pass until nothing is due before the next regular comparison, or (false) that never happens.
  mutating func settle() throws -> Bool {
    for _ in 0..<60 {
      guard let deadline = sync.deadline else { return false }
      if sync.phase == .following, let agreed = sync.agreed, agreed == now { return true }
      now = max(now, deadline)
      try perform(sync.tick(now: now))
      if !knowsDigests, sync.phase == .following { return true }
    }
    return false
  }

  // MARK: Carrying out

  private mutating func perform(_ actions: [CatalogSync.Action]) throws {
    for action in actions {
      orders += 1
      pass(1)
      switch action {
      case .subscribe: if isLost() { try perform(sync.subscriptionLost(now: now)) }
      case .query: try answer(keeper.view.items, buckets: nil)
      case .queryBuckets(let buckets):
        try answer(keeper.view.items(inBuckets: Set(buckets)), buckets: Set(buckets))
      case .askDigest:
        let sent = CatalogDigest(keeper.view.digest(edition: .v2022).text)
        let digest = try #require(sent)
        try perform(
          isLost()
            ? sync.failed(now: now)
            : sync.compared(digest.differences(from: replica.digest), now: now))
      }
    }
  }

  private mutating func answer(_ items: [SharedItem], buckets: Set<Int>?) throws {
    if isLost() { return try perform(sync.failed(now: now)) }
    let isComplete = !isLost()
    var read: [CatalogItem] = []
    for item in isComplete ? items[...] : items.dropLast(items.count / 3 + 1) {
      read.append(try wire.carry(item.catalogItem()))
    }
    let assembly = CatalogAssembly(sn: 1, items: read, expected: items.count, isComplete: isComplete)
    let known = directory.channels(of: lower)
    take(
      buckets.map { CatalogChange(assembly, buckets: $0, of: lower, known: known, seen: seen) }
        ?? CatalogChange(assembly, of: lower, known: known, seen: seen))
    try perform(sync.fetched(isComplete: isComplete, now: now))
  }

  // MARK: Judging

  /// What differs between what is shown above and what a query would bring.
  func differences() throws -> [String] {
    var found: [String] = []
    var shown = Dictionary(uniqueKeysWithValues: directory.channels(of: lower).map { ($0.key.channel, $0) })
    for item in keeper.view.items {
      let wanted = Channel(try wire.carry(item.catalogItem()), of: lower, seen: seen)
      guard let channel = shown.removeValue(forKey: item.id) else {
        found.append("missing \(item.id)")
        continue
      }
      if channel.catalogName != wanted.catalogName || channel.placement != wanted.placement
        || channel.status != wanted.status || channel.manufacturer != wanted.manufacturer
      {
        found.append(
          "different \(item.id): \(channel.status) \(channel.catalogName) \(wanted.status) \(wanted.catalogName)"
        )
      }
    }
    return found + shown.keys.map { "too much \($0)" }
  }
}
