/// One file of the console.
public struct WebAsset: Sendable {
  /// Address below the root, with its leading slash.
  public let path: String
  /// Value for the `Content-Type` header.
  public let contentType: String
  /// Strong validator for `ETag` and `If-None-Match`, quotes included (RFC 9110 §8.8.3).
  public let etag: String
  /// The whole file.
  public let bytes: [UInt8]

  init(path: String, contentType: String, bytes: [UInt8]) {
    self.path = path
    self.contentType = contentType
    self.bytes = bytes
    etag = Self.validator(of: bytes)
  }

  /// FNV-1a over the contents. It only has to differ between two builds of the same file; nothing
  /// is trusted because of it, so a cryptographic hash would buy nothing.
  static func validator(of bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return "\"\(String(hash, radix: 16))-\(String(bytes.count, radix: 16))\""
  }
}
