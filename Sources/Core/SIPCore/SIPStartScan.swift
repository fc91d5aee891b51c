import WireBytes

/// Finds where the next message begins in a stream whose framing was lost.
enum SIPStartScan {
  /// The longest start line that is looked for.
  static let lineLimit = 1024

  /// The start of the first whole line at or after `from` that is a Request-Line or a Status-Line.
  ///
  /// - Parameter from: the start of a line.
  static func firstStartLine(_ span: Span<UInt8>, from: Int) -> Int? {
    var position = from
    while let lf = ByteScan.firstIndex(of: ASCII.lf, in: span, from: position) {
      if isStartLine(span, position..<lf) { return position }
      position = lf + 1
    }
    return nil
  }

  /// The start of the last, unfinished line; the end of the span when that line is too long to begin a
  /// message. Looks back a bounded distance, because it runs for every piece of a long body.
  static func lastLineStart(_ span: Span<UInt8>) -> Int {
    let limit = max(0, span.count - lineLimit)
    var index = span.count
    while index > limit, span[index - 1] != ASCII.lf { index -= 1 }
    return index > limit || limit == 0 ? index : span.count
  }

  private static func isStartLine(_ span: Span<UInt8>, _ line: Range<Int>) -> Bool {
    let range = ASCII.trimmed(span, line)
    guard (12...lineLimit).contains(range.count) else { return false }
    if ASCII.matches(span, range.lowerBound..<range.lowerBound + 8, "sip/2.0 ") { return true }
    guard ASCII.matches(span, range.upperBound - 8..<range.upperBound, " sip/2.0") else { return false }
    let end = range.first { !ASCII.isToken(span[$0]) } ?? range.upperBound
    return end > range.lowerBound && end < range.upperBound && ASCII.isBlank(span[end])
  }
}
