import Testing

@testable import Cryptography

@Suite struct HashTests {
  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(
    "Digests match the vectors of RFC 1321, FIPS 180 and GB/T 32905",
    arguments: [
      (Hash.md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
      (.md5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      (.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      (.sm3, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
      (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
  func vectors(_ hash: Hash, _ text: String, _ expected: String) {
    #expect(Self.hex(hash.digest(Array(text.utf8))) == expected)
    #expect(hash.length * 2 == expected.count)
  }

  @Test("The digest response of RFC 2617 §3.5 comes out")
  func digestResponse() {
    func md5(_ text: String) -> String { Self.hex(Hash.md5.digest(Array(text.utf8))) }
    let first = md5("Mufasa:testrealm@host.com:Circle Of Life")
    let second = md5("GET:/dir/index.html")
    let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    #expect(md5("\(first):\(nonce):00000001:0a4f113b:auth:\(second)") == "6629fae49393a05397450978507c4ef1")
  }

  @Test("HMAC-SHA-256 matches RFC 4231, also with an empty key and message")
  func hmac() {
    let first = Hash.sha256.authenticate(Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20))
    #expect(Self.hex(first) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let second = Hash.sha256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(Self.hex(second) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Self.hex(Hash.sha256.authenticate([], key: []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test("A stream of pieces hashes like the whole, however it is cut")
  func stream() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
    for size in [1, 63, 64, 65, 4_096, 10_000] {
      let stream = SHA256Stream()
      for start in stride(from: 0, to: bytes.count, by: size) {
        stream.update(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(stream.finish() == Hash.sha256.digest(bytes))
      stream.update([1])
      #expect(stream.finish() == Hash.sha256.digest(bytes))
    }
    #expect(SHA256Stream().finish() == Hash.sha256.digest([]))
  }

  @Test("A hash goes back to its latest mark")
  func rewind() {
    let stream = SHA256Stream()
    stream.update([9])
    stream.rewind()
    stream.update([1, 2])
    stream.mark()
    stream.update([UInt8](repeating: 3, count: 1_000))
    stream.rewind()
    stream.update([4])
    #expect(stream.finish() == Hash.sha256.digest([1, 2, 4]))
  }

  @Test("Equality in constant time is equality")
  func equality() {
    #expect(equalInConstantTime([], []))
    #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
    #expect(!equalInConstantTime([1, 2, 3], [1, 2, 4]))
    #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
  }

  @Test("Random bytes have the length asked for and do not repeat")
  func random() {
    #expect(SecureRandom.bytes(0).isEmpty)
    #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
  }
}
