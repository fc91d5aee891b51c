import MPEGCore
import MediaTime
import WireBytes

/// A second of picture and sound as program stream packs, or of bare sound, ready to be sent over and over.
struct MediaClip: Sendable {
  /// One pack and its moment after the beginning, in ticks of the clip's clock.
  struct Pack: Sendable {
    let bytes: [UInt8]
    let time: Int64
  }

  /// 90 kHz ticks of the whole clip.
  static let length: Int64 = 90_000
  /// Pictures in the clip.
  static let pictures = 10

  let packs: [Pack]
  /// Ticks of the whole clip.
  let ticks: Int64
  let payloadType: UInt8

  /// A tone in G.711 A, 40 ms a packet: what a broadcast carries.
  static let voice = MediaClip(
    packs: (0..<25).map { packet in
      let samples = (0..<320).map { G711.encode($0 / 10 % 2 == 0 ? 6_000 : -6_000, law: .g711A) }
      return Pack(bytes: samples, time: Int64(packet) * 320)
    }, ticks: 8_000, payloadType: 8)

  private init(packs: [Pack], ticks: Int64, payloadType: UInt8) {
    (self.packs, self.ticks, self.payloadType) = (packs, ticks, payloadType)
  }

  /// - Returns: nil for codecs that no clip is kept of.
  init?(video: MediaCodec, audio: MediaCodec? = nil) {
    let bytes = video == .h265 ? ClipData.h265 : ClipData.h264
    guard video.isVideo,
      let reader = ElementaryStreamReader(
        bytes, codec: video, frameDuration: Self.length / Int64(Self.pictures))
    else { return nil }
    let sound = audio.map(Self.sound) ?? []
    var muxer = PSMuxer(formats: [reader.format] + (sound.first.map { [$0.format] } ?? []))
    var packs: [Pack] = []
    for index in 0..<min(reader.count, Self.pictures) {
      let unit = reader.unit(index)
      var bytes: [UInt8] = []
      muxer.pack(unit, into: &bytes)
      packs.append(Pack(bytes: bytes, time: unit.pts.value))
      for (_, sample) in sound
      where sample.pts.value >= unit.pts.value && sample.pts.value < unit.pts.value + 9_000 {
        var bytes: [UInt8] = []
        muxer.pack(sample, into: &bytes)
        packs.append(Pack(bytes: bytes, time: unit.pts.value))
      }
    }
    self.init(packs: packs, ticks: Self.length, payloadType: 96)
  }

  /// The sound of the clip's second in units of a tenth, or of an AAC frame.
  private static func sound(_ codec: MediaCodec) -> [(format: TrackFormat, unit: AccessUnit)] {
    switch codec {
    case .g711A, .g711U:
      let tone = (0..<800).map { G711.encode($0 / 10 % 2 == 0 ? 6_000 : -6_000, law: codec) }
      return (0..<10).map { (G711.format(codec), unit(codec, Int64($0) * 9_000, tone)) }
    case .aac:
      let config: [UInt8] = [0x15, 0x88]
      let format = TrackFormat(codec: .aac, sampleRate: 8_000, channels: 1, audioConfig: config)
      // 1 024 samples of 8 kHz are 11 520 ticks.
      return frames(ClipData.aac).prefix(8).enumerated().map { index, raw in
        (format, unit(.aac, Int64(index) * 11_520, raw))
      }
    case .h264, .h265: return []
    }
  }

  private static func unit(_ codec: MediaCodec, _ time: Int64, _ bytes: [UInt8]) -> AccessUnit {
    AccessUnit(
      codec: codec, isKeyFrame: true, pts: MediaTicks(time), dts: MediaTicks(time),
      arrival: WallTime(nanoseconds: 0), payload: SharedBytes(bytes))
  }

  /// The raw frames of an ADTS file.
  private static func frames(_ bytes: [UInt8]) -> [[UInt8]] {
    var (frames, position) = ([[UInt8]](), 0)
    while position + 7 <= bytes.count {
      let length =
        Int(bytes[position + 3] & 3) << 11 | Int(bytes[position + 4]) << 3 | Int(bytes[position + 5] >> 5)
      guard length > 7, position + length <= bytes.count else { break }
      frames.append(Array(bytes[position + 7..<position + length]))
      position += length
    }
    return frames
  }
}
