/// Session descriptions (RFC 4566) with the private lines of GB/T 28181.
///
/// Reading forgives everything seen in the field (reference §7.2): lines in any
/// order, LF or CRLF, trailing blanks, unknown lines, `a=` after `y=` or before
/// `m=`. Writing is strict, because Hikvision answers 415 when a line follows `y=`.
///
/// - `SessionDescription`: the whole, its parser and its writer
/// - `MediaDescription`: one `m=` with what belongs to it
/// - `MediaFormatLine`: the `f=` line
/// - `StreamSSRC`: the `y=` line
public enum SDPLimits {
  /// Bytes of one description.
  public static let bytes = 64 * 1024
  /// Lines read; the rest is ignored.
  public static let lines = 1024
  /// Media sections read; the rest is ignored.
  public static let media = 16
  /// Attributes kept per section.
  public static let attributes = 256
}

/// Why bytes are no session description.
public enum SDPParseError: Error, Sendable, Equatable {
  case tooLarge
  /// No line of the form `x=…` in it.
  case noLines
}
