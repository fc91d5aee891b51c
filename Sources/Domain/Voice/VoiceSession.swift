public import GBCore
public import MediaTime

/// One person's voice on its way to one device (§12.1–12.3).
///
/// ```text
///  broadcast:
///  idle ─start─► asking ──Response OK──► awaiting ──INVITE──► answering ──200──► confirming
///                  │ ▲ next target            │                  ▲  │ no port       │ ACK, or sound began
///                  │ └─ ERROR, refused        │ 10 s             │  ▼               ▼
///                  ├──── INVITE before the Response ─────────────┘ ended ◄─────── speaking
///                  └ 10 s, last ERROR ──► ended                         BYE of either side, connection lost
///
///  talk in one session (2016):
///  idle ─start─► calling ──200──► speaking          calling ──refusal, silence──► ended
/// ```
///
/// An event returns what is to be done, in order. What comes too late changes nothing: a device may say anything at
/// any time.
public struct VoiceSession: Sendable {
  /// In how many sessions people talk and hear.
  public enum Way: String, Sendable, Hashable, CaseIterable {
    /// The device is asked to call for the voice: broadcast. What it hears comes with its picture, if at all.
    case broadcast
    /// One call with sound both ways, `s=Talk`: 2016 only, and not every device.
    case talk
  }

  public enum State: Sendable, Hashable {
    case idle
    case asking
    case awaiting
    case answering
    case confirming
    case calling
    case speaking
    case ended(VoiceEnd)
  }

  public enum Action: Sendable, Hashable {
    /// Send the Broadcast to this target.
    case ask(DeviceID)
    /// Send the INVITE of a talk.
    case call
    /// Open what the device asks for, then answer its INVITE with 200; report ``opened()`` or ``unopened()``.
    case accept
    /// Answer its INVITE with this status.
    case refuse(status: Int)
    /// Send sound after this time, at once for zero; the sooner of two counts.
    case send(after: Duration)
    /// End the session that stands.
    case bye
    /// Take the INVITE back.
    case cancel
    /// Release sockets and everything else.
    case release
  }

  public struct Limits: Sendable, Hashable {
    /// Until the device says whether it will call.
    public var response: Duration = .seconds(10)
    /// From there until it calls.
    public var call: Duration = .seconds(10)
    /// Sound begins so long after the 200 when no ACK comes.
    public var patience: Duration = .milliseconds(500)

    public init() {}
  }

  public let way: Way
  /// Whom to ask, one after the other: loudspeaker, channel, device.
  public let targets: [DeviceID]
  public private(set) var state = State.idle
  /// Which target is being asked.
  public private(set) var attempt = 0
  private var deadline: MonotonicTime?
  private let limits: Limits

  /// - Parameter targets: at least one.
  public init(_ way: Way, targets: [DeviceID], limits: Limits = Limits()) {
    precondition(!targets.isEmpty)
    (self.way, self.targets, self.limits) = (way, targets, limits)
  }

  /// The target that was asked last.
  public var target: DeviceID { targets[attempt] }

  /// Whether an INVITE of the device is expected.
  public var isPending: Bool {
    switch state {
    case .asking, .awaiting: true
    case .idle, .answering, .confirming, .calling, .speaking, .ended: false
    }
  }

  /// Whether sound goes.
  public var isSpeaking: Bool { state == .speaking }

  public var end: VoiceEnd? { if case .ended(let end) = state { end } else { nil } }

  // MARK: What we do

  public mutating func start(now: MonotonicTime) -> [Action] {
    guard state == .idle else { return [] }
    switch way {
    case .broadcast:
      state = .asking
      deadline = now + limits.response
      return [.ask(target)]
    case .talk:
      state = .calling
      return [.call]
    }
  }

  /// The port is open and the 200 is on its way.
  public mutating func opened() -> [Action] {
    switch state {
    case .answering:
      state = .confirming
      return [.send(after: limits.patience)]
    case .idle, .asking, .awaiting, .confirming, .calling, .speaking, .ended: return []
    }
  }

  /// Sound goes although no ACK has come: the time for it is over.
  public mutating func began() -> [Action] {
    if state == .confirming { state = .speaking }
    return []
  }

  /// No port could be opened for what the device asks.
  public mutating func unopened(_ failure: VoiceFailure, status: Int) -> [Action] {
    guard state == .answering else { return [] }
    return [.refuse(status: status)] + finish(.failed(failure))
  }

  /// Whoever speaks has finished, or must.
  public mutating func hangUp(_ end: VoiceEnd = .released) -> [Action] {
    switch state {
    case .idle, .asking, .awaiting: finish(end)
    // Its INVITE is answered by nobody else.
    case .answering: [.refuse(status: 480)] + finish(end)
    case .calling: [.cancel] + finish(end)
    case .confirming, .speaking: [.bye] + finish(end)
    case .ended: []
    }
  }

  /// The media connection did not come, or is gone for good.
  public mutating func mediaLost() -> [Action] { hangUp(.failed(.mediaLost)) }

  // MARK: What the device does

  /// Its Response, from whichever code.
  public mutating func responded(isOK: Bool, reason: String? = nil, now: MonotonicTime) -> [Action] {
    guard state == .asking else { return [] }
    guard isOK else { return another(.refused(reason: reason), now: now) }
    state = .awaiting
    deadline = now + limits.call
    return []
  }

  /// The Broadcast did not reach it, or it was refused without a word.
  public mutating func undelivered(_ failure: VoiceFailure, now: MonotonicTime) -> [Action] {
    guard state == .asking else { return [] }
    switch failure {
    case .rejected, .refused: return another(failure, now: now)
    case .deviceOffline, .notDelivered, .noResponse, .noCall, .noCommonFormat, .noPort, .mediaLost:
      return finish(.failed(failure))
    }
  }

  /// Its INVITE. One that repeats itself in a session that stands is not for us.
  public mutating func called() -> [Action] {
    switch state {
    case .asking, .awaiting:
      state = .answering
      deadline = nil
      return [.accept]
    case .answering, .confirming, .speaking: return [.refuse(status: 486)]
    case .idle, .calling, .ended: return [.refuse(status: 403)]
    }
  }

  /// The ACK of our 200, or the 200 to our INVITE.
  public mutating func acknowledged() -> [Action] {
    switch state {
    case .confirming, .calling:
      state = .speaking
      return [.send(after: .zero)]
    case .idle, .asking, .awaiting, .answering, .speaking, .ended: return []
    }
  }

  /// Our INVITE of a talk was refused, or nobody answered.
  public mutating func callFailed(_ failure: VoiceFailure) -> [Action] {
    state == .calling ? finish(.failed(failure)) : []
  }

  /// BYE, or CANCEL while its INVITE waits.
  public mutating func deviceHungUp() -> [Action] {
    switch state {
    case .answering, .confirming, .speaking: finish(.deviceHungUp)
    case .idle, .asking, .awaiting, .calling, .ended: []
    }
  }

  /// It is not registered any more: nobody would hear a BYE.
  public mutating func deviceLeft() -> [Action] {
    if case .ended = state { return [] }
    return finish(.failed(.deviceOffline))
  }

  // MARK: Time

  /// Call about once a second.
  public mutating func tick(now: MonotonicTime) -> [Action] {
    guard let deadline, deadline <= now else { return [] }
    switch state {
    case .asking: return finish(.failed(.noResponse))
    case .awaiting: return finish(.failed(.noCall))
    case .idle, .answering, .confirming, .calling, .speaking, .ended: return []
    }
  }

  // MARK: Inside

  /// A device without a loudspeaker in its catalog is asked under its other codes (§12.1).
  private mutating func another(_ failure: VoiceFailure, now: MonotonicTime) -> [Action] {
    guard attempt + 1 < targets.count else { return finish(.failed(failure)) }
    attempt += 1
    deadline = now + limits.response
    return [.ask(target)]
  }

  private mutating func finish(_ end: VoiceEnd) -> [Action] {
    state = .ended(end)
    deadline = nil
    return [.release]
  }
}
