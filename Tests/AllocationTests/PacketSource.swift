import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// A camera's packets without end: a key picture every 25, about 7 packets each, as at 2 Mbit/s.
struct PacketSource {
  static let ssrc: UInt32 = 0x0102_0304
  static let format = TrackFormat(
    codec: .h264,
    parameterSets: [
      [
        0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x05, 0x07, 0xE8, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0C,
        0x83,
      ],
      [0x68, 0xCE, 0x0F, 0xC8],
    ], width: 320, height: 240)

  private var muxer = PSMuxer(formats: [format])
  private var packetizer = RTPPacketizer(ssrc: ssrc)
  private let key = Self.units(Self.format.parameterSets + [Self.slice(0x65, bytes: 30_000)])
  private let other = Self.units([Self.slice(0x41, bytes: 8_500)])
  private(set) var pictures = 0

  private static func slice(_ head: UInt8, bytes: Int) -> [UInt8] {
    [head, 0x88] + [UInt8](repeating: 0x5A, count: bytes)
  }

  private static func units(_ units: [[UInt8]]) -> SharedBytes {
    SharedBytes(
      units.flatMap { unit in
        (0..<4).map { UInt8(truncatingIfNeeded: unit.count >> (24 - 8 * $0)) } + unit
      })
  }

  /// The packets of the next picture, each as one run of the bytes returned.
  mutating func next() -> (bytes: [UInt8], packets: [Range<Int>]) {
    let isKey = pictures % 25 == 0
    let time = MediaTicks(Int64(pictures) * 3_600)
    let unit = AccessUnit(
      codec: .h264, isKeyFrame: isKey, pts: time, dts: time, arrival: WallTime(nanoseconds: 0),
      payload: isKey ? key : other)
    pictures += 1
    var (frame, bytes, packets) = ([UInt8](), [UInt8](), [Range<Int>]())
    muxer.pack(unit, into: &frame)
    packetizer.append(
      frame.span, timestamp: UInt32(truncatingIfNeeded: time.value), to: &bytes, packets: &packets)
    return (bytes, packets)
  }
}
