/// Builds a message in memory, big-endian, and patches lengths that are known only later.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8]

  /// - Parameter capacity: bytes to reserve, a hint.
  public init(capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  public var count: Int { bytes.count }

  @inlinable
  public mutating func uint8(_ value: UInt8) { append(value) }

  @usableFromInline
  mutating func append(_ value: UInt8) { bytes.append(value) }

  public mutating func uint16(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  /// The low 24 bits of `value`.
  public mutating func uint24(_ value: UInt32) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 16))
    uint16(UInt16(truncatingIfNeeded: value))
  }

  public mutating func uint32(_ value: UInt32) {
    uint16(UInt16(truncatingIfNeeded: value >> 16))
    uint16(UInt16(truncatingIfNeeded: value))
  }

  public mutating func uint64(_ value: UInt64) {
    uint32(UInt32(truncatingIfNeeded: value >> 32))
    uint32(UInt32(truncatingIfNeeded: value))
  }

  public mutating func raw(_ data: some Sequence<UInt8>) { bytes.append(contentsOf: data) }

  public mutating func raw(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  public mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

  public mutating func zeros(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }

  /// Overwrites four bytes written before. `offset + 4` must not exceed ``count``.
  public mutating func patchUInt32(_ value: UInt32, at offset: Int) {
    bytes[offset] = UInt8(truncatingIfNeeded: value >> 24)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 16)
    bytes[offset + 2] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[offset + 3] = UInt8(truncatingIfNeeded: value)
  }

  /// Overwrites two bytes written before. `offset + 2` must not exceed ``count``.
  public mutating func patchUInt16(_ value: UInt16, at offset: Int) {
    bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
  }
}
