/// Splits comma-separated text (RFC 4180) into rows, forgiving what spreadsheets do to it.
///
/// Commas, semicolons or tabs separate, whichever the first line has most of.
/// LF, CRLF and CR end a row; a quoted field may contain all of them.
struct CSVReader {
  struct Row: Equatable {
    /// The line it begins on, from 1.
    let line: Int
    let fields: [String]

    var isBlank: Bool { fields.allSatisfy(\.isEmpty) }
  }

  /// Fields kept per row; more are dropped.
  static let mostFields = 64

  static func rows(_ text: String) -> [Row] {
    var bytes = Array(text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    let separator = separator(of: bytes)
    var rows: [Row] = []
    var position = 0
    var line = 1
    while position < bytes.count {
      let first = line
      var fields: [String] = []
      while true {
        let (field, end) = self.field(bytes, at: position, separator: separator, line: &line)
        if fields.count < mostFields { fields.append(field) }
        position = end
        guard position < bytes.count, bytes[position] == separator else { break }
        position += 1
      }
      if position < bytes.count {
        position += bytes[position] == 13 && position + 1 < bytes.count && bytes[position + 1] == 10 ? 2 : 1
      }
      line += 1
      let row = Row(line: first, fields: fields)
      if !row.isBlank { rows.append(row) }
    }
    return rows
  }

  private static func separator(of bytes: [UInt8]) -> UInt8 {
    let head = bytes.prefix { $0 != 10 && $0 != 13 }
    let candidates: [UInt8] = [44, 59, 9]
    let counts = candidates.map { candidate in head.count { $0 == candidate } }
    let best = counts.max() ?? 0
    return best == 0 ? 44 : candidates[counts.firstIndex(of: best) ?? 0]
  }

  /// One field from `start`.
  /// - Returns: its trimmed text and the offset of the separator or line end behind it.
  private static func field(
    _ bytes: [UInt8], at start: Int, separator: UInt8, line: inout Int
  ) -> (String, Int) {
    var position = start
    while position < bytes.count, bytes[position] == 32 { position += 1 }
    guard position < bytes.count, bytes[position] == 34 else {
      let end = bytes[position...].firstIndex { $0 == separator || $0 == 10 || $0 == 13 } ?? bytes.count
      return (trimmed(bytes[position..<end]), end)
    }
    var value: [UInt8] = []
    position += 1
    while position < bytes.count {
      if bytes[position] == 34 {
        guard position + 1 < bytes.count, bytes[position + 1] == 34 else { break }
        position += 1
      } else if bytes[position] == 10 {
        line += 1
      }
      value.append(bytes[position])
      position += 1
    }
    // What stands between the closing quote and the separator belongs to nobody.
    let end =
      bytes[min(position + 1, bytes.count)...].firstIndex { $0 == separator || $0 == 10 || $0 == 13 }
      ?? bytes.count
    return (trimmed(value[...]), end)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    guard let first = bytes.firstIndex(where: { $0 > 32 }), let last = bytes.lastIndex(where: { $0 > 32 })
    else {
      return ""
    }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
