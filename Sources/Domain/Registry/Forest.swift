/// Puts nodes in order: parents first, every loop cut, every orphan at the top. Linear in the number of nodes.
struct Forest {
  private var nodes: [TreeNode] = []
  private var position: [String: Int] = [:]
  /// Where a node goes when its parent does not exist or would close a loop.
  private var fallbacks: [Int: String] = [:]

  /// Adds a node; a second one with the same id is ignored.
  mutating func add(_ node: TreeNode, fallback: String? = nil) {
    guard position[node.id] == nil else { return }
    position[node.id] = nodes.count
    if let fallback { fallbacks[nodes.count] = fallback }
    nodes.append(node)
  }

  /// All nodes, depth first, in the order they were added within each parent.
  func ordered() -> [TreeNode] {
    let parents = resolvedParents()
    var children: [[Int]] = Array(repeating: [], count: nodes.count)
    var stack: [Int] = []
    for index in nodes.indices.reversed() {
      if let parent = parents[index] { children[parent].append(index) } else { stack.append(index) }
    }
    var ordered: [TreeNode] = []
    ordered.reserveCapacity(nodes.count)
    while let index = stack.popLast() {
      let node = nodes[index]
      let parent = parents[index].map { nodes[$0].id }
      ordered.append(
        TreeNode(
          id: node.id, parent: parent, name: node.name, kind: node.kind, channel: node.channel,
          device: node.device))
      // Children were collected backwards, so the first one is on top.
      stack.append(contentsOf: children[index])
    }
    return ordered
  }

  /// The parent of each node after orphans were taken home and loops were cut.
  private func resolvedParents() -> [Int?] {
    var parents: [Int?] = nodes.indices.map { index in
      guard let parent = nodes[index].parent.flatMap({ position[$0] }), parent != index else {
        return fallback(of: index)
      }
      return parent
    }
    // Walk up from every node; a walk that meets itself has found a loop, and is cut where it closes.
    var isDone = Array(repeating: false, count: nodes.count)
    var walk = Array(repeating: -1, count: nodes.count)
    for start in nodes.indices {
      var current = start
      while !isDone[current] {
        walk[current] = start
        guard let next = parents[current] else { break }
        if !isDone[next], walk[next] == start {
          parents[current] = fallback(of: current)
          break
        }
        current = next
      }
      var passed: Int? = start
      while let index = passed, !isDone[index] {
        isDone[index] = true
        passed = parents[index]
      }
    }
    return parents
  }

  private func fallback(of index: Int) -> Int? {
    guard let home = fallbacks[index].flatMap({ position[$0] }), home != index else { return nil }
    return home
  }
}
