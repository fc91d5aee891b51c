import Testing
import WireBytes

@Suite struct HexTests {
  @Test("Every byte goes to two digits and back")
  func roundTrip() {
    let all = (0...255).map { UInt8($0) }
    let text = Hex.lowercase(all)
    #expect(text.utf8.count == 512)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hex.decode(text) == all)
    #expect(Hex.decode(text.uppercased()) == all)
  }

  @Test("Odd lengths and other characters are refused", arguments: ["0", "0g", "zz", "0 ", "é"])
  func refused(text: String) {
    #expect(Hex.decode(text) == nil)
  }

  @Test("Nothing is nothing")
  func empty() {
    #expect(Hex.decode("") == [])
    #expect(Hex.lowercase([UInt8]()) == "")
  }
}
