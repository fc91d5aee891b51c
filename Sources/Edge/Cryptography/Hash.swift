import COpenSSL

/// One-shot hashes and keyed hashes on libcrypto.
///
/// MD5 and SHA-1 are here because the protocols ask for them (RFC 3261 digest,
/// RFC 6455 handshake); nothing of ours relies on them.
public enum Hash: Sendable {
  case md5
  case sha1
  case sha256
  /// GB/T 32905.
  case sm3

  /// Bytes of a digest.
  public var length: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256, .sm3: 32
    }
  }

  /// The digest of `bytes`.
  public func digest(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: length)
    var count: UInt32 = 0
    let done = EVP_Digest(bytes, bytes.count, &result, &count, algorithm, nil)
    precondition(
      done == 1 && Int(count) == length, "libcrypto does not offer \(self): is a restricted provider set?")
    return result
  }

  /// HMAC with this hash (RFC 2104).
  public func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: length)
    var count = 0
    // An empty array has no address, and libcrypto takes that for a mistake.
    let key = key.isEmpty ? [0] : key
    let done =
      EVP_Q_mac(
        nil, "HMAC", nil, name, nil, key, key.count, message, message.count, &result, result.count, &count)
      != nil
    precondition(done && count == length, "libcrypto does not offer HMAC with \(self)")
    return result
  }

  private var name: String {
    switch self {
    case .md5: "MD5"
    case .sha1: "SHA1"
    case .sha256: "SHA256"
    case .sm3: "SM3"
    }
  }

  var algorithm: OpaquePointer? {
    switch self {
    case .md5: Fetched.md5.algorithm
    case .sha1: Fetched.sha1.algorithm
    case .sha256: Fetched.sha256.algorithm
    case .sm3: Fetched.sm3.algorithm
    }
  }

  /// An implementation looked up once. `EVP_md5()` and its like are looked up anew for every digest, which takes
  /// longer than hashing a hundred bytes.
  ///
  /// Proof for `@unchecked Sendable`: libcrypto never changes what it has handed out, and it lives as long as the
  /// process.
  private struct Fetched: @unchecked Sendable {
    let algorithm: OpaquePointer?

    static let md5 = Fetched(algorithm: EVP_MD_fetch(nil, "MD5", nil))
    static let sha1 = Fetched(algorithm: EVP_MD_fetch(nil, "SHA1", nil))
    static let sha256 = Fetched(algorithm: EVP_MD_fetch(nil, "SHA256", nil))
    static let sm3 = Fetched(algorithm: EVP_MD_fetch(nil, "SM3", nil))
  }
}

/// SHA-256 of bytes that come piece by piece. Not for several threads at a time.
public final class SHA256Stream {
  private let context: OpaquePointer
  private let marked: OpaquePointer
  private var result: [UInt8]?

  public init() {
    guard let context = EVP_MD_CTX_new(), let marked = EVP_MD_CTX_new(),
      EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else {
      preconditionFailure("libcrypto does not offer SHA-256, or memory is exhausted")
    }
    (self.context, self.marked) = (context, marked)
    mark()
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_CTX_free(marked)
  }

  /// Remembers what was added so far, in place of an earlier mark.
  public func mark() { EVP_MD_CTX_copy_ex(marked, context) }

  /// Forgets what was added since the latest mark, or since the beginning.
  public func rewind() { EVP_MD_CTX_copy_ex(context, marked) }

  /// Adds bytes. Ignored after ``finish()``.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    guard result == nil, let base = bytes.baseAddress else { return }
    EVP_DigestUpdate(context, base, bytes.count)
  }

  /// Adds bytes. Ignored after ``finish()``.
  public func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The 32 bytes of the digest; the same again when called again.
  public func finish() -> [UInt8] {
    if let result { return result }
    var bytes = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &bytes, &count)
    result = bytes
    return bytes
  }
}

/// Whether both are the same, in a time that depends on their lengths only.
public func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
