/// IP addresses as text: one IPv6 address has many spellings, and devices use them.
public enum IPText {
  /// Whether both name the same host: equal text, or the same IPv6 address however it is written.
  public static func areSame(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    guard let left = words(left), let right = words(right) else { return false }
    return left == right
  }

  /// Without the brackets that a URI puts around an IPv6 address.
  public static func unbracketed(_ text: String) -> String {
    text.utf8.first == 91 && text.utf8.last == 93 ? String(text.dropFirst().dropLast()) : text
  }

  /// The eight 16-bit words of an IPv6 address (RFC 4291 §2.2), without its zone; nil for anything else.
  static func words(_ text: String) -> [UInt16]? {
    let bytes = Array(unbracketed(text).utf8.prefix { $0 != 37 })
    guard bytes.count <= 45, let gap = split(bytes) else { return nil }
    guard let tail = gap.tail else {
      let words = list(gap.head)
      return words?.count == 8 ? words : nil
    }
    guard let head = list(gap.head, isEnd: false), let tail = list(tail), head.count + tail.count < 8 else {
      return nil
    }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
  }

  /// What stands before and behind the only `::`; no tail when there is none. Nil without any colon, or with two gaps.
  private static func split(_ bytes: [UInt8]) -> (head: [UInt8], tail: [UInt8]?)? {
    guard bytes.contains(ASCII.colon) else { return nil }
    let gaps = bytes.indices.dropLast().filter { bytes[$0] == ASCII.colon && bytes[$0 + 1] == ASCII.colon }
    guard let gap = gaps.first else { return (bytes, nil) }
    guard gaps.count == 1 else { return nil }
    return (Array(bytes[..<gap]), Array(bytes[(gap + 2)...]))
  }

  /// Words between single colons, the last two of an address perhaps in dotted decimal.
  private static func list(_ bytes: [UInt8], isEnd: Bool = true) -> [UInt16]? {
    guard !bytes.isEmpty else { return [] }
    let parts = bytes.split(separator: ASCII.colon, omittingEmptySubsequences: false)
    var words: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if part.contains(46) {
        guard isEnd, index == parts.count - 1, let pair = dotted(part) else { return nil }
        words += pair
      } else {
        // A sign would be read as part of the number.
        guard (1...4).contains(part.count), part.first != 43, part.first != 45,
          let word = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
        else { return nil }
        words.append(word)
      }
    }
    return words
  }

  private static func dotted(_ part: ArraySlice<UInt8>) -> [UInt16]? {
    let numbers = part.split(separator: 46, omittingEmptySubsequences: false)
      .map { UInt8(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == 4 else { return nil }
    let bytes = numbers.compactMap { $0.map(UInt16.init) }
    guard bytes.count == 4 else { return nil }
    return [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]]
  }
}
