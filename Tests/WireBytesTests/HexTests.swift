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

  @Test("Digits are appended: of the first bytes, and all sixteen of a number")
  func append() {
    var text: [UInt8] = [120]
    Hex.append([0x0f, 0xa0, 0xff], first: 2, to: &text)
    Hex.append([1], first: 5, to: &text)
    Hex.append(0x0123_4567_89AB_CDEF as UInt64, to: &text)
    Hex.append(10 as UInt64, to: &text)
    #expect(String(decoding: text, as: UTF8.self) == "x0fa0010123456789abcdef000000000000000a")
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
