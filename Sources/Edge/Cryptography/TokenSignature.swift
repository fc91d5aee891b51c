import COpenSSL

/// A public key of an identity provider, and the check of what it signed (RFC 7518 §3.3, §3.4).
public enum TokenSignature: Sendable, Hashable {
  /// RS256: modulus and exponent, big-endian.
  case rsa(modulus: [UInt8], exponent: [UInt8])
  /// ES256: a point of P-256, 32 bytes each.
  case p256(x: [UInt8], y: [UInt8])

  /// Shortest modulus, in bytes (RFC 7518 §3.3).
  private static let shortestModulus = 256
  private static let longestModulus = 1_024

  /// Whether `signature` is that of `message`. False for anything malformed.
  public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let (key, form) = parts(signature) else { return false }
    let pointer = key.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      var start = bytes.baseAddress
      return d2i_PUBKEY(nil, &start, bytes.count)
    }
    guard let pointer else { return false }
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_free(pointer)
    }
    guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pointer) == 1 else { return false }
    return EVP_DigestVerify(context, form, form.count, message, message.count) == 1
  }

  /// The key as SubjectPublicKeyInfo, and the signature as libcrypto takes it.
  private func parts(_ signature: [UInt8]) -> (key: [UInt8], signature: [UInt8])? {
    switch self {
    case .rsa(let modulus, let exponent):
      let modulus = Array(modulus.drop { $0 == 0 })
      guard (Self.shortestModulus...Self.longestModulus).contains(modulus.count),
        (1...8).contains(exponent.count), signature.count == modulus.count
      else { return nil }
      let numbers = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
      return (DER.sequence(DER.rsaEncryption + DER.bits(numbers)), signature)
    case .p256(let x, let y):
      guard x.count == 32, y.count == 32, signature.count == 64 else { return nil }
      return (
        DER.sequence(DER.ecP256 + DER.bits([4] + x + y)),
        DER.sequence(DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...])))
      )
    }
  }
}

/// As much of the distinguished encoding (X.690) as keys need.
private enum DER {
  /// rsaEncryption without parameters.
  static let rsaEncryption: [UInt8] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
  ]
  /// id-ecPublicKey on prime256v1.
  static let ecP256: [UInt8] = [
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07,
  ]

  static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
  static func bits(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }

  /// A number that is not negative.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    var digits = Array(bytes.drop { $0 == 0 })
    if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
    return tagged(0x02, digits)
  }

  private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    let length: [UInt8] =
      count < 0x80
      ? [UInt8(count)]
      : count < 0x100 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 0xff)]
    return [tag] + length + content
  }
}
