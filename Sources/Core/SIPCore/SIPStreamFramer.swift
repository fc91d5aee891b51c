import WireBytes

/// Splits a byte stream into messages (RFC 3261 §18.3).
///
/// Line ends, NULs and stray bytes between messages are dropped silently
/// (reference §0). When a length was wrong the framer finds the next start line
/// and goes on; only what cannot be recovered ends the connection.
public struct SIPStreamFramer: Sendable {
  public enum Event: Sendable, Equatable {
    case message(SIPMessage)
    /// Bytes that were no message were dropped; the stream goes on.
    case skipped(bytes: Int)
    /// The connection must be closed; nothing more will come.
    case fatal(SIPParseError)
  }

  private var buffer: [UInt8] = []
  /// Bytes before this one are done with.
  private var start = 0
  /// Where the search for the next line of interest goes on.
  private var scanned = 0
  private var head: PendingHead?
  private var isBroken = false
  private var skippedInARow = 0

  /// A head whose body has not arrived whole.
  private struct PendingHead: Sendable {
    var message: SIPMessage
    /// First byte of the body.
    var bodyStart: Int
    var bodyLength: Int
    /// The body may quote a message, so that a start line in it proves nothing.
    var quotesMessages: Bool
  }

  public init() {}

  /// Bytes held: at most one unfinished message and what was fed last.
  public var buffered: Int { buffer.count - start }

  /// Adds bytes as they were read. Call ``next()`` until it answers nil.
  public mutating func feed(_ bytes: Span<UInt8>) {
    guard !isBroken else { return }
    compact()
    unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
  }

  /// The next event, or nil when more bytes are needed.
  public mutating func next() -> Event? {
    guard !isBroken else { return nil }
    if head == nil {
      if let event = findHead() { return event }
      guard head != nil else { return nil }
    }
    return finishBody()
  }

  private mutating func compact() {
    guard start > 0, start == buffer.count || start > 64 * 1024 else { return }
    buffer.removeFirst(start)
    scanned = max(0, scanned - start)
    head?.bodyStart -= start
    start = 0
  }

  private mutating func fail(_ error: SIPParseError) -> Event {
    isBroken = true
    buffer = []
    start = 0
    head = nil
    return .fatal(error)
  }

  /// Sets `head`, or returns an event, or returns nil with no head when more bytes are needed.
  private mutating func findHead() -> Event? {
    while start < buffer.count, ASCII.isPadding(buffer[start]) { start += 1 }
    scanned = max(scanned, start)
    guard let end = headEnd() else {
      return buffer.count - start > SIPLimits.headBytes ? resync(from: start) : nil
    }
    do throws(SIPParseError) {
      let parsed = try SIPParser.parseHead(buffer.span.extracting(start..<end), from: 0)
      let length = try Self.bodyLength(parsed.headers)
      let quotes = Self.quotesMessages(parsed.headers)
      head = PendingHead(
        message: parsed.message(body: []), bodyStart: end, bodyLength: length, quotesMessages: quotes)
      skippedInARow = 0
      scanned = end
      return nil
    } catch {
      switch error {
      case .unknownLength, .bodyTooLarge, .headTooLarge: return fail(error)
      case .empty, .notSIP, .badStartLine, .unsupportedVersion, .tooManyHeaders, .malformedHeader:
        return resync(from: start)
      }
    }
  }

  /// The offset after the empty line, or nil. Remembers how far it looked.
  private mutating func headEnd() -> Int? {
    let end = Self.emptyLine(buffer.span, start: start, from: scanned)
    if end == nil { scanned = max(start, buffer.count - 2) }
    return end
  }

  private static func emptyLine(_ span: Span<UInt8>, start: Int, from: Int) -> Int? {
    var position = from
    while let lf = ByteScan.firstIndex(of: ASCII.lf, in: span, from: position) {
      let before = lf > start && span[lf - 1] == ASCII.cr ? lf - 1 : lf
      if before > start, span[before - 1] == ASCII.lf { return lf + 1 }
      position = lf + 1
    }
    return nil
  }

  /// Drops bytes up to the next line that begins a message.
  private mutating func resync(from: Int) -> Event? {
    let next = Self.nextStart(buffer.span, after: from)
    let dropped = next - start
    skippedInARow += dropped
    start = next
    scanned = next
    if skippedInARow > SIPLimits.resyncBytes { return fail(.notSIP) }
    return .skipped(bytes: dropped)
  }

  /// The next start line after the line at `from`; without one, the unfinished last line.
  private static func nextStart(_ span: Span<UInt8>, after from: Int) -> Int {
    guard let lf = ByteScan.firstIndex(of: ASCII.lf, in: span, from: from) else { return span.count }
    return SIPStartScan.firstStartLine(span, from: lf + 1) ?? max(lf + 1, SIPStartScan.lastLineStart(span))
  }

  private static func bodyLength(_ headers: SIPHeaders) throws(SIPParseError) -> Int {
    let values = headers.values(of: .contentLength)
    guard let first = values.first else {
      guard !headers.contains(.contentType) else { throw .unknownLength }
      return 0
    }
    guard values.allSatisfy({ $0 == first }) else { throw .unknownLength }
    let bytes = Array(first.utf8)
    guard let length = ASCII.decimal(bytes.span, 0..<bytes.count) else { throw .unknownLength }
    guard length <= SIPLimits.bodyBytes else { throw .bodyTooLarge }
    return length
  }

  /// `message/…` and `multipart/…`.
  private static func quotesMessages(_ headers: SIPHeaders) -> Bool {
    headers.withValue(of: .contentType) { span in
      ASCII.matches(span, 0..<min(8, span.count), "message/")
        || ASCII.matches(span, 0..<min(10, span.count), "multipart/")
    } ?? false
  }

  private mutating func finishBody() -> Event? {
    guard let pending = head else { return nil }
    let whole = pending.bodyStart + pending.bodyLength
    var end = whole
    if !pending.quotesMessages, let next = startInside(pending, whole) {
      end = next
    } else if buffer.count < whole {
      if !pending.quotesMessages {
        scanned = max(pending.bodyStart, SIPStartScan.lastLineStart(buffer.span))
      }
      return nil
    }
    head = nil
    start = end
    scanned = end
    return .message(pending.message.with(body: Array(buffer[pending.bodyStart..<end])))
  }

  /// Where the next message begins inside a body that ends at `whole`: its length was too large, and would swallow
  /// that message or cut off its head (reference §14.2 #11), however the bytes came.
  private func startInside(_ pending: PendingHead, _ whole: Int) -> Int? {
    let known = buffer.span.extracting(0..<min(buffer.count, whole + SIPStartScan.lineLimit))
    let next = SIPStartScan.firstStartLine(known, from: max(scanned, pending.bodyStart))
    return next.flatMap { $0 < whole ? $0 : nil }
  }
}

extension SIPMessage {
  func with(body: [UInt8]) -> SIPMessage {
    switch self {
    case .request(var request):
      request.body = body
      return .request(request)
    case .response(var response):
      response.body = body
      return .response(response)
    }
  }
}
