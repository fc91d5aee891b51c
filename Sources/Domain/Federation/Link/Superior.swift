public import GBCore
public import SIPCore

/// A platform above this one, as an administrator described it. Its password is kept elsewhere.
public struct Superior: Sendable, Hashable, Identifiable {
  /// The superior's own code.
  public let id: DeviceID
  public var name: String
  /// Our code there. It may differ from the one we have elsewhere.
  public var ownID: DeviceID
  /// The realm of our account there; a challenge's own realm wins over it.
  public var realm: String
  /// Where it listens, the preferred address first, the others for when that one fails. Never empty.
  public private(set) var servers: [SIPHostPort]
  public var transport: SignallingTransport
  /// How documents for it are encoded.
  public var encoding: TextEncodingName
  /// The edition it is spoken to in, until it states its own.
  public var edition: GBVersion
  /// The lifetime a registration asks for, in seconds.
  public var expires: Int
  public var heartbeat: HeartbeatRule
  /// Catalog items in one message, 1…100.
  public var itemsPerMessage: Int
  /// The highest priority of its PTZ commands, 1…254, whatever its grants say; nil leaves it to them.
  public var controlPriority: Int?
  /// Whether business groups and virtual organisations are shown to it.
  public var sharesGroups: Bool
  /// What the link to it carries, in bits per second; nil when nobody declared it.
  public var capacity: Int?
  /// What ordinary streams leave free of it, in bits per second.
  public var reserve: Int
  public var isEnabled: Bool

  /// - Returns: nil without an address.
  public init?(
    id: DeviceID, name: String, ownID: DeviceID, realm: String? = nil, servers: [SIPHostPort],
    transport: SignallingTransport = .udp, encoding: TextEncodingName = .gb18030,
    edition: GBVersion = .v2022, expires: Int = 86_400, heartbeat: HeartbeatRule = HeartbeatRule(),
    itemsPerMessage: Int = 4, controlPriority: Int? = nil, sharesGroups: Bool = true, capacity: Int? = nil,
    reserve: Int = 0, isEnabled: Bool = true
  ) {
    guard !servers.isEmpty else { return nil }
    (self.id, self.name, self.ownID, self.servers) = (id, name, ownID, servers)
    self.realm = realm ?? id.domain ?? String(id.text.prefix(10))
    (self.transport, self.encoding, self.edition) = (transport, encoding, edition)
    (self.expires, self.heartbeat) = (max(expires, 60), heartbeat)
    self.itemsPerMessage = min(max(itemsPerMessage, 1), 100)
    self.controlPriority = controlPriority.map { min(max($0, 1), 254) }
    (self.sharesGroups, self.capacity, self.isEnabled) = (sharesGroups, capacity, isEnabled)
    self.reserve = max(reserve, 0)
  }

  /// The superior at its address number `index`, counted round.
  func server(_ index: Int) -> RedirectFollower.Server {
    RedirectFollower.Server(id: id, address: servers[index % servers.count])
  }
}

/// How often a platform says that it lives, and how long it speaks to nobody.
public struct HeartbeatRule: Sendable, Hashable {
  /// 5…255 s.
  public let interval: Duration
  /// Heartbeats without answer before the superior is given up, 1…255.
  public let count: Int

  /// The standard's 60 s and 3. Values out of range are pulled into it.
  public init(interval: Duration = .seconds(60), count: Int = 3) {
    self.interval = min(max(interval, .seconds(5)), .seconds(255))
    self.count = min(max(count, 1), 255)
  }
}
