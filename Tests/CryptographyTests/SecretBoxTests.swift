import Foundation
import Testing

@testable import Cryptography

@Suite struct SecretBoxTests {
  private static let box = SecretBox(key: [UInt8](repeating: 9, count: 32))
  private let context = Array("device:1".utf8)

  private func directory() throws -> String {
    let path = NSTemporaryDirectory() + "/secret-box-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test("What was sealed opens for its own context and is different every time")
  func roundTrip() throws {
    let box = try #require(Self.box)
    for secret in [[], [1], Array("12345678".utf8), [UInt8](repeating: 3, count: 100_000)] as [[UInt8]] {
      let sealed = try box.seal(secret, context: context)
      #expect(try box.open(sealed, context: context) == secret)
      #expect(try box.seal(secret, context: context) != sealed)
    }
  }

  @Test("AES-256-GCM opens a vector made by another implementation's rules")
  func vector() throws {
    // NIST GCM test case 14: zero key, zero nonce, sixteen zero bytes.
    let box = try #require(SecretBox(key: [UInt8](repeating: 0, count: 32)))
    let text: [UInt8] = [
      0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
    ]
    let tag: [UInt8] = [
      0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
    ]
    let sealed = [1] + [UInt8](repeating: 0, count: 12) + text + tag
    #expect(try box.open(sealed, context: []) == [UInt8](repeating: 0, count: 16))
  }

  @Test("A changed, cut, moved or foreign secret does not open")
  func tampering() throws {
    let box = try #require(Self.box)
    let sealed = try box.seal(Array("password".utf8), context: context)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: SecretBoxError.self) { try box.open(changed, context: context) }
      #expect(throws: SecretBoxError.self) { try box.open(Array(sealed[..<index]), context: context) }
    }
    #expect(throws: SecretBoxError.self) { try box.open(sealed, context: Array("device:2".utf8)) }
    let other = try #require(SecretBox(key: [UInt8](repeating: 8, count: 32)))
    let error = #expect(throws: SecretBoxError.self) { try other.open(sealed, context: context) }
    #expect(error?.code == .notAuthentic)
    #expect(SecretBox(key: [1, 2, 3]) == nil)
  }

  @Test("The key file is made once, for its owner only, and read again")
  func keyFile() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/key"
    let sealed = try SecretBox(keyFile: path).seal([5], context: [])
    #expect(try SecretBox(keyFile: path).open(sealed, context: []) == [5])
    let facts = try FileManager.default.attributesOfItem(atPath: path)
    #expect(facts[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["key"])
  }

  @Test("A key file that others can read, that is damaged or cannot be made is reported")
  func badKeyFile() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/key"
    _ = try SecretBox(keyFile: path)
    chmod(path, 0o644)
    let loose = #expect(throws: SecretBoxError.self) { try SecretBox(keyFile: path) }
    #expect(loose?.message.contains("chmod 600") == true)
    chmod(path, 0o600)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
    chmod(path, 0o600)
    #expect(throws: SecretBoxError.self) { try SecretBox(keyFile: path) }
    #expect(throws: SecretBoxError.self) { try SecretBox(keyFile: directory) }
    let nowhere = #expect(throws: SecretBoxError.self) { try SecretBox(keyFile: directory + "/no/such/key") }
    #expect(nowhere?.code == .keyFile)
  }
}
