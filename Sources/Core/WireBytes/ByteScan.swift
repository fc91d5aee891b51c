import Glibc

/// Searches that run at memory speed.
public enum ByteScan {
  /// The offset of the first `byte` in `start..<end`, or nil.
  ///
  /// `end` is clamped to the span; a `start` at or past it finds nothing.
  public static func firstIndex(of byte: UInt8, in span: Span<UInt8>, from start: Int, to end: Int? = nil)
    -> Int?
  {
    let limit = min(end ?? span.count, span.count)
    guard start >= 0, start < limit else { return nil }
    return unsafe span.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress,
        let hit = unsafe memchr(base + start, Int32(byte), limit - start)
      else { return nil }
      return unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }
  }

  /// The offset of the next `00 00 01` in `start..<end`, or nil.
  ///
  /// Looks for the `01` with `memchr` and back for the two zeros: 20 times
  /// faster than comparing triples (style study, §2.1).
  public static func startCode(in span: Span<UInt8>, from start: Int, to end: Int? = nil) -> Int? {
    let limit = min(end ?? span.count, span.count)
    guard start >= 0 else { return nil }
    return unsafe span.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var position = start + 2
      while position < limit {
        guard let hit = unsafe memchr(base + position, 1, limit - position) else { return nil }
        let index = unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
        if unsafe buffer[index - 1] == 0, unsafe buffer[index - 2] == 0 { return index - 2 }
        position = index + 1
      }
      return nil
    }
  }
}
