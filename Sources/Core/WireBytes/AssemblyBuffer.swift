/// Bytes that are being put together, and of which a finished part is handed out as it lies, without a copy.
///
/// A picture arrives in packets of some 1 400 bytes. They are copied one behind the
/// other into a slab; when the picture is complete, that part of the slab becomes a
/// ``SharedBytes`` and the buffer goes on behind it.
///
/// ```text
///   slab:  handed out | handed out | first … count → | free
/// ```
/// Offsets count from the first byte that is held. What was handed out is never written again.
@safe public struct AssemblyBuffer: ~Copyable, @unchecked Sendable {
  // Proof for @unchecked: `memory` belongs to `slab`, and the part of it that is written lies behind everything
  // that was handed out.
  private var ring = SlabRing()
  private var slab: Slab?
  private var memory = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var first = 0
  /// Everything in the slab before this offset was handed out.
  private var floor = 0
  /// Bytes held.
  public private(set) var count = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// The bytes held.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let held = unsafe UnsafeRawBufferPointer(rebasing: memory[first..<(first + count)])
      let span = unsafe Span<UInt8>(_unsafeBytes: held)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// One byte; traps outside of what is held.
  public subscript(position: Int) -> UInt8 {
    precondition(position >= 0 && position < count)
    return unsafe memory[first + position]
  }

  /// Adds bytes at the end. One copy, and a second one of what is held each time a slab is full.
  public mutating func append(_ bytes: Span<UInt8>) {
    guard bytes.count > 0 else { return }
    if unsafe first + count + bytes.count > memory.count { move(toSlabFor: count + bytes.count) }
    precondition(first + count >= floor)
    unsafe bytes.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(first + count)...]).copyMemory(from: source)
    }
    count += bytes.count
  }

  private mutating func move(toSlabFor needed: Int) {
    // Twice what is needed, so that one huge picture is moved a few times only.
    let isLarge = needed > ByteArena.slabBytes / 2
    let next = isLarge ? Slab(bytes: max(2 * needed, ByteArena.slabBytes)) : ring.next()
    if count > 0 {
      unsafe next.memory.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: memory[first..<(first + count)]))
    }
    slab = next
    unsafe memory = next.memory
    (first, floor) = (0, 0)
  }

  /// Copies the bytes of `range` to `offset`; both lie inside what is held and may overlap.
  public mutating func move(_ range: Range<Int>, to offset: Int) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    precondition(offset >= 0 && offset <= count - range.count && first + offset >= floor)
    guard !range.isEmpty, range.lowerBound != offset else { return }
    let source = unsafe UnsafeRawBufferPointer(
      rebasing: memory[(first + range.lowerBound)..<(first + range.upperBound)])
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(first + offset)...]).copyMemory(from: source)
  }

  /// Forgets bytes at the beginning. Costs nothing.
  public mutating func removeFirst(_ length: Int) {
    precondition(length >= 0 && length <= count)
    first += length
    count -= length
    if count == 0 { forgetLargeSlab() }
  }

  /// Takes `length` forgotten bytes back in front of those held; their values mean nothing.
  ///
  /// - Returns: false, and nothing has changed, when something handed out lies there.
  public mutating func restoreFirst(_ length: Int) -> Bool {
    precondition(length >= 0)
    guard first - length >= floor else { return false }
    first -= length
    count += length
    return true
  }

  public mutating func removeLast(_ length: Int) {
    precondition(length >= 0 && length <= count)
    count -= length
  }

  public mutating func removeAll() {
    first = max(first, floor)
    count = 0
    forgetLargeSlab()
  }

  /// One huge picture must not hold its memory for the life of the stream.
  private mutating func forgetLargeSlab() {
    guard unsafe memory.count > ByteArena.slabBytes else { return }
    slab = nil
    unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    (first, floor) = (0, 0)
  }

  /// Hands out the bytes of `range`. They stay readable here, but nothing before the end of the range can be written
  /// any more.
  ///
  /// - Parameter prefixes: where four bytes of the range are replaced by a number, big-endian, before it is handed out.
  ///   Offsets as in `range`.
  public mutating func take(_ range: Range<Int>, prefixes: Span<(offset: Int, value: UInt32)>) -> SharedBytes
  {
    precondition(range.lowerBound >= 0 && range.upperBound <= count && first + range.lowerBound >= floor)
    for index in prefixes.indices {
      let prefix = prefixes[index]
      precondition(prefix.offset >= range.lowerBound && prefix.offset <= range.upperBound - 4)
      unsafe memory.storeBytes(
        of: prefix.value.bigEndian, toByteOffset: first + prefix.offset, as: UInt32.self)
    }
    floor = first + range.upperBound
    let place = unsafe UnsafeMutableRawBufferPointer(
      rebasing: memory[(first + range.lowerBound)..<(first + range.upperBound)])
    return unsafe SharedBytes(storage: place, count: range.count, slab: slab)
  }
}
