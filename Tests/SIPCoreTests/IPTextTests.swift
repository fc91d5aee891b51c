import TestSupport
import Testing

@testable import SIPCore

@Suite struct IPTextTests {
  @Test(
    "Spellings of one address are the same host",
    arguments: [
      ("::1", "0:0:0:0:0:0:0:1"), ("2001:DB8::5", "2001:db8:0:0::0005"), ("[::1]", "::1"),
      ("fe80::1%eth0", "fe80::1"),
      ("::ffff:192.0.2.1", "::ffff:c000:201"), ("::", "0::0"), ("192.0.2.1", "192.0.2.1"),
      ("a name", "a name"),
    ])
  func same(left: String, right: String) {
    #expect(IPText.areSame(left, right) && IPText.areSame(right, left))
  }

  @Test(
    "Others are not, and what is no address equals only itself",
    arguments: [
      ("::1", "::2"), ("192.0.2.1", "192.0.2.2"), ("192.0.2.1", "::ffff:192.0.2.1"), ("1::2::3", "1:2::3"),
      ("12345::", "2345::"), ("1:2:3:4:5:6:7", "1:2:3:4:5:6:7::"), (":::", "::"), ("::+1", "::1"),
      ("1.2.3.4::", "102:304::"), ("", "::"), (":", "::"),
    ])
  func different(left: String, right: String) { #expect(!IPText.areSame(left, right)) }

  @Test("Any text is an address or none, and an address has eight words")
  func total() {
    var random = SeededRandom(seed: 5)
    let letters = Array("0123456789abcdefABCDEF::::..%[]g ")
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int.random(in: 0...24, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
      )
      if let words = IPText.words(text) {
        #expect(words.count == 8)
        let plain = words.map { String($0, radix: 16) }.joined(separator: ":")
        #expect(IPText.areSame(plain, text))
      }
    }
  }
}
