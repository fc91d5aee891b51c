import MediaTime
import WireBytes

/// Writes one pack of a program stream into memory of exactly its size.
@safe struct PackWriter: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  /// Bytes written.
  private(set) var count = 0

  private let capacity: Int

  init(memory: UnsafeMutableRawBufferPointer) {
    unsafe self.memory = memory
    capacity = memory.count
  }

  private mutating func byte(_ value: UInt8) {
    precondition(count < capacity, "a pack is longer than planned")
    unsafe memory[count] = value
    count += 1
  }

  private mutating func startCode(_ id: UInt8) {
    byte(0)
    byte(0)
    byte(1)
    byte(id)
  }

  /// One memory copy.
  mutating func bytes(_ span: Span<UInt8>) {
    precondition(span.count <= capacity - count, "a pack is longer than planned")
    unsafe span.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: source)
    }
    count += span.count
  }

  /// Fourteen bytes; the clock's extension is zero (ISO 13818-1 §2.5.3.3).
  mutating func packHeader(clock: UInt64, rate: UInt32) {
    startCode(0xBA)
    byte(0x44 | UInt8(clock >> 30 & 7) << 3 | UInt8(clock >> 28 & 3))
    byte(UInt8(clock >> 20 & 0xFF))
    byte(UInt8(clock >> 15 & 0x1F) << 3 | 4 | UInt8(clock >> 13 & 3))
    byte(UInt8(clock >> 5 & 0xFF))
    byte(UInt8(clock & 0x1F) << 3 | 4)
    byte(1)
    byte(UInt8(rate >> 14 & 0xFF))
    byte(UInt8(rate >> 6 & 0xFF))
    byte(UInt8(rate & 0x3F) << 2 | 3)
    byte(0xF8)
  }

  /// The PES packets of one unit, split at the length limit; only the first carries the time stamps.
  mutating func packets(_ unit: AccessUnit, _ payload: Span<UInt8>, stamps: Int, adts: ADTSHeader?) {
    let pts = UInt64(bitPattern: unit.pts.value)
    let dts = UInt64(bitPattern: unit.dts.value)
    var offset = 0
    repeat {
      let isFirst = offset == 0
      let lead = isFirst && adts != nil ? ADTSHeader.byteCount : 0
      let room = PSMuxer.maximumPESLength - 3 - (isFirst ? stamps : 0) - lead
      let size = min(payload.count - offset, room)
      let length = 3 + (isFirst ? stamps : 0) + lead + size
      startCode(unit.codec.isVideo ? 0xE0 : 0xC0)
      byte(UInt8(length >> 8))
      byte(UInt8(length & 0xFF))
      byte(isFirst ? 0x84 : 0x80)
      byte(!isFirst ? 0 : (stamps == 5 ? 0x80 : 0xC0))
      byte(isFirst ? UInt8(stamps) : 0)
      if isFirst { stamp(pts, tag: stamps == 5 ? 2 : 3) }
      if isFirst, stamps > 5 { stamp(dts, tag: 1) }
      if isFirst, let adts { adts.forEachByte { byte($0) } }
      let start = count
      bytes(payload.extracting(offset..<offset + size))
      if unit.codec.isVideo { putStartCodes(payload, offset..<offset + size, at: start) }
      offset += size
    } while offset < payload.count
  }

  /// Turns the four-byte lengths of `payload`, of which `range` lies at `start`, into start codes of four bytes.
  private mutating func putStartCodes(_ payload: Span<UInt8>, _ range: Range<Int>, at start: Int) {
    var prefix = 0
    while prefix < range.upperBound {
      for step in 0..<4 where range.contains(prefix + step) {
        unsafe memory[start + prefix + step - range.lowerBound] = step == 3 ? 1 : 0
      }
      prefix += 4 + Int(payload.uint32(at: prefix))
    }
  }

  /// Five bytes of PTS or DTS (ISO 13818-1 §2.4.3.6).
  private mutating func stamp(_ value: UInt64, tag: UInt8) {
    byte(tag << 4 | UInt8(value >> 30 & 7) << 1 | 1)
    byte(UInt8(value >> 22 & 0xFF))
    byte(UInt8(value >> 15 & 0x7F) << 1 | 1)
    byte(UInt8(value >> 7 & 0xFF))
    byte(UInt8(value & 0x7F) << 1 | 1)
  }
}
