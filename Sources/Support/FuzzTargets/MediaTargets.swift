import MPEGCore
import MediaTime
import RTPCore
import WireBytes

extension FuzzTarget {
  /// A TCP byte stream: framing, RTP header, reordering. Payloads lie inside their packets; numbers ascend unless the
  /// gap is announced.
  static let rtp = FuzzTarget("rtp", maximumLength: 4_096) { bytes in
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    var framer = InterleavedFramer()
    var reorder = ReorderBuffer(capacity: first & 1 == 0 ? 1_024 : 4)
    var now = MonotonicTime(nanoseconds: 0)
    var last: RTPHeader?
    let size = 16 + Int(first) * 4
    for start in stride(from: 0, to: stream.count, by: size) {
      let piece = Array(stream[start..<min(start + size, stream.count)])
      now = now + .milliseconds(7)
      do throws(FramingError) {
        try framer.feed(piece.span, expectedSSRC: first & 2 == 0 ? nil : 0x0BEB_C6D2) { packet in
          guard !RTPHeader.isRTCP(packet) else {
            _ = RTCP.SenderReport(parsing: packet)
            return
          }
          guard let header = try? RTPHeader(parsing: packet) else { return }
          precondition(header.payload.upperBound <= packet.count)
          reorder.insert(header, packet: packet, now: now) { header, payload, gap in
            precondition(payload.count == header.payload.count)
            if let last, !gap {
              precondition(last.ssrc == header.ssrc && last.sequenceNumber &+ 1 == header.sequenceNumber)
            }
            last = header
          }
        }
      } catch { return }
    }
    reorder.drain { _, _, _ in }
    precondition(reorder.waitingCount == 0)
  } seeds: {
    Seeds.rtp
  }

  /// RTP payloads, each behind a byte of flags and two of length. What comes out keeps the promises of
  /// ``DemuxEvent``: formats first, key frame after damage, ascending decoding times, well-formed payloads.
  static let demuxer = FuzzTarget("demuxer", maximumLength: 8_192) { bytes in
    guard let first = bytes.first else { return }
    let kinds: [DemuxerOptions.PayloadKind] = [.automatic, .programStream, .transportStream, .h264, .h265]
    let options = DemuxerOptions(payloadKind: kinds[Int(first) % kinds.count], maximumUnitBytes: 1 << 20)
    var demuxer = StreamDemuxer(options: options)
    var check = StreamCheck()
    var arrival = WallTime(seconds: 1)
    var timestamp: UInt32 = 0
    var position = 1
    while position + 3 <= bytes.count {
      let flags = bytes[position]
      let length = min(Int(bytes[position + 1]) << 8 | Int(bytes[position + 2]), bytes.count - position - 3)
      let payload = Array(bytes[position + 3..<position + 3 + length])
      position += 3 + length
      if flags & 4 != 0 {
        timestamp &+= 3_600
        arrival = arrival + .milliseconds(40)
      }
      if flags & 8 != 0 { timestamp &+= 1 << 30 }
      let types: [UInt8] = [96, 98, 0, 8]
      let info = RTPTimestampInfo(
        timestamp: timestamp, marker: flags & 1 != 0, payloadType: types[Int(flags >> 6)])
      demuxer.receive(payload.span, header: info, gapBefore: flags & 2 != 0, arrival: arrival) {
        check.take($0)
      }
    }
    demuxer.flush(arrival: arrival) { check.take($0) }
  } seeds: {
    Seeds.demuxer
  }

  /// An elementary stream: units, parameter sets, descriptions for containers, and packing. What comes back from the
  /// demultiplexer keeps its promises.
  static let nal = FuzzTarget("nal", maximumLength: 4_096) { bytes in
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let units = AnnexB.units(in: stream.span).map { Array(stream[$0]) }
    for codec in [MediaCodec.h264, .h265] {
      let format = ParameterSets.videoFormat(codec, parameterSets: Array(units.prefix(8)))
      precondition(format.width >= 0 && format.height >= 0 && format.width <= 1 << 16)
      _ = ParameterSets.avcDecoderConfiguration(format)
      _ = ParameterSets.hevcDecoderConfiguration(format)
      _ = ParameterSets.codecString(format)
    }
    guard let reader = ElementaryStreamReader(stream, codec: [nil, .h264, .h265][Int(first) % 3]) else {
      return
    }
    var muxer = PSMuxer(formats: [reader.format])
    var demuxer = StreamDemuxer(options: DemuxerOptions(payloadKind: .programStream))
    var check = StreamCheck()
    for index in 0..<reader.count {
      let unit = reader.unit(index)
      var pack: [UInt8] = []
      muxer.pack(unit, into: &pack)
      let info = RTPTimestampInfo(
        timestamp: UInt32(truncatingIfNeeded: unit.pts.value), marker: true, payloadType: 96)
      demuxer.receive(pack.span, header: info, gapBefore: false, arrival: unit.arrival) { check.take($0) }
    }
    demuxer.flush(arrival: WallTime(seconds: 1)) { check.take($0) }
  } seeds: {
    Seeds.elementaryStreams
  }
}

/// Watches the events of one demultiplexer.
private struct StreamCheck {
  private var formats: [TrackFormat] = []
  private var needsKeyFrame = true
  private var lastVideo: MediaTicks?
  private var lastAudio: MediaTicks?

  mutating func take(_ event: DemuxEvent) {
    switch event {
    case .formats(let new):
      precondition(!new.isEmpty && new.count <= 2 && new != formats, "formats without a change")
      formats = new
      if new.contains(where: \.codec.isVideo) { needsKeyFrame = true }
    case .damaged:
      needsKeyFrame = true
    case .unsupported:
      break
    case .unit(let unit):
      precondition(formats.contains { $0.codec == unit.codec }, "a unit of a track never announced")
      precondition(unit.payload.count > 0)
      if unit.codec.isVideo { takeVideo(unit) } else { takeAudio(unit) }
    }
  }

  private mutating func takeVideo(_ unit: AccessUnit) {
    precondition(unit.isKeyFrame || !needsKeyFrame, "no key frame first")
    needsKeyFrame = false
    if let lastVideo { precondition(unit.dts > lastVideo, "decoding times do not ascend") }
    lastVideo = unit.dts
    var covered = 0
    unit.payload.withBytes { bytes in
      for range in AnnexB.units(lengthPrefixed: bytes) { covered += 4 + range.count }
    }
    precondition(covered == unit.payload.count, "a payload that is not a run of sized units")
  }

  private mutating func takeAudio(_ unit: AccessUnit) {
    if let lastAudio { precondition(unit.dts > lastAudio, "times of sound do not ascend") }
    lastAudio = unit.dts
  }
}
