import WireBytes

/// The start codes of a program stream (ISO 13818-1 table 2-18).
enum PSCode {
  static let programEnd: UInt8 = 0xB9
  static let packHeader: UInt8 = 0xBA
  static let systemHeader: UInt8 = 0xBB
  static let streamMap: UInt8 = 0xBC
  static let privateStream1: UInt8 = 0xBD

  static func isVideo(_ id: UInt8) -> Bool { id & 0xF0 == 0xE0 }
  static func isAudio(_ id: UInt8) -> Bool { id & 0xE0 == 0xC0 }
  /// System start codes; below lie the codes of the video itself.
  static func isSystem(_ id: UInt8) -> Bool { id >= programEnd }

  /// The offset of the next `00 00 01 id` with a system id in `start..<count`, or nil.
  static func next(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    while let code = ByteScan.startCode(in: bytes, from: position) {
      guard code + 3 < bytes.count else { return nil }
      if isSystem(bytes[code + 3]) { return code }
      position = code + 3
    }
    return nil
  }

  /// The offset of the next pack header, or nil.
  static func nextPack(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    while let code = ByteScan.startCode(in: bytes, from: position) {
      guard code + 3 < bytes.count else { return nil }
      if bytes[code + 3] == packHeader { return code }
      position = code + 3
    }
    return nil
  }

  /// Whether the bytes at `offset` are a system start code.
  static func isCode(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
    offset >= 0 && bytes.count - offset >= 4 && bytes[offset] == 0 && bytes[offset + 1] == 0
      && bytes[offset + 2] == 1 && isSystem(bytes[offset + 3])
  }
}

/// Where a pack header ends.
enum PackHeader {
  /// The length of the header at `offset`, whose start code is there; nil when more bytes are needed.
  ///
  /// Stuffing is skipped by its count: some senders put counters where 0xFF belongs. A start code without a body
  /// behind it (§9.5 row 6) has length 4.
  static func length(_ bytes: Span<UInt8>, at offset: Int) -> Int? {
    let available = bytes.count - offset
    guard available > 4 else { return nil }
    let first = bytes[offset + 4]
    if first >> 6 == 0b01 {
      guard available >= 14 else { return nil }
      return 14 + Int(bytes[offset + 13] & 7)
    }
    // MPEG-1 (ISO 11172-1 §2.4.3.2)
    return first >> 4 == 0b0010 ? 12 : 4
  }
}

/// The header of one PES packet (ISO 13818-1 §2.4.3.6; the MPEG-1 form is tolerated).
struct PESHeader: Sendable, Equatable {
  /// Bytes from the start code to the payload.
  var length: Int
  /// 33 bits of 90 kHz.
  var pts: UInt64?
  var dts: UInt64?
  var isScrambled = false
  /// `data_alignment_indicator`: the payload begins with a start code (ISO 13818-1 §2.4.3.7).
  var isAligned = false

  /// What parsing says besides a header.
  enum Failure: Error, Equatable {
    case needMore
    case malformed
  }

  /// Parses the packet that starts at `offset`.
  ///
  /// - Parameter end: where the packet ends; beyond it nothing is read.
  init(parsing bytes: Span<UInt8>, at offset: Int, end: Int) throws(Failure) {
    guard end - offset >= 9 else { throw .malformed }
    guard bytes.count - offset >= 9 else { throw .needMore }
    let flags = bytes[offset + 6]
    guard flags >> 6 == 0b10 else {
      if bytes.count < end, bytes.count - offset < 40 { throw .needMore }
      self = try Self(mpeg1: bytes, at: offset, end: min(end, bytes.count))
      return
    }
    let size = Int(bytes[offset + 8])
    length = 9 + size
    guard length <= end - offset else { throw .malformed }
    guard length <= bytes.count - offset else { throw .needMore }
    isScrambled = flags & 0x30 != 0
    isAligned = flags & 0x04 != 0
    let stamps = bytes[offset + 7] >> 6
    if stamps & 0b10 != 0, size >= 5 { pts = Self.stamp(bytes, at: offset + 9) }
    if stamps == 0b11, size >= 10 { dts = Self.stamp(bytes, at: offset + 14) }
  }

  private init(mpeg1 bytes: Span<UInt8>, at offset: Int, end: Int) throws(Failure) {
    var position = offset + 6
    // Up to sixteen bytes of stuffing, then the buffer size.
    while position < end, bytes[position] == 0xFF, position < offset + 22 { position += 1 }
    if position + 2 <= end, bytes[position] >> 6 == 0b01 { position += 2 }
    guard position < end else { throw .malformed }
    switch bytes[position] >> 4 {
    case 0b0010 where position + 5 <= end:
      pts = Self.stamp(bytes, at: position)
      position += 5
    case 0b0011 where position + 10 <= end:
      pts = Self.stamp(bytes, at: position)
      dts = Self.stamp(bytes, at: position + 5)
      position += 10
    case 0b0000 where bytes[position] == 0x0F:
      position += 1
    default:
      throw .malformed
    }
    length = position - offset
  }

  /// Five bytes, three marker bits that are not checked.
  private static func stamp(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
    UInt64(bytes[offset] >> 1 & 7) << 30 | UInt64(bytes.uint16(at: offset + 1) >> 1) << 15
      | UInt64(bytes.uint16(at: offset + 3) >> 1)
  }
}

/// What a program stream map says about the streams (ISO 13818-1 §2.5.4).
struct StreamMap: Sendable, Equatable {
  var video: StreamType?
  var audio: StreamType?

  /// Reads the map in `range`, start code included. The CRC is ignored (§9.5 row 1). Where an inner length runs over
  /// the map's own, reading stops there (row 2).
  mutating func update(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let end = range.upperBound - 4
    guard range.count >= 16 else { return }
    var position = range.lowerBound + 10 + Int(bytes.uint16(at: range.lowerBound + 8)) + 2
    var isFirstVideo = true
    var isFirstAudio = true
    while position + 4 <= end {
      let type = StreamType(rawValue: bytes[position])
      let id = bytes[position + 1]
      if PSCode.isVideo(id), isFirstVideo {
        video = type
        isFirstVideo = false
      } else if PSCode.isAudio(id), isFirstAudio {
        audio = type
        isFirstAudio = false
      }
      position += 4 + Int(bytes.uint16(at: position + 2))
    }
  }
}
