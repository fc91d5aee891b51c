/// How media comes in (GB/T 28181 §7.5).
public enum IngestTransport: Sendable, Hashable {
  case udp
  /// The device connects to us.
  case tcpPassive
  /// We connect to the device, after its answer.
  case tcpActive
}

/// A stream that is about to be asked for.
public struct IngestRequest: Sendable, Hashable {
  /// The SSRC that our `y=` line names.
  public var ssrc: UInt32
  public var transport: IngestTransport
  /// The IP address that the dialog's peer is known by. Media from another machine is refused, unless the
  /// answer names that machine. Nil accepts any machine that knows the SSRC.
  public var expectedHost: String?
  /// For people: what this stream is. Appears in snapshots.
  public var label: String

  public init(ssrc: UInt32, transport: IngestTransport, expectedHost: String?, label: String) {
    (self.ssrc, self.transport, self.expectedHost, self.label) = (ssrc, transport, expectedHost, label)
  }
}

/// An open stream and the port to put into the SDP.
public struct IngestLease: Sendable, Hashable {
  public let stream: StreamID
  /// UDP or TCP port. For `tcpActive` the port is only written into the offer; nothing needs to arrive there.
  public let port: UInt16
}

/// How bytes reach a viewer.
public enum ViewerFraming: Sendable, Hashable {
  /// WebSocket messages: text for control, binary for media (RFC 6455, server side).
  case webSocket
  /// Chunks of an HTTP/1.1 body.
  case chunkedHTTP
  /// Media bytes as they are.
  case raw
}
