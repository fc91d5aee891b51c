public import GBCore

/// One simulated device or lower platform, described by data: who it is, how it speaks, what it has, what it does
/// wrong.
public struct PeerDescription: Sendable, Hashable {
  /// What kind of peer registers.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A camera that registers by itself.
    case ipc
    /// A recorder with channels.
    case nvr
    /// A platform below the one it registers at, with areas, groups and organisations (§11).
    case lowerPlatform = "lower-platform"
  }

  /// How a peer speaks SIP.
  public enum Transport: String, Sendable, Hashable, CaseIterable {
    case udp
    case tcp
    /// Needs ``FleetDescription/tlsHandler``.
    case tls
  }

  public var kind: Kind
  /// The code that registers.
  public var id: DeviceID
  /// What DeviceInfo calls it.
  public var name: String
  public var password: String
  public var transport: Transport
  /// What `X-GB-Ver` says, and which catalog fields are sent.
  public var edition: GBVersion
  /// The encoding that its documents declare; nil is the edition's own.
  public var charset: TextEncodingName?
  /// Its brand's habits.
  public var dialect: Dialect
  /// What its cameras show, unless a channel says otherwise.
  public var media: MediaSettings
  /// Media transports that it accepts, named from the platform's side; others get 488. Nil accepts all.
  public var mediaTransports: Set<MediaTransportChoice>?
  public var channels: [ChannelDescription]
  /// What a lower platform's catalog holds beside channels: areas, systems, groups, organisations, recorders.
  public var directory: [DirectoryEntry]
  /// Seconds of a registration, and between heartbeats.
  public var expires: Int
  public var keepaliveInterval: Int
  /// Heartbeats without an answer after which it registers anew.
  public var keepaliveCount: Int
  /// Seconds before a refused or unanswered registration is tried again; a random part is added.
  public var retryInterval: Int
  /// Items in one part of a catalog.
  public var catalogItemsPerPart: Int
  /// How it reports what happens.
  public var events: EventHabits
  /// What it has recorded itself; nil: nothing.
  public var recordings: OnBoardRecordings?
  /// How it is spoken through; nil is its brand's way.
  public var voice: VoiceHabits?
  /// What it does wrong, and when.
  public var faults: FaultPlan

  public init(
    _ kind: Kind, id: DeviceID, name: String, password: String, transport: Transport = .udp,
    edition: GBVersion = .v2016, dialect: Dialect = .generic, media: MediaSettings = MediaSettings(),
    channels: [ChannelDescription] = []
  ) {
    (self.kind, self.id, self.name, self.password) = (kind, id, name, password)
    (self.transport, self.edition, self.dialect, self.media) = (transport, edition, dialect, media)
    self.channels = channels
    (directory, events, faults) = ([], EventHabits(), FaultPlan())
    (expires, keepaliveInterval, keepaliveCount) = (3_600, 60, 3)
    (retryInterval, catalogItemsPerPart) = (60, 4)
  }

  /// The encoding that its documents declare.
  public var declaredEncoding: TextEncodingName { charset ?? edition.declaredEncoding }

  /// The picture that a channel shows.
  func scene(of channel: ChannelDescription) -> SceneKey {
    var settings = media
    if let codec = channel.codec { settings.codec = codec }
    let variant = channel.scene % settings.feedCount
    return SceneKey(settings: settings, variant: variant, owner: channel.isMovable ? channel.id : nil)
  }

  func validate() throws(SimulatorError) {
    guard expires >= 10, keepaliveInterval >= 1, keepaliveCount >= 1, retryInterval >= 1,
      catalogItemsPerPart >= 1
    else {
      throw SimulatorError(
        "\(id): a registration lasts at least 10 s; intervals and counts are at least 1")
    }
    guard Set(channels.map(\.id)).count == channels.count else {
      throw SimulatorError("\(id): two of its channels have the same code")
    }
    try faults.validate(of: id)
    try media.validate()
  }
}

/// Which picture a channel shows: channels with equal keys share one.
struct SceneKey: Sendable, Hashable {
  let settings: MediaSettings
  /// Which of the scenes that the settings know.
  let variant: Int
  /// The channel whose pan, tilt and zoom move this picture, which nobody shares.
  let owner: DeviceID?
}
