public import GBCore
import MPEGCore
import MediaTime
public import RTPCore
import WireBytes

/// Makes the RTP packets of a voice: 20 ms each, numbered and timed without a gap, silence where nothing is said.
public struct VoicePackets: Sendable {
  private let format: VoiceFormat
  private let framing: RTPPacketizer.Framing
  private var packetizer: RTPPacketizer
  private var muxer: PSMuxer?
  private var time: Int64

  /// - Parameters:
  ///   - framing: how packets lie in the bytes that are sent.
  ///   - time: the time stamp of the first packet; random for a real sender.
  public init(
    _ format: VoiceFormat, ssrc: UInt32, framing: RTPPacketizer.Framing, sequence: UInt16, time: UInt32
  ) {
    (self.format, self.framing, self.time) = (format, framing, Int64(time))
    packetizer = RTPPacketizer(
      ssrc: ssrc, payloadType: UInt8(truncatingIfNeeded: format.payloadType), sequenceNumber: sequence)
    if format.coding == .ps { muxer = PSMuxer(formats: [G711.format(.g711A)], muxRate: 400) }
  }

  /// Packets so far.
  public var count: UInt32 { packetizer.packetCount }

  /// The next packet as it is sent.
  ///
  /// - Parameter frame: ``VoiceRules/frame`` samples; nil is silence.
  public mutating func next(_ frame: [Int16]?) -> [UInt8] {
    let law: MediaCodec = format.coding == .pcmu ? .g711U : .g711A
    let samples = frame ?? Array(repeating: 0, count: VoiceRules.frame)
    let codes = samples.map { G711.encode($0, law: law) }
    var payload = codes
    let step: Int64
    if muxer != nil {
      let ticks = MediaTicks(time)
      let unit = AccessUnit(
        codec: .g711A, isKeyFrame: true, pts: ticks, dts: ticks, arrival: WallTime(seconds: 0),
        payload: SharedBytes(codes))
      payload = []
      muxer?.pack(unit, into: &payload)
      step = Int64(VoiceRules.frame) * MediaTicks.perSecond / Int64(G711.sampleRate)
    } else {
      step = Int64(samples.count)
    }
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    // The marker begins a talk spurt (RFC 3551 §4.1), and this is one: silence is sent, too.
    packetizer.append(
      payload.span, timestamp: UInt32(truncatingIfNeeded: time), marksEnd: packetizer.packetCount == 0,
      framing: framing, to: &bytes, packets: &ranges)
    time &+= step
    return bytes
  }
}
