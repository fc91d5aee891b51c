import Yams

/// A mapping of a plan that is read strictly: every key is known, every value is of its kind.
struct PlanMapping {
  private var values: [String: Node] = [:]
  private let name: String
  let line: Int

  /// - Parameters:
  ///   - name: what it is, for sentences.
  ///   - keys: all that it may have.
  init(_ node: Node, _ name: String, keys: [String]) throws(PlanFileError) {
    (self.name, line) = (name, node.line)
    guard let mapping = node.mapping else {
      throw PlanFileError(.wrongShape, line: node.line, "\(name) must be a mapping such as '\(keys[0]): …'")
    }
    for (key, value) in mapping {
      let text = key.scalar?.string ?? ""
      guard keys.contains(text) else {
        let nearest = keys.min { Self.distance(text, $0) < Self.distance(text, $1) } ?? keys[0]
        throw PlanFileError(
          .unknownKey(nearest: nearest), line: key.line,
          "unknown key '\(text.prefix(60))' in \(name); did you mean '\(nearest)'?")
      }
      guard values[text] == nil else {
        throw PlanFileError(.twice, line: key.line, "'\(text)' stands twice in \(name)")
      }
      values[text] = value
    }
  }

  func node(_ key: String) -> Node? { values[key] }

  /// The line of a key's value.
  func line(of key: String) -> Int { values[key]?.line ?? line }

  func text(_ key: String) throws(PlanFileError) -> String? {
    guard let node = values[key] else { return nil }
    guard let scalar = node.scalar, !scalar.string.isEmpty else {
      throw PlanFileError(.wrongShape, line: node.line, "'\(key)' of \(name) must be a plain value")
    }
    return scalar.string
  }

  /// A value that `read` understands; `expected` says what that is.
  func value<Value>(
    _ key: String, _ expected: String, _ read: (String) -> Value?
  ) throws(PlanFileError) -> Value? {
    guard let text = try text(key) else { return nil }
    guard let value = read(text) else {
      throw PlanFileError(
        .wrongValue, line: line(of: key),
        "'\(text.prefix(60))' is no value for '\(key)' of \(name): \(expected)")
    }
    return value
  }

  /// The same for a key that must be there.
  func required<Value>(
    _ key: String, _ expected: String, _ read: (String) -> Value?
  ) throws(PlanFileError) -> Value {
    guard let value = try value(key, expected, read) else {
      throw PlanFileError(.missingKey, line: line, "\(name) needs '\(key)': \(expected)")
    }
    return value
  }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws(PlanFileError) -> Int? {
    try value(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func share(_ key: String) throws(PlanFileError) -> Double? {
    try value(key, PlanUnits.shareWords, PlanUnits.share)
  }

  /// The entries of a list; none when the key is absent.
  func list(_ key: String, most: Int = 1_000) throws(PlanFileError) -> [Node] {
    guard let node = values[key] else { return [] }
    guard let sequence = node.sequence else {
      throw PlanFileError(.wrongShape, line: node.line, "'\(key)' of \(name) must be a list")
    }
    guard sequence.count <= most else {
      throw PlanFileError(.tooLarge, line: node.line, "'\(key)' of \(name) has more than \(most) entries")
    }
    return Array(sequence)
  }

  /// Insertions, deletions and replacements from one word to the other; long words count as far away.
  private static func distance(_ one: String, _ other: String) -> Int {
    let (from, to) = (Array(one.utf8.prefix(40)), Array(other.utf8))
    var row = Array(0...to.count)
    for (index, letter) in from.enumerated() {
      var (corner, left) = (row[0], index + 1)
      row[0] = left
      for position in to.indices {
        let best = min(corner + (letter == to[position] ? 0 : 1), row[position + 1] + 1, left + 1)
        (corner, row[position + 1], left) = (row[position + 1], best, best)
      }
    }
    return row[to.count]
  }
}

extension Node {
  /// From 1; 0 when it is not known.
  var line: Int { mark?.line ?? 0 }
}
