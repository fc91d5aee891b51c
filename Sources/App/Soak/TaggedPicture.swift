import MPEGCore
import MediaTime
import WireBytes

/// Pictures that say in every sixteen bytes whose they are, which one, and how large: no decoder understands them, but
/// one byte of another camera, a missing packet or a wrong order cannot hide in them.
enum TaggedPicture {
  /// What the camera is set to.
  enum Variant: Int, Sendable, CaseIterable {
    case small, large, h265

    var format: TrackFormat {
      switch self {
      case .small: ParameterSets.videoFormat(.h264, parameterSets: TaggedPicture.smallSets)
      case .large: ParameterSets.videoFormat(.h264, parameterSets: TaggedPicture.largeSets)
      case .h265: ParameterSets.videoFormat(.h265, parameterSets: TaggedPicture.h265Sets)
      }
    }

    var codec: MediaCodec { self == .h265 ? .h265 : .h264 }

    /// The first bytes of a slice, up to where the tags begin.
    func sliceHead(isKey: Bool) -> [UInt8] {
      switch self {
      case .small, .large: [isKey ? 0x65 : 0x41, isKey ? 0x88 : 0x9A]
      case .h265: [isKey ? 0x26 : 0x02, 0x01, 0xAF]
      }
    }
  }

  /// Whose picture, and the how-manieth of it.
  struct Tag: Sendable, Equatable {
    var stream: Int
    var number: Int

    init(stream: Int, number: Int) { (self.stream, self.number) = (stream, number) }
  }

  static let pieceBytes = 16
  /// Two times seven bits.
  static let maximumPieces = 1 << 14

  /// A picture of `pieces` tagged pieces.
  static func make(
    _ tag: Tag, variant: Variant, isKey: Bool, pieces: Int, time: MediaTicks,
    arrival: WallTime = WallTime(nanoseconds: 0)
  ) -> AccessUnit {
    let pieces = min(max(pieces, 1), maximumPieces - 1)
    let head = variant.sliceHead(isKey: isKey)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(pieces * pieceBytes + 128)
    if isKey { for unit in variant.format.parameterSets { append(length: unit.count, unit, to: &bytes) } }
    append(length: head.count + pieces * pieceBytes, head, to: &bytes)
    var piece = pattern(tag, pieces: pieces)
    for index in 0..<pieces {
      stamp(index, into: &piece)
      bytes += piece
    }
    return AccessUnit(
      codec: variant.codec, isKeyFrame: isKey, pts: time, dts: time, arrival: arrival,
      payload: SharedBytes(bytes))
  }

  /// The tag of a picture, nil unless every byte of it is as it was made.
  static func read(_ unit: AccessUnit) -> Tag? {
    unit.payload.withBytes { bytes in
      guard let slice = lastUnit(bytes) else { return nil }
      let body = slice.lowerBound + (unit.codec == .h265 ? 3 : 2)
      guard slice.upperBound - body >= pieceBytes, (slice.upperBound - body) % pieceBytes == 0 else {
        return nil
      }
      let tag = Tag(stream: number(bytes, body + 1, 2), number: number(bytes, body + 3, 5))
      let pieces = (slice.upperBound - body) / pieceBytes
      var expected = pattern(tag, pieces: pieces)
      for index in 0..<pieces {
        stamp(index, into: &expected)
        let from = body + index * pieceBytes
        for offset in 0..<pieceBytes where bytes[from + offset] != expected[offset] { return nil }
      }
      return tag
    }
  }

  /// One piece: a mark, stream, number, index and count, each in groups of seven bits under a set one.
  private static func pattern(_ tag: Tag, pieces: Int) -> [UInt8] {
    var piece = [UInt8](repeating: 0xB7, count: pieceBytes)
    piece[0] = 0xA5
    put(tag.stream, 2, into: &piece, at: 1)
    put(tag.number, 5, into: &piece, at: 3)
    put(pieces, 2, into: &piece, at: 10)
    return piece
  }

  private static func stamp(_ index: Int, into piece: inout [UInt8]) { put(index, 2, into: &piece, at: 8) }

  private static func put(_ value: Int, _ groups: Int, into piece: inout [UInt8], at offset: Int) {
    for group in 0..<groups {
      piece[offset + group] = 0x80 | UInt8(truncatingIfNeeded: value >> (7 * (groups - 1 - group)))
    }
  }

  private static func number(_ bytes: Span<UInt8>, _ offset: Int, _ groups: Int) -> Int {
    var value = 0
    for group in 0..<groups { value = value << 7 | Int(bytes[offset + group] & 0x7F) }
    return value
  }

  /// The last unit of a picture behind its lengths, nil when the lengths do not fit.
  private static func lastUnit(_ bytes: Span<UInt8>) -> Range<Int>? {
    var offset = 0
    while bytes.count - offset > 4 {
      let length = Int(bytes.uint32(at: offset))
      let end = offset + 4 + length
      guard length > 0, end <= bytes.count else { return nil }
      if end == bytes.count { return offset + 4..<end }
      offset = end
    }
    return nil
  }

  private static func append(length: Int, _ bytes: [UInt8], to output: inout [UInt8]) {
    for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: length >> shift)) }
    output += bytes
  }

  private static let smallSets: [[UInt8]] = [
    [
      0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x05, 0x07, 0xE8, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0C,
      0x83,
    ],
    [0x68, 0xCE, 0x0F, 0xC8],
  ]
  private static let largeSets: [[UInt8]] = [
    [
      0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0xC0, 0x44, 0, 0, 3, 0, 4, 0, 0, 3, 0, 0xF0,
      0x3C, 0x58,
    ],
    [0x68, 0xCE, 0x0F, 0x2C, 0x80],
  ]
  private static let h265Sets: [[UInt8]] = [
    [
      0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x01, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3C, 0x95,
      0x98, 0x09,
    ],
    [
      0x42, 0x01, 0x01, 0x01, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3C, 0xA0, 0x0A, 0x08, 0x0B,
      0x9F, 0x79, 0x65, 0x79, 0xA4, 0xCA, 0xE0, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 0x01, 0x90, 0x80,
    ],
    [0x44, 0x01, 0xC1, 0x72, 0xB4, 0x22, 0x40],
  ]
}
