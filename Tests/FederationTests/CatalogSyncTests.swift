import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Federation

@Suite struct CatalogSyncTests {
  private static func at(_ seconds: Int) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000)
  }

  /// A machine that follows a Tributary, with its first comparison due.
  private static func following() -> CatalogSync {
    var sync = CatalogSync()
    #expect(sync.cameUp(knowsDigests: true, now: at(0)) == [.subscribe, .query])
    #expect(sync.fetched(isComplete: true, now: at(1)).isEmpty)
    #expect(sync.phase == .following)
    return sync
  }

  @Test("It subscribes before it asks, and compares soon after everything came")
  func begin() {
    var sync = Self.following()
    #expect(sync.deadline == Self.at(6) && sync.tick(now: Self.at(5)).isEmpty)
    #expect(sync.tick(now: Self.at(6)) == [.askDigest])
    #expect(sync.compared([], now: Self.at(7)).isEmpty)
    #expect(sync.phase == .following && sync.deadline == Self.at(307) && sync.agreed == Self.at(7))
  }

  @Test("Where they differ it repairs, and compares again")
  func repair() {
    var sync = Self.following()
    _ = sync.tick(now: Self.at(6))
    #expect(sync.compared([3, 200], now: Self.at(7)) == [.queryBuckets([3, 200])])
    #expect(sync.fetched(isComplete: true, now: Self.at(8)) == [.askDigest])
    #expect(sync.compared([], now: Self.at(9)).isEmpty && sync.phase == .following)
  }

  @Test("Repairs that do not help end in asking for everything, and that not in a circle")
  func vain() {
    var sync = Self.following()
    var queries: [MonotonicTime] = []
    var now = Self.at(6)
    for _ in 0..<200 {
      guard let deadline = sync.deadline else { break }
      now = max(now, deadline)
      var actions = sync.tick(now: now)
      while let action = actions.popLast() {
        switch action {
        case .subscribe: break
        case .query:
          queries.append(now)
          actions += sync.fetched(isComplete: true, now: now)
        case .askDigest: actions += sync.compared([1], now: now)
        case .queryBuckets: actions += sync.fetched(isComplete: true, now: now)
        }
      }
    }
    #expect(queries.count > 5)
    // In the end no more often than a regular comparison.
    #expect(zip(queries, queries.dropFirst()).suffix(5).allSatisfy { $1 - $0 >= .seconds(300) })
  }

  @Test("A comparison that changes ran into is repeated before it is believed")
  func disturbed() {
    var sync = Self.following()
    for round in 0..<CatalogSync.mostSpoilt {
      let deadline = sync.deadline ?? Self.at(0)
      #expect(sync.tick(now: deadline) == [.askDigest], "round \(round)")
      sync.noticed()
      #expect(sync.compared([9], now: deadline).isEmpty)
    }
    let deadline = sync.deadline ?? Self.at(0)
    #expect(sync.tick(now: deadline) == [.askDigest])
    sync.noticed()
    #expect(sync.compared([9], now: deadline) == [.queryBuckets([9])])
  }

  @Test("A gap brings the next comparison near; with a foreign platform a full query")
  func gaps() {
    var sync = Self.following()
    _ = sync.tick(now: Self.at(6))
    _ = sync.compared([], now: Self.at(7))
    sync.gap(now: Self.at(20))
    #expect(sync.deadline == Self.at(25) && sync.tick(now: Self.at(25)) == [.askDigest])
    var foreign = CatalogSync()
    _ = foreign.cameUp(knowsDigests: false, now: Self.at(0))
    _ = foreign.fetched(isComplete: true, now: Self.at(1))
    #expect(foreign.deadline == Self.at(1_801))
    #expect(foreign.subscriptionLost(now: Self.at(100)) == [.subscribe])
    #expect(foreign.tick(now: Self.at(130)) == [.query])
  }

  @Test("What is not answered is asked again, later and later, and a new registration begins anew")
  func failures() {
    var sync = CatalogSync()
    _ = sync.cameUp(knowsDigests: true, now: Self.at(0))
    var waits: [Duration] = []
    var now = Self.at(0)
    for _ in 0..<8 {
      _ = sync.fetched(isComplete: false, now: now)
      let deadline = sync.deadline ?? now
      waits.append(deadline - now)
      now = deadline
      #expect(sync.tick(now: now) == [.query])
    }
    #expect(waits.prefix(3) == [.seconds(10), .seconds(20), .seconds(40)] && waits.last == .seconds(300))
    sync.wentDown()
    #expect(sync.deadline == nil && sync.phase == .unknown)
    // Answers to what was asked before are nobody's any more.
    #expect(sync.fetched(isComplete: true, now: now).isEmpty && sync.phase == .unknown)
    #expect(sync.cameUp(knowsDigests: true, now: now) == [.subscribe, .query])
  }

  // MARK: Digests

  @Test("A digest survives its text, and text that is none is refused")
  func text() throws {
    var maker = RandomNetwork(seed: 4)
    maker.grow()
    let digest = maker.network.keeper().view.digest(edition: .v2022)
    #expect(CatalogDigest(digest.text) == digest && digest.count > 1)
    for wrong in ["", "5", "5:", "-1:\(digest.text)", digest.text + "0", digest.text.uppercased() + "G"] {
      #expect(CatalogDigest(wrong) == nil)
    }
  }

  @Test("Any single difference is found in its bucket, in whatever order items came")
  func finds() throws {
    for seed in 0..<50 as Range<UInt64> {
      var maker = RandomNetwork(seed: 100 + seed)
      maker.grow()
      let view = maker.network.keeper().view
      var digest = CatalogDigest()
      for item in view.items.shuffled(using: &maker.random) {
        digest.add(ItemFingerprint(item, edition: .v2022))
      }
      #expect(digest == view.digest(edition: .v2022))
      let victim = try #require(view.items.randomElement(using: &maker.random))
      digest.remove(ItemFingerprint(victim, edition: .v2022))
      #expect(digest.differences(from: view.digest(edition: .v2022)) == [CatalogDigest.bucket(of: victim.id)])
      var changed = victim
      changed.name += "x"
      digest.add(ItemFingerprint(changed, edition: .v2022))
      #expect(digest.differences(from: view.digest(edition: .v2022)) == [CatalogDigest.bucket(of: victim.id)])
    }
  }
}
