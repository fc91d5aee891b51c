/// The slabs of one stream, used over and over: one whose residents are all gone is written again.
///
/// In steady state nothing is asked of the heap, whoever let go of the last resident.
struct SlabRing: ~Copyable, Sendable {
  /// Slabs remembered at most. Beyond that a slab lives by its residents alone.
  private static let limit = 8

  private var slabs: [Slab] = []
  private var current = 0

  init() {}

  /// A slab that nobody else refers to.
  mutating func next() -> Slab {
    // The oldest lies behind the current one: residents go in about the order in which they came.
    for step in 0..<slabs.count {
      let place = (current + 1 + step) % slabs.count
      if isKnownUniquelyReferenced(&slabs[place]) {
        current = place
        return slabs[place]
      }
    }
    let slab = Slab(bytes: ByteArena.slabBytes)
    if slabs.count < Self.limit {
      current = slabs.isEmpty ? 0 : current + 1
      slabs.insert(slab, at: current)
    } else {
      current = (current + 1) % slabs.count
      slabs[current] = slab
    }
    return slab
  }

  /// Forgets spare slabs; those with residents live on with them.
  mutating func removeAll() { (slabs, current) = ([], 0) }
}
