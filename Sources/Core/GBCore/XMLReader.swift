import WireBytes

/// Reads the XML that devices really send (§0.2), into a tree.
///
/// Prologs, comments and document types are skipped and nothing is ever
/// expanded. A `<` that begins no tag is text, a bare `&` is text, control
/// characters are dropped, and everything after the root's end is cut off. End
/// tags may be missing or wrong: an element left open is closed with its
/// parent, its children move up beside it, and the nearest `Item` is marked
/// ``XMLElement/isDamaged`` so that one bad item cannot spoil its neighbours.
///
/// No recursion; one pass over the bytes, except that a tag cut off by another `<` is looked at twice.
public struct XMLReader {
  private let bytes: [UInt8]
  private let limits: XMLLimits
  private var open: [XMLElement] = []
  private var root: XMLElement?
  /// Where text that nobody has taken yet begins.
  private var textStart = 0
  private var elements = 0
  private var repairs = 0

  /// Reads `text`.
  public static func read(_ text: String, limits: XMLLimits = XMLLimits()) throws(XMLError) -> XMLDocument {
    try read(Array(text.utf8), limits: limits)
  }

  /// Reads decoded bytes, taken for UTF-8 with replacement.
  public static func read(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(XMLError) -> XMLDocument {
    guard bytes.count <= limits.bytes else { throw .tooLong(bytes: bytes.count) }
    var reader = XMLReader(bytes: bytes, limits: limits)
    let isTruncated = try reader.run()
    guard let root = reader.root else { throw .noRoot }
    return XMLDocument(root: root, source: bytes, repairs: reader.repairs, isTruncated: isTruncated)
  }

  private init(bytes: [UInt8], limits: XMLLimits) { (self.bytes, self.limits) = (bytes, limits) }

  /// - Returns: whether the root was still open at the end.
  private mutating func run() throws(XMLError) -> Bool {
    var position = 0
    while root == nil, let start = ByteScan.firstIndex(of: 60, in: bytes.span, from: position) {
      position = try markup(at: start)
    }
    guard root == nil, !open.isEmpty else { return false }
    takeText(upTo: bytes.count)
    while !open.isEmpty { close(at: bytes.count, isExplicit: false) }
    return true
  }

  /// Handles what begins with the `<` at `start`.
  /// - Returns: where to look for the next `<`, always past `start`.
  private mutating func markup(at start: Int) throws(XMLError) -> Int {
    guard start + 1 < bytes.count else { return bytes.count }
    switch bytes[start + 1] {
    case 33: return special(at: start)
    case 63:
      takeText(upTo: start)
      return skip(past: [63, 62], from: start + 2)
    case 47: return endTag(at: start)
    case let byte where ASCII.isNameStart(byte): return try startTag(at: start)
    default:
      repairs += open.isEmpty ? 0 : 1
      return start + 1
    }
  }

  // MARK: Tags

  private mutating func startTag(at start: Int) throws(XMLError) -> Int {
    guard let end = tagEnd(from: start + 1) else {
      // Another `<` or the end comes first: this one is text.
      repairs += 1
      return start + 1
    }
    elements += 1
    guard elements <= limits.elements else { throw .tooManyElements }
    takeText(upTo: start)
    let isEmpty = bytes[end - 1] == 47
    let nameEnd = endOfName(from: start + 1, to: end)
    var element = XMLElement(name(from: start + 1, to: nameEnd), range: start..<end + 1)
    element.attributes = attributes(from: nameEnd, to: isEmpty ? end - 1 : end)
    textStart = end + 1
    // Items are never nested in this vocabulary: a second one means that the first was not closed.
    if element.isNamed("Item"), open.contains(where: { $0.isNamed("Item") }) {
      while let last = open.last {
        let isItem = last.isNamed("Item")
        close(at: start, isExplicit: false)
        if isItem { break }
      }
    }
    guard open.count < limits.depth else {
      repairs += 1
      open[open.count - 1].isDamaged = true
      return end + 1
    }
    open.append(element)
    if isEmpty { close(at: end + 1, isExplicit: true) }
    return end + 1
  }

  private mutating func endTag(at start: Int) -> Int {
    let end = tagEnd(from: start + 2)
    let limit = end ?? min(bytes.count, start + 2 + limits.tagBytes)
    let nameEnd = endOfName(from: start + 2, to: limit)
    let name = name(from: start + 2, to: nameEnd)
    let next = end.map { $0 + 1 } ?? max(nameEnd, start + 2)
    guard !open.isEmpty else { return next }
    takeText(upTo: start)
    textStart = next
    guard let level = open.lastIndex(where: { $0.isNamed(name) }) else {
      repairs += 1
      open[open.count - 1].isDamaged = true
      return next
    }
    while open.count > level + 1 { close(at: start, isExplicit: false) }
    if end == nil {
      repairs += 1
      open[level].isDamaged = true
    }
    close(at: next, isExplicit: true)
    return next
  }

  /// Ends the innermost open element and hands it to its parent.
  private mutating func close(at end: Int, isExplicit: Bool) {
    guard var element = open.popLast() else { return }
    element.range = element.range.lowerBound..<max(end, element.range.lowerBound)
    var orphans: [XMLElement] = []
    if !isExplicit {
      repairs += 1
      element.isDamaged = true
      // What followed an unclosed field belongs beside it, not below it.
      if !open.isEmpty, !element.isNamed("Item"), !element.isList { swap(&orphans, &element.children) }
    }
    guard !open.isEmpty else {
      root = element
      return
    }
    if element.isDamaged, !element.isNamed("Item") { open[open.count - 1].isDamaged = true }
    open[open.count - 1].children.append(element)
    open[open.count - 1].children.append(contentsOf: orphans)
  }

  // MARK: Text

  /// Gives the text since the last tag to the innermost open element.
  private mutating func takeText(upTo end: Int) {
    guard !open.isEmpty, textStart < end else { return }
    var (first, last) = (textStart, end)
    textStart = end
    while first < last, ASCII.isSpace(bytes[first]) { first += 1 }
    while first < last, ASCII.isSpace(bytes[last - 1]) { last -= 1 }
    guard first < last else { return }
    let text = XMLText.resolve(bytes[first..<last])
    if open[open.count - 1].text.isEmpty {
      open[open.count - 1].text = text
    } else {
      open[open.count - 1].text += text
    }
  }

  // MARK: Comments, CDATA, document types

  private mutating func special(at start: Int) -> Int {
    takeText(upTo: start)
    if matches("<!--", at: start) { return skip(past: [45, 45, 62], from: start + 4) }
    guard matches("<![CDATA[", at: start) else { return skip(past: [62], from: start + 2) }
    let end = find([93, 93, 62], from: start + 9) ?? bytes.count
    if !open.isEmpty {
      let text = String(decoding: bytes[start + 9..<end].filter { !XMLText.isDropped($0) }, as: UTF8.self)
      open[open.count - 1].text += text.trimmed
    }
    textStart = min(end + 3, bytes.count)
    return textStart
  }

  private mutating func skip(past ending: [UInt8], from position: Int) -> Int {
    let end = find(ending, from: position).map { $0 + ending.count } ?? bytes.count
    textStart = end
    return end
  }

  // MARK: Scanning

  /// The offset of the `>` that ends a tag, or nil when a `<`, the end or the limit comes first.
  private func tagEnd(from start: Int) -> Int? {
    for index in start..<min(bytes.count, start + limits.tagBytes) {
      if bytes[index] == 62 { return index }
      if bytes[index] == 60 { return nil }
    }
    return nil
  }

  private func endOfName(from start: Int, to end: Int) -> Int {
    var index = min(start, end)
    while index < end, !ASCII.isSpace(bytes[index]), bytes[index] != 47, bytes[index] != 62,
      bytes[index] != 60
    {
      index += 1
    }
    return index
  }

  /// The local name: a namespace prefix is dropped.
  private func name(from start: Int, to end: Int) -> String {
    guard start < end else { return "" }
    let colon = bytes[start..<end].lastIndex(of: 58)
    return String(decoding: bytes[(colon.map { $0 + 1 } ?? start)..<end], as: UTF8.self)
  }

  private func attributes(from start: Int, to end: Int) -> [XMLAttribute] {
    var found: [XMLAttribute] = []
    var index = start
    while index < end, found.count < limits.attributes {
      while index < end, ASCII.isSpace(bytes[index]) { index += 1 }
      guard let equals = bytes[index..<max(index, end)].firstIndex(of: 61) else { break }
      let name = String(decoding: bytes[index..<equals], as: UTF8.self).trimmed
      var first = equals + 1
      while first < end, ASCII.isSpace(bytes[first]) { first += 1 }
      guard first < end else { break }
      let quote = bytes[first]
      let isQuoted = quote == 34 || quote == 39
      let from = isQuoted ? first + 1 : first
      let to =
        bytes[from..<end].firstIndex { isQuoted ? $0 == quote : ASCII.isSpace($0) } ?? end
      found.append(XMLAttribute(name, XMLText.resolve(bytes[from..<to]).trimmed))
      index = to + 1
    }
    return found
  }

  private func matches(_ text: StaticString, at offset: Int) -> Bool { bytes.span.matches(text, at: offset) }

  private func find(_ pattern: [UInt8], from start: Int) -> Int? {
    var position = start
    while let hit = ByteScan.firstIndex(of: pattern[0], in: bytes.span, from: position) {
      if bytes.count - hit >= pattern.count, bytes[hit..<hit + pattern.count].elementsEqual(pattern) {
        return hit
      }
      position = hit + 1
    }
    return nil
  }
}

extension XMLElement {
  /// An element that holds items keeps them even when its end tag is missing.
  fileprivate var isList: Bool { children.contains { $0.isNamed("Item") } }
}
