import Glibc

/// Text as Chinese devices send it, decoded by what the bytes are and never by what they claim.
///
/// This module knows nothing of GB/T 28181. A server joins the two with
/// `TextCodec(decode: ChineseText.decode, encode: { $1 == .utf8 ? Array($0.utf8) : ChineseText.gb18030($0) })`.
public enum ChineseText {
  /// Text of any bytes; what is no character becomes U+FFFD.
  ///
  /// 1. A byte order mark is cut off.
  /// 2. Plain ASCII is what it looks like.
  /// 3. Valid UTF-8 is UTF-8, unless it could as well be GB2312 (see ``looksLikeGB2312(_:)``).
  /// 4. Everything else is GB18030, whatever it declares, except runs between tags that can only be UTF-8:
  ///    some devices paste a UTF-8 name into a GB2312 document.
  public static func decode(_ bytes: [UInt8]) -> String {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    guard bytes.contains(where: { $0 >= 0x80 }) else { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self) {
      return looksLikeGB2312(bytes) && !declaresUTF8(bytes) ? gb18030Text(bytes[...]) : text
    }
    return decodeRuns(bytes)
  }

  /// The GB18030 bytes of `text`. Every Unicode character has some.
  public static func gb18030(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    return CharacterConverter.encoder.convert(bytes[...], replacement: [UInt8(ascii: "?")])
  }

  /// Whether this machine's C library has the GB18030 table. Without it Chinese text turns into replacement
  /// characters, and the administrator must be told.
  public static var isAvailable: Bool { CharacterConverter.encoder.isAvailable }

  static func gb18030Text(_ bytes: ArraySlice<UInt8>) -> String {
    let utf8 = CharacterConverter.decoder.convert(bytes, replacement: Array("\u{FFFD}".utf8))
    return String(decoding: utf8, as: UTF8.self)
  }

  // MARK: Mixed documents

  /// Decodes run by run: a run ends where a tag begins or ends, for `<` and `>` are never part of a GB18030
  /// character. Neighbouring runs of one encoding are converted together.
  private static func decodeRuns(_ bytes: [UInt8]) -> String {
    var output = ""
    var pending = 0
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 60 || $0 == 62 } ?? bytes.count
      let run = bytes[start..<end]
      if let text = onlyUTF8(run) {
        output += gb18030Text(bytes[pending..<start])
        output += text
        pending = end
      }
      start = end + 1
    }
    return output + gb18030Text(bytes[pending...])
  }

  /// The text of a run that is valid UTF-8, has at least one character of three bytes or more, and cannot be
  /// the GB2312 that such documents normally contain.
  private static func onlyUTF8(_ run: ArraySlice<UInt8>) -> String? {
    guard run.contains(where: { $0 >= 0xE0 }), let text = String(validating: run, as: UTF8.self) else {
      return nil
    }
    return isGB2312(run) ? nil : text
  }

  // MARK: What could be both

  /// Whether valid UTF-8 is more probably GB2312: all its characters beyond ASCII are of two bytes, which in
  /// UTF-8 are Latin, Greek or Cyrillic letters, all of them are Chinese characters when read as GB2312, and
  /// none touches a small letter, as it would in `Zürich`.
  static func looksLikeGB2312(_ bytes: [UInt8]) -> Bool {
    guard bytes.allSatisfy({ $0 < 0xE0 }), isGB2312(bytes[...]) else { return false }
    return !zip(bytes, bytes.dropFirst()).contains { left, right in
      left >= 0x80 && isSmallLetter(right) || isSmallLetter(left) && right >= 0x80
    }
  }

  private static func isSmallLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }

  /// Whether all bytes beyond ASCII pair up to Chinese characters of GB2312 (rows 16–87).
  private static func isGB2312(_ bytes: ArraySlice<UInt8>) -> Bool {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      guard bytes[index] >= 0x80 else {
        index += 1
        continue
      }
      guard index + 1 < bytes.endIndex, (0xB0...0xF7).contains(bytes[index]),
        (0xA1...0xFE).contains(bytes[index + 1])
      else { return false }
      index += 2
    }
    return true
  }

  /// Whether the prolog declares UTF-8: consulted only where the bytes leave both possible.
  private static func declaresUTF8(_ bytes: [UInt8]) -> Bool {
    let head = String(decoding: bytes.prefix(96), as: UTF8.self).lowercased()
    return head.hasPrefix("<?xml") && head.prefix { $0 != ">" }.contains("utf-8")
  }
}
