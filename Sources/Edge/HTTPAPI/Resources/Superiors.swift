extension API {
  /// How our registration with a platform above stands.
  public enum SuperiorState: String, Codable, Sendable, Hashable, CaseIterable {
    case disabled, registering, registered, waiting, leaving
  }

  /// A platform above this one, and the link to it.
  public struct Superior: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    /// Our code there.
    public var ownId: String
    public var realm: String
    /// `host:port`, the preferred one first.
    public var servers: [String]
    public var transport: String
    public var gbVersion: String
    public var encoding: String
    /// Seconds.
    public var expires: Int
    /// Seconds.
    public var heartbeatInterval: Int
    public var heartbeatCount: Int
    public var itemsPerMessage: Int
    public var controlPriority: Int?
    public var sharesGroups: Bool
    /// Bits per second, and what ordinary streams leave free of them.
    public var capacity: Int?
    public var reserve: Int?
    public var enabled: Bool
    public var state: SuperiorState
    public var since: Time
    /// The server that is registered at or tried.
    public var server: String
    /// The status of the last answer to a REGISTER.
    public var lastStatus: Int?
    /// Why the last registration ended or could not be made.
    public var cause: Cause?
    /// Items it sees.
    public var items: Int
    /// Whether it subscribed to changes of the catalog.
    public var subscribed: Bool
    /// Pictures that go up now.
    public var streams: Int

    public init(
      id: String, name: String, ownId: String, realm: String, servers: [String], transport: String,
      gbVersion: String, encoding: String, expires: Int, heartbeatInterval: Int, heartbeatCount: Int,
      itemsPerMessage: Int, controlPriority: Int? = nil, sharesGroups: Bool, capacity: Int? = nil,
      reserve: Int? = nil,
      enabled: Bool, state: SuperiorState, since: Time, server: String, lastStatus: Int? = nil,
      cause: Cause? = nil, items: Int, subscribed: Bool, streams: Int
    ) {
      (self.id, self.name, self.ownId, self.realm) = (id, name, ownId, realm)
      (self.servers, self.transport, self.gbVersion) = (servers, transport, gbVersion)
      (self.encoding, self.expires, self.heartbeatInterval) = (encoding, expires, heartbeatInterval)
      (self.heartbeatCount, self.itemsPerMessage) = (heartbeatCount, itemsPerMessage)
      (self.controlPriority, self.sharesGroups, self.capacity) = (controlPriority, sharesGroups, capacity)
      (self.reserve, self.enabled, self.state) = (reserve, enabled, state)
      (self.since, self.server) = (since, server)
      (self.lastStatus, self.cause, self.items) = (lastStatus, cause, items)
      (self.subscribed, self.streams) = (subscribed, streams)
    }
  }

  /// A superior to add or to describe anew. What is left out is as the standard has it.
  public struct NewSuperior: Codable, Sendable, Hashable {
    public var name: String?
    /// The password of our account there; may be left out when the superior is known.
    public var password: String?
    /// Our code there, when it is another than our own.
    public var ownId: String?
    public var realm: String?
    public var servers: [String]
    public var transport: String?
    public var gbVersion: String?
    public var encoding: String?
    public var expires: Int?
    public var heartbeatInterval: Int?
    public var heartbeatCount: Int?
    public var itemsPerMessage: Int?
    public var controlPriority: Int?
    public var sharesGroups: Bool?
    public var capacity: Int?
    public var reserve: Int?
    public var enabled: Bool?

    public init(name: String? = nil, password: String? = nil, servers: [String]) {
      (self.name, self.password, self.servers) = (name, password, servers)
    }
  }
}
