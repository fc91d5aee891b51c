/// The name that an XML prolog declares for its bytes.
///
/// GB2312 and GB18030 are both *encoded* as GB18030, a superset, so that rare
/// characters survive (§0.2); only the declared name follows the peer's edition.
public enum TextEncodingName: String, Sendable, Hashable, CaseIterable {
  case gb2312 = "GB2312"
  case gb18030 = "GB18030"
  case utf8 = "UTF-8"

  /// The name as people and configuration files write it, in any case. Nil for anything else.
  public init?(_ text: some StringProtocol) {
    switch text.lowercased() {
    case "gb2312", "gbk", "cp936": self = .gb2312
    case "gb18030": self = .gb18030
    case "utf-8", "utf8": self = .utf8
    default: return nil
    }
  }
}

/// Converts between bytes on the wire and text. The core owns no character tables; an edge fills this in.
public struct TextCodec: Sendable {
  /// Text of any bytes: by validity, never by declaration, and never failing.
  public let decode: @Sendable ([UInt8]) -> String
  /// The bytes of a text for a peer that was promised this encoding.
  public let encode: @Sendable (String, TextEncodingName) -> [UInt8]

  public init(
    decode: @escaping @Sendable ([UInt8]) -> String,
    encode: @escaping @Sendable (String, TextEncodingName) -> [UInt8]
  ) {
    (self.decode, self.encode) = (decode, encode)
  }

  /// UTF-8 both ways: for tests and for peers set to UTF-8.
  public static let utf8 = TextCodec(
    decode: { String(decoding: $0, as: UTF8.self) }, encode: { text, _ in Array(text.utf8) })
}
