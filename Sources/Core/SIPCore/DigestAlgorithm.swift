/// The hash of a digest challenge (RFC 3261 §22, RFC 8760).
public enum DigestAlgorithm: String, Sendable, Hashable {
  case md5 = "MD5"
  case sha256 = "SHA-256"

  /// Reads the `algorithm` field in any case; absent means MD5. Session variants are not supported.
  public init?(field: String?) {
    guard let field else {
      self = .md5
      return
    }
    switch ASCII.lowercased(field) {
    case "md5", "": self = .md5
    case "sha-256", "sha256": self = .sha256
    default: return nil
    }
  }
}

/// The hash function that this module does not have: the digest of some bytes, raw.
public typealias DigestFunction = @Sendable (DigestAlgorithm, [UInt8]) -> [UInt8]
