import LogTree

/// The hash of a growing log, by merging equal neighbours (RFC 6962 §2.1); written a second time, so that a mistake of
/// the writer of logs is not a mistake of their examiner.
struct TreeStack {
  private(set) var size: UInt64 = 0
  private var stack: [(level: Int, hash: LogHash)] = []

  /// - Parameter full: called with every subtree that became full, by its level and hash.
  mutating func add(_ leaf: LogHash, _ hasher: LogHasher, full: (Int, LogHash) -> Void) {
    size += 1
    stack.append((0, leaf))
    full(0, leaf)
    while let right = stack.last, stack.count > 1, stack[stack.count - 2].level == right.level {
      let left = stack[stack.count - 2]
      stack.removeLast(2)
      let hash = hasher.node(left.hash, right.hash)
      stack.append((right.level + 1, hash))
      full(right.level + 1, hash)
    }
  }

  func root(_ hasher: LogHasher) -> LogHash {
    var hash: LogHash?
    for item in stack.reversed() { hash = hash.map { hasher.node(item.hash, $0) } ?? item.hash }
    return hash ?? hasher.empty
  }
}
