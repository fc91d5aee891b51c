public import MediaTime

/// Turns the RTP payloads of one stream, in order, into access units.
public struct StreamDemuxer: ~Copyable {
  public private(set) var counters = DemuxCounters()
  private let options: DemuxerOptions

  public init(options: DemuxerOptions = DemuxerOptions()) { self.options = options }

  /// The tracks known now, video first.
  public var formats: [TrackFormat] { [] }

  /// Takes the payload of the next RTP packet.
  public mutating func receive(
    _ payload: Span<UInt8>, header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime,
    emit: (DemuxEvent) -> Void
  ) {
    counters.packets += 1
  }

  /// Hands on what is complete, at the end of the stream.
  public mutating func flush(arrival: WallTime, emit: (DemuxEvent) -> Void) {}
}
