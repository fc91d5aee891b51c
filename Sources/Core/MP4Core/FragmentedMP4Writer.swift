public import MPEGCore
public import MediaTime
import WireBytes

/// Writes fragmented MP4 (ISO 14496-12 §8.8): the recorder's files and what live viewers get.
///
/// The writer makes headers only. Payloads are never copied: a fragment comes
/// back as its header and the list of payloads that must follow it.
///
/// Track 1 is the picture, track 2 the sound; both run on the stream's 90 kHz
/// clock. A format without parameter sets cannot be described: it gets no track
/// and its units are left out.
public struct FragmentedMP4Writer: Sendable {
  public static let videoTrack: UInt32 = 1
  public static let audioTrack: UInt32 = 2

  /// The first picture format given that can be described.
  public let video: TrackFormat?
  /// The first sound format given that can be described.
  public let audio: TrackFormat?
  /// The stream time that becomes time zero of the file. Earlier units are moved to zero.
  public var origin: MediaTicks
  /// The sequence number that the next fragment carries.
  public private(set) var nextSequence: UInt32 = 1

  private var videoTemplate: [UInt8]
  private var audioTemplate: [UInt8]

  /// - Parameters:
  ///   - formats: one picture, one sound, or both; further ones are ignored.
  ///   - origin: stream time of file time zero.
  public init(formats: [TrackFormat], origin: MediaTicks = MediaTicks(0)) {
    video = formats.first { $0.codec.isVideo && SampleEntry.canDescribe($0) }
    audio = formats.first { !$0.codec.isVideo && SampleEntry.canDescribe($0) }
    self.origin = origin
    videoTemplate = SingleUnitFragment.template(track: Self.videoTrack)
    audioTemplate = SingleUnitFragment.template(track: Self.audioTrack)
  }

  /// The tracks of the file, picture first.
  public var formats: [TrackFormat] { [video, audio].compactMap(\.self) }

  /// `ftyp` and `moov`; both browsers' MediaSource and players want them once, before any fragment.
  ///
  /// - Parameter metadata: the payload of our own `uuid` box, put between the two.
  public func initializationSegment(metadata: [UInt8]? = nil) -> [UInt8] {
    var writer = ByteWriter(capacity: 1_024)
    writer.fileType(major: FourCC("iso5"), compatible: [FourCC("iso5"), FourCC("iso6"), FourCC("mp41")])
    if let metadata {
      writer.box(.uuid) { writer in
        writer.raw(FileMetadata.boxType)
        writer.raw(metadata)
      }
    }
    writer.box(.moov) { writer in
      writer.movieHeader(duration: 0, nextTrack: Self.audioTrack + 1)
      for format in formats { track(format, &writer) }
      writer.box(.mvex) { writer in
        for format in formats {
          writer.fullBox(.trex) { writer in
            writer.uint32(Self.track(of: format.codec))
            writer.uint32(1)
            writer.zeros(12)
          }
        }
      }
    }
    return writer.bytes
  }

  private func track(_ format: TrackFormat, _ writer: inout ByteWriter) {
    writer.box(.trak) { writer in
      TrackBoxes.header(&writer, id: Self.track(of: format.codec), format: format, duration: 0)
      TrackBoxes.media(&writer, isVideo: format.codec.isVideo, duration: 0) { writer in
        TrackBoxes.descriptions(&writer, [format])
        writer.fullBox(.stts) { $0.uint32(0) }
        writer.fullBox(.stsc) { $0.uint32(0) }
        writer.fullBox(.stsz) { $0.zeros(8) }
        writer.fullBox(.stco) { $0.uint32(0) }
      }
    }
  }

  static func track(of codec: MediaCodec) -> UInt32 { codec.isVideo ? videoTrack : audioTrack }

  /// The header of a fragment that holds one unit: `moof` and the head of `mdat`, 112 bytes.
  ///
  /// For live viewers, frame by frame: a copied template with six fields patched.
  /// - Parameters:
  ///   - unit: its payload must follow the header immediately.
  ///   - duration: 90 kHz ticks until the next unit of the track, the best guess.
  public mutating func fragmentHeader(for unit: AccessUnit, duration: Int64) -> [UInt8] {
    var header = unit.codec.isVideo ? videoTemplate : audioTemplate
    SingleUnitFragment.patch(
      &header, sequence: takeSequence(), decodeTime: max(0, unit.dts - origin), duration: duration,
      size: unit.payload.count, isKeyFrame: unit.isKeyFrame, compositionOffset: unit.pts - unit.dts)
    return header
  }

  mutating func takeSequence() -> UInt32 {
    defer { nextSequence &+= 1 }
    return nextSequence
  }

  /// How long a block of sound lasts by its content, in 90 kHz ticks.
  ///
  /// 0 for pictures and for sound whose rate is unknown.
  public static func naturalDuration(of unit: AccessUnit, format: TrackFormat) -> Int64 {
    guard format.sampleRate > 0 else { return 0 }
    switch unit.codec {
    case .h264, .h265: return 0
    case .g711A, .g711U:
      return Int64(unit.payload.count / max(format.channels, 1)) * MediaTicks.perSecond
        / Int64(format.sampleRate)
    case .aac: return 1_024 * MediaTicks.perSecond / Int64(format.sampleRate)
    }
  }
}

/// Our own `uuid` box.
public enum FileMetadata {
  /// Its 16-byte type, made once for this product.
  public static let boxType: [UInt8] = [
    0x5b, 0x1c, 0x9e, 0x60, 0x2f, 0x0a, 0x4d, 0x7e, 0x9a, 0x41, 0x74, 0x72, 0x69, 0x62, 0x75, 0x74,
  ]
}
