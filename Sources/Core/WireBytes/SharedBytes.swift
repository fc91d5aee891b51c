/// An immutable run of bytes, shared by reference between any number of readers.
///
/// It is filled by the closure given to ``make(capacity:_:)`` and never written
/// again, which is why it is safe to hand to another thread. ``ByteArena`` makes
/// many of them in one block.
@safe public final class SharedBytes: @unchecked Sendable {
  // Proof for @unchecked: `storage` is written only inside `make`, before the
  // object is returned to anybody.
  private let storage: UnsafeMutableRawBufferPointer
  /// Bytes filled, at most the capacity that was asked for.
  public let count: Int
  /// Whose memory `storage` is; nil when it is this object's own.
  private let slab: Slab?

  init(storage: UnsafeMutableRawBufferPointer, count: Int, slab: Slab? = nil) {
    unsafe self.storage = unsafe storage
    self.count = count
    self.slab = slab
  }

  deinit { if slab == nil { unsafe storage.deallocate() } }

  /// Allocates `capacity` bytes and lets `fill` write them.
  ///
  /// - Parameters:
  ///   - capacity: bytes, at least 0.
  ///   - fill: writes the bytes and returns how many are valid (0…capacity).
  public static func make(
    capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int
  ) -> SharedBytes {
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, 1), alignment: 16)
    let filled = unsafe fill(UnsafeMutableRawBufferPointer(rebasing: storage[0..<capacity]))
    precondition(filled >= 0 && filled <= capacity, "SharedBytes filled beyond its capacity")
    return unsafe SharedBytes(storage: storage, count: filled)
  }

  /// Copies `bytes`.
  public convenience init(_ bytes: Span<UInt8>) {
    let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe storage.copyMemory(from: UnsafeRawBufferPointer(source))
    }
    unsafe self.init(storage: storage, count: bytes.count)
  }

  /// Copies `bytes`.
  public convenience init(_ bytes: [UInt8]) { self.init(bytes.span) }

  /// The bytes, valid only inside `body`.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let buffer = unsafe UnsafeBufferPointer(
      start: UnsafePointer(storage.baseAddress!.assumingMemoryBound(to: UInt8.self)), count: count)
    return try body(unsafe buffer.span)
  }

  /// The address of the bytes, for system calls. Valid while `self` is alive; never written through.
  @unsafe public var pointer: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: storage.baseAddress, count: count)
  }

  /// A copy of the bytes.
  public var array: [UInt8] { unsafe Array(pointer) }
}
