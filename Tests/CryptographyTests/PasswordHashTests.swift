import Testing

@testable import Cryptography

@Suite struct PasswordHashTests {
  @Test("A password verifies against its hash, another does not, and two hashes differ")
  func roundTrip() {
    let hash = PasswordHash.make("correct horse 电池")
    #expect(hash.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
    #expect(PasswordHash.verify("correct horse 电池", hash))
    #expect(!PasswordHash.verify("correct horse", hash))
    #expect(!PasswordHash.verify("", hash))
    #expect(PasswordHash.make("correct horse 电池") != hash)
  }

  @Test("The parameters and vectors of RFC 7914 §12 are understood")
  func vector() {
    // "pleaseletmein", salt "SodiumChloride", N = 16384, r = 8, p = 1; the first 32 of its 64 bytes.
    let known: [UInt8] = [
      0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb, 0xfd,
      0xa8,
      0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
    ]
    let hash = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$\(PasswordHash.encode(known))"
    #expect(PasswordHash.verify("pleaseletmein", hash))
    #expect(!PasswordHash.verify("pleaseletmeout", hash))
  }

  @Test(
    "A text that is no hash, or asks for too much, verifies nothing",
    arguments: [
      "", "$", "$scrypt$$$", "plain", "$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
      "$scrypt$ln=15,r=8,p=1$AA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$scrypt$ln=15,r=999,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$scrypt$ln=-1,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
  func malformed(_ hash: String) {
    #expect(!PasswordHash.verify("x", hash))
  }
}
