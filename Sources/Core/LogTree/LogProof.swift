/// Proofs that an entry is in a log, and that a log only grew (RFC 6962 §2.1.1 and §2.1.2).
public enum LogProof {
  /// The largest log, in entries.
  public static let largest: UInt64 = 1 << 62
  /// More hashes than any proof has.
  public static let longest = 63

  /// Why a proof could not be made.
  public enum Failure: Error, Hashable, Sendable {
    /// The entry or the earlier size is not within the log.
    case outOfRange
    /// A full subtree is not known.
    case missing(LogPlace)
  }

  /// What a maker of proofs asks for: the hash of a full subtree.
  public typealias Store = (LogPlace) throws -> LogHash?

  // MARK: Making

  /// The hash of the first `size` entries.
  public static func root(of size: UInt64, hasher: LogHasher, store: Store) throws -> LogHash {
    guard size > 0 else { return hasher.empty }
    return try hash(0..<size, hasher, store)
  }

  /// The hashes beside the way from entry `index` up to the root of a log of `size` entries.
  public static func inclusion(
    of index: UInt64, in size: UInt64, hasher: LogHasher, store: Store
  ) throws -> [LogHash] {
    guard index < size, size <= largest else { throw Failure.outOfRange }
    var proof: [LogHash] = []
    var range = 0..<size
    while range.count > 1 {
      let middle = range.lowerBound + split(UInt64(range.count))
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      proof.append(try hash(index < middle ? right : left, hasher, store))
      range = index < middle ? left : right
    }
    return proof.reversed()
  }

  /// The hashes that lead from the root of the first `old` entries to that of `size`.
  public static func consistency(
    from old: UInt64, to size: UInt64, hasher: LogHasher, store: Store
  ) throws -> [LogHash] {
    guard old <= size, size <= largest else { throw Failure.outOfRange }
    guard old > 0, old < size else { return [] }
    var proof: [LogHash] = []
    var range = 0..<size
    // Whether everything in the range belongs to the old log from its beginning on: its hash is known then.
    var isWhole = true
    while old != range.upperBound {
      let middle = range.lowerBound + split(UInt64(range.count))
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      if old <= middle {
        proof.append(try hash(right, hasher, store))
        range = left
      } else {
        proof.append(try hash(left, hasher, store))
        range = right
        isWhole = false
      }
    }
    if !isWhole { proof.append(try hash(range, hasher, store)) }
    return proof.reversed()
  }

  /// The hash above a range that is a subtree of some log: full ones are looked up, the rest put together.
  private static func hash(_ range: Range<UInt64>, _ hasher: LogHasher, _ store: Store) throws -> LogHash {
    let count = range.upperBound - range.lowerBound
    if count.nonzeroBitCount == 1 {
      let level = count.trailingZeroBitCount
      let place = LogPlace(level: level, index: range.lowerBound >> UInt64(level))
      guard let found = try store(place) else { throw Failure.missing(place) }
      return found
    }
    let middle = range.lowerBound + split(count)
    return hasher.node(
      try hash(range.lowerBound..<middle, hasher, store), try hash(middle..<range.upperBound, hasher, store))
  }

  /// The largest power of two below `count`; `count` is at least 2.
  private static func split(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }

  // MARK: Checking

  /// Whether `proof` shows that `leaf` is entry `index` of the log of `size` entries with that `root`.
  public static func isIncluded(
    _ leaf: LogHash, at index: UInt64, in size: UInt64, root: LogHash, proof: [LogHash], hasher: LogHasher
  ) -> Bool {
    guard index < size, size <= largest, proof.count <= longest else { return false }
    var (node, last, hash) = (index, size - 1, leaf)
    for sibling in proof {
      guard last > 0 else { return false }
      if node & 1 == 1 || node == last {
        hash = hasher.node(sibling, hash)
        while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        hash = hasher.node(hash, sibling)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 && hash == root
  }

  /// Whether `proof` shows that the log of `size` entries begins with the log of `old` entries.
  public static func isConsistent(
    from old: UInt64, root oldRoot: LogHash, to size: UInt64, root: LogHash, proof: [LogHash],
    hasher: LogHasher
  ) -> Bool {
    guard old <= size, size <= largest, proof.count <= longest else { return false }
    if old == size { return proof.isEmpty && oldRoot == root }
    guard old > 0 else { return proof.isEmpty && oldRoot == hasher.empty }
    var path = proof[...]
    // A full subtree is its own first hash.
    if old.nonzeroBitCount == 1 { path = [oldRoot] + path }
    guard var (first, second) = path.popFirst().map({ ($0, $0) }) else { return false }
    var (node, last) = (old - 1, size - 1)
    while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
    for hash in path {
      guard last > 0 else { return false }
      if node & 1 == 1 || node == last {
        first = hasher.node(hash, first)
        second = hasher.node(hash, second)
        while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        second = hasher.node(second, hash)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 && first == oldRoot && second == root
  }
}
