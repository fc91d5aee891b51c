import WireBytes

/// Why bytes are no SIP message.
public enum SIPParseError: Error, Sendable, Equatable {
  /// Nothing but padding: a keep-alive, not an error of the peer.
  case empty
  case notSIP
  case badStartLine
  case unsupportedVersion
  case headTooLarge
  case tooManyHeaders
  case malformedHeader
  case bodyTooLarge
  /// On a stream: a body with no length, or two lengths that differ.
  case unknownLength
}

/// Reads one message (RFC 3261 §7), forgiving what devices get wrong (reference §0, §14.2).
public enum SIPParser {
  /// Parses one datagram.
  ///
  /// The body reaches to the end of the datagram whatever `Content-Length` says
  /// (reference §14.2 #11), except that nothing follows a length of zero
  /// without a content type.
  public static func parse(_ datagram: Span<UInt8>) throws(SIPParseError) -> SIPMessage {
    let start = leadingPadding(datagram)
    guard start < datagram.count else { throw .empty }
    let head = try parseHead(datagram, from: start)
    return head.message(body: datagramBody(datagram, head))
  }

  /// Offset of the first byte that is not a line end, blank or NUL.
  static func leadingPadding(_ span: Span<UInt8>) -> Int {
    var index = 0
    while index < span.count, ASCII.isPadding(span[index]) { index += 1 }
    return index
  }

  private static func datagramBody(_ datagram: Span<UInt8>, _ head: Head) -> [UInt8] {
    let available = head.end..<datagram.count
    if head.contentLength == 0, !head.headers.contains(.contentType) { return [] }
    return available.isEmpty ? [] : ASCII.bytes(datagram, available)
  }

  /// Start line and fields, with the offset after the empty line.
  struct Head {
    var start: StartLine
    var headers: SIPHeaders
    var end: Int

    enum StartLine {
      case request(SIPMethod, String)
      case status(Int, String)
    }

    var contentLength: Int? {
      headers.withValue(of: .contentLength) { ASCII.decimal($0, 0..<$0.count) } ?? nil
    }

    consuming func message(body: [UInt8]) -> SIPMessage {
      switch start {
      case .request(let method, let uri):
        .request(SIPRequest(method: method, requestURI: uri, headers: headers, body: body))
      case .status(let status, let reason):
        .response(SIPResponse(status: status, reason: reason, headers: headers, body: body))
      }
    }
  }

  /// `from` is the first byte of the start line. The head ends at an empty line or at the end of the span.
  static func parseHead(_ span: Span<UInt8>, from: Int) throws(SIPParseError) -> Head {
    let limit = min(span.count, from + SIPLimits.headBytes)
    var line = nextLine(span, from: from, limit: limit)
    let start = try startLine(span, line.text)
    let base = line.next
    var fields: [SIPHeaders.Field] = []
    fields.reserveCapacity(16)
    var folded: [(field: Int, line: Range<Int>)] = []
    while line.next < limit {
      line = nextLine(span, from: line.next, limit: limit)
      if line.text.isEmpty { break }
      if ASCII.isBlank(span[line.text.lowerBound]) {
        if !fields.isEmpty { folded.append((fields.count - 1, line.text)) }
        continue
      }
      guard fields.count < SIPLimits.headerFields else { throw .tooManyHeaders }
      if let field = field(span, line.text, base: base) { fields.append(field) }
    }
    guard line.next < limit || limit == span.count else { throw .headTooLarge }
    let arena = ASCII.bytes(span, base..<max(base, line.next))
    var headers = SIPHeaders(arena: arena, fields: fields)
    for fold in folded {
      headers.unfold(fold.field, fold.line.lowerBound - base..<fold.line.upperBound - base)
    }
    return Head(start: start, headers: headers, end: line.next)
  }

  /// A line without its line end, which may be CRLF or LF, and where the next one begins.
  private static func nextLine(
    _ span: Span<UInt8>, from: Int, limit: Int
  ) -> (text: Range<Int>, next: Int) {
    guard let lf = ByteScan.firstIndex(of: ASCII.lf, in: span, from: from, to: limit) else {
      return (from..<limit, limit)
    }
    return (from..<(lf > from && span[lf - 1] == ASCII.cr ? lf - 1 : lf), lf + 1)
  }

  /// `name: value`. A line without a name or colon is no field and is skipped: one bad line of a
  /// device must not cost the message.
  private static func field(_ span: Span<UInt8>, _ line: Range<Int>, base: Int) -> SIPHeaders.Field? {
    var colon = line.lowerBound
    while colon < line.upperBound, ASCII.isToken(span[colon]) { colon += 1 }
    let name = line.lowerBound..<colon
    while colon < line.upperBound, ASCII.isBlank(span[colon]) { colon += 1 }
    guard !name.isEmpty, name.count <= 64, colon < line.upperBound, span[colon] == ASCII.colon else {
      return nil
    }
    let value = ASCII.trimmed(span, colon + 1..<line.upperBound)
    return SIPHeaders.Field(
      known: SIPHeaderName.Known(span, name),
      name: SIPHeaders.Extent(name.lowerBound - base..<name.upperBound - base),
      value: SIPHeaders.Extent(value.lowerBound - base..<value.upperBound - base))
  }
}
