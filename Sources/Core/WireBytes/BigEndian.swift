/// Bounds-checked big-endian reads. Every offset must lie inside the span; the
/// caller checks lengths once, and a mistake traps instead of reading elsewhere.
extension Span where Element == UInt8 {
  /// Two bytes at `offset`, most significant first.
  @inlinable
  public func uint16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }

  /// Three bytes at `offset`, most significant first, in the low 24 bits.
  @inlinable
  public func uint24(at offset: Int) -> UInt32 {
    UInt32(self[offset]) << 16 | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2])
  }

  /// Four bytes at `offset`, most significant first.
  @inlinable
  public func uint32(at offset: Int) -> UInt32 {
    UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16
      | UInt32(self[offset + 2]) << 8 | UInt32(self[offset + 3])
  }

  /// Eight bytes at `offset`, most significant first.
  @inlinable
  public func uint64(at offset: Int) -> UInt64 {
    UInt64(uint32(at: offset)) << 32 | UInt64(uint32(at: offset + 4))
  }

  /// Whether the bytes at `offset` are exactly `text`. False when they do not fit.
  public func matches(_ text: StaticString, at offset: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard offset >= 0, offset <= count - length else { return false }
    return text.withUTF8Buffer { expected in
      for index in 0..<length where unsafe expected[index] != self[offset + index] { return false }
      return true
    }
  }
}
