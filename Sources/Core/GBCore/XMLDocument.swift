/// What the tolerant reader made of a document.
public struct XMLDocument: Sendable {
  public let root: XMLElement
  /// The decoded text it was read from, in UTF-8.
  public let source: [UInt8]
  /// Guesses the reader made: stray `<`, tags that did not match, a missing end.
  public let repairs: Int
  /// Whether the text ended before the root element did.
  public let isTruncated: Bool

  /// The text of `element` as it arrived.
  public func raw(of element: XMLElement) -> String {
    guard element.range.lowerBound >= 0, element.range.upperBound <= source.count else { return "" }
    return String(decoding: source[element.range], as: UTF8.self)
  }
}

/// Bounds of the reader. A document past them is refused, not cut.
public struct XMLLimits: Sendable {
  /// Bytes of decoded text.
  public var bytes = 16 * 1024 * 1024
  /// Elements in all: 10 000 catalog items of 45 fields, with room.
  public var elements = 600_000
  /// Levels below the root; deeper elements are skipped.
  public var depth = 12
  /// Bytes of one tag, from `<` to `>`.
  public var tagBytes = 1_024
  /// Attributes kept per element.
  public var attributes = 16

  public init() {}
}

/// Why a text is no document at all.
public enum XMLError: Error, Hashable, Sendable {
  /// More bytes than ``XMLLimits/bytes``.
  case tooLong(bytes: Int)
  /// More elements than ``XMLLimits/elements``.
  case tooManyElements
  /// No start tag anywhere.
  case noRoot
}
