import Glibc
import MPEGCore
import MediaTime
import TestSupport
import WireBytes

/// A file of `Tests/Fixtures/media`; empty when it is missing, which the tests then report.
func fixture(_ name: String, file: String = #filePath) -> [UInt8] {
  let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
  guard let handle = fopen(folder + "/Fixtures/media/" + name, "rb") else { return [] }
  defer { fclose(handle) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, handle))
  return bytes
}

/// What came out of a demultiplexer.
struct Collected {
  var events: [String] = []
  var units: [AccessUnit] = []
  var formats: [[TrackFormat]] = []
  var damages: [DemuxDamage] = []
  var unsupported: [UnsupportedReason] = []

  var video: [AccessUnit] { units.filter(\.codec.isVideo) }
  var audio: [AccessUnit] { units.filter { !$0.codec.isVideo } }

  mutating func add(_ event: DemuxEvent) {
    switch event {
    case .formats(let formats):
      self.formats.append(formats)
      events.append("formats")
    case .unit(let unit):
      units.append(unit)
      events.append(unit.codec.isVideo ? (unit.isKeyFrame ? "key" : "picture") : "sound")
    case .damaged(let damage):
      damages.append(damage)
      events.append("damaged")
    case .unsupported(let reason):
      unsupported.append(reason)
      events.append("unsupported")
    }
  }

  /// The units' bytes behind start codes.
  var annexB: [UInt8] {
    video.flatMap { unit in unit.payload.array.annexB }
  }
}

extension [UInt8] {
  /// Length-prefixed units behind start codes instead.
  var annexB: [UInt8] {
    var result: [UInt8] = []
    AnnexB.append(lengthPrefixed: span, to: &result)
    return result
  }

  /// The NAL units of an Annex B stream.
  var nalUnits: [[UInt8]] { AnnexB.units(in: span).map { Array(self[$0]) } }
  var lengthPrefixedUnits: [[UInt8]] { AnnexB.units(lengthPrefixed: span).map { Array(self[$0]) } }
}

/// A sender and a demultiplexer on one table: 1 400-byte payloads, 25 pictures per second unless told otherwise.
struct Bench: ~Copyable {
  var demuxer: StreamDemuxer
  var output = Collected()
  var arrival = WallTime(seconds: 1_000)
  var payloadType: UInt8 = 96
  var maximumPayload = 1_400

  init(_ options: DemuxerOptions = DemuxerOptions()) { demuxer = StreamDemuxer(options: options) }

  mutating func payload(
    _ bytes: [UInt8], timestamp: UInt32, marker: Bool = false, gap: Bool = false
  ) {
    let header = RTPTimestampInfo(timestamp: timestamp, marker: marker, payloadType: payloadType)
    var output = output
    demuxer.receive(bytes.span, header: header, gapBefore: gap, arrival: arrival) { output.add($0) }
    self.output = output
  }

  enum MarkerStyle { case last, never, always }

  /// Sends one pack in payloads; the last one carries the marker.
  mutating func frame(
    _ bytes: [UInt8], timestamp: UInt32, marker: MarkerStyle = .last, dropping: Set<Int> = []
  ) {
    var gap = false
    var index = 0
    var start = 0
    while start < bytes.count {
      let end = min(start + maximumPayload, bytes.count)
      let isMarked = marker == .always || (marker == .last && end == bytes.count)
      if dropping.contains(index) {
        gap = true
      } else {
        payload(Array(bytes[start..<end]), timestamp: timestamp, marker: isMarked, gap: gap)
        gap = false
      }
      start = end
      index += 1
    }
    if gap { pendingGap = true }
    arrival = arrival + .milliseconds(40)
  }

  var pendingGap = false

  mutating func finish() -> Collected {
    var output = output
    demuxer.flush(arrival: arrival) { output.add($0) }
    self.output = output
    return output
  }
}

/// The pictures of a clip, packed one by one.
func packs(_ reader: ElementaryStreamReader, audio: TrackFormat? = nil) -> [[UInt8]] {
  var muxer = PSMuxer(formats: [reader.format] + (audio.map { [$0] } ?? []))
  return reader.units().map { unit in
    var bytes: [UInt8] = []
    muxer.pack(unit, into: &bytes)
    return bytes
  }
}

/// The clips every device-like test starts from.
func clip(_ name: String = "plain.h264") throws -> ElementaryStreamReader {
  struct Missing: Error {}
  guard let reader = ElementaryStreamReader(fixture(name)) else { throw Missing() }
  return reader
}
