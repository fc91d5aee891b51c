public import MPEGCore

/// How the media plane listens and how it treats streams and viewers. Read once, when the plane is made.
public struct MediaPlaneConfiguration: Sendable {
  /// Where media arrives.
  public enum Mode: Sendable, Hashable {
    /// All streams on one UDP and TCP port, told apart by SSRC. 0 takes a free port.
    case singlePort(UInt16)
    /// Each stream gets an even port of the range for itself.
    case portRange(ClosedRange<UInt16>)
  }

  /// Address to listen on: `0.0.0.0`, `::` or one of this machine.
  public var bindHost = "0.0.0.0"
  public var mode: Mode
  /// Media threads, 1…64. Each owns its streams with their sockets and viewers.
  public var threads = 1
  /// How long a busy thread gathers packets before it reads again. Bounds the delay it adds to a frame.
  public var pollInterval: Duration = .milliseconds(5)
  /// Bytes asked for as receive buffer of the single port's socket, which all streams share. The kernel may grant
  /// less (net.core.rmem_max); then reads come more often.
  public var receiveBuffer = 16 << 20
  /// The same for a socket that one stream has for itself, in port-range mode.
  public var dedicatedReceiveBuffer = 2 << 20
  /// Bytes of the latest group of pictures kept per stream. A longer group is not cached.
  public var gopCacheLimitBytes = 8 << 20
  /// Without a packet for this long after opening, ``MediaEvent/silent(_:)`` is reported.
  public var firstPacketTimeout: Duration = .seconds(12)
  /// Without a packet for this long in a running stream, ``MediaEvent/silent(_:)`` is reported.
  public var lossTimeout: Duration = .seconds(12)
  /// How long a broken TCP media connection may stay away before the stream ends (GB/T 28181 §7.5 practice).
  public var reconnectWindow: Duration = .seconds(5)
  /// Least time between two writes to the viewers of a stream: what falls in between goes out in one write.
  public var viewerCoalescing: Duration = .milliseconds(40)
  /// The same for a stream with at least ``crowd`` viewers, where fewer and larger writes pay.
  public var crowdCoalescing: Duration = .milliseconds(150)
  /// Viewers from which ``crowdCoalescing`` applies.
  public var crowd = 50
  /// A viewer that takes nothing for this long is closed.
  public var stuckViewerTimeout: Duration = .seconds(30)
  /// How long a relay's TCP peer may take until it is connected, from ``MediaPlane/attachRelay(_:_:)`` on. A listener
  /// stays open for twenty seconds at least (GB/T 28181 §7.5 practice).
  public var relayConnectTimeout: Duration = .seconds(20)
  /// A relay over UDP ends when the network has refused its datagrams for this long.
  public var relayRefusalTimeout: Duration = .seconds(3)
  /// Bytes asked for as send buffer of a socket that relays send from. The kernel may grant less
  /// (net.core.wmem_max).
  public var relaySendBuffer = 4 << 20
  /// Let the kernel cut datagrams where it can (UDP GSO).
  public var segmentationOffload = true
  /// Makes the transcoder for audio that browsers cannot play (G.711 → AAC). Without it such audio is left out.
  public var makeAudioTranscoder: (@Sendable (TrackFormat) -> (any AudioTranscoding)?)?
  /// Called on a media thread. Must return at once and must not call back into the plane synchronously waiting.
  public var events: @Sendable (MediaEvent) -> Void

  public init(mode: Mode, events: @escaping @Sendable (MediaEvent) -> Void = { _ in }) {
    self.mode = mode
    self.events = events
  }
}

/// Turns the blocks of one audio track into another codec. Used by one thread at a time.
public protocol AudioTranscoding: AnyObject, Sendable {
  /// What ``transcode(_:)`` produces.
  var format: TrackFormat { get }
  /// The units that became complete with `unit`; possibly none, with times on the same clock.
  func transcode(_ unit: AccessUnit) -> [AccessUnit]
}
