/// How a relayed stream reaches its peer (GB/T 28181 §7.4, §7.5).
public enum RelayTransport: Sendable, Hashable {
  case udp
  /// We connect to the peer.
  case tcpActive
  /// The peer connects to us.
  case tcpPassive
}

/// Whom a stream is to be sent to as RTP with a program stream in it, and under which numbers.
public struct RelayRequest: Sendable, Hashable {
  /// The SSRC that the dialog agreed on (`y=`).
  public var ssrc: UInt32
  public var transport: RelayTransport
  /// The IP address of the peer's `c=` line. With `tcpPassive` the only machine whose connection is taken.
  public var host: String
  /// The port of the peer's `m=` line. Means nothing with `tcpPassive`.
  public var port: UInt16
  /// 0…127; 96 is what everyone uses for PS.
  public var payloadType: UInt8 = 96
  /// Of the first packet; random unless given.
  public var sequenceNumber = UInt16.random(in: 0...UInt16.max)
  /// Whether a peer that is behind gets everything all the same, up to the bounds of memory: recordings have no newer
  /// picture to go on with.
  public var keepsAll = false
  /// RTP payload bytes per packet, 200…1 460.
  public var maximumPayload = 1_400

  public init(ssrc: UInt32, transport: RelayTransport, host: String, port: UInt16) {
    (self.ssrc, self.transport, self.host, self.port) = (ssrc, transport, host, port)
  }
}

/// Why a relay is over.
public enum RelayEnd: Sendable, Hashable {
  /// ``MediaPlane/detachRelay(_:)``.
  case detached
  /// The stream ended and everything was sent, or the time for that ran out.
  case streamEnded
  /// The network said again and again that nobody listens there (ICMP), or that there is no way.
  case refused
  /// The peer closed its TCP connection, or the connection broke.
  case disconnected
  /// With TCP: the peer could not be connected to, or did not connect, in time.
  case notConnected
  /// The peer took no bytes for too long.
  case stuck
}
