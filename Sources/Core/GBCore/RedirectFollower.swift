public import SIPCore

/// Which server a registering device or platform turns to when it is redirected (GB/T 28181-2022, reference §2.5).
///
/// ```text
///   home ──302──► A ──302──► B …   at most five, none twice
///    ▲            │          │
///    └────────────┴──────────┘ silence, 403, 5xx, any other refusal, a circle: home, after the retry interval
/// ```
///
/// Knows no socket and no time: tell it what became of each registration, do what it says. A nonce, realm or
/// Call-ID of one server means nothing to another: begin afresh at each.
public struct RedirectFollower: Sendable, Hashable {
  public struct Server: Sendable, Hashable {
    public var id: DeviceID
    /// Its host is what the redirector wrote: an address, or a name to resolve.
    public var address: SIPHostPort

    public init(id: DeviceID, address: SIPHostPort) { (self.id, self.address) = (id, address) }
  }

  public enum Action: Sendable, Hashable {
    /// Stay registered at ``RedirectFollower/current``.
    case stay
    /// Register at this server now, from the beginning.
    case register(Server)
    /// Wait for the retry interval, then register at this server.
    case retry(Server)
  }

  /// The longest chain of redirections that is followed.
  public static let deepest = 5

  public let home: Server
  /// Where the next registration goes.
  public private(set) var current: Server
  /// The servers since home, the current one last.
  private var chain: [Server] = []

  public init(home: Server) {
    self.home = home
    current = home
  }

  /// How many redirections lie behind.
  public var depth: Int { chain.count }

  /// A REGISTER got a final answer other than a challenge.
  public mutating func answered(_ response: SIPResponse) -> Action {
    if response.isSuccess { return .stay }
    guard (300..<400).contains(response.status), let next = Self.target(response), depth < Self.deepest,
      next != home, !chain.contains(next)
    else { return lost() }
    chain.append(next)
    current = next
    return .register(next)
  }

  /// A REGISTER got no answer, the connection broke, or heartbeats are not answered any more: the server is offline.
  public mutating func lost() -> Action {
    chain = []
    current = home
    return .retry(home)
  }

  /// The server in the Contact of a 302; nil when it names no platform that could be asked.
  private static func target(_ response: SIPResponse) -> Server? {
    guard let uri = response.contact?.uri, uri.scheme == "sip" || uri.scheme == "sips",
      let id = uri.user.flatMap({ DeviceID($0) }), uri.host != "0.0.0.0", uri.host != "::"
    else { return nil }
    let port = uri.port ?? (uri.scheme == "sips" ? 5061 : 5060)
    guard port > 0 else { return nil }
    return Server(id: id, address: SIPHostPort(host: uri.host, port: port))
  }
}
