import MediaTime
import TestSupport
import Testing

@testable import GBCore

/// Both machines with a bad network between them: whatever happens, in the end both sides see the same.
@Suite struct SubscriptionPairTests {
  @Test(
    "Any sequence of changes, losses and restarts of either side ends with equal views", arguments: 0..<40)
  func converges(seed: UInt64) {
    var world = World(seed: seed)
    for _ in 0..<400 { world.step() }
    world.settle()
    #expect(world.view == world.truth, "seed \(seed)")
    #expect(world.subscriber.state == .active && world.notifier.isGranted)
    #expect(world.mostAtOnce == 1, "notifications overlap")
  }

  /// A subscriber that takes everything to be on when it is granted, and a device with cameras.
  private struct World {
    private typealias Cameras = Notifier<Int, CatalogStatus>

    var subscriber = Subscription(.catalog, expires: 60)
    var notifier: Notifier<Int, CatalogStatus>
    var truth: [Int: CatalogStatus]
    var view: [Int: CatalogStatus] = [:]
    var mostAtOnce = 0
    private var random: SeededRandom
    private var now = MonotonicTime(nanoseconds: 1_000_000_000)
    private var dialogs = 0
    private var callID = ""
    /// What notifications of the present dialog said before its grant arrived.
    private var early: [Int: CatalogStatus] = [:]
    private var isBad = true
    private let edition: GBVersion

    init(seed: UInt64) {
      random = SeededRandom(seed: seed)
      edition = seed.isMultiple(of: 2) ? .v2016 : .v2022
      notifier = Notifier(rhythm: .init(catalogOf: edition), mostItems: 3)
      truth = Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, .on) })
      perform(subscriber.setWanted(true, now: now))
      perform(subscriber.present(now: now))
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
    private mutating func isLost() -> Bool { isBad && chance(0.3) }

    mutating func step() {
      now = now + .milliseconds(Int.random(in: 0...8_000, using: &random))
      if chance(0.5) { change() }
      if chance(0.02) { deviceRestarts() }
      if chance(0.02) { subscriberRestarts() }
      if chance(0.02) { subscriber.gone() }
      if subscriber.state == .asleep { perform(subscriber.present(now: now)) }
      perform(subscriber.tick(now: now))
      deliver()
    }

    /// The network is mended, nothing changes any more: both sides have an hour.
    mutating func settle() {
      isBad = false
      for _ in 0..<4_000 {
        now = now + .seconds(1)
        if subscriber.state == .asleep { perform(subscriber.present(now: now)) }
        perform(subscriber.tick(now: now))
        deliver()
      }
    }

    private mutating func change() {
      let camera = Int.random(in: 0..<8, using: &random)
      let status = CatalogStatus.allCases.randomElement(using: &random) ?? .on
      truth[camera] = status
      notifier.changed(camera, status, now: now)
    }

    private mutating func deviceRestarts() {
      notifier = Notifier(rhythm: .init(catalogOf: edition), mostItems: 3)
      // It registers anew, which the subscriber learns.
      perform(subscriber.present(now: now))
    }

    private mutating func subscriberRestarts() {
      subscriber = Subscription(.catalog, expires: 60)
      (view, early) = ([:], [:])
      perform(subscriber.setWanted(true, now: now))
      perform(subscriber.present(now: now))
    }

    private mutating func perform(_ action: Subscription.Action) {
      switch action {
      case .nothing: return
      case .cancel: return
      case .ask(let attempt, let expires):
        dialogs += 1
        callID = "d\(dialogs)"
        early = [:]
        send(attempt, expires, isInDialog: false)
      case .refresh(let attempt, let expires): send(attempt, expires, isInDialog: true)
      }
    }

    private mutating func send(_ attempt: Int, _ expires: Int, isInDialog: Bool) {
      guard !isLost() else { return answer(attempt, .silence, isInDialog) }
      let abnormal = truth.filter { $0.value != .on }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      let verdict = notifier.subscribe(
        callID: callID, isInDialog: isInDialog, event: "Catalog", expires: expires, now: now,
        initial: abnormal)
      // A notification may overtake the answer.
      if chance(0.3) { deliver() }
      guard !isLost() else { return answer(attempt, .silence, isInDialog) }
      switch verdict {
      case .granted(let expires): answer(attempt, .granted(expires: expires), isInDialog)
      case .unknown: answer(attempt, .refused(status: 481, minimum: nil), isInDialog)
      case .tooBrief(let minimum): answer(attempt, .refused(status: 423, minimum: minimum), isInDialog)
      case .ended: answer(attempt, .silence, isInDialog)
      }
    }

    private mutating func answer(_ attempt: Int, _ answer: Subscription.Answer, _ isInDialog: Bool) {
      // The rule of §5.3: with the grant of a new dialog everything is on, but for what was said in it already.
      if !isInDialog, case .granted = answer {
        view = truth.mapValues { _ in .on }.merging(early) { $1 }
      }
      perform(subscriber.answered(attempt, answer, now: now))
    }

    private mutating func deliver() {
      var underWay = 0
      while let notification = notifier.take(now: now) {
        underWay += 1
        mostAtOnce = max(mostAtOnce, underWay)
        let isEnd = if case .terminated = notification.state { true } else { false }
        var outcome = Notifier<Int, CatalogStatus>.Outcome.silence
        if !isLost() { outcome = receive(notification) }
        if outcome == .accepted, isLost() { outcome = .silence }
        if !isEnd { notifier.delivered(notification.number, outcome, now: now) }
        underWay -= 1
        if outcome == .silence { break }
      }
    }

    private mutating func receive(
      _ notification: Notifier<Int, CatalogStatus>.Notification
    ) -> Notifier<Int, CatalogStatus>.Outcome {
      guard subscriber.isOpen, notification.callID == callID else { return .refused(status: 481) }
      for change in notification.changes {
        view[change.key] = change.value
        early[change.key] = change.value
      }
      subscriber.notified(notification.state, isCurrent: true, now: now)
      return .accepted
    }
  }
}
