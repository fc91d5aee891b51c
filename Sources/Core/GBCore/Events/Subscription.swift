public import MediaTime

/// The subscriber's side of one subscription (§5.1): asks, refreshes, and asks anew whatever went wrong.
///
/// ```text
///              present              2xx                  2/3 of the time
///   asleep ──────────────► asking ────────► active ─────────────────────► refreshing
///     ▲ gone (any)           │ ▲              │ ▲            2xx               │
///     │                      │ │              │ └──────────────────────────────┤
///     │         refused,     ▼ │ pause over   │ terminated                481  │ no answer: on until it
///     │         no answer  pausing ◄──────────┴────────────────────────────────┘ expires, then anew
///   off (not wanted): from anywhere; what stands is cancelled once
/// ```
///
/// The machine knows dialogs by number only. `ask` opens a new one; `refresh` and `cancel` go into the last one
/// that was granted. An answer belongs to the attempt that it names; late ones are ignored.
public struct Subscription: Sendable, Hashable {
  /// What a person sees.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Not wanted.
    case off
    /// The device is not registered.
    case asleep
    /// Asked for, not answered yet.
    case asking
    case active
    /// Active, and asked to go on.
    case refreshing
    /// Not granted; asked again later.
    case pausing
  }

  /// What to send now.
  public enum Action: Sendable, Hashable {
    case nothing
    /// SUBSCRIBE with a new Call-ID and tag.
    case ask(attempt: Int, expires: Int)
    /// SUBSCRIBE in the dialog that stands, with the whole body.
    case refresh(attempt: Int, expires: Int)
    /// SUBSCRIBE with Expires 0 in the dialog that stands. Its answer does not matter.
    case cancel
  }

  /// What came back.
  public enum Answer: Sendable, Hashable {
    /// 2xx; seconds granted, nil when it said none.
    case granted(expires: Int?)
    /// Anything else. `minimum` is the Min-Expires of a 423.
    case refused(status: Int, minimum: Int?)
    /// Nothing came, or the connection broke.
    case silence
  }

  public struct Limits: Sendable, Hashable {
    /// Seconds between two attempts, from the first to the last.
    public var shortestPause: Duration = .seconds(30)
    public var longestPause: Duration = .seconds(1_800)
    /// Between an end that the device announced and the next attempt.
    public var pauseAfterEnd: Duration = .seconds(3)
    /// Grants are pulled into this: a device that grants a second must not be asked every second.
    public var grants: ClosedRange<Int> = 10...86_400

    public init() {}
  }

  public let kind: SubscriptionKind
  private let limits: Limits
  private let wantedExpires: Int
  private var minimum = 0
  private var isPresent = false
  private var attempt = 0
  private var failures = 0
  private var granted: Duration = .zero
  /// When to do something by itself: refresh, ask again.
  private var due: MonotonicTime?
  public private(set) var state: State = .off
  /// When what stands ends unless it is refreshed; nil while nothing stands.
  public private(set) var ends: MonotonicTime?
  /// The status of the last refusal, 0 for silence; nil since a grant.
  public private(set) var lastRefusal: Int?

  /// - Parameter expires: seconds to ask for; nil for the usual ones of the kind.
  public init(_ kind: SubscriptionKind, expires: Int? = nil, limits: Limits = Limits()) {
    (self.kind, self.limits) = (kind, limits)
    wantedExpires = max(expires ?? kind.usualExpires, 1)
  }

  /// When ``tick(now:)`` has something to do; nil when nothing is due.
  public var deadline: MonotonicTime? { due }

  /// Whether notifications are to be believed. They may come before the answer to the SUBSCRIBE (§5.1).
  public var isOpen: Bool { state == .active || state == .refreshing || state == .asking }

  /// Whether an answer to that attempt would count.
  public func awaits(_ number: Int) -> Bool {
    number == attempt && (state == .asking || state == .refreshing)
  }

  // MARK: Wishes

  /// A person or a rule wants it or does not.
  public mutating func setWanted(_ isWanted: Bool, now: MonotonicTime) -> Action {
    switch (state, isWanted) {
    case (.off, true):
      state = .asleep
      return isPresent ? ask(now) : .nothing
    case (.off, false), (.asleep, true), (.asking, true), (.active, true), (.refreshing, true),
      (.pausing, true):
      return .nothing
    case (.active, false), (.refreshing, false):
      forget(.off)
      return .cancel
    case (.asleep, false), (.asking, false), (.pausing, false):
      forget(.off)
      return .nothing
    }
  }

  /// The device has registered, or is heard again. A second registration of a device that was thought to be
  /// present means that it has restarted, and forgotten what it granted.
  public mutating func present(now: MonotonicTime) -> Action {
    isPresent = true
    failures = 0
    switch state {
    case .off: return .nothing
    case .asleep, .asking, .active, .refreshing, .pausing: return ask(now)
    }
  }

  /// The device is offline: whatever stood is gone.
  public mutating func gone() {
    isPresent = false
    if state != .off { forget(.asleep) }
  }

  // MARK: Answers

  public mutating func answered(_ number: Int, _ answer: Answer, now: MonotonicTime) -> Action {
    guard number == attempt else { return .nothing }
    switch state {
    case .off, .asleep, .active, .pausing: return .nothing
    case .asking, .refreshing:
      switch answer {
      case .granted(let expires): return grant(expires, now)
      case .refused(let status, let shortest): return refuse(status, shortest, now)
      case .silence: return refuse(0, nil, now)
      }
    }
  }

  /// A NOTIFY said how the subscription stands.
  ///
  /// - Parameter isCurrent: whether it came in the dialog that stands; an end of another one means nothing.
  public mutating func notified(_ notified: NotifiedState, isCurrent: Bool, now: MonotonicTime) {
    guard isCurrent, isOpen else { return }
    switch notified {
    case .active: return
    case .terminated(let reason, let retryAfter):
      let isFinal = reason == "rejected" || reason == "noresource"
      let pause: Duration = retryAfter.map { .seconds(min($0, 86_400)) } ?? limits.pauseAfterEnd
      forget(.pausing)
      due = now + (isFinal ? limits.longestPause : max(pause, limits.pauseAfterEnd))
    }
  }

  /// Does what is due.
  public mutating func tick(now: MonotonicTime) -> Action {
    guard let due, now >= due else { return .nothing }
    switch state {
    case .off, .asleep, .asking, .refreshing:
      self.due = nil
      return .nothing
    case .pausing: return ask(now)
    case .active:
      guard let ends, now < ends else { return ask(now) }
      state = .refreshing
      attempt += 1
      self.due = nil
      return .refresh(attempt: attempt, expires: expires)
    }
  }

  // MARK: Steps

  private var expires: Int { max(wantedExpires, minimum) }

  private mutating func ask(_ now: MonotonicTime) -> Action {
    state = .asking
    attempt += 1
    (due, ends) = (nil, nil)
    return .ask(attempt: attempt, expires: expires)
  }

  private mutating func grant(_ seconds: Int?, _ now: MonotonicTime) -> Action {
    let seconds = seconds ?? expires
    guard seconds > 0 else { return refuse(0, nil, now) }
    granted = .seconds(min(max(seconds, limits.grants.lowerBound), limits.grants.upperBound))
    (failures, lastRefusal) = (0, nil)
    state = .active
    ends = now + granted
    due = now + granted * 2 / 3
    return .nothing
  }

  private mutating func refuse(_ status: Int, _ shortest: Int?, _ now: MonotonicTime) -> Action {
    let wasStanding = state == .refreshing
    lastRefusal = status
    if wasStanding, status == 481 { return ask(now) }
    if status == 423, let shortest, shortest > expires, shortest <= limits.grants.upperBound {
      minimum = shortest
      return ask(now)
    }
    failures += 1
    if wasStanding, status == 0 || status >= 500, let ends, now + limits.shortestPause < ends {
      // What was granted still stands: one more try before it ends, then a new dialog.
      state = .active
      due = now + limits.shortestPause
      return .nothing
    }
    forget(.pausing)
    due = now + pause(status)
    return .nothing
  }

  /// Doubles with every failure; what a device does not know, it will not learn within minutes.
  private func pause(_ status: Int) -> Duration {
    let isFinal = [400, 403, 404, 405, 415, 489, 501].contains(status)
    if isFinal { return limits.longestPause }
    var pause = limits.shortestPause
    for _ in 1..<max(failures, 1) where pause < limits.longestPause { pause = pause * 2 }
    return min(pause, limits.longestPause)
  }

  private mutating func forget(_ next: State) {
    state = next
    attempt += 1
    (due, ends) = (nil, nil)
  }
}
