import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// A camera that sends tagged pictures as program stream in RTP, with a clock of its own. No I/O, no time but the
/// caller's.
final class SimulatedCamera {
  /// How large its pictures are and how often they come.
  struct Setting {
    /// Pictures from one key frame to the next.
    var group = 8
    var keyPieces = 150...400
    var otherPieces = 30...80
    var packetBytes = 700
  }

  let stream: Int
  private let ssrc: UInt32
  private let setting: Setting
  private(set) var variant = TaggedPicture.Variant.small
  private var muxer: PSMuxer
  private var packetizer: RTPPacketizer
  private(set) var pictures = 0
  private var sinceKey = Int.max
  /// 90 kHz at time 0; any 64 bits, of which containers and RTP carry the low ones.
  private var offset: Int64
  /// What RTP's clock is ahead of the container's.
  private var rtpLead: UInt32 = 0
  /// The packets of the picture made last lie in `bytes`.
  private(set) var bytes: [UInt8] = []
  private(set) var packets: [Range<Int>] = []
  private(set) var lastWasKey = false

  init(stream: Int, ssrc: UInt32, setting: Setting = Setting(), using random: inout SoakRandom) {
    (self.stream, self.ssrc, self.setting) = (stream, ssrc, setting)
    muxer = PSMuxer(formats: [variant.format])
    packetizer = RTPPacketizer(
      ssrc: ssrc, maximumPayload: setting.packetBytes,
      sequenceNumber: UInt16.random(in: 0...(.max), using: &random))
    // Close before a wrap of 33 bits now and then.
    offset = Int64.random(in: 0..<1 << 33, using: &random)
  }

  /// Makes the picture of this moment.
  func shoot(at now: Int64, using random: inout SoakRandom) {
    sinceKey = sinceKey == .max ? setting.group : sinceKey + 1
    lastWasKey = sinceKey >= setting.group
    if lastWasKey { sinceKey = 0 }
    let time = MediaTicks(offset &+ now / 100_000 &* 9)
    let pieces = Int.random(in: lastWasKey ? setting.keyPieces : setting.otherPieces, using: &random)
    let unit = TaggedPicture.make(
      TaggedPicture.Tag(stream: stream, number: pictures), variant: variant, isKey: lastWasKey,
      pieces: pieces,
      time: time)
    pictures += 1
    var frame: [UInt8] = []
    frame.reserveCapacity(unit.payload.count + 256)
    bytes.removeAll(keepingCapacity: true)
    packets.removeAll(keepingCapacity: true)
    muxer.pack(unit, into: &frame)
    let stamp = UInt32(truncatingIfNeeded: time.value) &+ rtpLead
    packetizer.append(frame.span, timestamp: stamp, to: &bytes, packets: &packets)
  }

  /// The next picture is a key frame.
  func requestKeyFrame() { sinceKey = .max }

  /// Switched off and on: another clock, other numbers, a key frame first.
  func restart(using random: inout SoakRandom) {
    offset = Int64.random(in: 0..<1 << 33, using: &random)
    rtpLead = UInt32.random(in: 0...(.max), using: &random)
    packetizer = RTPPacketizer(
      ssrc: ssrc, maximumPayload: setting.packetBytes,
      sequenceNumber: UInt16.random(in: 0...(.max), using: &random))
    requestKeyFrame()
  }

  /// Its clock jumps: the container's, RTP's or both.
  func jumpClock(using random: inout SoakRandom) {
    let step = Int64.random(in: -3_600 * 90_000...3_600 * 90_000, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: rtpLead &+= UInt32(truncatingIfNeeded: step)
    case 1:
      offset &+= step
      rtpLead &-= UInt32(truncatingIfNeeded: step)
    default: offset &+= step
    }
  }

  /// Another codec or another size, from the next picture on.
  func change(to next: TaggedPicture.Variant) {
    variant = next
    muxer = PSMuxer(formats: [next.format])
    requestKeyFrame()
  }
}
