public import GBCore

/// What a peer does when it is called by a broadcast, and for a talk (§12).
public struct VoiceHabits: Sendable, Hashable {
  /// What its Response says.
  public enum Answer: String, Sendable, Hashable, CaseIterable {
    case agrees
    case refuses
    /// It takes the message and says nothing.
    case silent
  }

  /// Who the From of its INVITE names.
  public enum Caller: String, Sendable, Hashable, CaseIterable {
    /// The code that was called.
    case target
    /// The peer itself: a recorder calls for its camera.
    case device
  }

  /// What comes first.
  public enum Order: String, Sendable, Hashable, CaseIterable {
    case responseFirst = "response-first"
    /// It calls, and answers a moment later.
    case callFirst = "call-first"
  }

  public var answer: Answer
  /// Whether it calls at all.
  public var calls: Bool
  public var order: Order
  /// Between its Response and its INVITE.
  public var delay: Duration
  public var caller: Caller
  /// Whether its INVITE has a Subject.
  public var hasSubject: Bool
  /// How it takes the sound, named from the platform's side.
  public var transport: MediaTransportChoice
  /// What it offers, as it prefers.
  public var codings: [VoiceCoding]
  /// Whether it asks under `m=video`.
  public var asksAsVideo: Bool
  /// Whether it acknowledges the 200.
  public var acknowledges: Bool
  /// The codes that it answers ERROR for, whatever ``answer`` says.
  public var deafCodes: Set<DeviceID>
  /// Whether it takes `s=Talk`, and then sends back what it hears. Others refuse with 488.
  public var takesTalk: Bool

  public init(
    answer: Answer = .agrees, calls: Bool = true, order: Order = .responseFirst, delay: Duration = .zero,
    caller: Caller = .target, hasSubject: Bool = true, transport: MediaTransportChoice = .udp,
    codings: [VoiceCoding] = [.pcma], asksAsVideo: Bool = false, acknowledges: Bool = true,
    deafCodes: Set<DeviceID> = [], takesTalk: Bool = false
  ) {
    (self.answer, self.calls, self.order, self.delay) = (answer, calls, order, delay)
    (self.caller, self.hasSubject, self.transport, self.codings) = (caller, hasSubject, transport, codings)
    (self.asksAsVideo, self.acknowledges) = (asksAsVideo, acknowledges)
    (self.deafCodes, self.takesTalk) = (deafCodes, takesTalk)
  }
}

/// What a peer heard of the voices that were sent to it. Counted over all sessions.
public struct HeardVoice: Sendable, Hashable {
  /// Samples kept: the first ten seconds.
  public static let mostSamples = 80_000

  /// Broadcasts that came, calls it made, talks it took, and statuses that refused its calls.
  public var broadcasts = 0
  public var calls = 0
  public var talks = 0
  public var refusals: [Int] = []
  /// Sessions that stand, and BYEs that came.
  public var standing = 0
  public var byes = 0
  /// RTP packets; those that came before the 200; those with the marker.
  public var packets = 0
  public var early = 0
  public var markers = 0
  /// Whether the first packet had the marker.
  public var beganWithMarker = false
  /// Times that a number or a time stamp did not follow its predecessor.
  public var gaps = 0
  public var payloadTypes: Set<UInt8> = []
  /// What was said, decoded.
  public var samples: [Int16] = []
  /// The last description that the platform answered with.
  public var description = ""

  public init() {}
}
