public import MPEGCore
public import MediaTime

/// The state of the media plane in numbers, at most a second old.
public struct MediaSnapshot: Sendable {
  public struct Stream: Sendable {
    public var id: StreamID
    public var label: String
    /// Nil for pushed streams.
    public var transport: IngestTransport?
    public var source: MediaAddress?
    public var ssrc: UInt32?
    public var packets: UInt64 = 0
    /// RTP bytes, headers included.
    public var bytes: UInt64 = 0
    public var lost: UInt64 = 0
    public var reordered: UInt64 = 0
    public var duplicates: UInt64 = 0
    /// Packets with the stream's SSRC from a machine it does not expect.
    public var foreignPackets: UInt64 = 0
    /// Pictures dropped because a part of them was missing.
    public var damagedUnits: UInt64 = 0
    /// Media bits per second over the last second.
    public var bitsPerSecond: Double = 0
    /// Pictures per second over the last second.
    public var framesPerSecond: Double = 0
    public var formats: [TrackFormat] = []
    public var lastArrival: WallTime?
    /// From the first packet to the first complete key frame.
    public var firstPictureAfter: Duration?
    public var cacheBytes = 0
    public var sinks = 0
    public var viewers: [Viewer] = []
    public var relays: [Relay] = []

    public var video: TrackFormat? { formats.first { $0.codec.isVideo } }
  }

  public struct Viewer: Sendable {
    public var id: ViewerID
    public var framing: ViewerFraming
    public var bytesSent: UInt64
    /// Groups of pictures left out because the viewer could not keep up.
    public var droppedGroups: UInt64
  }

  public struct Relay: Sendable {
    public var id: RelayID
    public var transport: RelayTransport
    /// Where it is sent to; with `tcpPassive` the machine that may connect.
    public var peer: MediaAddress
    public var ssrc: UInt32
    /// Over UDP always; over TCP once the connection stands.
    public var isSending = false
    public var packets: UInt64 = 0
    /// RTP bytes, headers included.
    public var bytes: UInt64 = 0
    /// Times that the socket's buffer was full, so that packets went out later.
    public var delayed: UInt64 = 0
    /// Datagrams that the network or the kernel refused.
    public var refused: UInt64 = 0
    /// Groups of pictures left out, in whole or in part, because the peer could not keep up.
    public var droppedGroups: UInt64 = 0
    public var backlogBytes = 0

    init(id: RelayID, transport: RelayTransport, peer: MediaAddress, ssrc: UInt32) {
      (self.id, self.transport, self.peer, self.ssrc) = (id, transport, peer, ssrc)
    }
  }

  public struct Thread: Sendable {
    /// Passes of the thread's loop.
    public var loops: UInt64 = 0
    /// CPU time used, nanoseconds.
    public var busyNanoseconds: UInt64 = 0
    /// Datagrams that the kernel dropped because its buffer was full.
    public var kernelDrops: UInt64 = 0
    /// Bytes the kernel grants for receiving.
    public var receiveBuffer = 0
    public var datagrams: UInt64 = 0
    /// Packets of no known stream.
    public var unknownPackets: UInt64 = 0
    /// Datagrams that are neither RTP nor RTCP.
    public var malformedPackets: UInt64 = 0
    public var sockets = 0
  }

  public var streams: [Stream] = []
  public var threads: [Thread] = []

  public init() {}
}
