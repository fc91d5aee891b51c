import Benchmark
import MP4Core
import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// What the media plane does with two seconds of a camera.
func mediaSuites() -> [BenchmarkSuite] { [depacketiser(), demultiplexer(), writer()] }

private func depacketiser() -> BenchmarkSuite {
  BenchmarkSuite(name: "depacketiser") { suite in
    suite.benchmark("floor: copy 2 s") { copyPackets(Stream.shared.packets) }
    suite.benchmark("RTP headers of 2 s") {
      var last: UInt16 = 0
      for packet in Stream.shared.packets {
        if let header = try? RTPHeader(parsing: packet.bytes.span) { last ^= header.sequenceNumber }
      }
      keep(last)
    }
    suite.benchmark("reorder 2 s, in order") { reorder(Stream.shared.packets) }
    suite.benchmark("reorder 2 s, 50 ms of jitter") { reorder(Stream.shared.shuffled) }
    suite.benchmark("NAL units in a key frame") {
      let pack = Stream.shared.packs[0]
      keep(AnnexB.units(in: pack.span).count)
    }
  }
}

private func demultiplexer() -> BenchmarkSuite {
  BenchmarkSuite(name: "demultiplexer") { suite in
    suite.benchmark("floor: copy 2 s") { copyPackets(Stream.shared.packets) }
    suite.benchmark("packets of 2 s to pictures") { demultiplex(Stream.shared.packets) }
    suite.benchmark("the same, 50 ms of jitter") { demultiplex(Stream.shared.shuffled) }
    suite.benchmark("pictures of 2 s to packets") {
      var (muxer, packetizer) = (PSMuxer(formats: [Stream.shared.format]), RTPPacketizer(ssrc: 1))
      var (pack, bytes, ranges) = ([UInt8](), [UInt8](), [Range<Int>]())
      for (index, unit) in Stream.shared.units.enumerated() {
        pack.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        muxer.pack(unit, into: &pack)
        packetizer.append(pack.span, timestamp: UInt32(index * 3_600), to: &bytes, packets: &ranges)
      }
      keep(ranges.count)
    }
  }
}

private func writer() -> BenchmarkSuite {
  BenchmarkSuite(name: "fMP4 writer") { suite in
    suite.benchmark("floor: copy 2 s") { copyPackets(Stream.shared.packets) }
    suite.benchmark("initialisation segment") {
      keep(FragmentedMP4Writer(formats: [Stream.shared.format]).initializationSegment().count)
    }
    suite.benchmark("2 s for a viewer, a fragment a picture") {
      var writer = FragmentedMP4Writer(formats: [Stream.shared.format])
      var bytes = 0
      for unit in Stream.shared.units { bytes += writer.fragmentHeader(for: unit, duration: 3_600).count }
      keep(bytes)
    }
    suite.benchmark("2 s for the recorder, one fragment") {
      var writer = FragmentedMP4Writer(formats: [Stream.shared.format])
      keep(writer.fragment(Stream.shared.units, videoEnd: MediaTicks(180_000)).header.count)
    }
  }
}

private func copyPackets(_ packets: [(picture: Int, bytes: [UInt8])]) {
  var copy: [UInt8] = []
  copy.reserveCapacity(Stream.shared.byteCount)
  for packet in packets { copy.append(contentsOf: packet.bytes) }
  keep(copy.count)
}

private func reorder(_ packets: [(picture: Int, bytes: [UInt8])]) {
  var buffer = ReorderBuffer()
  var bytes = 0
  for packet in packets {
    guard let header = try? RTPHeader(parsing: packet.bytes.span) else { continue }
    let now = MonotonicTime(nanoseconds: Int64(packet.picture) * 40_000_000)
    buffer.insert(header, packet: packet.bytes.span, now: now) { _, payload, _ in bytes += payload.count }
  }
  buffer.drain { _, payload, _ in bytes += payload.count }
  keep(bytes)
}

private func demultiplex(_ packets: [(picture: Int, bytes: [UInt8])]) {
  var buffer = ReorderBuffer()
  var demuxer = StreamDemuxer()
  var pictures = 0
  func take(_ header: RTPHeader, _ payload: Span<UInt8>, _ gap: Bool) {
    let info = RTPTimestampInfo(
      timestamp: header.timestamp, marker: header.marker, payloadType: header.payloadType)
    demuxer.receive(payload, header: info, gapBefore: gap, arrival: WallTime(nanoseconds: 0)) { event in
      if case .unit = event { pictures += 1 }
    }
  }
  for packet in packets {
    guard let header = try? RTPHeader(parsing: packet.bytes.span) else { continue }
    let now = MonotonicTime(nanoseconds: Int64(packet.picture) * 40_000_000)
    buffer.insert(header, packet: packet.bytes.span, now: now, deliver: take)
  }
  buffer.drain(deliver: take)
  precondition(pictures >= 48, "pictures were lost")
}
