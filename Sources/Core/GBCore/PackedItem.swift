/// The XML of one catalog item in less than half of its memory, without losing a byte.
///
/// A registry keeps what every item said (a hundred thousand of them in a county), and most of that are the names
/// of the same fifty elements. Known tags become one or two bytes; everything else stays as it is.
public struct PackedItem: Sendable, Hashable {
  /// In literal text below 6 is written after an escape; the rest are tags.
  private enum Code {
    /// Followed by the number of a name: `<Name>`.
    static let open: UInt8 = 1
    /// The end tag of the innermost open one.
    static let close: UInt8 = 2
    /// The same with CR LF behind it.
    static let closeLine: UInt8 = 3
    /// The same with LF behind it.
    static let closeFeed: UInt8 = 4
    /// The next byte is literal.
    static let escape: UInt8 = 5
  }

  private static let names: [[UInt8]] =
    (["Item", "Info"] + CatalogField.allCases.map(\.rawValue)).map { Array($0.utf8) }
  private static let numbers = Dictionary(
    names.enumerated().map { ($1, UInt8($0)) }, uniquingKeysWith: { first, _ in first })
  private static let longestName = names.map(\.count).max() ?? 0

  private let bytes: [UInt8]

  /// Packs a text; every text is allowed.
  public init(_ text: String) {
    bytes = Self.pack(Array(text.utf8))
  }

  /// The text, byte by byte as it was.
  public var text: String { bytes.isEmpty ? "" : String(decoding: Self.unpack(bytes), as: UTF8.self) }

  public var isEmpty: Bool { bytes.isEmpty }

  /// Whether the item has an element of that name, outside of any text that only looks like one.
  public func contains(_ field: CatalogField) -> Bool {
    guard let number = Self.numbers[Array(field.rawValue.utf8)] else { return false }
    var index = 0
    while index + 1 < bytes.count {
      switch bytes[index] {
      case Code.open:
        if bytes[index + 1] == number { return true }
        index += 2
      case Code.escape: index += 2
      default: index += 1
      }
    }
    return false
  }

  /// Whether the text has a start tag of that name, which must be none of ``CatalogField``. Cheap: nothing is unpacked.
  public func containsUnknown(_ name: StaticString) -> Bool {
    let length = name.utf8CodeUnitCount
    var index = 0
    while index + length < bytes.count {
      if bytes[index] == 60, spells(name, from: index + 1) { return true }
      index += 1
    }
    return false
  }

  private func spells(_ name: StaticString, from start: Int) -> Bool {
    name.withUTF8Buffer { wanted in
      for offset in 0..<wanted.count where unsafe bytes[start + offset] != wanted[offset] { return false }
      return true
    }
  }

  private static func pack(_ text: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = []
    packed.reserveCapacity(text.count / 2)
    var open: [UInt8] = []
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == 60, let (name, length) = tag(text, from: index + 1) {
        packed += [Code.open, name]
        open.append(name)
        index += length + 2
      } else if byte == 60, let innermost = open.last, closes(text, from: index + 1, innermost) {
        open.removeLast()
        index += names[Int(innermost)].count + 3
        let code = ending(text, at: index)
        packed.append(code)
        index += code == Code.closeLine ? 2 : code == Code.closeFeed ? 1 : 0
      } else {
        if byte <= Code.escape { packed.append(Code.escape) }
        packed.append(byte)
        index += 1
      }
    }
    return Array(packed)
  }

  /// A known name and `>`, right here.
  private static func tag(_ text: [UInt8], from start: Int) -> (UInt8, Int)? {
    let end = min(start + longestName + 1, text.count)
    guard start < end, let stop = text[start..<end].firstIndex(of: 62),
      let number = numbers[Array(text[start..<stop])]
    else { return nil }
    return (number, stop - start)
  }

  private static func closes(_ text: [UInt8], from start: Int, _ name: UInt8) -> Bool {
    let name = names[Int(name)]
    guard start + name.count + 1 < text.count, text[start] == 47, text[start + name.count + 1] == 62 else {
      return false
    }
    return text[(start + 1)..<(start + 1 + name.count)].elementsEqual(name)
  }

  private static func ending(_ text: [UInt8], at index: Int) -> UInt8 {
    if index + 1 < text.count, text[index] == 13, text[index + 1] == 10 { return Code.closeLine }
    return index < text.count && text[index] == 10 ? Code.closeFeed : Code.close
  }

  private static func unpack(_ packed: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(packed.count * 3)
    var open: [UInt8] = []
    var index = 0
    while index < packed.count {
      let byte = packed[index]
      index += 1
      switch byte {
      case Code.open:
        let name = packed[index]
        index += 1
        open.append(name)
        text.append(60)
        text += names[Int(name)]
        text.append(62)
      case Code.close, Code.closeLine, Code.closeFeed:
        text += [60, 47]
        text += names[Int(open.removeLast())]
        text.append(62)
        if byte == Code.closeLine { text += [13, 10] }
        if byte == Code.closeFeed { text.append(10) }
      case Code.escape:
        text.append(packed[index])
        index += 1
      default: text.append(byte)
      }
    }
    return text
  }
}

extension PackedItem: CustomStringConvertible {
  public var description: String { text }
}
