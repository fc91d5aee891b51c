public import MediaTime

/// The granting side of one peer's subscription to one kind of thing (§5.1, §5.3).
///
/// ```text
///             SUBSCRIBE               2xx                    3 × silence
///   none ─────────────────► granted ◄─────► sending ──────────────────────► suspended
///    ▲                         │  481, expiry, Expires 0                       │ refresh: granted
///    └─────────────────────────┴───────────────────────────────────────────────┘
/// ```
///
/// What changes is kept as the *last value of each key*: a camera that flaps between two notifications is reported
/// once, and not at all when it is back where the peer knows it. Notifications go out one at a time. A key that
/// never comes twice (the number of an alarm) is never merged.
public struct Notifier<Key: Hashable & Sendable, Value: Hashable & Sendable>: Sendable {
  /// When changes go out.
  public enum Rhythm: Sendable, Hashable {
    /// At once: 2016, and everything but catalogs.
    case atOnce
    /// When so many wait, or so long after the first (2022).
    case gathered(count: Int, longest: Duration)

    /// What the edition says for catalogs.
    public init(catalogOf edition: GBVersion) {
      self = edition.is2022 ? .gathered(count: 100, longest: .seconds(60)) : .atOnce
    }
  }

  public struct Change: Sendable, Hashable {
    public let key: Key
    public let value: Value
  }

  /// One NOTIFY.
  public struct Notification: Sendable, Hashable {
    /// Names it in ``Notifier/delivered(_:_:now:)``.
    public let number: Int
    public let callID: String
    /// `Event` as the subscriber wrote it.
    public let event: String
    public let state: NotifiedState
    /// Empty for the first and the last one when there is nothing to say: then without a body.
    public let changes: [Change]
  }

  /// What to answer to a SUBSCRIBE.
  public enum Verdict: Sendable, Hashable {
    /// 200 with these seconds.
    case granted(expires: Int)
    /// 200 with Expires 0; a last NOTIFY follows.
    case ended
    /// 481: the dialog is not known.
    case unknown
    /// 423 with this Min-Expires.
    case tooBrief(minimum: Int)
  }

  public enum Outcome: Sendable, Hashable {
    case accepted
    case silence
    case refused(status: Int)
  }

  private struct Standing: Sendable, Hashable {
    var callID: String
    var event: String
    var ends: MonotonicTime
    var losses = 0
    /// A first NOTIFY is owed even when there is nothing to say.
    var isNew = true
    /// Changes at the front that wait for nobody: the initial state.
    var urgent = 0
    var since: MonotonicTime?
  }

  private struct Flight: Sendable, Hashable {
    let number: Int
    let changes: [Change]
  }

  public static var mostLosses: Int { 3 }

  private let rhythm: Rhythm
  private let mostItems: Int
  private let expires: ClosedRange<Int>
  private let usualExpires: Int
  private var standing: Standing?
  private var order: [Key] = []
  private var waiting: [Key: Value] = [:]
  /// What the peer has accepted since it subscribed.
  private var told: [Key: Value] = [:]
  private var flight: Flight?
  private var farewell: Notification?
  private var next = 0
  private let remembers: Bool

  /// - Parameters:
  ///   - mostItems: changes in one NOTIFY.
  ///   - remembers: whether a value that the peer knows already is left out; not for events that only happen.
  public init(
    rhythm: Rhythm = .atOnce, mostItems: Int = 100, expires: ClosedRange<Int> = 30...86_400,
    usualExpires: Int = 600, remembers: Bool = true
  ) {
    (self.rhythm, self.mostItems, self.remembers) = (rhythm, max(mostItems, 1), remembers)
    (self.expires, self.usualExpires) = (expires, usualExpires)
  }

  public var isGranted: Bool { standing != nil }
  public var callID: String? { standing?.callID }
  public var isSuspended: Bool { (standing?.losses ?? 0) >= Self.mostLosses }
  /// Changes that wait.
  public var count: Int { order.count }

  // MARK: Subscribing

  /// A SUBSCRIBE of the peer.
  ///
  /// - Parameters:
  ///   - isInDialog: whether its To has a tag.
  ///   - initial: what is not as the subscriber assumes (§5.3): sent first, in a new subscription.
  public mutating func subscribe(
    callID: String, isInDialog: Bool, event: String, expires wanted: Int?, now: MonotonicTime,
    initial: @autoclosure () -> [(Key, Value)] = []
  ) -> Verdict {
    let isRefresh = standing?.callID == callID
    guard isRefresh || !isInDialog else { return .unknown }
    let seconds = wanted ?? usualExpires
    if seconds <= 0 {
      end(reason: "timeout")
      return .ended
    }
    guard seconds >= expires.lowerBound else { return .tooBrief(minimum: expires.lowerBound) }
    let granted = min(seconds, expires.upperBound)
    let ends = now + .seconds(granted)
    if isRefresh {
      standing?.event = event
      standing?.ends = ends
      standing?.losses = 0
    } else {
      // A second one replaces the first: the peer has restarted and knows nothing (§5.1).
      clear()
      standing = Standing(callID: callID, event: event, ends: ends)
      for (key, value) in initial() { put(key, value) }
      standing?.since = order.isEmpty ? nil : now
      standing?.urgent = order.count
    }
    return .granted(expires: granted)
  }

  /// Something changed. Without a subscription nothing is kept.
  public mutating func changed(_ key: Key, _ value: Value, now: MonotonicTime) {
    guard standing != nil else { return }
    let wasEmpty = order.isEmpty
    put(key, value)
    if wasEmpty, !order.isEmpty { standing?.since = now }
  }

  /// Ends the subscription by itself; a last NOTIFY follows.
  public mutating func end(reason: String) {
    guard let standing else { return }
    next += 1
    farewell = Notification(
      number: next, callID: standing.callID, event: standing.event,
      state: .terminated(reason: reason, retryAfter: nil), changes: [])
    clear()
    self.standing = nil
  }

  // MARK: Sending

  /// The notification to send now, if any. Until it is reported as delivered nothing else goes out.
  public mutating func take(now: MonotonicTime) -> Notification? {
    if let farewell {
      self.farewell = nil
      return farewell
    }
    if let standing, now >= standing.ends {
      end(reason: "timeout")
      defer { farewell = nil }
      return farewell
    }
    guard let standing, flight == nil, !isSuspended, isDue(standing, now) else { return nil }
    let keys = Array(order.prefix(mostItems))
    let changes = keys.compactMap { key in waiting[key].map { Change(key: key, value: $0) } }
    order.removeFirst(keys.count)
    for key in keys { waiting[key] = nil }
    next += 1
    flight = Flight(number: next, changes: changes)
    self.standing?.isNew = false
    self.standing?.urgent -= min(keys.count, standing.urgent)
    return Notification(
      number: next, callID: standing.callID, event: standing.event,
      state: .active(expires: max(Int((standing.ends - now).inSeconds), 0)), changes: changes)
  }

  /// When ``take(now:)`` should be asked again, unless something happens before.
  public func deadline(now: MonotonicTime) -> MonotonicTime? {
    guard let standing else { return farewell == nil ? nil : now }
    guard flight == nil, !isSuspended else { return standing.ends }
    if standing.isNew || standing.urgent > 0 && !order.isEmpty { return now }
    guard let since = standing.since, !order.isEmpty else { return standing.ends }
    switch rhythm {
    case .atOnce: return now
    case .gathered(let count, let longest):
      return order.count >= count ? now : min(since + longest, standing.ends)
    }
  }

  /// What became of a notification. Those of a subscription that was replaced meanwhile are ignored.
  public mutating func delivered(_ number: Int, _ outcome: Outcome, now: MonotonicTime) {
    guard let flight, flight.number == number else { return }
    self.flight = nil
    switch outcome {
    case .accepted:
      standing?.losses = 0
      confirm(flight.changes)
    case .refused(status: 481):
      clear()
      standing = nil
    case .refused(let status) where status < 500 && status != 408:
      // The peer has it and does not want it: the same again would be refused again.
      standing?.losses = 0
      confirm(flight.changes)
    case .refused, .silence:
      standing?.losses += 1
      putBack(flight.changes, now)
    }
  }

  // MARK: Steps

  private func isDue(_ standing: Standing, _ now: MonotonicTime) -> Bool {
    // The first one goes out right behind the 200, with or without anything to say.
    if standing.isNew { return true }
    guard !order.isEmpty, let since = standing.since else { return false }
    if standing.urgent > 0 { return true }
    switch rhythm {
    case .atOnce: return true
    case .gathered(let count, let longest): return order.count >= count || now >= since + longest
    }
  }

  private mutating func put(_ key: Key, _ value: Value) {
    // While a notification of the same key is on its way it is not known what the peer knows.
    let isOnItsWay = flight?.changes.contains { $0.key == key } ?? false
    if remembers, !isOnItsWay, told[key] == value {
      if waiting.removeValue(forKey: key) != nil { order.removeAll { $0 == key } }
      return
    }
    if waiting.updateValue(value, forKey: key) == nil { order.append(key) }
  }

  private mutating func confirm(_ changes: [Change]) {
    guard remembers else { return }
    for change in changes {
      told[change.key] = change.value
      if waiting[change.key] == change.value {
        waiting[change.key] = nil
        order.removeAll { $0 == change.key }
      }
    }
  }

  /// Older than what has been put meanwhile: only keys that have not changed since return, in front.
  private mutating func putBack(_ changes: [Change], _ now: MonotonicTime) {
    let lost = changes.filter { waiting[$0.key] == nil }
    for change in lost { waiting[change.key] = change.value }
    order.insert(contentsOf: lost.map(\.key), at: 0)
    // It may have arrived although its answer did not: what the peer knows of these keys is uncertain.
    for change in changes { told[change.key] = nil }
    if standing?.since == nil, !order.isEmpty { standing?.since = now }
    if changes.isEmpty { standing?.isNew = true } else { standing?.urgent += lost.count }
  }

  private mutating func clear() {
    (order, waiting, told, flight) = ([], [:], [:], nil)
  }
}
