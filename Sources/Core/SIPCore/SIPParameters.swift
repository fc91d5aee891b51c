/// The `;name=value` list after an address, a Via or inside a URI, in order (RFC 3261 §25.1).
///
/// Names compare without regard to case. A parameter without a value, like `lr`, has an empty one.
public struct SIPParameters: Sendable, Hashable {
  /// Lower-case names with values, quotes removed.
  var entries: [Entry]

  struct Entry: Sendable, Hashable {
    var name: String
    var value: String?
  }

  public init() { entries = [] }

  public var isEmpty: Bool { entries.isEmpty }

  /// The value of `name`: nil when the parameter is absent, empty when it has no value.
  /// Setting an empty value writes the name alone; setting nil removes the parameter.
  public subscript(_ name: String) -> String? {
    get {
      entries.first { ASCII.equalIgnoringCase($0.name, name) }.map { $0.value ?? "" }
    }
    set {
      let index = entries.firstIndex { ASCII.equalIgnoringCase($0.name, name) }
      guard let newValue else {
        if let index { entries.remove(at: index) }
        return
      }
      let entry = Entry(name: ASCII.lowercased(name), value: newValue.isEmpty ? nil : newValue)
      if let index { entries[index] = entry } else { entries.append(entry) }
    }
  }

  /// Reads `;a=b;c` from `range`; text before the first `;` is ignored.
  init(_ span: Span<UInt8>, _ range: Range<Int>) {
    entries = []
    var position = ASCII.elementEnd(span, range, separator: ASCII.semicolon)
    while position < range.upperBound, entries.count < SIPLimits.parameters {
      let start = position + 1
      let end = ASCII.elementEnd(span, start..<range.upperBound, separator: ASCII.semicolon)
      append(span, ASCII.trimmed(span, start..<end))
      position = end
    }
  }

  private mutating func append(_ span: Span<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let split = ASCII.elementEnd(span, range, separator: ASCII.equals)
    let name = ASCII.trimmed(span, range.lowerBound..<split)
    guard !name.isEmpty else { return }
    var value: String?
    if split < range.upperBound {
      value = SIPQuoting.unquoted(span, ASCII.trimmed(span, split + 1..<range.upperBound))
    }
    entries.append(Entry(name: ASCII.lowercased(ASCII.text(span, name)), value: value))
  }

  /// `;a=b;c`, values quoted where the grammar asks for it.
  public var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    for entry in entries {
      text += ";"
      text += entry.name
      guard let value = entry.value else { continue }
      text += "="
      text += SIPQuoting.quotedIfNeeded(value)
    }
  }
}

/// Quoted strings (RFC 3261 §25.1).
enum SIPQuoting {
  /// The text of `range` without surrounding quotes and escapes. A missing closing quote is forgiven.
  static func unquoted(_ span: Span<UInt8>, _ range: Range<Int>) -> String {
    guard !range.isEmpty, span[range.lowerBound] == ASCII.quote else { return ASCII.text(span, range) }
    let inside = range.lowerBound + 1..<range.upperBound
    let end = inside.first { span[$0] == ASCII.quote || span[$0] == ASCII.backslash } ?? inside.upperBound
    if end == inside.upperBound || span[end] == ASCII.quote {
      return ASCII.text(span, inside.lowerBound..<end)
    }
    var bytes: [UInt8] = []
    var index = inside.lowerBound
    while index < range.upperBound, span[index] != ASCII.quote {
      if span[index] == ASCII.backslash, index + 1 < range.upperBound { index += 1 }
      bytes.append(span[index])
      index += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func quoted(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + 2)
    add(text, to: &result)
    return String(decoding: result, as: UTF8.self)
  }

  /// Appends `text` in quotes.
  static func add(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(ASCII.quote)
    for byte in text.utf8 {
      if byte == ASCII.quote || byte == ASCII.backslash { bytes.append(ASCII.backslash) }
      bytes.append(byte == ASCII.cr || byte == ASCII.lf ? ASCII.space : byte)
    }
    bytes.append(ASCII.quote)
  }

  /// Tokens, hosts and bracketed addresses stay bare.
  static func quotedIfNeeded(_ text: String) -> String {
    let bare = text.utf8.allSatisfy { ASCII.isToken($0) || $0 == 58 || $0 == 91 || $0 == 93 || $0 == 47 }
    return bare && !text.isEmpty ? text : quoted(text)
  }
}
