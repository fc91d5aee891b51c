import COpenSSL
import Foundation

/// Slow, salted password hashes: scrypt (RFC 7914) in the modular crypt form.
///
/// `$scrypt$ln=15,r=8,p=1$<salt>$<key>`, salt and key in Base64 without padding.
/// The parameters travel with the hash, so that they can be raised later and old
/// hashes still verify.
public enum PasswordHash {
  /// Cost: 2^15 rounds of 1 KiB blocks, 32 MiB and some 60 ms per check.
  private static let logN = 15
  private static let blockSize = 8
  private static let parallel = 1
  private static let keyLength = 32
  /// What a stored hash may ask for at most: a tampered store must not exhaust memory.
  private static let largestLogN = 18

  /// A new hash of `password` with a fresh salt.
  public static func make(_ password: String) -> String {
    let salt = SecureRandom.bytes(16)
    guard let key = derive(password, salt: salt, logN: logN, r: blockSize, p: parallel) else {
      preconditionFailure("libcrypto does not offer scrypt, or memory is exhausted")
    }
    return "$scrypt$ln=\(logN),r=\(blockSize),p=\(parallel)$\(encode(salt))$\(encode(key))"
  }

  /// Whether `password` belongs to `hash`. False for a hash that is not of this form.
  public static func verify(_ password: String, _ hash: String) -> Bool {
    let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
      let (logN, r, p) = parameters(parts[2]), let salt = decode(parts[3]), let key = decode(parts[4]),
      (8...64).contains(salt.count), key.count == keyLength,
      let derived = derive(password, salt: salt, logN: logN, r: r, p: p)
    else { return false }
    return equalInConstantTime(derived, key)
  }

  private static func parameters(_ text: Substring) -> (logN: Int, r: Int, p: Int)? {
    let fields = text.split(separator: ",")
    guard fields.count == 3, fields[0].hasPrefix("ln="), fields[1].hasPrefix("r="), fields[2].hasPrefix("p="),
      let logN = Int(fields[0].dropFirst(3)), let r = Int(fields[1].dropFirst(2)),
      let p = Int(fields[2].dropFirst(2)),
      (10...largestLogN).contains(logN), (1...16).contains(r), (1...4).contains(p)
    else { return nil }
    return (logN, r, p)
  }

  private static func derive(_ password: String, salt: [UInt8], logN: Int, r: Int, p: Int) -> [UInt8]? {
    var key = [UInt8](repeating: 0, count: keyLength)
    let rounds = UInt64(1) << UInt64(logN)
    let memory = UInt64(128 * r) * (rounds + UInt64(p) + 2) + 1_048_576
    let secret = Array(password.utf8CString)
    let done = EVP_PBE_scrypt(
      secret, secret.count - 1, salt, salt.count, rounds, UInt64(r), UInt64(p), memory, &key, keyLength)
    return done == 1 ? key : nil
  }

  static func encode(_ bytes: [UInt8]) -> String {
    String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
  }

  private static func decode(_ text: Substring) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
    return Data(base64Encoded: text + padding).map(Array.init)
  }
}
