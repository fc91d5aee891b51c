import GBCore
import MediaTime
import Registry
import SIPCore

/// The devices of a ``PresenceSoak`` and the registrar that they talk to, second by second.
struct PresenceCity {
  private enum Event { case heartbeat, refresh, wake }

  private struct Entry {
    let device: Int32
    let event: Event
    /// Events of before a restart are stale.
    let life: Int32
  }

  private struct Device {
    let id: DeviceID
    var port: Int
    var life: Int32 = 0
    var lostLast = false
    var isRegistered = false
    /// When it was last heard.
    var heard = MonotonicTime(nanoseconds: 0)
    /// Away for longer than the rule allows: it must be called offline.
    var isOutage = false
    var isCalledOffline = false
  }

  /// Seconds that the wheel of events spans: more than any event lies ahead.
  private static let span = 1 << 17

  private let soak: PresenceSoak
  private var random: SoakRandom
  private var registrar: Registrar
  private var devices: [Device]
  private let positions: [DeviceID: Int]
  private var wheel: [[Entry]]
  private var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
  private var clock = WallTime(seconds: 1_767_225_600)
  private var passed = 0
  private var downUntil = 0
  /// Devices that are away for longer than the rule allows.
  private var silent: Set<Int> = []
  private let rule: LivenessRule
  var outcome = PresenceSoak.Outcome()

  init(_ soak: PresenceSoak) {
    self.soak = soak
    random = SoakRandom(seed: soak.seed)
    rule = LivenessRule(interval: .seconds(soak.allowedInterval ?? soak.interval))
    registrar = PresenceRegister.registrar(rule: rule, now: now)
    devices = (0..<soak.devices).map {
      Device(id: SoakIdentity.channel($0).device, port: 20_000 + $0 % 40_000)
    }
    positions = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.id, $0) })
    wheel = Array(repeating: [], count: Self.span)
    // All register within the first minute.
    for index in devices.indices { put(index, .wake, after: 1 + index % 60) }
  }

  /// One second of all devices.
  mutating func second() {
    passed += 1
    now = now + .seconds(1)
    clock = clock + .seconds(1)
    restartServerWhenDue()
    let due = wheel[passed % Self.span]
    wheel[passed % Self.span] = []
    for entry in due { happen(entry) }
    guard passed >= downUntil else { return }
    for event in registrar.tick(now: now) { note(event) }
    if passed % 60 == 0 { checkSilence() }
  }

  private mutating func put(_ index: Int, _ event: Event, after seconds: Int) {
    let entry = Entry(device: Int32(index), event: event, life: devices[index].life)
    wheel[(passed + max(seconds, 1)) % Self.span].append(entry)
  }

  private mutating func happen(_ entry: Entry) {
    let index = Int(entry.device)
    guard entry.life == devices[index].life else { return }
    switch entry.event {
    case .heartbeat: heartbeat(index)
    case .refresh: register(index)
    case .wake:
      devices[index].isOutage = false
      silent.remove(index)
      (devices[index].isCalledOffline, devices[index].isRegistered) = (false, false)
      register(index)
      put(index, .heartbeat, after: Int.random(in: 1...soak.interval, using: &random))
    }
  }

  // MARK: Devices

  private mutating func heartbeat(_ index: Int) {
    if random.chance(0.000_2) { return leave(index) }
    // A heartbeat is up to a tenth early or late.
    let jitter = Int.random(in: -soak.interval / 10...soak.interval / 10, using: &random)
    put(index, .heartbeat, after: soak.interval + jitter)
    guard passed >= downUntil else { return }
    if !devices[index].lostLast, random.chance(0.01) {
      devices[index].lostLast = true
      outcome.lostHeartbeats += 1
      return
    }
    devices[index].lostLast = false
    if random.chance(0.001) {
      devices[index].port = 20_000 + Int.random(in: 0..<40_000, using: &random)
      outcome.rebindings += 1
    }
    outcome.heartbeats += 1
    switch registrar.hear(devices[index].id, from: source(index), isKeepalive: true, now: now) {
    case .accepted: devices[index].heard = now
    case .acceptedWith(let event):
      devices[index].heard = now
      note(event)
    case .refused where devices[index].isRegistered: violation(index, "a heartbeat was refused")
    case .refused: register(index)
    }
  }

  /// Without a word: most are back soon, some stay away for longer than the rule allows.
  private mutating func leave(_ index: Int) {
    devices[index].life += 1
    // The heartbeat that is missing now, and one that may have been lost before it, count as silence, too.
    let tolerated = Int(rule.offlineAfter.components.seconds) - 2 * (soak.interval + soak.interval / 10) - 2
    if tolerated > 1, random.chance(0.5) {
      outcome.deviceRestarts += 1
      return put(index, .wake, after: Int.random(in: 1..<tolerated, using: &random))
    }
    outcome.outages += 1
    devices[index].isOutage = true
    silent.insert(index)
    let least = Int(rule.offlineAfter.components.seconds) + 120 + soak.serverRestartTakes
    put(index, .wake, after: Int.random(in: least...least * 8, using: &random))
  }

  private mutating func register(_ index: Int) {
    // Nobody answers while the server restarts: again a minute later, at a random moment.
    guard passed >= downUntil else {
      return put(index, .refresh, after: Int.random(in: 30...60, using: &random))
    }
    let outcomes = PresenceRegister.register(
      devices[index].id, expires: soak.expires, from: source(index), at: &registrar, now: now, clock: clock,
      random: &random)
    guard outcomes.isAccepted else { return violation(index, "a registration was refused") }
    outcome.registrations += 1
    devices[index].heard = now
    devices[index].isRegistered = true
    for event in outcomes.events { note(event) }
    put(index, .refresh, after: soak.expires * 2 / 3)
  }

  private func source(_ index: Int) -> SIPSource {
    SIPSource(
      transport: .udp, remote: SIPHostPort(host: "10.0.0.7", port: devices[index].port),
      local: SIPHostPort(host: "10.0.0.1", port: 5_060))
  }

  // MARK: The server

  private mutating func restartServerWhenDue() {
    if passed % soak.serverRestartEvery == 0 {
      outcome.serverRestarts += 1
      downUntil = passed + soak.serverRestartTakes
    } else if passed == downUntil {
      // What was written behind is read again: every registration, and who is heard from where.
      let known = devices.compactMap { registrar.registration(of: $0.id) }
      registrar = PresenceRegister.registrar(rule: rule, now: now)
      for registration in known { registrar.restore(registration, now: now, clock: clock) }
      // Silence is counted anew after a restart.
      for index in devices.indices { devices[index].heard = max(devices[index].heard, now) }
    }
  }

  private mutating func note(_ event: RegistrarEvent) {
    guard case .changed(let change) = event, let index = positions[change.device] else { return }
    switch change.state {
    case .online: break
    case .suspect: outcome.doubts += 1
    case .offline:
      guard devices[index].isOutage else {
        return violation(index, "called offline (\(change.cause.rawValue)) while it lived")
      }
      // A restart of the server doubts everybody, and so may call the same outage a second time.
      if !devices[index].isCalledOffline { outcome.detectedOutages += 1 }
      devices[index].isCalledOffline = true
      let silent = now - devices[index].heard
      if silent < rule.offlineAfter { violation(index, "called offline after \(silent) of silence") }
    }
  }

  /// Silence beyond the rule must have been noticed within two seconds.
  private mutating func checkSilence() {
    for index in silent where !devices[index].isCalledOffline {
      if now - devices[index].heard > rule.offlineAfter + .seconds(2) {
        violation(index, "silent, and nobody noticed")
      }
    }
  }

  private mutating func violation(_ index: Int, _ sentence: String) {
    guard outcome.violations.count < 100 else { return }
    outcome.violations.append("device \(index), second \(passed): \(sentence)")
  }
}
