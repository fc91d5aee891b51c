import Yams

/// A mapping of a scenario that is read strictly: every key is known, every value is of its kind.
struct ScenarioMapping {
  private var values: [String: Node] = [:]
  private let name: String
  let line: Int

  /// - Parameters:
  ///   - name: what it is, for sentences.
  ///   - keys: all that it may have.
  init(_ node: Node, _ name: String, keys: [String]) throws(ScenarioError) {
    (self.name, line) = (name, node.line)
    guard let mapping = node.mapping else {
      throw ScenarioError(.wrongShape, line: node.line, "\(name) must be a mapping such as '\(keys[0]): …'")
    }
    for (key, value) in mapping {
      let text = key.scalar?.string ?? ""
      guard keys.contains(text) else {
        let nearest = Nearest.of(text, among: keys)
        throw ScenarioError(
          .unknownKey(nearest: nearest), line: key.line,
          "unknown key '\(text.prefix(60))' in \(name); did you mean '\(nearest)'?")
      }
      guard values[text] == nil else {
        throw ScenarioError(.wrongValue(nearest: nil), line: key.line, "'\(text)' stands twice in \(name)")
      }
      values[text] = value
    }
  }

  func contains(_ key: String) -> Bool { values[key] != nil }

  func node(_ key: String) -> Node? { values[key] }

  /// The line of a key's value.
  func line(of key: String) -> Int { values[key]?.line ?? line }

  // MARK: Plain values

  func text(_ key: String) throws(ScenarioError) -> String? {
    guard let node = values[key] else { return nil }
    guard let scalar = node.scalar else {
      throw ScenarioError(.wrongShape, line: node.line, "'\(key)' of \(name) must be a plain value")
    }
    let isEmpty = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    guard !isEmpty else {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: node.line,
        "'\(key)' of \(name) has no value; remove the key or give it one")
    }
    return scalar.string
  }

  func required(_ key: String) throws(ScenarioError) -> String {
    guard let text = try text(key) else {
      throw ScenarioError(.missingKey, line: line, "\(name) needs '\(key)'")
    }
    return text
  }

  /// A value that `read` understands; `expected` says what that is.
  func value<Value>(
    _ key: String, _ expected: String, _ read: (String) -> Value?
  ) throws(ScenarioError) -> Value? {
    guard let text = try text(key) else { return nil }
    guard let value = read(text) else {
      throw ScenarioError(
        .wrongValue(nearest: nil), line: line(of: key),
        "'\(text.prefix(60))' is no value for '\(key)' of \(name): \(expected)")
    }
    return value
  }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
    try value(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func number(_ key: String, _ range: ClosedRange<Double>) throws(ScenarioError) -> Double? {
    try value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func flag(_ key: String) throws(ScenarioError) -> Bool? {
    try value(key, "true or false") { ["true": true, "false": false][$0] }
  }

  func duration(_ key: String, mayBeNegative: Bool = false) throws(ScenarioError) -> Duration? {
    try value(key, "a length of time such as 250ms, 30s, 5m, 2h or 1d") { text in
      ScenarioDuration.parse(text).flatMap { mayBeNegative || $0 >= .zero ? $0 : nil }
    }
  }

  /// One of several words.
  func choice<Value>(
    _ key: String, _ choices: [(String, Value)]
  ) throws(ScenarioError) -> Value? {
    guard let text = try text(key) else { return nil }
    if let found = choices.first(where: { $0.0 == text }) { return found.1 }
    let nearest = Nearest.of(text, among: choices.map(\.0))
    throw ScenarioError(
      .wrongValue(nearest: nearest), line: line(of: key),
      "'\(text.prefix(60))' is no value for '\(key)' of \(name); did you mean '\(nearest)'?")
  }

  // MARK: Lists

  /// The entries of a list; none when the key is absent.
  func list(_ key: String, most: Int) throws(ScenarioError) -> [Node] {
    guard let node = values[key] else { return [] }
    guard let sequence = node.sequence else {
      throw ScenarioError(.wrongShape, line: node.line, "'\(key)' of \(name) must be a list")
    }
    guard sequence.count <= most else {
      throw ScenarioError(.tooLarge, line: node.line, "'\(key)' of \(name) has more than \(most) entries")
    }
    return Array(sequence)
  }

  /// Plain values of a list.
  func texts(_ key: String, most: Int) throws(ScenarioError) -> [String] {
    var texts: [String] = []
    for node in try list(key, most: most) {
      guard let scalar = node.scalar else {
        throw ScenarioError(
          .wrongShape, line: node.line, "'\(key)' of \(name) must be a list of plain values")
      }
      texts.append(scalar.string)
    }
    return texts
  }
}

extension Node {
  /// 1 for the first line; 0 when unknown.
  var line: Int { mark?.line ?? 0 }
}

/// Lengths of time as people write them.
enum ScenarioDuration {
  private static let units: [(String, Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// `250ms`, `1.5s`, `5m`, `2h`, `1d`, with a sign if need be. Nil for anything else, and beyond a hundred years.
  static func parse(_ text: String) -> Duration? {
    // `ms` before `m` and `s`.
    guard let unit = units.first(where: { text.hasSuffix($0.0) }) else { return text == "0" ? .zero : nil }
    let digits = text.dropLast(unit.0.count)
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }),
      let value = Double(digits), value.isFinite
    else { return nil }
    let milliseconds = value * Double(unit.1)
    guard abs(milliseconds) <= 100 * 366 * 86_400_000 else { return nil }
    return .milliseconds(Int64(milliseconds.rounded()))
  }
}

/// Finds the word that somebody meant.
enum Nearest {
  /// The word with the fewest edits; the first of several. `words` is not empty.
  static func of(_ word: String, among words: [String]) -> String {
    let cut = String(word.prefix(60))
    return words.min { distance($0, cut) < distance($1, cut) } ?? ""
  }

  private static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left), Array(right))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let cost = min(diagonal + (a[i] == b[j] ? 0 : 1), row[j] + 1, row[j + 1] + 1)
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
