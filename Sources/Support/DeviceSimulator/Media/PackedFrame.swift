import MPEGCore
import MediaTime
import WireBytes

/// One picture with its sound, packed as program stream once and shared by all streams of a feed.
final class PackedFrame: Sendable {
  /// Counts from a fixed origin, without gaps.
  let number: Int
  let isKeyFrame: Bool
  /// 90 kHz, as RTP carries it.
  let timestamp: UInt32
  let video: [UInt8]
  /// Empty when there is no sound.
  let audio: [UInt8]
  let audioTimestamp: UInt32

  init(
    number: Int, isKeyFrame: Bool, timestamp: UInt32, video: [UInt8], audio: [UInt8], audioTimestamp: UInt32
  ) {
    (self.number, self.isKeyFrame, self.timestamp) = (number, isKeyFrame, timestamp)
    (self.video, self.audio, self.audioTimestamp) = (video, audio, audioTimestamp)
  }
}

/// Packs pictures and their sound with one continuous clock.
struct FramePacker: Sendable {
  private var muxer: PSMuxer
  private let codec: MediaCodec
  private let frameRate: Double

  init(codec: MediaCodec, hasAudio: Bool, frameRate: Double) {
    let formats = [TrackFormat(codec: codec)] + (hasAudio ? [G711.format(.g711A)] : [])
    muxer = PSMuxer(formats: formats)
    (self.codec, self.frameRate) = (codec, frameRate)
  }

  mutating func pack(
    number: Int, payload: SharedBytes, isKeyFrame: Bool, sound: [UInt8]
  ) -> PackedFrame {
    let ticks = MediaTicks(Int64(Double(number) * Double(MediaTicks.perSecond) / frameRate))
    // Half a frame later, so that sound and picture never share a time stamp (GB/T 28181-2022: different frames
    // have different ones).
    let soundTicks = ticks + Int64(Double(MediaTicks.perSecond) / frameRate / 2)
    let arrival = WallTime(nanoseconds: 0)
    var video: [UInt8] = []
    video.reserveCapacity(payload.count + 128)
    muxer.pack(
      AccessUnit(
        codec: codec, isKeyFrame: isKeyFrame, pts: ticks, dts: ticks, arrival: arrival, payload: payload),
      into: &video)
    var audio: [UInt8] = []
    if !sound.isEmpty {
      muxer.pack(
        AccessUnit(
          codec: .g711A, isKeyFrame: true, pts: soundTicks, dts: soundTicks, arrival: arrival,
          payload: SharedBytes(sound)), into: &audio)
    }
    return PackedFrame(
      number: number, isKeyFrame: isKeyFrame, timestamp: UInt32(truncatingIfNeeded: ticks.value),
      video: video,
      audio: audio, audioTimestamp: UInt32(truncatingIfNeeded: soundTicks.value))
  }
}
