import COpenSSL
import Foundation

/// Why secrets cannot be kept or read. The message is one sentence that says what to do.
public struct SecretBoxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure; more may be added.
  public struct Code: Sendable, Hashable {
    let name: String
    /// The key file cannot be read, written or trusted.
    public static let keyFile = Code(name: "key-file")
    /// The sealed bytes were changed, belong elsewhere, or were sealed with another key.
    public static let notAuthentic = Code(name: "not-authentic")
    /// libcrypto refused.
    public static let cryptography = Code(name: "cryptography")
  }

  public let code: Code
  public let message: String
  public var description: String { message }
}

/// Seals secrets for storage with AES-256-GCM.
///
/// A sealed secret is `1 ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. The context (what
/// the secret is for, and whose) is authenticated with it, so that a sealed
/// password cannot be moved to another device's row.
public struct SecretBox: Sendable {
  private static let version: UInt8 = 1
  private static let nonceLength = 12
  private static let tagLength = 16
  /// Bytes of a key.
  public static let keyLength = 32
  /// Bytes of a secret at most.
  public static let longest = 1 << 20

  private let key: [UInt8]

  /// - Returns: nil unless the key has ``keyLength`` bytes.
  public init?(key: [UInt8]) {
    guard key.count == Self.keyLength else { return nil }
    self.key = key
  }

  /// Reads the key file, or makes one with a fresh key, readable by its owner only.
  public init(keyFile path: String) throws(SecretBoxError) {
    let key = try KeyFile.readOrCreate(path, length: Self.keyLength)
    self.key = key
  }

  /// Seals `secret` for `context`.
  public func seal(_ secret: [UInt8], context: [UInt8]) throws(SecretBoxError) -> [UInt8] {
    guard secret.count <= Self.longest else {
      throw SecretBoxError(code: .cryptography, message: "A secret has at most \(Self.longest) bytes.")
    }
    let nonce = SecureRandom.bytes(Self.nonceLength)
    let cipher = try Cipher(key: key, nonce: nonce, sealing: true)
    guard let text = cipher.run(secret, context: context), cipher.finish(), let tag = cipher.tag() else {
      throw SecretBoxError(code: .cryptography, message: "libcrypto could not seal a secret.")
    }
    return [Self.version] + nonce + text + tag
  }

  /// Opens what ``seal(_:context:)`` made for the same context.
  public func open(_ sealed: [UInt8], context: [UInt8]) throws(SecretBoxError) -> [UInt8] {
    let refusal = SecretBoxError(
      code: .notAuthentic,
      message:
        "A stored secret cannot be opened: the key file does not belong to this data, or the data was changed."
    )
    let overhead = 1 + Self.nonceLength + Self.tagLength
    guard sealed.count >= overhead, sealed.count <= Self.longest + overhead, sealed[0] == Self.version else {
      throw refusal
    }
    let nonce = Array(sealed[1...Self.nonceLength])
    let text = Array(sealed[(1 + Self.nonceLength)..<(sealed.count - Self.tagLength)])
    let cipher = try Cipher(key: key, nonce: nonce, sealing: false)
    guard let secret = cipher.run(text, context: context),
      cipher.expect(tag: Array(sealed.suffix(Self.tagLength))), cipher.finish()
    else { throw refusal }
    return secret
  }
}

/// One AES-256-GCM operation.
private final class Cipher {
  private let context: OpaquePointer

  init(key: [UInt8], nonce: [UInt8], sealing: Bool) throws(SecretBoxError) {
    guard let context = EVP_CIPHER_CTX_new() else {
      throw SecretBoxError(code: .cryptography, message: "Memory is exhausted.")
    }
    self.context = context
    guard EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, sealing ? 1 : 0) == 1 else {
      throw SecretBoxError(code: .cryptography, message: "libcrypto does not offer AES-256-GCM.")
    }
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// Feeds the authenticated context, then the text; what comes out is not to be trusted before ``finish()``.
  func run(_ text: [UInt8], context associated: [UInt8]) -> [UInt8]? {
    var count: Int32 = 0
    if !associated.isEmpty {
      guard EVP_CipherUpdate(context, nil, &count, associated, Int32(clamping: associated.count)) == 1 else {
        return nil
      }
    }
    var result = [UInt8](repeating: 0, count: text.count)
    guard text.isEmpty || EVP_CipherUpdate(context, &result, &count, text, Int32(clamping: text.count)) == 1
    else {
      return nil
    }
    return result
  }

  func finish() -> Bool {
    var rest = [UInt8](repeating: 0, count: 16)
    var count: Int32 = 0
    return EVP_CipherFinal_ex(context, &rest, &count) == 1
  }

  func tag() -> [UInt8]? {
    var tag = [UInt8](repeating: 0, count: 16)
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1 ? tag : nil
  }

  func expect(tag: [UInt8]) -> Bool {
    var tag = tag
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1
  }
}
