public import MediaTime

/// Counts failures per key in fixed windows, in bounded memory (§14.2 #59).
public struct FailureLimiter: Sendable {
  private struct Count: Sendable {
    var start: MonotonicTime
    var failures: Int
  }

  private let limit: Int
  private let window: Duration
  private let capacity: Int
  private var counts: [String: Count] = [:]

  /// - Parameters:
  ///   - limit: failures in one window after which a key is refused.
  ///   - window: its length, and so the longest refusal.
  ///   - capacity: keys remembered; when full, finished windows go first, then all: memory is worth more than counts.
  public init(limit: Int, window: Duration = .seconds(60), capacity: Int = 20_000) {
    (self.limit, self.window, self.capacity) = (max(limit, 1), window, max(capacity, 1))
  }

  /// Keys remembered.
  public var count: Int { counts.count }

  /// Failures of `key` in its present window.
  public func failures(_ key: String, now: MonotonicTime) -> Int {
    guard let entry = counts[key], now - entry.start < window else { return 0 }
    return entry.failures
  }

  /// Whether `key` must be refused now.
  public func isBlocked(_ key: String, now: MonotonicTime) -> Bool { failures(key, now: now) >= limit }

  public mutating func record(_ key: String, now: MonotonicTime) {
    if let entry = counts[key], now - entry.start < window {
      counts[key]?.failures = entry.failures + 1
      return
    }
    if counts.count >= capacity, counts[key] == nil {
      prune(now: now)
      if counts.count >= capacity { counts.removeAll(keepingCapacity: true) }
    }
    counts[key] = Count(start: now, failures: 1)
  }

  /// Forgets a key that has proved itself.
  public mutating func clear(_ key: String) { counts[key] = nil }

  /// Drops finished windows.
  public mutating func prune(now: MonotonicTime) {
    let window = window
    counts = counts.filter { now - $0.value.start < window }
  }
}
