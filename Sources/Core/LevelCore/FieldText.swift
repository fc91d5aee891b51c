import WireBytes

/// A text of a title and fields in a fixed order, one per line:
///
/// ```text
/// tributary-level/1 question
/// id 9f3c
/// kind head
/// ```
///
/// A field is written when it has a value, once, in the order of its list; a value has no control characters and is
/// not empty. Every line ends with a line feed.
struct FieldText: Sendable, Hashable {
  /// Bytes of a text at most.
  static let longest = 8_192
  /// Bytes of a value at most.
  static let longestValue = 2_048

  var title: String
  /// Names and values, in the order of the list.
  private(set) var values: [String: String] = [:]

  init(_ title: String) { self.title = title }

  subscript(name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - title: what the first line begins with; the rest of that line is ``title``.
  ///   - names: the fields that it may have, in their order.
  init?(_ bytes: some Collection<UInt8>, titled title: String, names: [String]) {
    guard bytes.count <= Self.longest, let text = String(validating: bytes, as: UTF8.self),
      text.utf8.last == 10
    else { return nil }
    var lines = text.utf8.dropLast().split(separator: 10, omittingEmptySubsequences: false)[...]
    guard let first = lines.popFirst().map({ Substring($0) }), first.hasPrefix(title) else { return nil }
    self.title = String(first.dropFirst(title.count))
    var left = names[...]
    for line in lines {
      guard let blank = line.firstIndex(of: 32) else { return nil }
      let name = Substring(line[..<blank])
      let value = String(Substring(line[line.index(after: blank)...]))
      guard let place = left.firstIndex(where: { $0 == name }), Self.permits(value) else { return nil }
      values[left[place]] = value
      left = left[(place + 1)...]
    }
  }

  /// The text, its fields in the order of `names`; a field of another name is left out.
  func text(titled title: String, names: [String]) -> String {
    var text = title + self.title + "\n"
    for name in names {
      if let value = values[name] { text += "\(name) \(value)\n" }
    }
    return text
  }

  /// Whether `value` may stand in a line.
  static func permits(_ value: String) -> Bool {
    (1...longestValue).contains(value.utf8.count)
      && value.unicodeScalars.allSatisfy { $0.value >= 32 && !(127..<160).contains($0.value) }
  }

  /// A text as a line may hold it: control characters become blanks, what is longer than `longest` bytes is cut; nil
  /// when nothing is left.
  static func tidy(_ text: String?, atMost longest: Int = longestValue) -> String? {
    guard let text else { return nil }
    var scalars = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 32 || (127..<160).contains(scalar.value)
      let kept = isControl ? " " : scalar
      count += UTF8.width(kept)
      guard count <= longest else { break }
      scalars.append(kept)
    }
    let kept = String(scalars)
    return kept.contains { $0 != " " } ? kept : nil
  }

  /// A word: visible ASCII without blanks.
  static func isWord(_ text: String, atMost longest: Int) -> Bool {
    (1...longest).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) }
  }

  /// A decimal number without sign and leading zeros.
  static func number(_ text: String) -> Int64? {
    Int64(text).flatMap { $0 >= 0 && String($0) == text ? $0 : nil }
  }
}
