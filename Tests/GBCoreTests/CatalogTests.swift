import MediaTime
import TestSupport
import Testing

@testable import GBCore

@Suite struct CatalogTests {
  static let item2022 = """
    <Item>
    <DeviceID>34020000001320000001</DeviceID>
    <Name>North gate</Name>
    <Manufacturer>Demo</Manufacturer>
    <Model>D-100</Model>
    <CivilCode>340200</CivilCode>
    <Address>1 Example Rd</Address>
    <Parental>0</Parental>
    <ParentID>34020000001180000001/34020000002160000003</ParentID>
    <RegisterWay>1</RegisterWay>
    <Secrecy>0</Secrecy>
    <Status>ON</Status>
    <Longitude>118.376000</Longitude>
    <Latitude>31.326000</Latitude>
    <Info>
    <PTZType>1</PTZType>
    <RoomType>1</RoomType>
    <Resolution>6/5</Resolution>
    <StreamNumberList>0/1</StreamNumberList>
    <DownloadSpeed>1/2/4</DownloadSpeed>
    <GrassrootsCode>000000</GrassrootsCode>
    <PointType>1</PointType>
    </Info>
    </Item>
    """

  static func reply(_ items: String, total: String = "1", sn: Int = 248) throws -> CatalogReply {
    let text = """
      <Response><CmdType>Catalog</CmdType><SN>\(sn)</SN><DeviceID>34020000001180000001</DeviceID>
      <SumNum>\(total)</SumNum><DeviceList Num="1">\(items)</DeviceList></Response>
      """
    return try #require(CatalogReply(try MANSCDPMessage(text: text)))
  }

  @Test("The sample item of the reference is read whole")
  func sample() throws {
    let reply = try Self.reply(Self.item2022)
    let item = try #require(reply.items.first)
    #expect(reply.total == 1)
    #expect(reply.problems.isEmpty)
    #expect(item.name == "North gate")
    #expect(item.status == .on)
    #expect(item.civilCode?.text == "340200")
    #expect(item.ptzType == 1)
    #expect(item.position == GeoPosition(longitude: 118.376, latitude: 31.326))
    #expect(item[.streamNumberList] == "0/1")
    #expect(item.values.count == 20)
    #expect(item.raw == Self.item2022)
    #expect(!item.isRepaired)
  }

  @Test("An item is written for the edition of its reader, without its password")
  func editions() throws {
    var item = CatalogItem(id: try #require(DeviceID("34020000001320000001")), name: "北门")
    (item[.owner], item[.password], item[.pointType]) = ("owner", "secret", "1")
    (item[.businessGroupID], item[.ptzType]) = ("34020000002150000001", "3")
    let old = item.element(for: .v2016)
    #expect(old.children.map(\.name) == ["DeviceID", "Name", "Owner", "Info"])
    #expect(old.child("Info")?.children.map(\.name) == ["BusinessGroupID", "PTZType"])
    let new = item.element(for: .v2022)
    #expect(new.children.map(\.name) == ["DeviceID", "Name", "BusinessGroupID", "Info"])
    #expect(new.child("Info")?.children.map(\.name) == ["PTZType", "PointType"])
  }

  @Test("Every field survives being written and read in the edition that has it")
  func roundTrip() throws {
    for edition in [GBVersion.v2016, .v2022] {
      var item = CatalogItem(id: try #require(DeviceID("34020000001320000001")), name: "名")
      for field in CatalogField.allCases where field != .deviceID && field != .name && field != .password {
        if field.exists(in: edition) { item[field] = "value of \(field.rawValue)" }
      }
      let document = MANSCDPDocument.catalog(
        sn: 1, from: item.id, total: 1, items: [item], edition: edition)
      let reply = CatalogReply(try MANSCDPMessage(text: document.text(declaring: .utf8)))
      #expect(reply?.items.first?.values == item.values)
    }
  }

  @Test("Rubbish in a field makes that field absent and nothing else")
  func rubbish() throws {
    let item = try #require(
      try Self.reply(
        """
        <Item><DeviceID> 34020000001320000001 </DeviceID><Name>null</Name><CivilCode>North district</CivilCode>
        <Status>ONLINE</Status><Longitude>0</Longitude><Latitude>0.0</Latitude><PTZType>9</PTZType></Item>
        """
      ).items.first)
    #expect(item.name == "")
    #expect(item.civilCode?.text == "340200")
    #expect(item.status == .on)
    #expect(item.position == nil)
    #expect(item.ptzType == nil)
  }

  @Test(
    "Status words of the field are mapped",
    arguments: [
      ("ON", CatalogStatus.on), ("ok", .on), ("", .on), ("Online", .on), ("1", .on), ("OFF", .off),
      ("offline", .off),
      ("0", .off), ("VLOST", .videoLost), ("defect", .fault), ("???", .on),
    ])
  func statusWords(_ word: String, _ status: CatalogStatus) {
    #expect(CatalogStatus(word: word) == status)
  }

  @Test("A broken item is reported and the rest arrives")
  func brokenItem() throws {
    let reply = try Self.reply(
      """
      <Item><DeviceID>34020000001320000001</DeviceID><Name>one</Name></Item>
      <Item><Name>nobody</Name></Item>
      <Item><DeviceID>../../etc</DeviceID></Item>
      <Item><DeviceID>34020000001320000002</DeviceID><Address>a < b & c<Name>two</Name></Item>
      <Item><DeviceID>34020000001320000003</DeviceID><Name>three</Name></Item>
      """, total: "5")
    #expect(reply.items.map(\.name) == ["one", "two", "three"])
    #expect(reply.items.map(\.isRepaired) == [false, true, false])
    #expect(reply.items[1][.address] == "a < b & c")
    #expect(reply.problems.count == 2)
    #expect(reply.problems[0].raw == "<Item><Name>nobody</Name></Item>")
  }

  @Test("A catalog without a list, with the wrong root, or with items in the root is understood")
  func shapes() throws {
    func reply(_ text: String) throws -> CatalogReply? { CatalogReply(try MANSCDPMessage(text: text)) }
    let empty = try reply("<Response><CmdType>Catalog</CmdType><SumNum>0</SumNum></Response>")
    #expect(empty?.total == 0)
    #expect(empty?.items.isEmpty == true)
    let bare = try reply(
      "<Notify><CmdType>Catalog</CmdType><Item><DeviceID>1</DeviceID><Event>on</Event></Item></Notify>")
    #expect(bare?.items.first?.event == .on)
    #expect(try reply("<Query><CmdType>Catalog</CmdType></Query>") == nil)
    #expect(try reply("<Response><CmdType>RecordInfo</CmdType></Response>") == nil)
  }
}

@Suite struct CatalogValuesTests {
  @Test("Whatever fields with whatever values come back, and equal ones are equal in any order of filling")
  func roundTrip() {
    var random = SeededRandom(seed: 28_181)
    for _ in 0..<60 {
      var expected: [CatalogField: String] = [:]
      for field in CatalogField.allCases.shuffled(using: &random).prefix(random.next() % 58 > 28 ? 9 : 57) {
        let length = [0, 1, 127, 128, 300, 20_000].randomElement(using: &random) ?? 0
        let letter = ["a", "门", "𠮷", "/"].randomElement(using: &random) ?? "a"
        expected[field] = String(repeating: letter, count: length)
      }
      let packed = CatalogValues(expected)
      #expect(packed.all == expected)
      var other = CatalogValues()
      for field in CatalogField.allCases.shuffled(using: &random) {
        other[field] = expected[field]
        #expect(packed[field] == expected[field])
      }
      #expect(other == packed)
    }
  }
}
