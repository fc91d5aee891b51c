/// The `scheme name=value, name="value"` form of authentication headers (RFC 3261 §25.1), read tolerantly.
///
/// Holds the bytes and where the fields lie in them; a value is decoded when it is asked for.
public struct AuthenticationFields: Sendable {
  private struct Entry: Sendable {
    var name: Range<Int>
    var value: Range<Int>
  }

  private let bytes: [UInt8]
  private let schemeRange: Range<Int>
  private let entries: [Entry]

  /// - Returns: nil when `text` has no scheme.
  public init?(_ text: some StringProtocol) { self.init(Array(text.utf8).span) }

  /// - Returns: nil when `text` has no scheme.
  init?(_ text: Span<UInt8>) {
    let range = ASCII.trimmed(text, 0..<text.count)
    let end = range.first { ASCII.isBlank(text[$0]) } ?? range.upperBound
    guard !range.isEmpty, (range.lowerBound..<end).allSatisfy({ ASCII.isToken(text[$0]) }) else { return nil }
    var entries: [Entry] = []
    entries.reserveCapacity(12)
    var position = end
    while position < range.upperBound, entries.count < SIPLimits.parameters {
      let next = ASCII.elementEnd(text, position..<range.upperBound)
      if let split = (position..<next).first(where: { text[$0] == ASCII.equals }) {
        let (name, value) = (ASCII.trimmed(text, position..<split), ASCII.trimmed(text, split + 1..<next))
        entries.append(Entry(name: name, value: value))
      }
      position = next + 1
    }
    bytes = ASCII.bytes(text, 0..<text.count)
    schemeRange = range.lowerBound..<end
    self.entries = entries
  }

  /// As written: `Digest`, `Capability`, `Unidirection`, `Bidirection`. Keys the choice of a scheme.
  public var scheme: String { ASCII.text(bytes.span, schemeRange) }

  public var isDigest: Bool { ASCII.matches(bytes.span, schemeRange, "digest") }

  /// The first value of `name` (lower case) without quotes, exactly as received.
  public subscript(_ name: StaticString) -> String? {
    let span = bytes.span
    for entry in entries where ASCII.matches(span, entry.name, name) {
      return SIPQuoting.unquoted(span, entry.value)
    }
    return nil
  }
}
