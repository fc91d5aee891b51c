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
    let range = ASCII.trimmed(span, list.lowerBound..<ASCII.elementEnd(span, list))
    let less = ASCII.elementEnd(span, range, separator: ASCII.less)
    let uriRange: Range<Int>
    let tail: Range<Int>
    if less < range.upperBound {
      let close = (less..<range.upperBound).first { span[$0] == ASCII.greater } ?? range.upperBound
      uriRange = less + 1..<close
      tail = min(close + 1, range.upperBound)..<range.upperBound
      let name = ASCII.trimmed(span, range.lowerBound..<less)
      displayName = name.isEmpty ? nil : SIPQuoting.unquoted(span, name)
    } else {
      // Without brackets the parameters belong to the header, not to the URI (RFC 3261 §20.10).
      let end = range.first { span[$0] == ASCII.semicolon } ?? range.upperBound
      uriRange = range.lowerBound..<end
      tail = end..<range.upperBound
    }
    guard let uri = SIPURI(span, uriRange) else { return nil }
    self.uri = uri
    parameters = SIPParameters(span, tail)
  }

  /// The `tag` parameter; an empty one counts as absent.
  public var tag: String? {
    get { parameters["tag"].flatMap { $0.isEmpty ? nil : $0 } }
    set { parameters["tag"] = newValue }
  }

  public var description: String {
    let name = displayName.map { SIPQuoting.quoted($0) + " " } ?? ""
    return name + "<" + uri.description + ">" + parameters.text
  }
}
