import GBCore
import MediaTime
import NIOCore
import SIPCore

/// What a device does wrong, and when.
extension SimulatedDevice {
  /// Time since the fleet began.
  var elapsed: Duration { .nanoseconds((NIODeadline.now() - begun).nanoseconds) }

  /// What it does wrong at this occasion: a habit of its brand, or the first planned fault of that kind whose time
  /// it is and whom chance picks. Ask once for each occasion.
  func fault(_ kind: FaultKind) -> PlannedFault? {
    if peer.dialect.habits.contains(kind) { return PlannedFault(kind) }
    guard !peer.faults.isEmpty else { return nil }
    let time = elapsed
    for fault in peer.faults[kind] where fault.isActive(at: time) && picks(fault) { return fault }
    return nil
  }

  private func picks(_ fault: PlannedFault) -> Bool {
    let isPicked = dice.with(.fault(fault.kind)) { $0.chance(fault.probability) }
    fleet.decisions?.record(peer.id, fault.kind.rawValue, isPicked ? "yes" : "no")
    return isPicked
  }

  /// Random text for tags, branches and Call-IDs.
  func token() -> String { dice.with(.token) { String($0.next(), radix: 36) } }

  /// A random length of time between two numbers of seconds.
  func moment(_ seconds: ClosedRange<Double>) -> TimeAmount {
    let share = dice.with(.moment) { $0.share() }
    let chosen = seconds.lowerBound + share * (seconds.upperBound - seconds.lowerBound)
    return .milliseconds(Int64(chosen * 1_000))
  }

  // MARK: Events

  /// The fleet begins: plans what happens at moments, and switches the device on.
  func start() {
    for fault in peer.faults.faults where fault.kind.isEvent { plan(fault, at: fault.from) }
    plug()
  }

  /// The fleet ends.
  func stop() {
    for timer in eventTimers { timer.cancel() }
    eventTimers = []
    unplug()
  }

  /// Goes down without a word and comes up again; `completion` once it is registered.
  func restart(_ completion: @escaping () -> Void = {}) {
    // What was just received is answered first.
    eventTimers.append(
      schedule(.milliseconds(200)) { [self] in
        guard isRunning else { return }
        unplug()
        eventTimers.append(
          schedule(.milliseconds(300)) { [self] in
            afterRegistration = completion
            plug()
          })
      })
  }

  private func plan(_ fault: PlannedFault, at time: Duration) {
    guard fault.until.map({ time < $0 }) ?? true else { return }
    let delay = TimeAmount(max(time - elapsed, .zero))
    let timer = schedule(delay) { [self] in
      if picks(fault) { happen(fault) }
      if let every = fault.every { plan(fault, at: time + every) }
    }
    // Timers that have fired stay in the list until the fleet ends, but for one per fault.
    if eventTimers.count > 64 { eventTimers.removeFirst(32) }
    eventTimers.append(timer)
  }

  private func happen(_ fault: PlannedFault) {
    switch fault.kind {
    case .natRebinding: changePort()
    case .powerCut:
      guard isRunning else { return }
      unplug()
      eventTimers.append(schedule(TimeAmount(max(fault.duration, .milliseconds(1)))) { [self] in plug() })
    default: break
    }
  }

  // MARK: The clock

  /// What the device believes the time to be.
  var time: WallTime { clock.time(at: elapsed, truth: LiveSceneEncoder.now()) }

  /// The time that the platform tells with the answer to REGISTER (§2.4).
  func heardDate(_ response: SIPResponse) {
    guard let date = response.headers[.date].flatMap({ GBTime.parse($0) }), fault(.dateIgnored) == nil
    else { return }
    clock.set(to: date, at: elapsed, truth: LiveSceneEncoder.now())
  }
}

/// A clock that may be wrong and run wrong.
struct DeviceClock: Sendable {
  /// What it is off by at ``setAt``.
  private var error: Duration
  private var setAt: Duration = .zero
  /// What it gains in an hour.
  private let drift: Duration
  /// The year that it shows whatever it is told.
  private let year: Int?

  init(_ faults: FaultPlan) {
    error = faults[.clockOffset].first?.duration ?? .zero
    drift = faults[.clockDrift].first?.duration ?? .zero
    year = faults[.wrongYear].first?.number
  }

  mutating func set(to date: WallTime, at elapsed: Duration, truth: WallTime) {
    (error, setAt) = (date - truth, elapsed)
  }

  func time(at elapsed: Duration, truth: WallTime) -> WallTime {
    let hours = (elapsed - setAt) / .seconds(3_600)
    let moment = truth + error + drift * hours
    guard let year else { return moment }
    var civil = CivilTime(moment, offset: CivilTime.beijing)
    // The 29th of February exists in few years.
    (civil.year, civil.day) = (year, min(civil.day, civil.month == 2 ? 28 : 31))
    return civil.wallTime(offset: CivilTime.beijing)
  }
}

extension DigestCredentials {
  /// Credentials as some devices write them (§14.2 row 3); they are still right, taken literally.
  mutating func respell(password: String) {
    algorithmText = algorithm.rawValue.lowercased()
    if nc != nil { nc = "1" }
    let secret = Digest.secret(
      username: username, realm: realm, password: password, algorithm: algorithm,
      hash: MessageDigest.function)
    response = Digest.response(self, secret: secret, method: .register, hash: MessageDigest.function)
  }
}
