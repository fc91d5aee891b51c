public import GBCore

/// What is known of a device and its last call: facts, no judgement.
public struct Evidence: Sendable, Hashable {
  public enum Presence: String, Sendable, Hashable {
    case online, suspect, offline, never
  }

  public struct Registering: Sendable, Hashable {
    public var presence = Presence.never
    /// Provisioned here with a password.
    public var hasCredential = true
    /// It waits in the quarantine queue.
    public var isQuarantined = false
    /// Why its last registration was refused; nil after one that was accepted.
    public var refusal: RegistrationRefusal?
    /// The realm that its last refused digest named, and ours.
    public var digestRealm: String?
    public var ownRealm = ""
    /// The platform code that its REGISTER went to, and ours.
    public var addressedPlatform: String?
    public var ownCode = ""
    /// Its last REGISTER had Expires 0.
    public var saidGoodbye = false
    /// Registrations that ended with our question for its password, since the last that did not.
    public var unansweredChallenges = 0
    /// Where it was last heard.
    public var address: String?

    public init() {}
  }

  public struct Living: Sendable, Hashable {
    /// Whole seconds since it was last heard.
    public var silence: Int?
    /// The agreed seconds between heartbeats.
    public var interval = 60
    /// How often it went away and came back by itself within the last hour.
    public var returns = 0
    /// Different hosts it registered from within the last hour.
    public var hosts = 1
    /// Its clock minus ours, seconds, when it told.
    public var clockOffset: Int?
    /// Whether it answers what we ask; nil when nothing was asked.
    public var answersQueries: Bool?

    public init() {}
  }

  public struct Listing: Sendable, Hashable {
    /// Whether a catalog has ever arrived; nil before it was asked for.
    public var wasAnswered: Bool?
    /// Items announced and arrived in the last one, and those that could not be read.
    public var announced = 0
    public var arrived = 0
    public var broken = 0

    public init() {}
  }

  public struct Calling: Sendable, Hashable {
    /// The final answer; nil while there is none.
    public var status: Int?
    /// A provisional answer came.
    public var isTrying = false
    /// The device's own name for the state of this channel is "off".
    public var channelIsOff = false
    /// Whether its 200 said where media comes from.
    public var hasMedia = true
    /// The address that our SDP names, and the device's.
    public var offeredHost = ""
    public var deviceHost = ""
    /// What we ran out of.
    public var exhausted: String?
    /// It ended a call that stood.
    public var wasHungUp = false

    public init() {}
  }

  public struct Arriving: Sendable, Hashable {
    public var port = 0
    public var isTCP = false
    public var packets = 0
    /// Packets that the numbers show missing.
    public var lost = 0
    public var pictures = 0
    public var damaged = 0
    /// Hosts that sent with this call's number and were refused.
    public var strangers: [String] = []
    /// Numbers of other streams that came from the device.
    public var otherNumbers: [UInt32] = []
    public var connections = 0
    public var connectError: String?
    /// Media came and then stopped.
    public var hasStopped = false
    /// What cannot be used, in words of the media plane.
    public var unsupported: String?
    /// Whether the units that arrived hold anything that looks like a stream.
    public var hasUnits = false

    public init() {}
  }

  public var registering = Registering()
  public var living = Living()
  public var listing = Listing()
  public var call: Calling?
  public var arriving: Arriving?
  /// A picture is on the screen.
  public var isLive = false
  /// It would have to be converted for this browser, and no more conversions are allowed.
  public var isTranscodingFull = false

  public init() {}
}
