public import GBCore
public import NIOCore
import SIPCore

/// A fleet of simulated peers and the platform that they register at.
public struct FleetDescription: Sendable {
  public var serverHost: String
  public var sipPort: Int
  public var platformID: DeviceID
  /// SIP domain of the platform: usually the first ten digits of its code.
  public var domain: String
  public var peers: [PeerDescription]
  /// Peers that begin to register per second.
  public var registrationsPerSecond: Int
  /// Whether peers take their leave when the simulator ends.
  public var unregistersAtEnd: Bool
  /// The zone of the scene's clock and of documents, east of UTC.
  public var zone: Duration
  /// Converts names for the encoding that a peer declares. The default writes UTF-8.
  public var textCodec: TextCodec
  /// Makes the first handler of a TLS connection: this module depends on no TLS library.
  public var tlsHandler: (@Sendable () throws -> any ChannelHandler)?
  /// The same seed gives the same random choices.
  public var seed: UInt64
  /// Where choices are written down, if anywhere.
  public var decisions: DecisionLog?

  public init(
    serverHost: String = "127.0.0.1", sipPort: Int = 5_060, platformID: DeviceID, domain: String? = nil,
    peers: [PeerDescription]
  ) {
    (self.serverHost, self.sipPort, self.platformID) = (serverHost, sipPort, platformID)
    self.domain = domain ?? platformID.domain ?? platformID.text
    self.peers = peers
    (registrationsPerSecond, unregistersAtEnd, zone) = (200, true, .seconds(8 * 3_600))
    (textCodec, seed) = (.utf8, .random(in: 0...UInt64.max))
  }

  /// All pictures that some channel shows, in the order of their first one.
  var scenes: [SceneKey] {
    var known: Set<SceneKey> = []
    var scenes: [SceneKey] = []
    for peer in peers {
      for channel in peer.channels where channel.kind == .camera {
        let scene = peer.scene(of: channel)
        if known.insert(scene).inserted { scenes.append(scene) }
      }
    }
    return scenes
  }

  /// Where peers register first.
  var home: RedirectFollower.Server {
    RedirectFollower.Server(id: platformID, address: SIPHostPort(host: serverHost, port: sipPort))
  }

  /// The SIP domain of a server: ours to set at home, by its code elsewhere.
  func domain(of server: DeviceID) -> String {
    server == platformID ? domain : server.domain ?? server.text
  }

  func validate() throws(SimulatorError) {
    guard platformID.isStandard else { throw SimulatorError("the code of the platform has 20 digits") }
    guard (1...20_000).contains(peers.count) else { throw SimulatorError("a fleet has 1…20000 peers") }
    guard Set(peers.map(\.id)).count == peers.count else {
      throw SimulatorError("two peers have the same code")
    }
    guard (1...65_535).contains(sipPort) else { throw SimulatorError("\(sipPort) is no port") }
    guard registrationsPerSecond >= 1 else { throw SimulatorError("at least one peer registers per second") }
    guard tlsHandler != nil || !peers.contains(where: { $0.transport == .tls }) else {
      throw SimulatorError("peers that speak TLS need a TLS handler")
    }
    for peer in peers { try peer.validate() }
  }
}
