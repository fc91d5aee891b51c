import CFFmpeg

/// Why a codec could not do what was asked.
public struct CodecError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is. New kinds may be added.
  public struct Code: Sendable, Hashable {
    private enum Kind { case unsupported, malformed, exhausted, failed }
    private let kind: Kind

    /// This build of FFmpeg lacks the codec, or the track is of a kind the caller cannot give here.
    public static let unsupported = Code(kind: .unsupported)
    /// The coded bytes could not be decoded.
    public static let malformed = Code(kind: .malformed)
    /// Memory or another resource ran out.
    public static let exhausted = Code(kind: .exhausted)
    /// Anything else; the context tells.
    public static let failed = Code(kind: .failed)
  }

  public let code: Code
  /// For a person: what was tried and what the library answered.
  public let context: String

  public init(_ code: Code, _ context: String) {
    (self.code, self.context) = (code, context)
  }

  /// An answer of the library, in words.
  init(_ code: Code, _ what: String, status: Int32) {
    var text = [CChar](repeating: 0, count: 128)
    av_strerror(status, &text, text.count)
    let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.init(code, "\(what): \(words)")
  }

  public var description: String { context }
}

/// The library's two answers that mean "later" and "over".
enum CodecStatus {
  static let again = tributary_averror_eagain()
  static let end = tributary_averror_eof()
}
