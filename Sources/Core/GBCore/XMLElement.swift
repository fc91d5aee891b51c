/// One element of a MANSCDP document: what was read, or what will be written.
///
/// Names compare without case, as §0.2 asks; they are kept as written.
public struct XMLElement: Sendable, Hashable {
  public var name: String
  public var attributes: [XMLAttribute]
  /// Its own character data, entities resolved, trimmed.
  public var text: String
  public var children: [XMLElement]
  /// Where it stood in ``XMLDocument/source``, in bytes; empty for an element made here.
  public var range: Range<Int>
  /// Whether tags inside it did not match and the reader had to guess.
  public var isDamaged: Bool

  public init(
    _ name: String, _ text: String = "", attributes: [XMLAttribute] = [], children: [XMLElement] = [],
    range: Range<Int> = 0..<0, isDamaged: Bool = false
  ) {
    (self.name, self.text, self.attributes, self.children) = (name, text, attributes, children)
    (self.range, self.isDamaged) = (range, isDamaged)
  }

  /// The first child of that name.
  public func child(_ name: String) -> XMLElement? { children.first { $0.isNamed(name) } }

  /// The text of the first child of that name. Empty text and the words `null` and `NULL` count as absent (§6.1).
  public func value(_ name: String) -> String? {
    for child in children where child.isNamed(name) { return child.value }
    return nil
  }

  /// The integer that the first child of that name spells.
  public func integer(_ name: String) -> Int? { value(name).flatMap { Int($0) } }

  /// The element's text, nil when it is empty or spells `null`.
  public var value: String? {
    text.isEmpty || ASCII.equal(text, "null") ? nil : text
  }

  public func isNamed(_ other: String) -> Bool { ASCII.equal(name, other) }

  /// The value of the attribute of that name.
  public func attribute(_ name: String) -> String? { attributes.first { ASCII.equal($0.name, name) }?.value }
}

/// `name="value"` inside a start tag.
public struct XMLAttribute: Sendable, Hashable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// Comparisons that ignore the case of A–Z and nothing else.
enum ASCII {
  static func equal(_ left: String, _ right: String) -> Bool {
    let (left, right) = (left.utf8, right.utf8)
    guard left.count == right.count else { return false }
    return zip(left, right).allSatisfy { lowercase($0) == lowercase($1) }
  }

  static func lowercase(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }

  static func isSpace(_ byte: UInt8) -> Bool { byte <= 32 }

  static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// A letter or underscore: what a tag name begins with.
  static func isNameStart(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }
}
