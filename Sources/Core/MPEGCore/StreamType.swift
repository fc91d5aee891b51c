/// A stream_type of a program stream map or a programme map table (ISO 13818-1 §2.4.4.9, GB/T 28181 Annex C).
struct StreamType: Sendable, Equatable, RawRepresentable {
  static let mpegAudio: UInt8 = 0x03

  var rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ codec: MediaCodec) {
    rawValue =
      switch codec {
      case .h264: 0x1B
      case .h265: 0x24
      case .g711A: 0x90
      case .g711U: 0x91
      case .aac: 0x0F
      }
  }

  /// The codec of a video stream of this type, or nil for one that is not carried further.
  var videoCodec: MediaCodec? {
    switch rawValue {
    case 0x1B: .h264
    case 0x24: .h265
    default: nil
    }
  }

  /// The codec of a sound stream of this type, or nil for one that is not carried further.
  var audioCodec: MediaCodec? {
    switch rawValue {
    case 0x0F: .aac
    case 0x90: .g711A
    case 0x91: .g711U
    default: nil
    }
  }
}

/// The CRC of MPEG sections: 0x04C11DB7, all ones at the start, not reflected, not inverted.
enum CRC32MPEG {
  static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for index in bytes.indices {
      crc ^= UInt32(bytes[index]) << 24
      for _ in 0..<8 { crc = crc & 0x8000_0000 != 0 ? crc << 1 ^ 0x04C1_1DB7 : crc << 1 }
    }
    return crc
  }
}
