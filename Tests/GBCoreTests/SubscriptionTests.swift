import MediaTime
import Testing

@testable import GBCore

@Suite struct SubscriptionTests {
  private var machine = Subscription(.alarm)
  private let start = MonotonicTime(nanoseconds: 1_000_000_000)

  private func at(_ seconds: Int) -> MonotonicTime { start + .seconds(seconds) }

  private mutating func activate(expires: Int? = 3_600) -> Int {
    _ = machine.setWanted(true, now: start)
    guard case .ask(let attempt, _) = machine.present(now: start) else { return -1 }
    _ = machine.answered(attempt, .granted(expires: expires), now: start)
    return attempt
  }

  @Test("It asks when it is wanted and the device is there, in either order")
  mutating func asks() {
    #expect(machine.setWanted(true, now: start) == .nothing && machine.state == .asleep)
    #expect(machine.present(now: start) == .ask(attempt: 1, expires: 3_600))
    var other = Subscription(.catalog)
    #expect(other.present(now: start) == .nothing && other.state == .off)
    #expect(other.setWanted(true, now: start) == .ask(attempt: 1, expires: 600))
  }

  @Test("It refreshes in the dialog at two thirds of what was granted, not of what was asked for")
  mutating func refreshes() {
    _ = activate(expires: 90)
    #expect(machine.state == .active && machine.deadline == at(60) && machine.ends == at(90))
    #expect(machine.tick(now: at(59)) == .nothing)
    #expect(machine.tick(now: at(60)) == .refresh(attempt: 2, expires: 3_600))
    #expect(machine.isOpen && machine.answered(2, .granted(expires: 300), now: at(60)) == .nothing)
    #expect(machine.deadline == at(260))
  }

  @Test("A grant without seconds, of nonsense or of none is handled")
  mutating func grants() {
    _ = activate(expires: nil)
    #expect(machine.ends == at(3_600))
    var brief = Subscription(.alarm)
    _ = brief.setWanted(true, now: start)
    _ = brief.present(now: start)
    _ = brief.answered(1, .granted(expires: 1), now: start)
    #expect(brief.ends == at(10))
    var none = Subscription(.alarm)
    _ = none.setWanted(true, now: start)
    _ = none.present(now: start)
    _ = none.answered(1, .granted(expires: 0), now: start)
    #expect(none.state == .pausing && none.deadline == at(30))
  }

  @Test("481 to a refresh opens a new dialog at once; silence tries again before the end, then anew")
  mutating func refusedRefresh() {
    _ = activate()
    _ = machine.tick(now: at(2_400))
    #expect(
      machine.answered(2, .refused(status: 481, minimum: nil), now: at(2_401))
        == .ask(attempt: 3, expires: 3_600))
    _ = machine.answered(3, .granted(expires: 90), now: at(2_401))
    _ = machine.tick(now: at(2_461))
    #expect(machine.answered(4, .silence, now: at(2_461)) == .nothing)
    #expect(machine.state == .pausing, "30 s more would be past the end")
    var long = Subscription(.catalog)
    _ = long.setWanted(true, now: start)
    _ = long.present(now: start)
    _ = long.answered(1, .granted(expires: 600), now: start)
    #expect(long.tick(now: at(400)) == .refresh(attempt: 2, expires: 600))
    _ = long.answered(2, .silence, now: at(410))
    #expect(long.state == .active && long.deadline == at(440))
    #expect(long.tick(now: at(440)) == .refresh(attempt: 3, expires: 600))
  }

  @Test("What the device does not know is asked again after half an hour, what it cannot do now sooner")
  mutating func pauses() {
    _ = machine.setWanted(true, now: start)
    _ = machine.present(now: start)
    _ = machine.answered(1, .refused(status: 489, minimum: nil), now: start)
    #expect(machine.state == .pausing && machine.deadline == at(1_800) && machine.lastRefusal == 489)
    #expect(machine.tick(now: at(1_800)) == .ask(attempt: 3, expires: 3_600))
    _ = machine.answered(3, .silence, now: at(1_800))
    #expect(machine.deadline == at(1_860) && machine.lastRefusal == 0)
    // Registering again is a new beginning.
    #expect(machine.present(now: at(1_801)) == .ask(attempt: 5, expires: 3_600))
    #expect(
      machine.answered(5, .refused(status: 423, minimum: 7_200), now: at(1_801))
        == .ask(attempt: 6, expires: 7_200))
    #expect(machine.answered(5, .granted(expires: 60), now: at(1_802)) == .nothing, "a late answer")
    #expect(machine.state == .asking)
  }

  @Test(
    "A notification may come before the answer, and an end that the device announces leads to a new dialog")
  mutating func notified() {
    _ = machine.setWanted(true, now: start)
    _ = machine.present(now: start)
    #expect(machine.isOpen)
    machine.notified(.active(expires: nil), isCurrent: true, now: start)
    #expect(machine.state == .asking)
    _ = machine.answered(1, .granted(expires: 600), now: start)
    machine.notified(NotifiedState("terminated;reason=timeout"), isCurrent: false, now: at(5))
    #expect(machine.state == .active, "the end of another dialog")
    machine.notified(NotifiedState(" Terminated ; reason=deactivated"), isCurrent: true, now: at(5))
    #expect(machine.state == .pausing && machine.deadline == at(8))
    #expect(machine.tick(now: at(8)) == .ask(attempt: 3, expires: 3_600))
    _ = machine.answered(3, .granted(expires: 600), now: at(8))
    machine.notified(NotifiedState("terminated;reason=rejected"), isCurrent: true, now: at(9))
    #expect(machine.deadline == at(1_809))
    #expect(
      NotifiedState(nil) == .active(expires: nil) && NotifiedState("active;expires=7") == .active(expires: 7))
    #expect(NotifiedState("terminated;reason=probation;retry-after=40").text.contains("retry-after=40"))
  }

  @Test("It is cancelled once when it is not wanted any more; a device that is gone ends everything")
  mutating func ends() {
    let attempt = activate()
    #expect(machine.setWanted(false, now: at(1)) == .cancel && machine.state == .off)
    #expect(machine.setWanted(false, now: at(2)) == .nothing)
    #expect(machine.answered(attempt, .silence, now: at(3)) == .nothing && machine.state == .off)
    #expect(machine.setWanted(true, now: at(4)) == .ask(attempt: 3, expires: 3_600))
    machine.gone()
    #expect(machine.state == .asleep && machine.deadline == nil && machine.ends == nil)
    #expect(machine.setWanted(false, now: at(5)) == .nothing && machine.state == .off)
  }

  @Test("A second registration of a device that is there means that it has forgotten everything")
  mutating func restarted() {
    _ = activate()
    #expect(machine.present(now: at(100)) == .ask(attempt: 2, expires: 3_600))
    #expect(machine.ends == nil && machine.state == .asking)
  }
}

@Suite struct NotifierTests {
  private typealias Cameras = Notifier<Int, String>
  private let start = MonotonicTime(nanoseconds: 1_000_000_000)
  private func at(_ seconds: Int) -> MonotonicTime { start + .seconds(seconds) }

  private func granted(
    _ rhythm: Cameras.Rhythm = .atOnce, initial: [(Int, String)] = [], items: Int = 100
  ) -> Cameras {
    var notifier = Cameras(rhythm: rhythm, mostItems: items)
    _ = notifier.subscribe(
      callID: "a", isInDialog: false, event: "Catalog;id=7", expires: 600, now: start, initial: initial)
    return notifier
  }

  private func taken<Key, Value>(
    _ notifier: inout Notifier<Key, Value>, _ now: MonotonicTime
  ) throws -> Notifier<Key, Value>.Notification {
    let notification = notifier.take(now: now)
    return try #require(notification)
  }

  @Test("The first notification goes out at once with what is not as assumed, and echoes the event exactly")
  func first() throws {
    var notifier = granted(.gathered(count: 100, longest: .seconds(60)), initial: [(1, "OFF"), (2, "VLOST")])
    let first = try taken(&notifier, start)
    #expect(first.event == "Catalog;id=7" && first.callID == "a" && first.state == .active(expires: 600))
    #expect(first.changes.map(\.key) == [1, 2])
    #expect(notifier.take(now: start) == nil, "one at a time")
    notifier.delivered(first.number, .accepted, now: start)
    #expect(notifier.take(now: start) == nil)
    var empty = granted()
    let nothing = empty.take(now: start)
    #expect(nothing?.changes.isEmpty == true)
  }

  @Test("2016 reports at once, 2022 after a hundred changes or a minute")
  func rhythms() throws {
    #expect(Cameras.Rhythm(catalogOf: .v2016) == .atOnce)
    #expect(Cameras.Rhythm(catalogOf: .v2022) == .gathered(count: 100, longest: .seconds(60)))
    var slow = granted(.gathered(count: 3, longest: .seconds(60)))
    slow.delivered(try taken(&slow, start).number, .accepted, now: start)
    slow.changed(1, "OFF", now: at(10))
    #expect(slow.take(now: at(69)) == nil && slow.deadline(now: at(20)) == at(70))
    let late = try taken(&slow, at(70))
    #expect(late.changes.map(\.value) == ["OFF"])
    slow.delivered(late.number, .accepted, now: at(70))
    for key in 1...3 { slow.changed(key, "DEFECT", now: at(80)) }
    let full = slow.take(now: at(80))
    #expect(full?.changes.count == 3)
    var quick = granted()
    quick.delivered(try taken(&quick, start).number, .accepted, now: start)
    quick.changed(1, "OFF", now: at(1))
    #expect(quick.take(now: at(1))?.changes.count == 1)
  }

  @Test("Of a camera that flaps only the last state is told, and none when it is back where it was")
  func flapping() throws {
    var notifier = granted(.gathered(count: 100, longest: .seconds(60)), initial: [(1, "OFF")])
    notifier.delivered(try taken(&notifier, start).number, .accepted, now: start)
    for state in ["ON", "OFF", "ON"] { notifier.changed(1, state, now: at(1)) }
    for state in ["ON", "OFF"] { notifier.changed(1, state, now: at(2)) }
    #expect(notifier.count == 0 && notifier.take(now: at(100)) == nil)
    for state in ["VLOST", "ON"] { notifier.changed(1, state, now: at(101)) }
    #expect(notifier.take(now: at(161))?.changes == [Cameras.Change(key: 1, value: "ON")])
  }

  @Test("What was lost is told again, but never an older state over a newer one")
  func losses() throws {
    var notifier = granted()
    notifier.delivered(try taken(&notifier, start).number, .accepted, now: start)
    notifier.changed(1, "OFF", now: start)
    notifier.changed(2, "OFF", now: start)
    let lost = try taken(&notifier, start)
    notifier.changed(1, "ON", now: at(1))
    notifier.delivered(lost.number, .silence, now: at(10))
    let again = try taken(&notifier, at(10))
    #expect(Set(again.changes) == [.init(key: 1, value: "ON"), .init(key: 2, value: "OFF")])
    notifier.delivered(lost.number, .accepted, now: at(11))
    #expect(notifier.take(now: at(11)) == nil, "an answer to an old one does not free the way")
  }

  @Test("Three losses suspend, a refresh goes on; 481 ends it, other refusals are not repeated")
  func suspension() throws {
    var notifier = granted()
    notifier.changed(1, "OFF", now: start)
    for second in 0..<3 {
      let lost = try taken(&notifier, at(second))
      notifier.delivered(lost.number, .silence, now: at(second))
    }
    #expect(notifier.isSuspended && notifier.isGranted && notifier.take(now: at(5)) == nil)
    #expect(
      notifier.subscribe(callID: "a", isInDialog: true, event: "Catalog;id=8", expires: nil, now: at(6))
        == .granted(expires: 600))
    let next = try taken(&notifier, at(6))
    #expect(next.event == "Catalog;id=8" && next.changes.count == 1)
    notifier.delivered(next.number, .refused(status: 488), now: at(6))
    #expect(notifier.isGranted && notifier.count == 0)
    notifier.changed(2, "OFF", now: at(7))
    notifier.delivered(try taken(&notifier, at(7)).number, .refused(status: 481), now: at(7))
    #expect(!notifier.isGranted)
  }

  @Test("A second SUBSCRIBE replaces the first; a foreign dialog is not known; too short is refused")
  func replaced() throws {
    var notifier = granted(initial: [(1, "OFF")])
    let old = try taken(&notifier, start)
    #expect(
      notifier.subscribe(callID: "x", isInDialog: true, event: "e", expires: 60, now: at(1)) == .unknown)
    #expect(
      notifier.subscribe(callID: "b", isInDialog: false, event: "e", expires: 5, now: at(1))
        == .tooBrief(minimum: 30))
    #expect(
      notifier.subscribe(
        callID: "b", isInDialog: false, event: "e", expires: 60, now: at(1), initial: [(2, "OFF")])
        == .granted(expires: 60))
    notifier.delivered(old.number, .silence, now: at(2))
    let new = try taken(&notifier, at(2))
    #expect(new.callID == "b" && new.changes.map(\.key) == [2])
  }

  @Test("Expiry and Expires 0 end it with a last notification")
  func endings() throws {
    var expired = granted()
    expired.delivered(try taken(&expired, start).number, .accepted, now: start)
    #expect(expired.deadline(now: at(1)) == at(600))
    #expect(expired.take(now: at(600))?.state == .terminated(reason: "timeout", retryAfter: nil))
    #expect(!expired.isGranted && expired.take(now: at(601)) == nil)
    var ended = granted()
    #expect(ended.subscribe(callID: "a", isInDialog: true, event: "e", expires: 0, now: at(1)) == .ended)
    #expect(ended.take(now: at(1))?.state == .terminated(reason: "timeout", retryAfter: nil))
    ended.changed(1, "OFF", now: at(2))
    #expect(ended.take(now: at(2)) == nil)
    #expect(ended.subscribe(callID: "a", isInDialog: true, event: "e", expires: 60, now: at(3)) == .unknown)
  }

  @Test("Events that only happen are all told, however alike they are")
  func happenings() throws {
    var notifier = Notifier<Int, String>(remembers: false)
    _ = notifier.subscribe(callID: "a", isInDialog: false, event: "presence", expires: 60, now: start)
    notifier.delivered(try taken(&notifier, start).number, .accepted, now: start)
    for number in 1...3 {
      notifier.changed(number, "motion", now: start)
      let told = try taken(&notifier, start)
      #expect(told.changes.map(\.key) == [number])
      notifier.delivered(told.number, .accepted, now: start)
    }
  }
}
