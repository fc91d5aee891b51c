public import GBCore

/// What operators may set for one device, and what the platform has learnt about it.
public struct DeviceSettings: Sendable, Hashable {
  /// User name of its digest when that is not its code (some recorders have a separate "SIP user").
  public var userAlias: String?
  /// Declared encoding of what we send; nil follows the edition.
  public var encoding: TextEncodingName?
  /// Heartbeat interval in seconds, at least 1; nil means the platform's default.
  public var heartbeatInterval: Int?
  /// Missed heartbeats before it is offline, at least 1; nil means the platform's default.
  public var heartbeatCount: Int?
  /// Whether any request counts as a sign of life. On by default: some devices send no Keepalive.
  public var anyRequestCounts: Bool
  /// Whether it counts as online until its registration expires, however silent it is.
  public var onlineUntilExpiry: Bool
  /// The media transport an operator has fixed; nil climbs the ladder.
  public var fixedMediaTransport: MediaTransportChoice?
  /// The media transport that last worked.
  public var rememberedMediaTransport: MediaTransportChoice?
  /// How its sub-stream is asked for; nil sends all spellings.
  public var streamSelector: StreamSelector?
  /// The `id` of its profile; nil goes by what it says of itself.
  public var profile: String?
  /// What a person decided where there is no field of its own here: see ``habits``.
  public internal(set) var furtherHabits: PeerHabits
  /// Which events it is asked to report, and what is done about them.
  public var events: EventSettings
  /// Seconds that the times of its recordings are ahead of Beijing time: −28 800 where it writes UTC (§14.2 #20).
  public var recordTimeOffset: Int?
  /// Seconds added to the times of an INVITE for a recording, for devices that take them for local time (§7.2).
  public var inviteTimeOffset: Int?
  /// Replays and downloads that it bears at once; nil: one per channel.
  public var historySessions: Int?

  public init(
    userAlias: String? = nil, encoding: TextEncodingName? = nil, heartbeatInterval: Int? = nil,
    heartbeatCount: Int? = nil, anyRequestCounts: Bool = true, onlineUntilExpiry: Bool = false,
    fixedMediaTransport: MediaTransportChoice? = nil, rememberedMediaTransport: MediaTransportChoice? = nil,
    streamSelector: StreamSelector? = nil, profile: String? = nil, furtherHabits: PeerHabits = PeerHabits(),
    events: EventSettings = EventSettings(), recordTimeOffset: Int? = nil, inviteTimeOffset: Int? = nil,
    historySessions: Int? = nil
  ) {
    (self.userAlias, self.encoding) = (userAlias, encoding)
    (self.heartbeatInterval, self.heartbeatCount) = (heartbeatInterval, heartbeatCount)
    (self.anyRequestCounts, self.onlineUntilExpiry) = (anyRequestCounts, onlineUntilExpiry)
    self.fixedMediaTransport = fixedMediaTransport
    self.rememberedMediaTransport = rememberedMediaTransport
    self.streamSelector = streamSelector
    (self.profile, self.furtherHabits) = (profile, furtherHabits)
    self.events = events
    (self.recordTimeOffset, self.inviteTimeOffset) = (recordTimeOffset, inviteTimeOffset)
    self.historySessions = historySessions
  }

  /// The rule of liveness for this device. Values that make no sense fall back to `defaults` (§3).
  ///
  /// - Parameter habits: those of its make, where the settings say nothing.
  public func livenessRule(
    habits: PeerHabits = PeerHabits(), defaults: LivenessRule = LivenessRule()
  ) -> LivenessRule {
    var rule = defaults
    if let interval = heartbeatInterval ?? habits.heartbeatInterval, interval > 0 {
      rule.interval = .seconds(interval)
    }
    if let count = heartbeatCount ?? habits.heartbeatCount, count > 0 { rule.count = count }
    rule.anyRequestCounts = anyRequestCounts
    rule.onlineUntilExpiry = onlineUntilExpiry
    return rule
  }
}
