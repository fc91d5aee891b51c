public import MediaTime
public import WireBytes

/// What a track carries.
public enum MediaCodec: UInt8, Sendable, Hashable, CaseIterable {
  case h264 = 1
  case h265 = 2
  case g711A = 3
  case g711U = 4
  case aac = 5

  public var isVideo: Bool { self == .h264 || self == .h265 }
}

/// Everything a decoder must know before the first picture or sample of a track.
///
/// Immutable; a change of any field makes a new value and therefore a new file and a new initialisation segment.
public struct TrackFormat: Sendable, Hashable {
  public var codec: MediaCodec
  /// Video: the latest VPS (H.265 only), SPS and PPS units, without start codes, in that order. Audio: empty.
  public var parameterSets: [[UInt8]]
  /// Pixels after cropping; 0 for audio or when the SPS could not be read.
  public var width: Int
  public var height: Int
  /// Samples per second; 0 for video. G.711 is 8 000.
  public var sampleRate: Int
  /// 0 for video.
  public var channels: Int
  /// AAC: the AudioSpecificConfig (ISO 14496-3 §1.6.2.1). Otherwise empty.
  public var audioConfig: [UInt8]

  public init(
    codec: MediaCodec, parameterSets: [[UInt8]] = [], width: Int = 0, height: Int = 0, sampleRate: Int = 0,
    channels: Int = 0, audioConfig: [UInt8] = []
  ) {
    self.codec = codec
    self.parameterSets = parameterSets
    (self.width, self.height) = (width, height)
    (self.sampleRate, self.channels) = (sampleRate, channels)
    self.audioConfig = audioConfig
  }
}

/// One coded picture, or one block of coded audio, with its timing.
///
/// Immutable and shared by reference: the group-of-pictures cache, every viewer
/// and the recorder hold the same object. Video is stored as it lies in MP4:
/// each NAL unit behind its 4-byte big-endian length, every unit the camera sent
/// in the order it was sent (parameter sets and SEI included). AAC is one raw
/// frame without ADTS header; G.711 is raw samples.
public final class AccessUnit: Sendable {
  public let codec: MediaCodec
  /// A decoder can start here (IDR, or H.265 IRAP). Always true for audio.
  public let isKeyFrame: Bool
  /// Presentation time on the stream's clock.
  public let pts: MediaTicks
  /// Decoding time on the stream's clock; equals `pts` unless the stream reorders pictures.
  public let dts: MediaTicks
  /// When the last byte reached this machine.
  public let arrival: WallTime
  public let payload: SharedBytes

  public init(
    codec: MediaCodec, isKeyFrame: Bool, pts: MediaTicks, dts: MediaTicks, arrival: WallTime,
    payload: SharedBytes
  ) {
    self.codec = codec
    self.isKeyFrame = isKeyFrame
    self.pts = pts
    self.dts = dts
    self.arrival = arrival
    self.payload = payload
  }
}
