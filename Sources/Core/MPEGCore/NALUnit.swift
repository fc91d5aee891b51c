/// What a NAL unit is, by its first bytes (H.264 table 7-1, H.265 table 7-1).
enum NALUnit {
  enum Kind: Sendable, Equatable {
    case videoParameterSet
    case sequenceParameterSet
    case pictureParameterSet
    case delimiter
    /// Supplemental information and other units that precede the slices.
    case prefix
    /// Units that may follow the slices: suffix information, filler, end of sequence, extensions.
    case suffix
    /// A coded slice. `first`: the first one of its picture.
    case slice(isRandomAccess: Bool, first: Bool)
    /// Reserved or not of this codec.
    case unknown

    /// Whether this unit, after the slices of a picture, belongs to the next one (H.264 §7.4.1.2.3).
    var opensPicture: Bool {
      switch self {
      case .slice(isRandomAccess: _, let first): first
      case .videoParameterSet, .sequenceParameterSet, .pictureParameterSet, .delimiter, .prefix: true
      case .suffix, .unknown: false
      }
    }
  }

  /// The kind of the unit at `range`, which must lie inside `bytes` and not be empty.
  static func kind(_ bytes: Span<UInt8>, _ range: Range<Int>, _ codec: MediaCodec) -> Kind {
    codec == .h265 ? h265Kind(bytes, range) : h264Kind(bytes, range)
  }

  private static func h264Kind(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Kind {
    let type = bytes[range.lowerBound] & 0x1F
    switch type {
    case 1...5:
      // first_mb_in_slice is ue(v): a leading one bit is zero.
      let first = range.count > 1 && bytes[range.lowerBound + 1] & 0x80 != 0
      return .slice(isRandomAccess: type == 5, first: first && (type == 1 || type == 2 || type == 5))
    case 6: return .prefix
    case 7: return .sequenceParameterSet
    case 8: return .pictureParameterSet
    case 9: return .delimiter
    case 14, 15: return .prefix
    case 10...13, 16...21: return .suffix
    default: return .unknown
    }
  }

  private static func h265Kind(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Kind {
    let type = bytes[range.lowerBound] >> 1 & 0x3F
    switch type {
    case 0...9, 16...21:
      let first = range.count > 2 && bytes[range.lowerBound + 2] & 0x80 != 0
      return .slice(isRandomAccess: type >= 16, first: first)
    case 32: return .videoParameterSet
    case 33: return .sequenceParameterSet
    case 34: return .pictureParameterSet
    case 35: return .delimiter
    case 39, 41...44, 48...55: return .prefix
    case 36...38, 40, 45...47, 56...63: return .suffix
    default: return .unknown
    }
  }

  /// Which codec the units look like, or nil when they carry no evidence. Parameter sets are the evidence: their
  /// first bytes in one codec mean nothing in the other.
  static func vote(_ bytes: Span<UInt8>, _ units: Span<Range<Int>>) -> MediaCodec? {
    var h264 = 0
    var h265 = 0
    for index in units.indices {
      switch vote(bytes, units[index]) {
      case .h264: h264 += 1
      case .h265: h265 += 1
      default: break
      }
    }
    if h264 == h265 { return nil }
    return h264 > h265 ? .h264 : .h265
  }

  /// Which codec one unit is a parameter set of, or nil for any other unit.
  static func vote(_ bytes: Span<UInt8>, _ unit: Range<Int>) -> MediaCodec? {
    guard unit.count >= 4 else { return nil }
    let first = bytes[unit.lowerBound]
    let second = bytes[unit.lowerBound + 1]
    if first == 0x40 || first == 0x42 || first == 0x44, second & 0xF8 == 0, second & 7 != 0 { return .h265 }
    if first & 0x80 == 0, first & 0x60 != 0, first & 0x1F == 7, isH264Profile(second) { return .h264 }
    return nil
  }

  private static func isH264Profile(_ value: UInt8) -> Bool {
    switch value {
    case 44, 66, 77, 83, 86, 88, 100, 110, 118, 122, 128, 138, 139, 144, 244: true
    default: false
    }
  }
}
