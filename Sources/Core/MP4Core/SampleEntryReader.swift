import MPEGCore
import WireBytes

/// Turns a `stsd` back into the format it was written from.
enum SampleEntryReader {
  /// - Returns: nil for an entry of a codec we do not know.
  static func format(_ bytes: [UInt8], stsd: Box, base: Int64) throws(MP4Error) -> TrackFormat? {
    var fields = FieldReader(bytes, stsd, base: base)
    try fields.skip(8)
    var entries = BoxCursor(bytes, fields.position..<stsd.content.upperBound, in: .stsd, base: base)
    guard let entry = try entries.next() else { return nil }
    switch entry.type {
    case .avc1, .avc3: return try video(.h264, .avcC, bytes, entry, base)
    case .hvc1, .hev1: return try video(.h265, .hvcC, bytes, entry, base)
    case .mp4a: return try audio(.aac, bytes, entry, base)
    case .alaw: return try audio(.g711A, bytes, entry, base)
    case .ulaw: return try audio(.g711U, bytes, entry, base)
    default: return nil
    }
  }

  private static func video(
    _ codec: MediaCodec, _ configuration: FourCC, _ bytes: [UInt8], _ entry: Box, _ base: Int64
  ) throws(MP4Error) -> TrackFormat {
    var fields = FieldReader(bytes, entry, base: base)
    try fields.skip(24)
    var format = TrackFormat(codec: codec)
    format.width = Int(try fields.uint16())
    format.height = Int(try fields.uint16())
    try fields.skip(50)
    var children = BoxCursor(bytes, fields.position..<entry.content.upperBound, in: entry.type, base: base)
    while let child = try children.next() {
      guard child.type == configuration else { continue }
      format.parameterSets =
        codec == .h264 ? try avcSets(bytes, child, base) : try hevcSets(bytes, child, base)
    }
    return format
  }

  private static func avcSets(_ bytes: [UInt8], _ box: Box, _ base: Int64) throws(MP4Error) -> [[UInt8]] {
    var fields = FieldReader(bytes, box, base: base)
    try fields.skip(5)
    var sets: [[UInt8]] = []
    for mask in [0x1F, 0xFF] as [UInt8] {
      for _ in 0..<(try fields.uint8() & mask) { sets.append(try set(&fields)) }
    }
    return sets
  }

  private static func hevcSets(_ bytes: [UInt8], _ box: Box, _ base: Int64) throws(MP4Error) -> [[UInt8]] {
    var fields = FieldReader(bytes, box, base: base)
    try fields.skip(22)
    var sets: [(type: UInt8, unit: [UInt8])] = []
    for _ in 0..<(try fields.uint8()) {
      let type = try fields.uint8() & 0x3F
      for _ in 0..<(try fields.uint16()) { sets.append((type, try set(&fields))) }
    }
    // VPS 32, SPS 33, PPS 34, in the order in which TrackFormat holds them.
    return ([32, 33, 34] as [UInt8]).flatMap { type in sets.filter { $0.type == type }.map(\.unit) }
  }

  private static func set(_ fields: inout FieldReader) throws(MP4Error) -> [UInt8] {
    let length = Int(try fields.uint16())
    return try fields.bytes(length)
  }

  private static func audio(
    _ codec: MediaCodec, _ bytes: [UInt8], _ entry: Box, _ base: Int64
  ) throws(MP4Error) -> TrackFormat {
    var fields = FieldReader(bytes, entry, base: base)
    try fields.skip(16)
    var format = TrackFormat(codec: codec)
    format.channels = Int(try fields.uint16())
    try fields.skip(6)
    format.sampleRate = Int(try fields.uint32() >> 16)
    guard codec == .aac else { return format }
    var children = BoxCursor(bytes, fields.position..<entry.content.upperBound, in: entry.type, base: base)
    while let child = try children.next() {
      guard child.type == .esds else { continue }
      format.audioConfig = try decoderSpecificInfo(bytes, child, base)
    }
    return format
  }

  /// Descends ES_Descriptor → DecoderConfigDescriptor → DecoderSpecificInfo (ISO 14496-1 §7.2.6).
  private static func decoderSpecificInfo(_ bytes: [UInt8], _ box: Box, _ base: Int64) throws(MP4Error)
    -> [UInt8]
  {
    var fields = FieldReader(bytes, box, base: base)
    try fields.skip(4)
    while fields.remaining > 2 {
      let tag = try fields.uint8()
      let length = try descriptorLength(&fields)
      switch tag {
      case 3:
        try fields.skip(2)
        let flags = try fields.uint8()
        if flags & 0x80 != 0 { try fields.skip(2) }
        if flags & 0x40 != 0 {
          let url = Int(try fields.uint8())
          try fields.skip(url)
        }
        if flags & 0x20 != 0 { try fields.skip(2) }
      case 4: try fields.skip(13)
      case 5: return try fields.bytes(length)
      default: try fields.skip(length)
      }
    }
    return []
  }

  /// Up to four bytes of seven bits.
  private static func descriptorLength(_ fields: inout FieldReader) throws(MP4Error) -> Int {
    var length = 0
    for _ in 0..<4 {
      let byte = try fields.uint8()
      length = length << 7 | Int(byte & 0x7F)
      if byte & 0x80 == 0 { break }
    }
    return length
  }
}
