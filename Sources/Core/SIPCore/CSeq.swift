/// The sequence number and method of a request (RFC 3261 §20.16).
public struct CSeq: Sendable, Hashable, CustomStringConvertible {
  public var number: UInt32
  public var method: SIPMethod

  public init(number: UInt32, method: SIPMethod) {
    self.number = number
    self.method = method
  }

  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(bytes.span, 0..<bytes.count)
  }

  init?(_ span: Span<UInt8>, _ whole: Range<Int>) {
    let range = ASCII.trimmed(span, whole)
    let end = range.first { !ASCII.isDigit(span[$0]) } ?? range.upperBound
    guard let value = ASCII.decimal(span, range.lowerBound..<end), let number = UInt32(exactly: value),
      let method = SIPMethod(span, ASCII.trimmed(span, end..<range.upperBound))
    else { return nil }
    self.number = number
    self.method = method
  }

  public var description: String { String(number) + " " + method.name }
}
