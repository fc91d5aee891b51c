/// The value of From, To, Contact and Route: a display name, a URI and parameters (RFC 3261 §20.10).
public struct NameAddress: Sendable, Hashable, CustomStringConvertible {
  public var displayName: String?
  public var uri: SIPURI
  public var parameters: SIPParameters

  public init(displayName: String? = nil, uri: SIPURI, tag: String? = nil) {
    self.displayName = displayName
    self.uri = uri
    parameters = SIPParameters()
    self.tag = tag
  }

  /// Reads the first address of `text`. A missing `>` is forgiven.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(bytes.span, 0..<bytes.count)
  }

  init?(_ span: Span<UInt8>, _ list: Range<Int>) {
    let parts = Self.parts(span, list)
    guard let uri = SIPURI(span, parts.uri) else { return nil }
    displayName = parts.name.isEmpty ? nil : SIPQuoting.unquoted(span, parts.name)
    self.uri = uri
    parameters = SIPParameters(span, parts.parameters)
  }

  /// Where display name, URI and parameters of the first address lie.
  static func parts(
    _ span: Span<UInt8>, _ list: Range<Int>
  ) -> (name: Range<Int>, uri: Range<Int>, parameters: Range<Int>) {
    let range = ASCII.trimmed(span, list.lowerBound..<ASCII.elementEnd(span, list))
    let less = ASCII.elementEnd(span, range, separator: ASCII.less)
    guard less < range.upperBound else {
      // Without brackets the parameters belong to the header, not to the URI (RFC 3261 §20.10).
      let end = range.first { span[$0] == ASCII.semicolon } ?? range.upperBound
      return (range.lowerBound..<range.lowerBound, range.lowerBound..<end, end..<range.upperBound)
    }
    let close = (less..<range.upperBound).first { span[$0] == ASCII.greater } ?? range.upperBound
    return (
      ASCII.trimmed(span, range.lowerBound..<less), less + 1..<close,
      min(close + 1, range.upperBound)..<range.upperBound
    )
  }

  /// The `tag` parameter; an empty one counts as absent.
  public var tag: String? {
    get { parameters["tag"].flatMap { $0.isEmpty ? nil : $0 } }
    set { parameters["tag"] = newValue }
  }

  public var description: String {
    var text = ""
    text.reserveCapacity(96)
    if let displayName { text += SIPQuoting.quoted(displayName) + " " }
    text += "<"
    uri.write(to: &text)
    text += ">"
    parameters.write(to: &text)
    return text
  }
}
