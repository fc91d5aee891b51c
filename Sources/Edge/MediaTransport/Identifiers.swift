/// A stream in the media plane: one camera's pull, or a replay or derived stream that is pushed in.
///
/// Names the media thread that owns it, so that a command finds its way without a table.
public struct StreamID: Hashable, Sendable, CustomStringConvertible {
  let raw: UInt64

  init(raw: UInt64) { self.raw = raw }

  package init(serial: UInt64, thread: Int) { raw = serial << 8 | UInt64(thread) }

  var thread: Int { Int(raw & 0xff) }

  public var description: String { "stream-\(raw)" }
}

/// A viewer: one connected socket that receives a stream.
public struct ViewerID: Hashable, Sendable, CustomStringConvertible {
  let raw: UInt64

  init(raw: UInt64) { self.raw = raw }

  package init(serial: UInt64, thread: Int) { raw = serial << 8 | UInt64(thread) }

  var thread: Int { Int(raw & 0xff) }

  public var description: String { "viewer-\(raw)" }
}

/// A relay: one peer that a stream is sent to as RTP.
public struct RelayID: Hashable, Sendable, CustomStringConvertible {
  let raw: UInt64
  public let stream: StreamID
  /// The port to put into the SDP: where datagrams come from, or where the peer connects to.
  public let port: UInt16

  public var description: String { "relay-\(raw)" }
}

/// A ``StreamSink`` attached to a stream.
public struct SinkID: Hashable, Sendable {
  let raw: UInt64
  let stream: StreamID
}
