import Testing

@testable import GBCore

@Suite struct CatalogUnknownsTests {
  private static let code = "34020000001320000001"

  private static func item(_ inner: String) throws -> CatalogItem {
    try #require(
      CatalogItem(rereading: PackedItem("<Item><DeviceID>\(code)</DeviceID><Name>Gate</Name>\(inner)</Item>"))
    )
  }

  private static func written(_ item: CatalogItem) throws -> String {
    MANSCDPDocument.catalog(sn: 1, from: item.id, total: 1, items: [item], edition: .v2022).text(
      declaring: .utf8)
  }

  @Test("Elements nobody knows are written again where they stood, with attributes and children")
  func repeated() throws {
    let item = try Self.item(
      "<Vendor kind=\"a&amp;b\"><Deep>1</Deep></Vendor><Info><PTZType>1</PTZType><Odd>x &lt; y</Odd></Info>")
    let text = try Self.written(item)
    #expect(text.contains("<Vendor kind=\"a&amp;b\">\n<Deep>1</Deep>\n</Vendor>"))
    #expect(text.contains("<PTZType>1</PTZType>\n<Odd>x &lt; y</Odd>\n</Info>"))
  }

  @Test("What an edition knows is not unknown, in whatever case it is written")
  func known() throws {
    let item = try Self.item("<name>Again</name><CIVILCODE>340200</CIVILCODE><Info><mac>00</mac></Info>")
    #expect(item.unknown == CatalogUnknowns())
    #expect(item[.civilCode] == "340200" && item[.mac] == "00")
  }

  @Test("A damaged item keeps nothing that had to be guessed")
  func damaged() throws {
    let item = try Self.item("<Vendor>1<Status>ON</Status>")
    #expect(item.isRepaired && item.unknown == CatalogUnknowns())
  }

  @Test("An unknown element is found in the packed text, and only as a start tag")
  func contains() throws {
    #expect(PackedItem("<Item><RoutePath>1-2</RoutePath></Item>").containsUnknown("RoutePath>"))
    #expect(!PackedItem("<Item><Name>RoutePath></Name></Item>").containsUnknown("RoutePath>"))
    #expect(!PackedItem("<RoutePath").containsUnknown("RoutePath>"))
    #expect(!PackedItem("").containsUnknown("RoutePath>"))
  }

  @Test("Text that is no item gives none")
  func nothing() {
    #expect(CatalogItem(rereading: PackedItem("")) == nil)
    #expect(CatalogItem(rereading: PackedItem("no xml")) == nil)
    #expect(CatalogItem(rereading: PackedItem("<Item><Name>x</Name></Item>")) == nil)
  }
}
