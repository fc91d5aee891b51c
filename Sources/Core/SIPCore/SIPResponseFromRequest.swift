extension SIPResponse {
  /// A response to `request` (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are copied byte for byte.
  ///
  /// The top Via gets `received` and `rport` from ``SIPRequest/receivedFrom``.
  ///
  /// - Parameters:
  ///   - reason: nil for the usual phrase.
  ///   - toTag: added to the To header unless it already has a tag.
  public init(to request: SIPRequest, status: Int, reason: String? = nil, toTag: String? = nil) {
    self.init(status: status, reason: reason)
    headers.arena.reserveCapacity(512)
    headers.fields.reserveCapacity(12)
    headers.copy(.via, from: request.headers)
    if let source = request.receivedFrom { headers.stampTopVia(source) }
    headers.copy(.from, from: request.headers)
    headers.copy(.to, from: request.headers)
    headers.copy(.callID, from: request.headers)
    headers.copy(.cseq, from: request.headers)
    if let toTag { addToTag(toTag) }
  }

  /// Gives the To header this tag unless it has one.
  public mutating func addToTag(_ tag: String) {
    headers.appendToTag(tag)
  }
}

extension SIPHeaders {
  mutating func appendToTag(_ tag: String) {
    guard let index = fields.firstIndex(where: { $0.known == .to }),
      withValue(of: .to, ParameterScan.hasTag) == false
    else { return }
    let start = arena.count
    let old = fields[index].value.range
    arena.reserveCapacity(start + old.count + 5 + tag.utf8.count)
    // Byte by byte: a slice of the arena would be a second owner and make the first append copy all of it.
    for position in old { arena.append(arena[position]) }
    arena.append(contentsOf: ";tag=".utf8)
    arena.append(contentsOf: tag.utf8.lazy.map { ASCII.isToken($0) ? $0 : 45 })
    fields[index].value = Extent(start..<arena.count)
  }

  /// Writes the packet's source into the first Via (RFC 3261 §18.2.1, RFC 3581 §4).
  mutating func stampTopVia(_ source: SIPHostPort) {
    guard let first = fields.firstIndex(where: { $0.known == .via }),
      let value = Self.stamped(arena.span, fields[first].value.range, source)
    else { return }
    let field = store(.via, value)
    fields[first] = field
  }

  /// The Via list of `range` with the source in its first element; nil when it needs none or is unreadable.
  private static func stamped(_ span: Span<UInt8>, _ range: Range<Int>, _ source: SIPHostPort) -> [UInt8]? {
    guard let slices = ViaSlices(span, range) else { return nil }
    let asked = slices.parameter(span, "rport") != nil
    guard asked || SIPHostPort.read(span, slices.sentBy)?.host != source.host else { return nil }
    var value: [UInt8] = []
    value.reserveCapacity(range.count + 64)
    for index in range.lowerBound..<slices.parameters.lowerBound { value.append(span[index]) }
    var position = slices.parameters.lowerBound
    while position < slices.parameters.upperBound {
      let end = ASCII.elementEnd(
        span, position + 1..<slices.parameters.upperBound, separator: ASCII.semicolon)
      let split = (position + 1..<end).first { span[$0] == ASCII.equals } ?? end
      let name = ASCII.trimmed(span, position + 1..<split)
      if !ASCII.matches(span, name, "rport"), !ASCII.matches(span, name, "received"), !name.isEmpty {
        for index in position..<end { value.append(span[index]) }
      }
      position = end
    }
    if asked {
      value.append(contentsOf: ";rport=".utf8)
      value.append(contentsOf: String(source.port).utf8)
    }
    value.append(contentsOf: ";received=".utf8)
    value.append(contentsOf: SIPHostPort.bracketed(source.host).utf8)
    for index in slices.end..<range.upperBound { value.append(span[index]) }
    return value
  }
}
