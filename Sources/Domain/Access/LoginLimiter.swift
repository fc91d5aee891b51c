public import MediaTime

/// Counts failed log-ins per source and per name, and says when one may try again.
///
/// After ``Rule/freeFailures`` failures each further one doubles the wait, up to
/// ``Rule/longestWait``; a quiet ``Rule/memory`` forgets. The table is bounded:
/// when it is full the entry that has been quiet longest makes room, so that
/// nobody can fill memory, and a flood from many sources still meets the rule of
/// the name it guesses at.
public struct LoginLimiter: Sendable {
  /// One side's patience.
  public struct Rule: Sendable, Hashable {
    /// Failures that cost no waiting.
    public var freeFailures: Int
    public var firstWait: Duration
    public var longestWait: Duration
    /// How long a failure counts.
    public var memory: Duration

    public init(
      freeFailures: Int, firstWait: Duration, longestWait: Duration = .seconds(900),
      memory: Duration = .seconds(3_600)
    ) {
      (self.freeFailures, self.firstWait) = (freeFailures, firstWait)
      (self.longestWait, self.memory) = (longestWait, memory)
    }

    /// For one network address: many people may sit behind it.
    public static let source = Rule(freeFailures: 20, firstWait: .seconds(5))
    /// For one account name.
    public static let identity = Rule(freeFailures: 5, firstWait: .seconds(5))
  }

  /// Entries kept at most.
  public static let capacity = 8_192

  private enum Key: Hashable {
    case source(String)
    case identity(String)
  }
  private struct Entry {
    var failures: Int
    var last: MonotonicTime
    var blockedUntil: MonotonicTime?
  }

  private let sourceRule: Rule
  private let identityRule: Rule
  private var entries: [Key: Entry] = [:]

  public init(source: Rule = .source, identity: Rule = .identity) {
    (sourceRule, identityRule) = (source, identity)
  }

  /// Entries kept now.
  public var count: Int { entries.count }

  /// How long this source or name must still wait; nil when it may try now.
  public func wait(source: String, identity: String?, now: MonotonicTime) -> Duration? {
    var longest: Duration?
    for key in keys(source, identity) {
      guard let until = entries[key]?.blockedUntil, until > now else { continue }
      longest = max(longest ?? .zero, until - now)
    }
    return longest
  }

  /// Counts a failure on both sides.
  public mutating func failed(source: String, identity: String?, now: MonotonicTime) {
    for key in keys(source, identity) {
      let rule = rule(for: key)
      var entry = entries[key] ?? Entry(failures: 0, last: now, blockedUntil: nil)
      if now - entry.last > rule.memory { entry.failures = 0 }
      entry.failures += 1
      entry.last = now
      entry.blockedUntil = now + Self.penalty(entry.failures, rule)
      if entries[key] == nil, entries.count >= Self.capacity { makeRoom(now) }
      entries[key] = entry
    }
  }

  /// A success clears the name; the source keeps its count, so that one good account does not wash the others.
  public mutating func succeeded(identity: String) {
    entries[.identity(identity)] = nil
  }

  private func keys(_ source: String, _ identity: String?) -> [Key] {
    [.source(source)] + (identity.map { [.identity($0)] } ?? [])
  }

  private func rule(for key: Key) -> Rule {
    switch key {
    case .source: sourceRule
    case .identity: identityRule
    }
  }

  private static func penalty(_ failures: Int, _ rule: Rule) -> Duration {
    let excess = failures - rule.freeFailures
    guard excess >= 0 else { return .zero }
    var wait = rule.firstWait
    for _ in 0..<min(excess, 32) where wait < rule.longestWait { wait = wait * 2 }
    return min(wait, rule.longestWait)
  }

  /// Drops everything forgotten, or else the entries that have been quiet longest.
  private mutating func makeRoom(_ now: MonotonicTime) {
    entries = entries.filter { now - $0.value.last <= rule(for: $0.key).memory }
    guard entries.count >= Self.capacity else { return }
    let oldest = entries.sorted { $0.value.last < $1.value.last }.prefix(Self.capacity / 8)
    for (key, _) in oldest { entries[key] = nil }
  }
}
