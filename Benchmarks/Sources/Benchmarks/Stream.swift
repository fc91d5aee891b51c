import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// Two seconds of a camera at 2 Mbit/s: 50 pictures of 1080p H.264, the first one a key frame of 100 kB, as program
/// stream in RTP packets of 1 400 bytes.
struct Stream {
  static let shared = Stream()

  let format: TrackFormat
  let units: [AccessUnit]
  /// One program stream pack for each picture.
  let packs: [[UInt8]]
  /// Every packet in order, with the number of its picture.
  let packets: [(picture: Int, bytes: [UInt8])]
  /// The same, as a network delivers them that delays each packet by up to 50 ms.
  let shuffled: [(picture: Int, bytes: [UInt8])]
  let byteCount: Int

  private init() {
    var noise = Noise()
    var stream: [UInt8] = []
    for picture in 0..<50 {
      let isKey = picture == 0
      if isKey { stream += Self.startCode + Self.sps + Self.startCode + Self.pps }
      let size = isKey ? 100_000 : 8_000 + picture * 15
      stream += Self.startCode + [isKey ? 0x65 : 0x41, 0x88] + noise.bytes(size)
    }
    guard let reader = ElementaryStreamReader(stream, codec: .h264) else {
      fatalError("the made-up stream cannot be read")
    }
    format = reader.format
    units = reader.units()
    var (muxer, packetizer) = (PSMuxer(formats: [reader.format]), RTPPacketizer(ssrc: 1))
    var (packs, packets) = ([[UInt8]](), [(picture: Int, bytes: [UInt8])]())
    for (picture, unit) in units.enumerated() {
      var (pack, bytes, ranges) = ([UInt8](), [UInt8](), [Range<Int>]())
      muxer.pack(unit, into: &pack)
      packetizer.append(pack.span, timestamp: UInt32(picture * 3_600), to: &bytes, packets: &ranges)
      packs.append(pack)
      packets += ranges.map { (picture, Array(bytes[$0])) }
    }
    (self.packs, self.packets) = (packs, packets)
    byteCount = packets.reduce(0) { $0 + $1.bytes.count }
    // Whoever comes first opens the stream, and what it overtook would be late.
    shuffled =
      packets.prefix(1)
      + packets.dropFirst().map { (arrival: Double($0.picture) * 40 + noise.fraction() * 50, packet: $0) }
      .sorted { $0.arrival < $1.arrival }.map(\.packet)
  }

  private static let startCode: [UInt8] = [0, 0, 0, 1]
  private static let sps: [UInt8] = [
    0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0xC0, 0x44, 0, 0, 3, 0, 4, 0, 0, 3, 0, 0xF0, 0x3C,
    0x58,
  ]
  private static let pps: [UInt8] = [0x68, 0xCE, 0x0F, 0x2C, 0x80]
}

/// Bytes as coded pictures have them: without order and without start codes. Always the same.
private struct Noise {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  private mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() | 1) }
  }
  mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
