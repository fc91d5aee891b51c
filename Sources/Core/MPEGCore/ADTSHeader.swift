import WireBytes

/// The header of one AAC frame (ISO 14496-3 §1.A.2).
struct ADTSHeader: Sendable, Equatable {
  /// Indexed by sampling_frequency_index (§1.6.3.4).
  static let sampleRates = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
  ]
  /// Samples of one raw data block.
  static let samplesPerBlock = 1_024

  /// profile field: audio object type minus one.
  var profile: UInt8
  var rateIndex: UInt8
  var channelConfiguration: UInt8
  /// 7, or 9 with a CRC.
  var headerBytes: Int
  /// Header included.
  var frameBytes: Int
  /// Raw data blocks in the frame, 1…4.
  var blocks: Int

  var sampleRate: Int { Self.sampleRates[Int(rateIndex)] }
  var channels: Int { channelConfiguration == 7 ? 8 : Int(channelConfiguration) }

  /// The header at `offset`, or nil when there is none or it is cut off.
  init?(parsing bytes: Span<UInt8>, at offset: Int = 0) {
    guard bytes.count - offset >= 7, Self.isSync(bytes, at: offset) else { return nil }
    rateIndex = bytes[offset + 2] >> 2 & 15
    guard rateIndex < 13 else { return nil }
    profile = bytes[offset + 2] >> 6
    channelConfiguration = (bytes[offset + 2] & 1) << 2 | bytes[offset + 3] >> 6
    headerBytes = bytes[offset + 1] & 1 == 0 ? 9 : 7
    frameBytes = Int(bytes.uint24(at: offset + 3) >> 5 & 0x1FFF)
    blocks = Int(bytes[offset + 6] & 3) + 1
    guard frameBytes > headerBytes else { return nil }
  }

  /// Sync word and layer 0.
  static func isSync(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    bytes.count - offset >= 2 && bytes[offset] == 0xFF && bytes[offset + 1] & 0xF6 == 0xF0
  }

  /// Whether a frame of MPEG audio, layers I to III, begins here (ISO 11172-3 §2.4.1.3). Silence in µ-law is all ones
  /// and has no valid bit rate.
  static func isMPEGAudio(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 4 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0 && bytes[1] & 0x06 != 0
      && bytes[2] >> 4 != 15 && bytes[2] >> 4 != 0 && bytes[2] >> 2 & 3 != 3
  }

  /// The header for a raw frame of `format`, or nil when its AudioSpecificConfig does not fit ADTS.
  init?(format: TrackFormat, frameBytes raw: Int) {
    guard format.audioConfig.count >= 2, raw > 0, raw <= 0x1FFF - 7 else { return nil }
    let config = UInt16(format.audioConfig[0]) << 8 | UInt16(format.audioConfig[1])
    let objectType = UInt8(config >> 11)
    guard (1...4).contains(objectType) else { return nil }
    profile = objectType - 1
    rateIndex = UInt8(config >> 7 & 15)
    channelConfiguration = UInt8(config >> 3 & 15)
    guard rateIndex < 13, channelConfiguration < 8 else { return nil }
    headerBytes = 7
    frameBytes = 7 + raw
    blocks = 1
  }

  /// AudioSpecificConfig (§1.6.2.1): object type, rate index, channels.
  var audioSpecificConfig: [UInt8] {
    let value = UInt16(profile + 1) << 11 | UInt16(rateIndex) << 7 | UInt16(channelConfiguration) << 3
    return [UInt8(value >> 8), UInt8(value & 0xFF)]
  }

  var format: TrackFormat {
    TrackFormat(codec: .aac, sampleRate: sampleRate, channels: channels, audioConfig: audioSpecificConfig)
  }

  /// Bytes of a header without CRC.
  static let byteCount = 7

  /// The seven bytes without CRC, for MPEG-4 and one raw data block.
  func forEachByte(_ body: (UInt8) -> Void) {
    body(0xFF)
    body(0xF1)
    body(profile << 6 | rateIndex << 2 | channelConfiguration >> 2)
    body(channelConfiguration << 6 | UInt8(frameBytes >> 11))
    body(UInt8(frameBytes >> 3 & 0xFF))
    body(UInt8(frameBytes & 7) << 5 | 0x1F)
    body(0xFC)
  }
}
