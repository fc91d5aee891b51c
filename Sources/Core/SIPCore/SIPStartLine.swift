extension SIPParser {
  /// Reads a Request-Line or a Status-Line (RFC 3261 §7.1, §7.2).
  static func startLine(_ span: Span<UInt8>, _ whole: Range<Int>) throws(SIPParseError) -> Head.StartLine {
    let line = ASCII.trimmed(span, whole)
    let firstEnd = line.first { ASCII.isBlank(span[$0]) } ?? line.upperBound
    let first = line.lowerBound..<firstEnd
    if isVersionLike(span, first) {
      guard ASCII.matches(span, first, "sip/2.0") else { throw .unsupportedVersion }
      return try statusLine(span, ASCII.trimmed(span, firstEnd..<line.upperBound))
    }
    guard let lastBlank = line.last(where: { ASCII.isBlank(span[$0]) }), lastBlank >= firstEnd else {
      throw .notSIP
    }
    let version = lastBlank + 1..<line.upperBound
    guard isVersionLike(span, version) else { throw .notSIP }
    guard ASCII.matches(span, version, "sip/2.0") else { throw .unsupportedVersion }
    guard let method = SIPMethod(span, first) else { throw .badStartLine }
    let uri = ASCII.trimmed(span, firstEnd..<lastBlank)
    guard !uri.isEmpty, uri.allSatisfy({ span[$0] > 32 && span[$0] != 127 }) else { throw .badStartLine }
    return .request(method, ASCII.text(span, uri))
  }

  private static func isVersionLike(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.count >= 5 && ASCII.matches(span, range.lowerBound..<range.lowerBound + 4, "sip/")
  }

  private static func statusLine(
    _ span: Span<UInt8>, _ rest: Range<Int>
  ) throws(SIPParseError) -> Head.StartLine {
    let end = rest.first { !ASCII.isDigit(span[$0]) } ?? rest.upperBound
    guard end - rest.lowerBound == 3, let status = ASCII.decimal(span, rest.lowerBound..<end),
      (100...699).contains(status), end == rest.upperBound || ASCII.isBlank(span[end])
    else { throw .badStartLine }
    return .status(status, ASCII.text(span, ASCII.trimmed(span, end..<rest.upperBound)))
  }
}

extension SIPHeaders {
  /// Appends a continuation line to a field, with one space for the fold (RFC 3261 §7.3.1).
  mutating func unfold(_ index: Int, _ line: Range<Int>) {
    let old = fields[index].value.range
    let more = ASCII.trimmed(arena.span, line)
    guard !more.isEmpty else { return }
    // The last thing in the arena can grow in place; anything else moves there once.
    var start = old.lowerBound
    if old.upperBound != arena.count || old.isEmpty {
      start = arena.count
      arena.append(contentsOf: arena[old])
    }
    arena.append(ASCII.space)
    arena.append(contentsOf: arena[more])
    fields[index].value = Extent(ASCII.trimmed(arena.span, start..<arena.count))
  }
}
