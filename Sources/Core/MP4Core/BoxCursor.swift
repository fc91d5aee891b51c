import WireBytes

/// One box inside bytes in memory.
struct Box {
  var type: FourCC
  /// What follows the box header, as positions in the array that was searched.
  var content: Range<Int>
}

/// Walks the boxes of a range, one level, without recursion.
struct BoxCursor {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private let parent: FourCC
  private let base: Int64

  /// - Parameters:
  ///   - parent: named in errors.
  ///   - base: where `bytes` begins in the file, for errors.
  init(_ bytes: [UInt8], _ range: Range<Int>, in parent: FourCC, base: Int64) {
    self.bytes = bytes
    position = range.lowerBound
    end = min(range.upperBound, bytes.count)
    self.parent = parent
    self.base = base
  }

  /// The next box, or nil at the end.
  mutating func next() throws(MP4Error) -> Box? {
    guard position < end else { return nil }
    let bytes = bytes
    let span = bytes.span
    guard end - position >= 8 else { throw .malformed(box: parent, offset: base + Int64(position)) }
    var size = UInt64(span.uint32(at: position))
    let type = FourCC(code: span.uint32(at: position + 4))
    var header = 8
    if size == 1 {
      guard end - position >= 16 else { throw .malformed(box: type, offset: base + Int64(position)) }
      size = span.uint64(at: position + 8)
      header = 16
    } else if size == 0 {
      size = UInt64(end - position)
    }
    guard size >= UInt64(header), size <= UInt64(end - position) else {
      throw .malformed(box: type, offset: base + Int64(position))
    }
    let content = position + header..<position + Int(size)
    position += Int(size)
    return Box(type: type, content: content)
  }
}

/// Reads fields of one box in order; running out of bytes is an error, never a trap.
struct FieldReader {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int
  private let box: FourCC
  private let base: Int64

  init(_ bytes: [UInt8], _ box: Box, base: Int64) {
    self.bytes = bytes
    position = box.content.lowerBound
    end = min(box.content.upperBound, bytes.count)
    self.box = box.type
    self.base = base
  }

  var remaining: Int { end - position }
  var error: MP4Error { .malformed(box: box, offset: base + Int64(position)) }

  private mutating func take(_ count: Int) throws(MP4Error) -> Int {
    let start = position
    guard count >= 0, end - start >= count else { throw error }
    position = start + count
    return start
  }

  mutating func skip(_ count: Int) throws(MP4Error) { _ = try take(count) }
  mutating func uint8() throws(MP4Error) -> UInt8 { bytes[try take(1)] }
  mutating func uint16() throws(MP4Error) -> UInt16 {
    let offset = try take(2)
    return bytes.span.uint16(at: offset)
  }
  mutating func uint32() throws(MP4Error) -> UInt32 {
    let offset = try take(4)
    return bytes.span.uint32(at: offset)
  }
  mutating func uint64() throws(MP4Error) -> UInt64 {
    let offset = try take(8)
    return bytes.span.uint64(at: offset)
  }
  mutating func bytes(_ count: Int) throws(MP4Error) -> [UInt8] {
    let offset = try take(count)
    return Array(bytes[offset..<offset + count])
  }
}
