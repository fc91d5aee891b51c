public import MediaTime
import WireBytes

/// Turns the RTP payloads of one stream, in order, into access units.
///
/// Program streams are the rule (GB/T 28181 §9.4); transport streams, bare H.264 and H.265 and bare G.711 are
/// recognised by their bytes, whatever the payload type says (§9.5 rows 15 to 17).
///
/// ```text
///   .sniffing ── 00 00 01 BA ──────────────► .programStream
///      │ │ └──── n × 188 bytes of 47… ─────► .transportStream
///      │ └────── NAL units, no start codes ► .units
///      └──────── payload type 0 or 8 ──────► .samples
/// ```
///
/// A unit comes out as soon as it is known to be complete: at the RTP marker when the PES lengths are exact, else when
/// the next picture begins. After loss or damage nothing comes out before the next key frame. Allocates one block per
/// unit and nothing per packet once warm. Belongs to one thread.
public struct StreamDemuxer: ~Copyable {
  private enum Container: Sendable {
    case sniffing(PayloadSniffer)
    case programStream
    case transportStream(TSDemuxer)
    case units(NALDepacketizer)
    case samples(StreamType)
  }

  private var container: Container
  /// Beside the container, so that the usual case is changed in place.
  private var programStream = PSDemuxer()
  private var tracks: TrackSet

  public init(options: DemuxerOptions = DemuxerOptions()) {
    tracks = TrackSet(options: options)
    container =
      switch options.payloadKind {
      case .automatic: .sniffing(PayloadSniffer())
      case .programStream: .programStream
      case .transportStream: .transportStream(TSDemuxer())
      case .h264: .units(NALDepacketizer(codec: .h264))
      case .h265: .units(NALDepacketizer(codec: .h265))
      case .g711A: .samples(StreamType(.g711A))
      case .g711U: .samples(StreamType(.g711U))
      }
  }

  /// The tracks announced last, video first.
  public var formats: [TrackFormat] { tracks.formats }

  /// What has been seen so far.
  public var counters: DemuxCounters { tracks.counters }

  /// Takes the payload of the next RTP packet.
  ///
  /// - Parameters:
  ///   - gapBefore: packets are missing directly before this one.
  ///   - arrival: when the packet reached this machine.
  ///   - emit: called for each event, in order, before this function returns.
  public mutating func receive(
    _ payload: Span<UInt8>, header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime,
    emit: (DemuxEvent) -> Void
  ) {
    tracks.counters.packets += 1
    if payload.count > 0 { take(payload, header, gapBefore: gapBefore, arrival: arrival) }
    tracks.drain(emit)
  }

  private mutating func take(
    _ payload: Span<UInt8>, _ header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime
  ) {
    if case .sniffing(var sniffer) = container {
      let verdict = sniffer.look(payload, header)
      container = .sniffing(sniffer)
      settle(verdict)
    }
    switch container {
    case .sniffing:
      if gapBefore { tracks.damaged(.packetLoss, at: arrival) }
    case .programStream:
      programStream.receive(payload, header: header, gapBefore: gapBefore, arrival: arrival, &tracks)
      if programStream.payloadsHunting > PSDemuxer.huntingLimit { sniffAgain() }
    case .transportStream(var demuxer):
      container = .programStream
      demuxer.receive(payload, header: header, gapBefore: gapBefore, arrival: arrival, &tracks)
      container = .transportStream(demuxer)
      if demuxer.strangePayloads > PayloadSniffer.patience { sniffAgain() }
    case .units(var depacketizer):
      container = .programStream
      depacketizer.receive(payload, header: header, gapBefore: gapBefore, arrival: arrival, &tracks)
      container = .units(depacketizer)
      if PSCode.isCode(payload, at: 0), payload[3] == PSCode.packHeader { sniffAgain() }
    case .samples(let type):
      let timing = UnitTiming(pts: nil, dts: nil, rtp: header.timestamp, arrival: arrival)
      tracks.sound(payload, type: type, timing: timing)
    }
  }

  /// Nothing has arrived for a while: hands on what only the next picture would have shown to be complete.
  ///
  /// Call it when a stream has been quiet for about 200 ms, and with `isLong` after about 600 ms. The stream may go on
  /// afterwards.
  public mutating func settle(isLong: Bool, emit: (DemuxEvent) -> Void) {
    if case .programStream = container { programStream.settle(isLong: isLong, &tracks) }
    tracks.stopWaiting()
    tracks.drain(emit)
  }

  /// Hands on what is complete, at the end of the stream.
  ///
  /// - Parameter arrival: when the end was noticed.
  public mutating func flush(arrival: WallTime, emit: (DemuxEvent) -> Void) {
    switch container {
    case .sniffing, .samples:
      break
    case .programStream:
      programStream.flush(arrival: arrival, &tracks)
    case .transportStream(var demuxer):
      demuxer.flush(&tracks)
      container = .transportStream(demuxer)
    case .units(var depacketizer):
      depacketizer.flush(&tracks)
      container = .units(depacketizer)
    }
    tracks.stopWaiting()
    tracks.drain(emit)
  }

  private mutating func settle(_ verdict: PayloadSniffer.Verdict?) {
    switch verdict {
    case nil: break
    case .programStream: container = .programStream
    case .transportStream: container = .transportStream(TSDemuxer())
    case .units(let codec): container = .units(NALDepacketizer(codec: codec))
    case .samples(let codec): container = .samples(StreamType(codec))
    case .privateContainer: tracks.unsupported(.privateContainer)
    }
  }

  private mutating func sniffAgain() {
    guard tracks.options.payloadKind == .automatic else { return }
    container = .sniffing(PayloadSniffer())
    programStream = PSDemuxer()
  }
}
