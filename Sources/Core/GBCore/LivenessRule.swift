/// How long silence may last before a device is doubted and then given up (§3).
public struct LivenessRule: Sendable, Hashable {
  /// Between two heartbeats.
  public var interval: Duration
  /// Heartbeats missed in a row before the device is offline.
  public var count: Int
  /// Whether any request is a sign of life, not only Keepalive.
  public var anyRequestCounts: Bool
  /// Whether silence never matters before the registration expires.
  public var onlineUntilExpiry: Bool

  /// The standard's 60 s and 3 heartbeats. Values below 1 s and 1 are raised to that.
  public init(
    interval: Duration = .seconds(60), count: Int = 3, anyRequestCounts: Bool = true,
    onlineUntilExpiry: Bool = false
  ) {
    self.interval = max(interval, .seconds(1))
    self.count = max(count, 1)
    self.anyRequestCounts = anyRequestCounts
    self.onlineUntilExpiry = onlineUntilExpiry
  }

  /// Added to every limit: one SIP transaction (32 s), but never more than a fifth of the silence allowed.
  public var grace: Duration { min(.seconds(32), interval * count / 5) }

  /// Silence after which the device is suspect: one heartbeat is missing.
  public var suspectAfter: Duration { min(interval + grace, offlineAfter) }

  /// Silence after which the device is offline.
  public var offlineAfter: Duration { interval * count + grace }
}

/// What is known of a device's presence.
public enum LivenessState: String, Sendable, Hashable {
  case online, suspect, offline
}
