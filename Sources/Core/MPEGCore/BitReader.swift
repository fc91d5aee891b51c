/// Reads bits and Exp-Golomb codes of a NAL unit, skipping emulation prevention bytes (H.264 §7.3.1.1, §9.1).
///
/// Total: past the end it returns zeros and sets ``isExhausted``; the caller checks once at the end.
struct BitReader: ~Copyable {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var isExhausted = false

  /// Copies the payload of the unit in `span` without its emulation prevention bytes.
  ///
  /// - Parameters:
  ///   - headerBytes: 1 for H.264, 2 for H.265.
  ///   - limit: bytes read at most; parameter sets and slice headers are short.
  init(unit span: Span<UInt8>, headerBytes: Int, limit: Int = 4_096) {
    var clean: [UInt8] = []
    let end = min(span.count, headerBytes + limit)
    clean.reserveCapacity(max(end - headerBytes, 0))
    var zeros = 0
    var index = headerBytes
    while index < end {
      let byte = span[index]
      if zeros >= 2, byte == 3 {
        zeros = 0
      } else {
        zeros = byte == 0 ? zeros + 1 : 0
        clean.append(byte)
      }
      index += 1
    }
    bytes = clean
  }

  mutating func bit() -> Bool { bits(1) == 1 }

  /// The next `count` bits, 0…32.
  mutating func bits(_ count: Int) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard position < bytes.count * 8 else {
        isExhausted = true
        return 0
      }
      value = value << 1 | UInt32(bytes[position >> 3] >> UInt8(7 - position & 7) & 1)
      position += 1
    }
    return value
  }

  mutating func skip(_ count: Int) {
    position += count
    if position > bytes.count * 8 {
      position = bytes.count * 8
      isExhausted = true
    }
  }

  /// ue(v): at most 32 leading zeros, else the reader is exhausted.
  mutating func unsigned() -> Int {
    var zeros = 0
    while !bit() {
      zeros += 1
      guard zeros <= 32, !isExhausted else {
        isExhausted = true
        return 0
      }
    }
    return (1 << zeros) - 1 + Int(bits(zeros))
  }

  /// se(v)
  mutating func signed() -> Int {
    let code = unsigned()
    return code & 1 == 1 ? (code + 1) / 2 : -(code / 2)
  }
}
