public import GBCore
public import SIPCore

/// What a run of the tester needs to know.
public struct ConformSettings: Sendable {
  /// The server under test, for D and R.
  public var server: SIPHostPort
  /// The code of the server under test, and its SIP domain.
  public var platformID: DeviceID
  public var domain: String
  /// The tester as upper platform, for U: where it listens, and its own code.
  public var listenHost: String
  public var listenPort: Int
  public var upperID: DeviceID
  /// The lower platform or device that registers at the tester, and its password.
  public var lowerID: DeviceID?
  public var password: String
  /// A camera of it; found in its catalog when nil.
  public var cameraID: DeviceID?
  /// What registers at the tester, as the report names it.
  public var lowerName: String
  /// How the report names the server under test.
  public var serverName: String
  /// True when tester and server are on one machine: every case gets a loopback address of its own.
  public var isLoopback: Bool
  /// The address of this machine that routes to the server; found when the run begins.
  var localHost = "127.0.0.1"
  /// Cases at the same time.
  public var width: Int
  /// Seconds between heartbeats of the lower platform under test.
  public var lowerKeepalive: Int
  public var hash: DigestFunction
  public var codec: TextCodec
  public var actions: any PeerActions

  public init(
    server: SIPHostPort, platformID: DeviceID, password: String, hash: @escaping DigestFunction,
    codec: TextCodec, actions: any PeerActions
  ) {
    (self.server, self.platformID, self.password) = (server, platformID, password)
    domain = platformID.domain ?? platformID.text
    (self.hash, self.codec, self.actions) = (hash, codec, actions)
    (listenHost, listenPort, lowerKeepalive) = ("127.0.0.1", 0, 60)
    upperID = DeviceID("34000000002000000001") ?? platformID
    lowerName = "the implementation under test"
    serverName = "\(server)"
    isLoopback = server.host.hasPrefix("127.")
    width = 4
  }
}
