import GBCore
import Testing

@testable import Registry

/// Catalog items as devices write them. The numbers are those of `docs/ref/deviations.md`.
@Suite struct ItemTraceTests {
  private func channels(_ items: String, of device: String = Samples.nvr) throws -> [Channel] {
    let message = try MANSCDPMessage(
      text:
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<Response>\n<CmdType>Catalog</CmdType>\n<SN>1</SN>\n"
        + "<DeviceID>\(device)</DeviceID>\n<DeviceList>\n\(items)\n</DeviceList>\n</Response>\n")
    let owner = try Samples.id(device)
    return try #require(CatalogReply(message)).items.map { Channel($0, of: owner, seen: Samples.now) }
  }

  @Test("15: rubbish in CivilCode and ParentID makes nobody's child, and the county comes from the code")
  func rubbish() throws {
    for (civil, parent) in [
      ("null", "null"), ("", ""), ("34020000001180000001", "34020000001320000001"),
      ("340203001002003", "340203"),
      ("北区", "/"), ("34 02", "34020000001180000001//"),
    ] {
      let channel = try #require(
        try channels(
          """
          <Item>
          <DeviceID>34020300001320000001</DeviceID>
          <Name>Gate</Name>
          <Manufacturer>null</Manufacturer>
          <CivilCode>\(civil)</CivilCode>
          <Parental>0</Parental>
          <ParentID>\(parent)</ParentID>
          <Longitude></Longitude>
          <Latitude>null</Latitude>
          </Item>
          """
        ).first)
      // The one code that could be a parent's is kept, though nobody has it.
      let isCode = parent.hasSuffix("1320000001")
      #expect(channel.placement.civilCode?.text == "340203", "\(civil)")
      #expect(
        isCode ? channel.placement.parent?.text == parent : channel.placement.parent == nil, "\(parent)")
      #expect(channel.manufacturer == nil && channel.position == nil)
    }
  }

  @Test("15: items that are each other's parents all stand in the tree, once")
  func circle() throws {
    let items = [("1", "2"), ("2", "3"), ("3", "1")].map { own, parent in
      "<Item><DeviceID>3402000000118000010\(own)</DeviceID><Name>\(own)</Name>"
        + "<ParentID>3402000000118000010\(parent)</ParentID></Item>"
    }
    let found = try channels(items.joined(separator: "\n"))
    let nodes = Directory(devices: [try Samples.device()], channels: found).tree(.device)
    #expect(nodes.map(\.name).sorted() == ["1", "2", "3", "NVR"])
  }

  @Test("17: two recorders with the same channel codes have two cameras")
  func shared() throws {
    let item = "<Item><DeviceID>34020000001320000001</DeviceID><Name>Gate</Name></Item>"
    let first = try #require(try channels(item).first)
    let second = try #require(try channels(item, of: "34020000001180000002").first)
    #expect(first.key != second.key && first.key.channel == second.key.channel)
    let own = try #require(try channels(item, of: "34020000001320000001").first)
    #expect(own.key.device == own.key.channel)
  }

  @Test(
    "55: two parents in one field, as a Hikvision platform writes them: an organisation, and the platform itself"
  )
  func twoParents() throws {
    let channel = try #require(
      try channels(
        "<Item><DeviceID>34020000001320000001</DeviceID><Name>Gate</Name>"
          + "<ParentID>34020000002160000001/34020000002000000009</ParentID></Item>",
        of: "34020000002000000009"
      ).first)
    #expect(channel.placement.parent == nil)
    #expect(channel.placement.organisations.map(\.text) == ["34020000002160000001"])
  }
}
