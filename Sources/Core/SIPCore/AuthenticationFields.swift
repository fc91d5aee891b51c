/// The `scheme name=value, name="value"` form of authentication headers (RFC 3261 §25.1), read tolerantly.
public struct AuthenticationFields: Sendable, Hashable {
  /// As written: `Digest`, `Capability`, `Unidirection`, `Bidirection`. Keys the choice of a scheme.
  public let scheme: String
  private var entries: [(name: String, value: String)]

  /// - Returns: nil when `text` has no scheme.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    let span = bytes.span
    let range = ASCII.trimmed(span, 0..<span.count)
    let end = range.first { ASCII.isBlank(span[$0]) } ?? range.upperBound
    guard !range.isEmpty, (range.lowerBound..<end).allSatisfy({ ASCII.isToken(span[$0]) }) else { return nil }
    scheme = ASCII.text(span, range.lowerBound..<end)
    entries = []
    var position = end
    while position < range.upperBound, entries.count < SIPLimits.parameters {
      let next = ASCII.elementEnd(span, position..<range.upperBound)
      let split = (position..<next).first { span[$0] == ASCII.equals }
      if let split {
        let name = ASCII.lowercased(ASCII.text(span, ASCII.trimmed(span, position..<split)))
        entries.append((name, SIPQuoting.unquoted(span, ASCII.trimmed(span, split + 1..<next))))
      }
      position = next + 1
    }
  }

  public var isDigest: Bool { ASCII.equalIgnoringCase(scheme, "digest") }

  /// The first value of `name` (lower case) without quotes, exactly as received.
  public subscript(_ name: String) -> String? { entries.first { $0.name == name }?.value }

  public static func == (left: AuthenticationFields, right: AuthenticationFields) -> Bool {
    left.scheme == right.scheme && left.entries.elementsEqual(right.entries, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(scheme)
    for entry in entries {
      hasher.combine(entry.name)
      hasher.combine(entry.value)
    }
  }
}
