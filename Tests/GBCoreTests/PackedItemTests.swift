import Testing

@testable import GBCore

@Suite("The packed XML of a catalog item") struct PackedItemTests {
  private static let usual = """
    <Item>\r\n<DeviceID>34020000001320000001</DeviceID>\r\n<Name>东门 &amp; gate</Name>\r\n<Status>ON</Status>\r
    <Info>\r\n<PTZType>1</PTZType>\r\n<MobileDeviceType>2</MobileDeviceType>\r\n</Info>\r\n</Item>
    """

  @Test(
    "comes back byte by byte",
    arguments: [
      "", "x", "<", "<Name", "<Name>", "</Name>", "<Name></Name>", "<Name></name>", "<Name/>",
      "<Name a='1'>b</Name>",
      "<Item><Name>a</Item></Name>", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{0}", "<\u{1}Name>\n</\u{5}>",
      "<Name>\n</Name>\n",
      "<Name>x</Name>\r", "<Name>x</Name>\r\n\r\n", "<<Name>>", "<Unknown><Name>x</Name></Unknown>", usual,
    ])
  func roundTrip(_ text: String) {
    #expect(PackedItem(text).text == text)
  }

  @Test("comes back whatever is strung together")
  func property() {
    var seed: UInt64 = 7
    func random(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % count
    }
    let pieces = [
      "<Name>", "</Name>", "<Item>", "</Item>", "<", ">", "/", "Name", "\r\n", "\n", "\r", "\u{1}", "\u{2}",
      "\u{3}",
      "\u{4}", "\u{5}", "东", "a", "<Info>", "</Info>", "<X>", "</", "&lt;", "<IndustrialClassification>",
    ]
    for _ in 0..<5_000 {
      let text = (0..<random(20)).map { _ in pieces[random(pieces.count)] }.joined()
      #expect(PackedItem(text).text == text)
    }
  }

  @Test("knows what elements there are, and is small")
  func contains() {
    let packed = PackedItem(Self.usual)
    #expect(packed.contains(.mobileDeviceType) && packed.contains(.name) && !packed.contains(.password))
    #expect(!PackedItem("\u{1}\u{0}").contains(.deviceID))
    #expect(packed != PackedItem(Self.usual + " ") && PackedItem("").isEmpty)
    #expect(MemoryLayout<PackedItem>.size == 8)
  }
}
