public import GBCore
public import MediaTime

/// Where the registry survives a restart.
///
/// Nothing on the heartbeat path calls it: the registry works in memory and
/// writes changes behind. Every method is atomic by itself.
public protocol RegistryStore: Sendable {
  /// Writes everything in one transaction. Devices that are not stored are left out, with their channels: what
  /// another process removed a moment ago does not come back.
  func write(_ changes: RegistryChanges) async throws

  // MARK: Devices

  /// All devices, in any order.
  func devices() async throws -> [Device]
  func device(_ id: DeviceID) async throws -> Device?
  /// Inserts or replaces the records. Passwords stay as they are; `hasCredential` is ignored on the way in.
  func save(_ devices: [Device]) async throws
  /// Removes the device with its password and all its channels. Unknown codes are ignored.
  func deleteDevice(_ id: DeviceID) async throws

  /// Stores or (nil) removes the password of a known device, encrypted at rest.
  func setPassword(_ password: String?, of id: DeviceID) async throws
  /// The passwords of all devices that have one, read once at start.
  func passwords() async throws -> [DeviceID: String]

  // MARK: Channels

  /// The channels of one device, or of all.
  func channels(of device: DeviceID?) async throws -> [Channel]
  /// Inserts or replaces `saved` and removes `deleted` in one transaction.
  func updateChannels(saved: [Channel], deleted: [ChannelKey]) async throws

  // MARK: Quarantine

  func quarantine() async throws -> [QuarantinedDevice]
  /// Inserts or replaces the entries.
  func saveQuarantine(_ entries: [QuarantinedDevice]) async throws
  func deleteQuarantine(_ id: DeviceID) async throws
  /// Replaces what could not be read in the last catalog of `device`.
  func setCatalogProblems(_ problems: [CatalogProblemRecord], of device: DeviceID) async throws
  func catalogProblems(of device: DeviceID?) async throws -> [CatalogProblemRecord]
}

/// A device that registered without being provisioned and waits for a person.
public struct QuarantinedDevice: Sendable, Hashable, Identifiable {
  public let id: DeviceID
  public var address: PeerAddress
  public var transport: SignallingTransport
  public var userAgent: String?
  public var version: GBVersion?
  public var firstSeen: WallTime
  public var lastSeen: WallTime
  /// REGISTER requests seen.
  public var attempts: Int
  /// A short plain sentence: why it waits.
  public var reason: String

  public init(
    id: DeviceID, address: PeerAddress, transport: SignallingTransport, userAgent: String? = nil,
    version: GBVersion? = nil, firstSeen: WallTime, lastSeen: WallTime, attempts: Int = 1, reason: String
  ) {
    (self.id, self.address, self.transport) = (id, address, transport)
    (self.userAgent, self.version) = (userAgent, version)
    (self.firstSeen, self.lastSeen, self.attempts, self.reason) = (firstSeen, lastSeen, attempts, reason)
  }
}

/// One item of a device's catalog that could not be read, kept so that a person can see it.
public struct CatalogProblemRecord: Sendable, Hashable {
  public let device: DeviceID
  public var seen: WallTime
  /// What was wrong, as a short plain sentence.
  public var reason: String
  /// The item as it arrived, decoded, cut at 4 096 characters.
  public var raw: String

  public init(device: DeviceID, seen: WallTime, reason: String, raw: String) {
    (self.device, self.seen, self.reason, self.raw) = (device, seen, reason, raw)
  }
}
