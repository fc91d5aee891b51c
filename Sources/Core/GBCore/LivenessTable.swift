public import MediaTime

/// The liveness of all devices: O(1) and without allocation per heartbeat.
///
/// A heartbeat only writes a time. Each device sits in one second of a wheel,
/// the second in which its state could next change; when that second comes it is
/// judged anew and put where it belongs. A device heard every minute is therefore
/// looked at about once a minute, whatever it sends in between.
public struct LivenessTable: Sendable {
  private struct Slot: Sendable {
    let device: DeviceID
    var record: LivenessRecord
    var state: LivenessState
    var since: MonotonicTime
    /// The second at which the wheel looks at it; 0 when it does not.
    var second: Int64
  }

  /// Seconds that the wheel spans; devices due later are looked at when it comes around, and put back.
  private static let span: Int64 = 512

  private var index: [DeviceID: Int] = [:]
  private var slots: [Slot?] = []
  private var free: [Int] = []
  private var wheel: [[Int32]]
  /// The last second that was worked off.
  private var second: Int64

  /// - Parameter now: where the wheel starts.
  public init(now: MonotonicTime) {
    wheel = Array(repeating: [], count: Int(Self.span))
    second = Self.second(now)
  }

  /// Devices known.
  public var count: Int { index.count }

  public func state(of device: DeviceID) -> LivenessState? { slot(device)?.state }
  /// Since when the state of `device` holds.
  public func since(of device: DeviceID) -> MonotonicTime? { slot(device)?.since }
  public func record(of device: DeviceID) -> LivenessRecord? { slot(device)?.record }

  /// What became of a sign of life.
  public enum Touch: Sendable, Hashable {
    /// Nothing changed, which is what nearly always happens.
    case alive
    case changed(LivenessChange)
    /// It has no valid registration: answer 403 so that it registers (§2.7).
    case unregistered
  }

  /// A heartbeat, or another request of a device.
  /// - Parameter isKeepalive: others count only where the device's rule says so.
  public mutating func touch(_ device: DeviceID, isKeepalive: Bool = true, now: MonotonicTime) -> Touch {
    guard let position = index[device], let until = slots[position]?.record.registeredUntil,
      now < until + LivenessRecord.expiryGrace
    else { return .unregistered }
    guard isKeepalive || slots[position]?.record.rule.anyRequestCounts == true else { return .alive }
    slots[position]?.record.lastSeen = now
    guard slots[position]?.state != .online else { return .alive }
    guard let change = settle(position, now: now, cause: .heard) else { return .alive }
    return .changed(change)
  }

  /// A successful REGISTER, first or refresh.
  public mutating func register(
    _ device: DeviceID, rule: LivenessRule, until: MonotonicTime, now: MonotonicTime
  ) -> LivenessChange? {
    let position = position(of: device, now: now)
    slots[position]?.record = LivenessRecord(rule: rule, registeredUntil: until, lastSeen: now)
    return settle(position, now: now, cause: .registered)
  }

  /// Takes up a registration that outlived a restart of ours. Suspect until the device is heard.
  public mutating func restore(
    _ device: DeviceID, rule: LivenessRule, until: MonotonicTime, now: MonotonicTime
  ) {
    guard until > now else { return }
    let position = position(of: device, now: now)
    slots[position]?.record = LivenessRecord(rule: rule, registeredUntil: until, lastSeen: now)
    slots[position]?.state = .suspect
    slots[position]?.since = now
    schedule(position, at: slots[position]?.record.assess(now: now).holdsUntil)
  }

  /// The device unregistered, lost the connection it lives on, or was deleted from the registry.
  public mutating func end(
    _ device: DeviceID, cause: LivenessCause, now: MonotonicTime
  ) -> LivenessChange? {
    guard let position = index[device] else { return nil }
    slots[position]?.record.registeredUntil = nil
    return change(position, to: .offline, since: now, cause: cause)
  }

  /// The rule of a device was changed by an operator or by what the device reported.
  public mutating func setRule(_ rule: LivenessRule, of device: DeviceID, now: MonotonicTime)
    -> LivenessChange?
  {
    guard let position = index[device], slots[position]?.record.rule != rule else { return nil }
    slots[position]?.record.rule = rule
    return settle(position, now: now, cause: .heard)
  }

  /// Forgets a device.
  public mutating func remove(_ device: DeviceID) {
    guard let position = index.removeValue(forKey: device) else { return }
    slots[position] = nil
    free.append(position)
  }

  /// Works off the seconds that have passed. Call it about once a second.
  /// - Returns: the devices whose state changed.
  public mutating func tick(now: MonotonicTime) -> [LivenessChange] {
    let current = Self.second(now)
    var changes: [LivenessChange] = []
    // After a long pause one turn of the wheel covers everything.
    let first = max(second + 1, current - Self.span + 1)
    guard first <= current else { return [] }
    second = current
    for passing in first...current {
      let bucket = Int(passing % Self.span)
      guard !wheel[bucket].isEmpty else { continue }
      let due = wheel[bucket]
      wheel[bucket].removeAll(keepingCapacity: true)
      for entry in due { look(at: Int(entry), bucket: bucket, now: now, into: &changes) }
    }
    return changes
  }

  // MARK: Inside

  private func slot(_ device: DeviceID) -> Slot? { index[device].flatMap { slots[$0] } }

  private static func second(_ time: MonotonicTime) -> Int64 { time.nanoseconds / 1_000_000_000 }

  private mutating func position(of device: DeviceID, now: MonotonicTime) -> Int {
    if let known = index[device] { return known }
    let slot = Slot(
      device: device, record: LivenessRecord(rule: LivenessRule(), registeredUntil: nil, lastSeen: now),
      state: .offline, since: now, second: 0)
    let position: Int
    if let reused = free.popLast() {
      slots[reused] = slot
      position = reused
    } else {
      slots.append(slot)
      position = slots.count - 1
    }
    index[device] = position
    return position
  }

  private mutating func look(
    at position: Int, bucket: Int, now: MonotonicTime, into changes: inout [LivenessChange]
  ) {
    // Entries of removed devices and of devices that were put elsewhere since are stale.
    guard let slot = slots[position], slot.second > 0, Int(slot.second % Self.span) == bucket else { return }
    slots[position]?.second = 0
    if slot.second > second {
      schedule(position, second: slot.second)
      return
    }
    if let change = settle(position, now: now, cause: nil) { changes.append(change) }
  }

  /// Judges a device now, and says when to look again.
  private mutating func settle(_ position: Int, now: MonotonicTime, cause: LivenessCause?) -> LivenessChange?
  {
    guard let slot = slots[position] else { return nil }
    let assessment = slot.record.assess(now: now)
    schedule(position, at: assessment.holdsUntil)
    let reason = assessment.state == .online ? cause ?? assessment.cause : assessment.cause
    return change(position, to: assessment.state, since: assessment.since, cause: reason)
  }

  private mutating func change(
    _ position: Int, to state: LivenessState, since: MonotonicTime, cause: LivenessCause
  ) -> LivenessChange? {
    guard let slot = slots[position], slot.state != state else { return nil }
    slots[position]?.state = state
    // Suspect and then offline for the same silence is one outage, and dates from its beginning.
    slots[position]?.since = since
    return LivenessChange(
      device: slot.device, state: state, previous: slot.state, since: since, cause: cause)
  }

  private mutating func schedule(_ position: Int, at time: MonotonicTime?) {
    guard let time else {
      slots[position]?.second = 0
      return
    }
    // Rounded up, so that the moment has passed when its second is worked off.
    schedule(position, second: max((time.nanoseconds + 999_999_999) / 1_000_000_000, second + 1))
  }

  private mutating func schedule(_ position: Int, second: Int64) {
    guard slots[position]?.second != second else { return }
    slots[position]?.second = second
    wheel[Int(second % Self.span)].append(Int32(truncatingIfNeeded: position))
  }
}
