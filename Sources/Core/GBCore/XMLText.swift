/// Character data: entities in, entities out.
enum XMLText {
  /// Resolves the five named entities and character references; anything else that begins with `&` is text.
  static func resolve(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(where: { $0 == 38 || isDropped($0) }) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == 38, let (scalar, next) = reference(bytes, at: index) {
        output.append(contentsOf: String(Character(scalar)).utf8)
        index = next
        continue
      }
      if !isDropped(byte) { output.append(byte) }
      index += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Control characters other than TAB, LF and CR.
  static func isDropped(_ byte: UInt8) -> Bool {
    byte < 32 && byte != 9 && byte != 10 && byte != 13 || byte == 127
  }

  private static func reference(_ bytes: ArraySlice<UInt8>, at start: Int) -> (Unicode.Scalar, next: Int)? {
    // The longest reference is `&#x10FFFF;`.
    guard let end = bytes[start...].prefix(12).firstIndex(of: 59) else { return nil }
    let name = String(decoding: bytes[start + 1..<end], as: UTF8.self)
    let scalar: Unicode.Scalar? =
      switch name {
      case "lt": "<"
      case "gt": ">"
      case "amp": "&"
      case "quot": "\""
      case "apos": "'"
      default: numeric(name)
      }
    return scalar.map { ($0, end + 1) }
  }

  private static func numeric(_ name: String) -> Unicode.Scalar? {
    guard name.first == "#" else { return nil }
    let digits = name.dropFirst()
    let value =
      digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let value, value >= 32 || value == 9 || value == 10 || value == 13 else { return nil }
    return Unicode.Scalar(value)
  }

  /// Appends `text` with the characters that mean something replaced, and control characters dropped.
  static func escape(_ text: String, into output: inout String) {
    guard text.utf8.contains(where: { $0 == 38 || $0 == 60 || $0 == 62 || $0 == 34 || isDropped($0) }) else {
      output += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case _ where scalar.isASCII && isDropped(UInt8(scalar.value)): continue
      default: output.unicodeScalars.append(scalar)
      }
    }
  }
}

extension XMLElement {
  /// Appends the element as XML, one element per line; `text` of an element with children is left out.
  func write(into output: inout String) {
    // An explicit stack: the depth of a tree is the caller's business, the machine stack is not.
    var work: [Step] = [.open(self)]
    while let step = work.popLast() {
      switch step {
      case .close(let name): output += "</\(name)>\n"
      case .open(let element):
        output += "<\(element.name)"
        for attribute in element.attributes {
          output += " \(attribute.name)=\""
          XMLText.escape(attribute.value, into: &output)
          output += "\""
        }
        output += ">"
        if element.children.isEmpty {
          XMLText.escape(element.text, into: &output)
          output += "</\(element.name)>\n"
        } else {
          output += "\n"
          work.append(.close(element.name))
          for child in element.children.reversed() { work.append(.open(child)) }
        }
      }
    }
  }

  private enum Step {
    case open(XMLElement)
    case close(String)
  }
}

extension String {
  /// Without white space and control characters at both ends.
  var trimmed: String {
    let bytes = utf8
    guard let first = bytes.firstIndex(where: { $0 > 32 }), let last = bytes.lastIndex(where: { $0 > 32 })
    else {
      return ""
    }
    if first == bytes.startIndex, bytes.index(after: last) == bytes.endIndex { return self }
    return String(self[first...last])
  }
}

extension Substring {
  /// The same of a part of a text.
  var trimmed: String { String(self).trimmed }
}
