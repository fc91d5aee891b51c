public import GBCore
public import MediaTime

/// One pull of one camera, however many watch it.
///
/// The machine decides; its owner performs. Every event returns the actions to
/// carry out in order, and ``deadline`` says when to call ``tick(now:)`` next.
///
/// ```text
///            join                        200            first picture
///   idle ──────────► inviting ──────────────► waiting ───────────────► live
///    ▲                 │  ▲ next transport      │  ▲                     │
///    │                 │  └─────────────────────┘  │ silent: hang up,    │
///    │                 │ all transports failed     │ invite again        │
///    │                 ▼                           └─────────────────────┤
///    │   leave      resting ── back-off over, somebody still waits ──► inviting
///    └───────────────┴───────── last one left + grace: hang up ◄─────────┘
/// ```
///
/// A pull with nobody waiting ends after ``Limits/grace``; one with consumers
/// never gives up: it rests with a growing pause and tries again.
public struct LivePull: Sendable {
  public struct Limits: Sendable {
    /// No final answer to INVITE for this long is a failure (reference §7.8).
    public var answer: Duration = .seconds(12)
    /// First packet after the 200: a first try over UDP falls back quickly.
    public var firstMediaUDP: Duration = .seconds(5)
    /// TCP needs longer: devices connect one or two seconds late and retry (§7.5).
    public var firstMediaTCP: Duration = .seconds(12)
    /// First decodable picture after the first packet.
    public var firstPicture: Duration = .seconds(15)
    /// The stream stays open this long after the last viewer left.
    public var grace: Duration = .seconds(15)
    /// The first pause after a failure; doubles up to ``longestRest``.
    public var firstRest: Duration = .seconds(2)
    public var longestRest: Duration = .seconds(60)

    public init() {}
  }

  public enum Step: String, Sendable, Hashable {
    /// INVITE sent.
    case inviting
    /// The device accepted; waiting for the first packet.
    case waitingForMedia = "waiting-for-media"
    /// Packets arrive; waiting for a key frame.
    case waitingForPicture = "waiting-for-picture"
  }

  public enum State: Sendable, Hashable {
    case idle
    case connecting(Step, path: MediaTransportChoice, since: MonotonicTime)
    case live(path: MediaTransportChoice, since: MonotonicTime)
    /// Failed; tries again at `until` while somebody waits.
    case resting(PullFailure, until: MonotonicTime)
  }

  public enum Action: Sendable, Hashable {
    /// Open the media port for `path` and send the INVITE.
    case invite(path: MediaTransportChoice)
    /// End the call: CANCEL, or ACK and BYE, whatever its state needs, and close the media port.
    case hangUp
    /// Remember that this transport brought pictures.
    case remember(MediaTransportChoice)
    /// The state changed; tell whoever watches.
    case changed
    /// Tell the waiting consumers that this try failed for this reason.
    case failed(PullFailure)
  }

  public enum Event: Sendable, Hashable {
    case joined
    case left
    /// The device accepted the call.
    case answered
    case refused(status: Int)
    case noAnswer
    case firstPacket
    case firstPicture
    /// Nothing arrived for the media plane's loss time-out.
    case silent
    case connectionLost
    /// BYE from the device.
    case hungUp
    case deviceOffline
    case deviceOnline
    case unsupported(String)
    case resources(String)
    /// The stream was not admitted to the link, or lost its place to a more urgent one.
    case linkFull(String)
  }

  private let limits: Limits
  private var ladder: TransportLadder
  private var failures = 0
  private var idleSince: MonotonicTime?
  public private(set) var consumers = 0
  public private(set) var state = State.idle
  /// The last failure while connecting again, for display.
  public private(set) var lastFailure: PullFailure?

  public init(ladder: TransportLadder = TransportLadder(), limits: Limits = Limits()) {
    self.ladder = ladder
    self.limits = limits
  }

  /// When ``tick(now:)`` must be called, or nil for never.
  public var deadline: MonotonicTime? {
    let step: MonotonicTime? =
      switch state {
      case .idle, .live: nil
      case .resting(_, let until): consumers > 0 ? until : nil
      case .connecting(let step, let path, let since): since + allowance(step, path)
      }
    let grace = idleSince.map { $0 + limits.grace }
    return [step, grace].compactMap(\.self).min()
  }

  public mutating func handle(_ event: Event, now: MonotonicTime) -> [Action] {
    switch event {
    case .joined: return join(now)
    case .left: return leave(now)
    case .answered: return advance(from: .inviting, to: .waitingForMedia, now)
    case .firstPacket:
      // Media may outrun the 200 (reference §7.4).
      let early = advance(from: .inviting, to: .waitingForPicture, now)
      return early.isEmpty ? advance(from: .waitingForMedia, to: .waitingForPicture, now) : early
    case .firstPicture: return picture(now)
    case .refused(let status): return connectingFailed(status == 486 ? .busy : .refused(status: status), now)
    case .noAnswer: return connectingFailed(.noAnswer, now)
    case .silent, .connectionLost: return lost(now)
    case .hungUp: return fail(.hungUp, now)
    case .deviceOffline: return fail(.deviceOffline, now)
    case .unsupported(let what): return fail(.unsupported(what), now)
    case .resources(let what): return fail(.resources(what), now)
    case .linkFull(let what): return fail(.linkFull(what), now)
    case .deviceOnline:
      guard case .resting = state, consumers > 0 else { return [] }
      return invite(now)
    }
  }

  /// Time has passed; call at ``deadline`` or later.
  public mutating func tick(now: MonotonicTime) -> [Action] {
    if let idleSince, now >= idleSince + limits.grace, consumers == 0 {
      self.idleSince = nil
      let wasOpen = isOpen
      state = .idle
      return wasOpen ? [.hangUp, .changed] : [.changed]
    }
    switch state {
    case .idle, .live:
      return []
    case .resting(_, let until):
      return consumers > 0 && now >= until ? invite(now) : []
    case .connecting(let step, let path, let since):
      guard now >= since + allowance(step, path) else { return [] }
      switch step {
      case .inviting: return connectingFailed(.noAnswer, now)
      case .waitingForMedia: return connectingFailed(.noMedia, now)
      case .waitingForPicture: return connectingFailed(.noPicture, now)
      }
    }
  }

  // MARK: Transitions

  private var isOpen: Bool {
    switch state {
    case .connecting, .live: true
    case .idle, .resting: false
    }
  }

  private func allowance(_ step: Step, _ path: MediaTransportChoice) -> Duration {
    switch step {
    case .inviting: limits.answer
    case .waitingForMedia:
      // A transport that worked before, or the last one left, gets the long wait.
      path == .udp && !ladder.isLast && failures == 0 ? limits.firstMediaUDP : limits.firstMediaTCP
    case .waitingForPicture: limits.firstPicture
    }
  }

  private mutating func join(_ now: MonotonicTime) -> [Action] {
    consumers += 1
    idleSince = nil
    switch state {
    case .idle: return invite(now)
    case .resting:
      // A new viewer does not wait out the pause of an old failure.
      return consumers == 1 ? invite(now) : []
    case .connecting, .live: return []
    }
  }

  private mutating func leave(_ now: MonotonicTime) -> [Action] {
    guard consumers > 0 else { return [] }
    consumers -= 1
    if consumers == 0 { idleSince = now }
    return []
  }

  private mutating func invite(_ now: MonotonicTime) -> [Action] {
    state = .connecting(.inviting, path: ladder.current, since: now)
    return [.invite(path: ladder.current), .changed]
  }

  private mutating func advance(from: Step, to: Step, _ now: MonotonicTime) -> [Action] {
    guard case .connecting(from, let path, _) = state else { return [] }
    state = .connecting(to, path: path, since: now)
    return [.changed]
  }

  private mutating func picture(_ now: MonotonicTime) -> [Action] {
    guard case .connecting(_, let path, _) = state else { return [] }
    state = .live(path: path, since: now)
    ladder = ladder.restarted(worked: path)
    failures = 0
    lastFailure = nil
    return [.remember(path), .changed]
  }

  /// A try did not work: the next transport at once, or rest.
  private mutating func connectingFailed(_ failure: PullFailure, _ now: MonotonicTime) -> [Action] {
    guard case .connecting = state else { return [] }
    lastFailure = failure
    if failure.isWorthAnotherTransport, consumers > 0, ladder.advance() {
      return [.hangUp] + invite(now)
    }
    return fail(failure, now)
  }

  private mutating func lost(_ now: MonotonicTime) -> [Action] {
    switch state {
    case .live:
      lastFailure = .mediaLost
      guard consumers > 0 else { return fail(.mediaLost, now) }
      return [.hangUp, .failed(.mediaLost)] + invite(now)
    case .connecting: return connectingFailed(.noMedia, now)
    case .idle, .resting: return []
    }
  }

  private mutating func fail(_ failure: PullFailure, _ now: MonotonicTime) -> [Action] {
    guard isOpen else { return [] }
    lastFailure = failure
    failures = min(failures + 1, 16)
    ladder = ladder.restarted(worked: nil)
    state = .resting(failure, until: now + rest)
    return [.hangUp, .failed(failure), .changed]
  }

  /// 2, 4, 8 … 60 s.
  private var rest: Duration {
    var pause = limits.firstRest
    for _ in 1..<max(failures, 1) where pause < limits.longestRest { pause = pause + pause }
    return min(pause, limits.longestRest)
  }
}
