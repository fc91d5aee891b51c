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

/// A ``StreamSink`` attached to a stream.
public struct SinkID: Hashable, Sendable {
  let raw: UInt64
  let stream: StreamID
}
