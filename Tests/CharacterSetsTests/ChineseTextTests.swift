import Testing

@testable import CharacterSets

@Suite struct ChineseTextTests {
  /// 北门 in GB2312.
  private let gate: [UInt8] = [0xB1, 0xB1, 0xC3, 0xC5]

  @Test("GB2312, GBK and four-byte GB18030 bytes are decoded, whatever they declare")
  func gb() {
    #expect(ChineseText.isAvailable)
    #expect(ChineseText.decode(gate) == "北门")
    #expect(
      ChineseText.decode(Array("<?xml encoding=\"UTF-8\"?><N>".utf8) + gate + Array("</N>".utf8)).hasSuffix(
        "北门</N>"))
    // 镕 is in GBK only, 㐂 only in GB18030.
    for text in ["朱镕", "㐂", "𠀀", "東京 Ω é"] { #expect(ChineseText.decode(ChineseText.gb18030(text)) == text) }
  }

  @Test("UTF-8 is decoded as such, with or without a byte order mark, whatever it declares")
  func utf8() {
    #expect(ChineseText.decode(Array("北门".utf8)) == "北门")
    #expect(
      ChineseText.decode([0xEF, 0xBB, 0xBF] + Array("<?xml encoding=\"GB2312\"?>北门".utf8)).hasSuffix("北门"))
    #expect(ChineseText.decode(Array("plain".utf8)) == "plain")
    #expect(ChineseText.decode([]) == "")
  }

  @Test("Every character there is survives encoding and decoding")
  func everyCharacter() {
    var text = ""
    for value in stride(from: 0xA0, to: 0x10_FFFF, by: 7) {
      // Noncharacters and the private area have no settled code.
      guard let scalar = Unicode.Scalar(UInt32(value)), !(0xE000...0xF8FF).contains(value),
        value & 0xFFFE != 0xFFFE
      else { continue }
      text.unicodeScalars.append(scalar)
    }
    let decoded = String(decoding: ChineseText.gb18030(text), as: UTF8.self)
    #expect(decoded != text)
    #expect(ChineseText.gb18030Text(ChineseText.gb18030(text)[...]) == text)
  }

  @Test("Damaged bytes become replacement characters and never eat a tag")
  func damage() {
    let bytes =
      Array("<Name>".utf8) + gate + [0xB1] + Array("</Name><Address>x".utf8) + [0xFF, 0x80]
      + Array("</Address>".utf8)
    let text = ChineseText.decode(bytes)
    #expect(text.contains("<Name>北门\u{FFFD}</Name><Address>x"))
    #expect(text.hasSuffix("</Address>"))
    #expect(ChineseText.decode([0xB1]) == "\u{FFFD}")
  }

  @Test("A UTF-8 name inside a GB2312 document is decoded for itself")
  func mixed() {
    let bytes =
      Array("<A>".utf8) + gate + Array("</A><DeviceName>北门摄像机</DeviceName><B>".utf8) + gate
      + Array("</B>".utf8)
    #expect(ChineseText.decode(bytes) == "<A>北门</A><DeviceName>北门摄像机</DeviceName><B>北门</B>")
  }

  @Test("Bytes that could be both are Chinese, unless UTF-8 is declared")
  func ambiguous() {
    // 模 is C4 A3, which is also the UTF-8 of ģ.
    #expect(ChineseText.decode([0xC4, 0xA3]) == "模")
    let declared =
      Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><N>".utf8) + [0xC4, 0xA3] + Array("</N>".utf8)
    #expect(ChineseText.decode(declared).hasSuffix("<N>ģ</N>"))
    for text in ["Zürich", "Café 3"] { #expect(ChineseText.decode(Array(text.utf8)) == text) }
  }

  @Test("Any bytes become text, from many threads at once")
  func anything() async {
    await withTaskGroup(of: Void.self) { group in
      for seed in 0..<8 {
        group.addTask {
          var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
          for length in 0..<400 {
            let bytes = (0..<length).map { _ -> UInt8 in
              state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
              return UInt8(truncatingIfNeeded: state >> 40)
            }
            let text = ChineseText.decode(bytes)
            #expect(text.utf8.count <= bytes.count * 3)
          }
        }
      }
    }
  }
}
