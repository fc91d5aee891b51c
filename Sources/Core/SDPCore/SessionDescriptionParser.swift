extension SessionDescription {
  /// Reads a description. Lines that cannot be read are skipped; what is missing stays nil or empty.
  public init(parsing bytes: Span<UInt8>) throws(SDPParseError) {
    guard bytes.count <= SDPLimits.bytes else { throw .tooLarge }
    self.init(name: "")
    time = nil
    var known = 0
    var lines = 0
    var position = 0
    while position < bytes.count, lines < SDPLimits.lines {
      var end = position
      while end < bytes.count, bytes[end] != 10, bytes[end] != 13, bytes[end] != 0 { end += 1 }
      if end > position {
        lines += 1
        if read(bytes, position..<end) { known += 1 }
      }
      position = end + 1
    }
    guard known > 0 else { throw .noLines }
  }

  /// Reads a description.
  public init(parsing bytes: [UInt8]) throws(SDPParseError) { try self.init(parsing: bytes.span) }

  /// Reads one line; false when it is not `x=…`.
  private mutating func read(_ bytes: Span<UInt8>, _ whole: Range<Int>) -> Bool {
    var start = whole.lowerBound
    while start < whole.upperBound, bytes[start] <= 32 { start += 1 }
    guard whole.upperBound - start >= 2 else { return false }
    var equals = start + 1
    while equals < whole.upperBound, bytes[equals] == 32 { equals += 1 }
    guard equals < whole.upperBound, bytes[equals] == 61 else { return false }
    let value = bytes.extracting(equals + 1..<whole.upperBound)
    let text = unsafe value.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    accept(bytes[start] | 32, SDPText.trimmed(text))
    return true
  }

  /// - Parameter kind: the letter before `=`, lower case.
  private mutating func accept(_ kind: UInt8, _ value: String) {
    switch kind {
    case UInt8(ascii: "o"): origin = OriginLine(line: value) ?? origin
    case UInt8(ascii: "s"): name = value
    case UInt8(ascii: "u"): uri = value
    case UInt8(ascii: "t"): time = SessionTime(line: value) ?? time
    case UInt8(ascii: "y"): ssrc = StreamSSRC(value) ?? ssrc
    case UInt8(ascii: "f"): formatText = value
    case UInt8(ascii: "c"): acceptConnection(value)
    case UInt8(ascii: "a"): acceptAttribute(SDPAttribute(line: value))
    case UInt8(ascii: "m"):
      if media.count < SDPLimits.media { media.append(MediaDescription(line: value)) }
    default: break
    }
  }

  private mutating func acceptConnection(_ value: String) {
    guard let line = ConnectionLine(line: value) else { return }
    if media.isEmpty { connection = line } else { media[media.count - 1].connection = line }
  }

  private mutating func acceptAttribute(_ attribute: SDPAttribute) {
    if media.isEmpty {
      if attributes.count < SDPLimits.attributes { attributes.append(attribute) }
    } else if media[media.count - 1].attributes.count < SDPLimits.attributes {
      media[media.count - 1].attributes.append(attribute)
    }
  }
}
