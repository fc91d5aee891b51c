import MPEGCore
import WireBytes

/// Sample entries: what a decoder needs before the first sample of a track (ISO 14496-12 §8.5.2).
enum SampleEntry {
  /// Whether a file can describe `format`: its parameter sets or its audio configuration are known.
  static func canDescribe(_ format: TrackFormat) -> Bool {
    switch format.codec {
    case .h264: ParameterSets.avcDecoderConfiguration(format) != nil
    case .h265: ParameterSets.hevcDecoderConfiguration(format) != nil
    case .aac: !format.audioConfig.isEmpty && format.audioConfig.count <= 64 && format.sampleRate > 0
    case .g711A, .g711U: true
    }
  }

  static func append(_ format: TrackFormat, to writer: inout ByteWriter) {
    switch format.codec {
    case .h264:
      video(.avc1, format, &writer) { writer in
        writer.box(.avcC) { $0.raw(ParameterSets.avcDecoderConfiguration(format) ?? []) }
      }
    case .h265:
      video(.hvc1, format, &writer) { writer in
        writer.box(.hvcC) { $0.raw(ParameterSets.hevcDecoderConfiguration(format) ?? []) }
      }
    case .aac: audio(.mp4a, format, &writer) { elementaryStreamDescriptor(format, &$0) }
    case .g711A: audio(.alaw, format, &writer) { channelLayout(format, &$0) }
    case .g711U: audio(.ulaw, format, &writer) { channelLayout(format, &$0) }
    }
  }

  private static func video(
    _ type: FourCC, _ format: TrackFormat, _ writer: inout ByteWriter,
    _ configuration: (inout ByteWriter) -> Void
  ) {
    writer.box(type) { writer in
      writer.zeros(6)
      writer.uint16(1)
      writer.zeros(16)
      writer.uint16(UInt16(clamping: format.width))
      writer.uint16(UInt16(clamping: format.height))
      writer.uint32(0x48_0000)
      writer.uint32(0x48_0000)
      writer.uint32(0)
      writer.uint16(1)
      writer.zeros(32)
      writer.uint16(24)
      writer.uint16(0xFFFF)
      configuration(&writer)
    }
  }

  private static func audio(
    _ type: FourCC, _ format: TrackFormat, _ writer: inout ByteWriter,
    _ configuration: (inout ByteWriter) -> Void
  ) {
    writer.box(type) { writer in
      writer.zeros(6)
      writer.uint16(1)
      writer.zeros(8)
      writer.uint16(UInt16(clamping: max(format.channels, 1)))
      writer.uint16(16)
      writer.uint32(0)
      // 16.16: rates above 65 535 do not fit and are read from the configuration instead.
      writer.uint32(format.sampleRate < 65_536 ? UInt32(clamping: format.sampleRate) << 16 : 0)
      configuration(&writer)
    }
  }

  /// `chan` (QuickTime File Format, channel layout): without it readers guess, and say so.
  private static func channelLayout(_ format: TrackFormat, _ writer: inout ByteWriter) {
    writer.fullBox(FourCC("chan")) { writer in
      let mono: UInt32 = 100 << 16 | 1
      let stereo: UInt32 = 101 << 16 | 2
      writer.uint32(format.channels == 2 ? stereo : mono)
      writer.zeros(8)
    }
  }

  /// `esds` (ISO 14496-14 §5.6) with the AudioSpecificConfig; every length below 128 takes one byte.
  private static func elementaryStreamDescriptor(_ format: TrackFormat, _ writer: inout ByteWriter) {
    let config = Array(format.audioConfig.prefix(64))
    writer.fullBox(.esds) { writer in
      writer.uint8(3)
      writer.uint8(UInt8(3 + 2 + 13 + 2 + config.count + 3))
      writer.uint16(0)
      writer.uint8(0)
      writer.uint8(4)
      writer.uint8(UInt8(13 + 2 + config.count))
      writer.uint8(0x40)
      writer.uint8(0x15)
      writer.uint24(0)
      writer.uint32(0)
      writer.uint32(0)
      writer.uint8(5)
      writer.uint8(UInt8(config.count))
      writer.raw(config)
      writer.uint8(6)
      writer.uint8(1)
      writer.uint8(2)
    }
  }
}
