import Synchronization

/// Places many small ``SharedBytes`` one behind the other in large slabs, so that a picture costs no search of the heap.
///
/// What is made here lives and dies in about the order in which it was made, as the
/// pictures of one stream do: a slab goes back to the pool with the last of its
/// residents. One resident keeps its whole slab, so every stream has an arena of its own.
public struct ByteArena: ~Copyable, Sendable {
  /// Bytes of a slab: about a second of 2 Mbit/s.
  public static let slabBytes = 256 << 10
  /// Larger requests get memory of their own.
  public static let largest = slabBytes / 2
  /// A request above this that does not fit in the slab at hand gets memory of its own, too: what is left of the
  /// slab would be wasted, and smaller ones follow that fill it.
  private static let large = slabBytes / 8

  private var slab: Slab?
  private var used = 0

  public init() {}

  /// As ``SharedBytes/make(capacity:_:)``.
  ///
  /// - Parameters:
  ///   - capacity: bytes, at least 0.
  ///   - fill: writes the bytes and returns how many are valid (0…capacity).
  public mutating func make(
    capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int
  ) -> SharedBytes {
    guard capacity <= Self.largest else { return unsafe SharedBytes.make(capacity: capacity, fill) }
    let current: Slab
    if let slab, used + capacity <= Self.slabBytes {
      current = slab
    } else {
      if slab != nil, capacity > Self.large { return unsafe SharedBytes.make(capacity: capacity, fill) }
      current = Slab()
      (slab, used) = (current, 0)
    }
    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: current.memory[used..<(used + capacity)])
    let filled = unsafe fill(place)
    precondition(filled >= 0 && filled <= capacity, "SharedBytes filled beyond its capacity")
    // The next one begins at a multiple of 16; what was written is never written again.
    used += (filled + 15) & ~15
    return unsafe SharedBytes(storage: place, count: filled, slab: current)
  }

  /// Copies `bytes`.
  public mutating func make(_ bytes: Span<UInt8>) -> SharedBytes {
    unsafe make(capacity: bytes.count) { target in
      unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      return bytes.count
    }
  }
}

/// Memory for the residents of an arena; returns to the pool when nobody refers to it.
@safe final class Slab: @unchecked Sendable {
  // Proof for @unchecked: the reference to `memory` never changes, and each part of it is written once, by the
  // arena, before anybody else can see that part.
  let memory: UnsafeMutableRawBufferPointer

  init() { unsafe memory = SlabPool.take() }

  /// A slab of another size, which no pool keeps.
  init(bytes: Int) { unsafe memory = .allocate(byteCount: bytes, alignment: 64) }

  deinit {
    if unsafe memory.count == ByteArena.slabBytes {
      unsafe SlabPool.give(memory)
    } else {
      unsafe memory.deallocate()
    }
  }
}

/// Slabs that wait for their next use, shared by all threads.
private enum SlabPool {
  /// Kept at most; the others go back to the system.
  private static let limit = 128

  // Addresses, because a pointer is not Sendable; each is owned by the pool alone.
  private static let free = Mutex<[UInt]>([])

  static func take() -> UnsafeMutableRawBufferPointer {
    let kept = free.withLock { $0.popLast() }
    if let kept, let start = unsafe UnsafeMutableRawPointer(bitPattern: kept) {
      return unsafe UnsafeMutableRawBufferPointer(start: start, count: ByteArena.slabBytes)
    }
    return .allocate(byteCount: ByteArena.slabBytes, alignment: 64)
  }

  static func give(_ memory: UnsafeMutableRawBufferPointer) {
    let isKept = free.withLock { slabs in
      guard slabs.count < limit, let start = memory.baseAddress else { return false }
      slabs.append(UInt(bitPattern: start))
      return true
    }
    if !isKept { unsafe memory.deallocate() }
  }
}
