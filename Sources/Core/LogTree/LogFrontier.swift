/// Where a full subtree stands: 2^`level` entries from entry `index` · 2^`level` on.
public struct LogPlace: Sendable, Hashable {
  /// 0 is a leaf; 62 at most.
  public var level: Int
  public var index: UInt64

  public init(level: Int, index: UInt64) { (self.level, self.index) = (level, index) }
}

/// A log as far as one must know it to append to it: its size and the hashes along its right edge (RFC 6962 §2.1).
///
/// At most 63 hashes, whatever the size.
public struct LogFrontier: Sendable, Hashable {
  /// Entries so far.
  public private(set) var size: UInt64
  /// Of the full subtrees that make up the log, the largest (and oldest) first.
  public private(set) var edge: [LogHash]

  /// A log without entries.
  public init() { (size, edge) = (0, []) }

  /// - Parameter edge: the hashes of ``places(of:)``, in that order.
  /// - Returns: nil unless there is one hash for each of them.
  public init?(size: UInt64, edge: [LogHash]) {
    guard size <= LogProof.largest, edge.count == size.nonzeroBitCount else { return nil }
    (self.size, self.edge) = (size, edge)
  }

  /// The full subtrees that make up a log of `size` entries, the largest first.
  public static func places(of size: UInt64) -> [LogPlace] {
    var places: [LogPlace] = []
    var begin: UInt64 = 0
    for level in stride(from: 62, through: 0, by: -1) where size >> UInt64(level) & 1 == 1 {
      places.append(LogPlace(level: level, index: begin >> UInt64(level)))
      begin += 1 << UInt64(level)
    }
    return places
  }

  /// Appends an entry by its leaf hash.
  ///
  /// - Parameter completed: called for the leaf and for every subtree that became full, the smaller first; who keeps
  ///   these can prove everything later.
  public mutating func append(
    _ leaf: LogHash, hasher: LogHasher, completed: (LogPlace, LogHash) -> Void = { _, _ in }
  ) {
    var (hash, place) = (leaf, LogPlace(level: 0, index: size))
    completed(place, hash)
    var rest = size
    while rest & 1 == 1 {
      hash = hasher.node(edge.removeLast(), hash)
      place = LogPlace(level: place.level + 1, index: place.index >> 1)
      completed(place, hash)
      rest >>= 1
    }
    edge.append(hash)
    size += 1
  }

  /// The hash of the whole log.
  public func root(_ hasher: LogHasher) -> LogHash {
    guard var hash = edge.last else { return hasher.empty }
    for left in edge.dropLast().reversed() { hash = hasher.node(left, hash) }
    return hash
  }
}
