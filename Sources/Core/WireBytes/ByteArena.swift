/// Places many small ``SharedBytes`` one behind the other in large slabs, so that a picture costs no search of the heap.
///
/// What is made here lives and dies in about the order in which it was made, as the
/// pictures of one stream do: a slab is used again when the last of its
/// residents is gone. One resident keeps its whole slab, so every stream has an arena of its own.
public struct ByteArena: ~Copyable, Sendable {
  /// Bytes of a slab: about a second of 2 Mbit/s.
  public static let slabBytes = 256 << 10
  /// Larger requests get memory of their own.
  public static let largest = slabBytes / 2
  /// A request above this that does not fit in the slab at hand gets memory of its own, too: what is left of the
  /// slab would be wasted, and smaller ones follow that fill it.
  private static let large = slabBytes / 8

  private var ring = SlabRing()
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
      // Let go of first: it may be the only one, and free.
      slab = nil
      current = ring.next()
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

/// Memory in which many residents lie; goes back to the system with the last of them and its ring.
@safe final class Slab: @unchecked Sendable {
  // Proof for @unchecked: the reference to `memory` never changes, and each part of it is written before anybody
  // else can see that part; it is written again only when nobody else refers to the slab.
  let memory: UnsafeMutableRawBufferPointer

  init(bytes: Int) { unsafe memory = .allocate(byteCount: bytes, alignment: 64) }

  deinit { unsafe memory.deallocate() }
}
