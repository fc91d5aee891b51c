import WireBytes

/// NAL units behind start codes, as files and program streams carry them (H.264 and H.265, Annex B).
public enum AnnexB {
  /// The ranges of the NAL units in `bytes`, start codes and trailing zeros removed. Bytes before the first start
  /// code belong to no unit.
  public static func units(in bytes: Span<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    scan(bytes, from: 0, into: &result)
    return result
  }

  /// Appends the ranges of the units that begin at or after `start`; the last one runs to the end of `bytes`.
  static func scan(_ bytes: Span<UInt8>, from start: Int, into units: inout [Range<Int>]) {
    guard var code = ByteScan.startCode(in: bytes, from: start) else { return }
    while true {
      let first = code + 3
      let next = ByteScan.startCode(in: bytes, from: first)
      var end = next ?? bytes.count
      // The byte before a four-byte start code and trailing_zero_8bits belong to no unit; a unit never ends in 00.
      while end > first, bytes[end - 1] == 0 { end -= 1 }
      if end > first { units.append(first..<end) }
      guard let next else { return }
      code = next
    }
  }

  /// Appends a unit that is stored behind 4-byte lengths with start codes instead. Stops at a broken length.
  public static func append(lengthPrefixed bytes: Span<UInt8>, to output: inout [UInt8]) {
    var offset = 0
    while bytes.count - offset >= 4 {
      let length = Int(bytes.uint32(at: offset))
      guard length <= bytes.count - offset - 4 else { return }
      output.append(contentsOf: [0, 0, 0, 1])
      output.append(bytes.extracting(offset + 4..<offset + 4 + length))
      offset += 4 + length
    }
  }

  /// Bytes of a payload stored behind 4-byte lengths up to the first broken length.
  static func validLength(lengthPrefixed bytes: Span<UInt8>) -> Int {
    var offset = 0
    while bytes.count - offset >= 4 {
      let length = Int(bytes.uint32(at: offset))
      guard length <= bytes.count - offset - 4 else { break }
      offset += 4 + length
    }
    return offset
  }

  /// The ranges of the NAL units in a payload stored behind 4-byte lengths. Stops at a broken length.
  public static func units(lengthPrefixed bytes: Span<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var offset = 0
    while bytes.count - offset >= 4 {
      let length = Int(bytes.uint32(at: offset))
      guard length <= bytes.count - offset - 4 else { break }
      if length > 0 { result.append(offset + 4..<offset + 4 + length) }
      offset += 4 + length
    }
    return result
  }

  /// How many bytes are missing to put a four-byte length in the place of every start code; each start code of three
  /// bytes lacks one. Nil when there are gaps between the units, or so much must be moved that copying is no dearer.
  static func missingBytes(_ units: Span<Range<Int>>) -> Int? {
    var (end, missing, moved) = (0, 0, 0)
    for index in units.indices {
      let gap = units[index].lowerBound - end
      guard gap == 3 || gap == 4 else { return nil }
      if gap == 3 {
        missing += 1
        // Everything before moves a byte forwards to make room.
        moved = end
      }
      end = units[index].upperBound
    }
    return moved * 2 <= end ? missing : nil
  }

  /// The given parts of `bytes`, each behind its 4-byte length, in one block.
  static func lengthPrefixed(
    _ bytes: Span<UInt8>, _ units: Span<Range<Int>>, in arena: inout ByteArena
  ) -> SharedBytes {
    var size = 0
    for index in units.indices { size += 4 + units[index].count }
    return unsafe arena.make(capacity: size) { output in
      unsafe bytes.withUnsafeBytes { source in
        var position = 0
        for index in units.indices {
          // Every range was made from this span; the two slices below check it once more per unit.
          let unit = units[index]
          unsafe output.storeBytes(
            of: UInt32(truncatingIfNeeded: unit.count).bigEndian, toByteOffset: position, as: UInt32.self)
          unsafe UnsafeMutableRawBufferPointer(rebasing: output[(position + 4)...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[unit]))
          position += 4 + unit.count
        }
        return position
      }
    }
  }
}

extension [UInt8] {
  /// One memory copy.
  mutating func append(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
