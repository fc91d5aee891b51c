/// The fixed shape of a fragment with one sample: `moof(mfhd, traf(tfhd, tfdt, trun)), mdat` header.
enum SingleUnitFragment {
  static let length = 112
  static let keyFlags: UInt32 = 0x0200_0000
  static let deltaFlags: UInt32 = 0x0101_0000
  /// Offsets count from the first byte of the `moof` (ISO 14496-12 §8.8.7).
  static let baseIsMoof: UInt32 = 0x02_0000

  static func template(track: UInt32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length)
    put(&bytes, 0, 104, .moof)
    put(&bytes, 8, 16, .mfhd)
    put(&bytes, 24, 80, .traf)
    put(&bytes, 32, 16, .tfhd)
    put32(&bytes, 40, baseIsMoof)
    put32(&bytes, 44, track)
    put(&bytes, 48, 20, .tfdt)
    put32(&bytes, 56, 1 << 24)
    put(&bytes, 68, 36, .trun)
    put32(&bytes, 76, 1 << 24 | 0xF01)
    put32(&bytes, 80, 1)
    put32(&bytes, 84, UInt32(length))
    put(&bytes, 104, 8, .mdat)
    return bytes
  }

  static func patch(
    _ bytes: inout [UInt8], sequence: UInt32, decodeTime: Int64, duration: Int64, size: Int, isKeyFrame: Bool,
    compositionOffset: Int64
  ) {
    put32(&bytes, 20, sequence)
    put32(&bytes, 60, UInt32(truncatingIfNeeded: decodeTime >> 32))
    put32(&bytes, 64, UInt32(truncatingIfNeeded: decodeTime))
    put32(&bytes, 88, UInt32(clamping: duration))
    put32(&bytes, 92, UInt32(clamping: size))
    put32(&bytes, 96, isKeyFrame ? keyFlags : deltaFlags)
    put32(&bytes, 100, UInt32(bitPattern: Int32(clamping: compositionOffset)))
    put32(&bytes, 104, UInt32(clamping: size + 8))
  }

  private static func put(_ bytes: inout [UInt8], _ offset: Int, _ size: UInt32, _ type: FourCC) {
    put32(&bytes, offset, size)
    put32(&bytes, offset + 4, type.code)
  }

  private static func put32(_ bytes: inout [UInt8], _ offset: Int, _ value: UInt32) {
    bytes[offset] = UInt8(truncatingIfNeeded: value >> 24)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 16)
    bytes[offset + 2] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[offset + 3] = UInt8(truncatingIfNeeded: value)
  }
}
