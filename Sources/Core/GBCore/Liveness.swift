public import MediaTime

/// What decides whether one device is alive.
public struct LivenessRecord: Sendable, Hashable {
  public var rule: LivenessRule
  /// When its registration ends; nil when it has none.
  public var registeredUntil: MonotonicTime?
  /// Its last sign of life.
  public var lastSeen: MonotonicTime

  public init(rule: LivenessRule, registeredUntil: MonotonicTime?, lastSeen: MonotonicTime) {
    (self.rule, self.registeredUntil, self.lastSeen) = (rule, registeredUntil, lastSeen)
  }

  /// A registration counts this long past its end, for devices that refresh at the last moment.
  public static let expiryGrace: Duration = .seconds(8)

  /// The one function that says whether a device is alive (§2.7, §3).
  ///
  /// Silence is back-dated: a device whose heartbeat is missing was last known
  /// alive at its last sign of life, so its state dates from one interval later.
  public func assess(now: MonotonicTime) -> LivenessAssessment {
    guard let registeredUntil else {
      return LivenessAssessment(state: .offline, since: lastSeen, cause: .notRegistered, holdsUntil: nil)
    }
    let expiry = registeredUntil + Self.expiryGrace
    guard now < expiry else {
      return LivenessAssessment(state: .offline, since: registeredUntil, cause: .expired, holdsUntil: nil)
    }
    guard !rule.onlineUntilExpiry else {
      return LivenessAssessment(state: .online, since: lastSeen, cause: .registered, holdsUntil: expiry)
    }
    let missed = lastSeen + rule.interval
    let suspect = lastSeen + rule.suspectAfter
    let offline = lastSeen + rule.offlineAfter
    if now < suspect {
      return LivenessAssessment(
        state: .online, since: lastSeen, cause: .registered, holdsUntil: min(suspect, expiry))
    }
    if now < offline {
      return LivenessAssessment(
        state: .suspect, since: missed, cause: .silent, holdsUntil: min(offline, expiry))
    }
    return LivenessAssessment(state: .offline, since: missed, cause: .silent, holdsUntil: nil)
  }
}

/// A judgement of ``LivenessRecord/assess(now:)``.
public struct LivenessAssessment: Sendable, Hashable {
  public var state: LivenessState
  /// Since when it holds, back-dated for silence.
  public var since: MonotonicTime
  public var cause: LivenessCause
  /// When it must be looked at again, if nothing is heard; nil when only the device can change it.
  public var holdsUntil: MonotonicTime?
}

/// Why a device is in the state it is in.
public enum LivenessCause: String, Sendable, Hashable {
  /// It registered and is heard.
  case registered
  /// It was heard again after silence.
  case heard
  /// Heartbeats are missing.
  case silent
  /// Its registration ended without a refresh.
  case expired
  /// It unregistered.
  case unregistered
  /// Its TCP connection broke, and it must be reached through it.
  case disconnected
  /// It never registered, or its record was removed.
  case notRegistered = "not-registered"
}

/// A device changed state.
public struct LivenessChange: Sendable, Hashable {
  public let device: DeviceID
  public let state: LivenessState
  public let previous: LivenessState
  public let since: MonotonicTime
  public let cause: LivenessCause

  public init(
    device: DeviceID, state: LivenessState, previous: LivenessState, since: MonotonicTime,
    cause: LivenessCause
  ) {
    (self.device, self.state, self.previous) = (device, state, previous)
    (self.since, self.cause) = (since, cause)
  }
}
