public import GBCore
public import MediaTime
public import SIPCore

/// Our registration with one superior (reference §2, §3, §11.1).
///
/// ```text
///                 start                  200
///   disconnected ───────► registering ────────────► registered ──┐ refresh at 0.5…0.8 of its life,
///        ▲                 ▲ │  ▲  302: the next server │  ▲─────┘ a heartbeat every interval
///        │                 │ │  └─── 423: once more     │
///        │            time │ │ silence, refusal         │ heartbeats unanswered, 403 to one, connection lost,
///        │                 │ ▼                          │ expired
///        │               waiting ◄──────────────────────┘ (or at once, when there is another address to try)
///        │  stop                 stop
///        └──────────────────── leaving ◄── registered
/// ```
///
/// Digests, transactions and sockets are the caller's: it answers a 401 by itself and reports final answers only.
/// Every method returns what to do now; call ``tick(now:)`` at ``deadline``. Answers to what is not under way any
/// more are ignored, so that late ones do no harm.
public struct SuperiorLink: Sendable {
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    case disconnected, registering, registered, waiting, leaving
  }

  /// Why a registration is gone.
  public enum Loss: Sendable, Hashable {
    case silence
    case refused(status: Int)
    /// Heartbeats were not answered.
    case heartbeats
    /// The superior answered a heartbeat with a refusal: it has restarted and does not know us.
    case forgotten(status: Int)
    case connection
    /// It could not be refreshed in time.
    case expired
    /// The superior sent us to another server.
    case redirected
  }

  /// One REGISTER, with its digest.
  public struct Attempt: Sendable, Hashable {
    /// Names it in the answers.
    public let number: Int
    public let server: RedirectFollower.Server
    /// `Expires`, in seconds.
    public let expires: Int
    /// Whether nothing of earlier registrations (Call-ID, nonce) may be used.
    public let isFresh: Bool
  }

  public enum Action: Sendable, Hashable {
    case register(Attempt)
    case unregister(Attempt)
    /// Send a heartbeat to the server we are registered at.
    case keepalive(number: Int, server: RedirectFollower.Server)
    /// The superior knows us as of now. Whatever it knew of our catalog, it may have forgotten.
    case cameUp(RedirectFollower.Server)
    case wentDown(Loss)
    /// The link is at rest after ``SuperiorLink/stop(now:)``.
    case left
  }

  private struct Standing: Sendable, Hashable {
    var began: MonotonicTime
    var ends: MonotonicTime
    var refresh: MonotonicTime
    var nextKeepalive: MonotonicTime
    /// Heartbeats sent since one was answered.
    var unanswered = 0
    /// Numbers below it belong to an earlier registration.
    var firstKeepalive: Int
    /// The REGISTER under way, and when it is given up.
    var refreshing: Flight?
  }

  private struct Flight: Sendable, Hashable {
    var number: Int
    var until: MonotonicTime
  }

  private enum State: Sendable, Hashable {
    case disconnected
    case registering(Flight)
    case registered(Standing)
    case waiting(until: MonotonicTime)
    case leaving(Flight)
  }

  public let superior: Superior
  private let timing: LinkTiming
  private var state = State.disconnected
  private var jitter: Jitter
  private var follower: RedirectFollower
  /// Which of the superior's addresses is tried.
  private var address = 0
  /// Addresses tried in this round.
  private var tried = 0
  /// Rounds that failed in a row.
  public private(set) var failures = 0
  private var expires: Int
  private var lastNumber = 0
  /// Why the last registration ended or could not be made.
  public private(set) var lastLoss: Loss?

  /// - Parameter seed: two links of the same seed behave alike.
  public init(_ superior: Superior, seed: UInt64, timing: LinkTiming = LinkTiming()) {
    (self.superior, self.timing, expires) = (superior, timing, superior.expires)
    jitter = Jitter(seed: seed)
    follower = RedirectFollower(home: superior.server(0))
  }

  public var phase: Phase {
    switch state {
    case .disconnected: .disconnected
    case .registering: .registering
    case .registered: .registered
    case .waiting: .waiting
    case .leaving: .leaving
    }
  }

  /// Where we are registered, or try to be.
  public var server: RedirectFollower.Server { follower.current }

  /// When to call ``tick(now:)``; nil while nothing is awaited.
  public var deadline: MonotonicTime? {
    switch state {
    case .disconnected: nil
    case .registering(let flight), .leaving(let flight): flight.until
    case .waiting(let until): until
    case .registered(let standing):
      min(standing.nextKeepalive, standing.ends, standing.refreshing?.until ?? standing.refresh)
    }
  }

  // MARK: Orders

  /// Begins; nothing happens when the link is under way already.
  public mutating func start(now: MonotonicTime) -> [Action] {
    switch state {
    case .registering, .registered, .waiting: return []
    case .disconnected, .leaving:
      (address, tried, failures, expires) = (0, 0, 0, superior.expires)
      follower = RedirectFollower(home: superior.server(0))
      return [register(now)]
    }
  }

  /// Unregisters. ``Action/left`` comes when the superior knows, or does not answer.
  public mutating func stop(now: MonotonicTime) -> [Action] {
    switch state {
    case .leaving: return []
    case .disconnected, .waiting, .registering:
      state = .disconnected
      return [.left]
    case .registered:
      let flight = takeOff(now)
      state = .leaving(flight)
      return [.unregister(Attempt(number: flight.number, server: server, expires: 0, isFresh: false))]
    }
  }

  /// Tries again now instead of at the end of the wait: the network came back, or a person asked.
  public mutating func hurry(now: MonotonicTime) -> [Action] {
    guard case .waiting = state else { return [] }
    return [register(now)]
  }

  // MARK: What happened

  /// A REGISTER got its final answer, digest done.
  public mutating func answered(_ number: Int, _ response: SIPResponse, now: MonotonicTime) -> [Action] {
    switch state {
    case .registering(let flight) where flight.number == number: return concluded(response, nil, now)
    case .registered(let standing) where standing.refreshing?.number == number:
      return concluded(response, standing, now)
    case .leaving(let flight) where flight.number == number: return depart()
    case .disconnected, .registering, .registered, .waiting, .leaving: return []
    }
  }

  /// A REGISTER got no answer.
  public mutating func unanswered(_ number: Int, now: MonotonicTime) -> [Action] {
    switch state {
    case .registering(let flight) where flight.number == number: return fail(.silence, now)
    case .registered(let standing) where standing.refreshing?.number == number:
      return refreshLater(standing, now)
    case .leaving(let flight) where flight.number == number: return depart()
    case .disconnected, .registering, .registered, .waiting, .leaving: return []
    }
  }

  /// A heartbeat got an answer.
  public mutating func keepaliveAnswered(_ number: Int, status: Int, now: MonotonicTime) -> [Action] {
    guard case .registered(var standing) = state, number >= standing.firstKeepalive else { return [] }
    switch status {
    case 200..<300:
      standing.unanswered = 0
      state = .registered(standing)
      return []
    case 401, 403, 404, 407, 481: return begin(again: .forgotten(status: status), standing, now)
    // Busy, or not understood: not a sign of life as a registered platform, and not the opposite either.
    default: return []
    }
  }

  /// The connection to the server broke.
  public mutating func connectionLost(now: MonotonicTime) -> [Action] {
    switch state {
    case .registering: return fail(.connection, now)
    case .registered(let standing): return begin(again: .connection, standing, now)
    case .leaving: return depart()
    case .disconnected, .waiting: return []
    }
  }

  /// Does what is due.
  public mutating func tick(now: MonotonicTime) -> [Action] {
    guard let deadline, now >= deadline else { return [] }
    switch state {
    case .disconnected: return []
    case .registering: return fail(.silence, now)
    case .leaving: return depart()
    case .waiting: return [register(now)]
    case .registered(let standing): return tend(standing, now)
    }
  }

  // MARK: Steps

  private mutating func tend(_ before: Standing, _ now: MonotonicTime) -> [Action] {
    var standing = before
    if now >= standing.ends { return fail(.expired, now) }
    var actions: [Action] = []
    if now >= standing.nextKeepalive {
      guard standing.unanswered < superior.heartbeat.count else { return fail(.heartbeats, now) }
      lastNumber += 1
      standing.unanswered += 1
      standing.nextKeepalive = now + superior.heartbeat.interval
      actions.append(.keepalive(number: lastNumber, server: server))
    }
    if let flight = standing.refreshing {
      if now >= flight.until { actions += refreshLater(standing, now) } else { state = .registered(standing) }
      return actions
    }
    if now >= standing.refresh {
      let flight = takeOff(now)
      standing.refreshing = flight
      actions.append(
        .register(Attempt(number: flight.number, server: server, expires: expires, isFresh: false)))
    }
    state = .registered(standing)
    return actions
  }

  private mutating func register(_ now: MonotonicTime) -> Action {
    let flight = takeOff(now)
    state = .registering(flight)
    return .register(Attempt(number: flight.number, server: server, expires: expires, isFresh: true))
  }

  private mutating func takeOff(_ now: MonotonicTime) -> Flight {
    lastNumber += 1
    return Flight(number: lastNumber, until: now + timing.answerWithin)
  }

  /// - Parameter standing: the registration that is refreshed; nil for a new one.
  private mutating func concluded(
    _ response: SIPResponse, _ standing: Standing?, _ now: MonotonicTime
  ) -> [Action] {
    if let shortest = response.minExpires, response.status == 423, shortest > expires {
      expires = shortest
      return repeatRegister(standing, now)
    }
    if standing != nil, (500..<600).contains(response.status) || response.status == 408 {
      return standing.map { refreshLater($0, now) } ?? []
    }
    let wasElsewhere = follower.depth > 0
    switch follower.answered(response) {
    case .stay: return stand(response, standing, now)
    case .register:
      let attempt = register(now)
      return standing == nil ? [attempt] : [down(.redirected), attempt]
    case .retry: return fail(.refused(status: response.status), now, wasElsewhere: wasElsewhere)
    }
  }

  private mutating func repeatRegister(_ standing: Standing?, _ now: MonotonicTime) -> [Action] {
    guard var standing else { return [register(now)] }
    let flight = takeOff(now)
    standing.refreshing = flight
    state = .registered(standing)
    return [.register(Attempt(number: flight.number, server: server, expires: expires, isFresh: false))]
  }

  private mutating func stand(
    _ response: SIPResponse, _ before: Standing?, _ now: MonotonicTime
  ) -> [Action] {
    let seconds = max(response.registrationExpires ?? expires, 1)
    (tried, failures, lastLoss) = (0, 0, nil)
    var standing =
      before
      ?? Standing(
        began: now, ends: now, refresh: now, nextKeepalive: now + superior.heartbeat.interval,
        firstKeepalive: lastNumber + 1)
    standing.refreshing = nil
    standing.ends = now + .seconds(seconds)
    standing.refresh = now + .seconds(seconds) * (0.5 + 0.3 * jitter.next())
    state = .registered(standing)
    return before == nil ? [.cameUp(server)] : []
  }

  /// The registration still holds: its refreshing is tried again while it does.
  private mutating func refreshLater(_ before: Standing, _ now: MonotonicTime) -> [Action] {
    var standing = before
    standing.refreshing = nil
    let left = standing.ends - now
    standing.refresh = now + max(min(timing.firstRetry, left / 2), .seconds(1))
    state = .registered(standing)
    return []
  }

  /// Registers again without waiting, unless the registration that was lost had hardly begun.
  private mutating func begin(again loss: Loss, _ standing: Standing, _ now: MonotonicTime) -> [Action] {
    guard now - standing.began >= timing.firstRetry else { return fail(loss, now) }
    return [down(loss), register(now)]
  }

  /// Goes to the next address, or waits when all have been tried. A server we were sent to leads home first.
  private mutating func fail(
    _ loss: Loss, _ now: MonotonicTime, wasElsewhere knownElsewhere: Bool? = nil
  ) -> [Action] {
    var actions: [Action] = []
    if case .registered = state { actions.append(down(loss)) }
    lastLoss = loss
    let wasElsewhere = knownElsewhere ?? (follower.depth > 0)
    _ = follower.lost()
    if !wasElsewhere { tried += 1 }
    if !wasElsewhere, tried < superior.servers.count {
      address += 1
      follower = RedirectFollower(home: superior.server(address))
      return actions + [register(now)]
    }
    if !wasElsewhere {
      (address, tried) = (0, 0)
      follower = RedirectFollower(home: superior.server(0))
    }
    failures += 1
    state = .waiting(until: now + timing.wait(after: failures, spread: jitter.next()))
    return actions
  }

  private mutating func down(_ loss: Loss) -> Action {
    lastLoss = loss
    return .wentDown(loss)
  }

  private mutating func depart() -> [Action] {
    state = .disconnected
    return [.left]
  }
}
