import COpenSSL

/// A key that signs with Ed25519 (RFC 8032).
public struct SigningKey: Sendable {
  /// Bytes of a seed and of a public key.
  public static let length = 32
  /// Bytes of a signature.
  public static let signatureLength = 64

  private let seed: [UInt8]
  /// What others check with, 32 bytes.
  public let publicKey: [UInt8]

  /// A fresh key.
  public init() {
    guard let made = SigningKey(seed: SecureRandom.bytes(Self.length)) else {
      preconditionFailure("libcrypto does not offer Ed25519: is a restricted provider set?")
    }
    self = made
  }

  /// - Returns: nil unless the seed has ``length`` bytes.
  public init?(seed: [UInt8]) {
    guard seed.count == Self.length,
      let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    else { return nil }
    defer { EVP_PKEY_free(key) }
    var bytes = [UInt8](repeating: 0, count: Self.length)
    var count = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == Self.length else { return nil }
    (self.seed, publicKey) = (seed, bytes)
  }

  /// Reads the key file, or makes one with a fresh key, readable by its owner only.
  public init(keyFile path: String) throws(SecretBoxError) {
    guard let key = SigningKey(seed: try KeyFile.readOrCreate(path, length: Self.length)) else {
      throw SecretBoxError(code: .cryptography, message: "libcrypto does not offer Ed25519.")
    }
    self = key
  }

  /// 64 bytes; the same ones each time for the same message.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Self.signatureLength)
    var count = signature.count
    let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_free(key)
    }
    let done =
      EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    // What is not signed must not pass for signed.
    precondition(done && count == Self.signatureLength, "libcrypto could not sign: is memory exhausted?")
    return signature
  }

  /// Whether `signature` is that of `message` by the owner of `publicKey`. False for anything malformed.
  public static func verify(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
    guard signature.count == signatureLength, publicKey.count == length,
      let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
    else { return false }
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_free(key)
    }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
