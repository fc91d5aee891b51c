import MediaTime
import Testing

@testable import GBCore

@Suite struct MANSCDPTests {
  private func id(_ text: String) throws -> DeviceID { try #require(DeviceID(text)) }

  @Test("The catalog query of the reference is written byte for byte")
  func catalogQuery() throws {
    let query = MANSCDPDocument.query(.catalog, sn: 248, of: try id("34020000001180000001"))
    #expect(
      query.text(declaring: .gb2312) == """
        <?xml version="1.0" encoding="GB2312"?>
        <Query>
        <CmdType>Catalog</CmdType>
        <SN>248</SN>
        <DeviceID>34020000001180000001</DeviceID>
        </Query>

        """)
    #expect(query.text(declaring: .gb18030).hasPrefix("<?xml version=\"1.0\" encoding=\"GB18030\"?>"))
  }

  @Test("A heartbeat is written as in the reference and read back with its faulty children")
  func keepalive() throws {
    let document = MANSCDPDocument.keepalive(
      sn: 43, from: try id("34020000001180000001"), faulty: [try id("34020000001320000009")])
    let message = try MANSCDPMessage(text: document.text(declaring: .gb2312))
    #expect(message.root == .notify)
    #expect(message.cmdType == .keepalive)
    #expect(message.sn == 43)
    #expect(message.deviceID?.text == "34020000001180000001")
    #expect(Keepalive.faultyChildren(in: message).map(\.text) == ["34020000001320000009"])
  }

  @Test("Roots and commands are known in any case, SN and DeviceID may be missing or padded")
  func tolerance() throws {
    let message = try MANSCDPMessage(
      text:
        "<response><cmdtype> catalog\n</cmdtype><SN> 7 </SN><DeviceID>\n34020000001180000001 </DeviceID></response>"
    )
    #expect(message.root == .response)
    #expect(message.cmdType == .catalog)
    #expect(message.sn == 7)
    #expect(message.deviceID?.text == "34020000001180000001")
    let bare = try MANSCDPMessage(text: "<Notify><CmdType>Special</CmdType><SN>x</SN></Notify>")
    #expect(bare.cmdType == CmdType("Special"))
    #expect(bare.sn == nil)
    #expect(bare.deviceID == nil)
  }

  @Test("What is no MANSCDP is refused with its reason")
  func refusals() {
    #expect(throws: MANSCDPError.unknownRoot("Foo")) { try MANSCDPMessage(text: "<Foo/>") }
    #expect(throws: MANSCDPError.noCmdType) { try MANSCDPMessage(text: "<Query><SN>1</SN></Query>") }
    #expect(throws: MANSCDPError.malformed(.noRoot)) { try MANSCDPMessage(text: "hello") }
  }

  @Test("DeviceInfo is read with the words of every edition and round-trips")
  func deviceInfo() throws {
    let text = """
      <Response><CmdType>DeviceInfo</CmdType><SN>1</SN><DeviceID>34020000001180000001</DeviceID>
      <DeviceName>北门录像机</DeviceName><Manufacturer>Demo</Manufacturer><Model>null</Model><MaxCamera>32</MaxCamera>
      </Response>
      """
    let reply = try #require(DeviceInfoReply(try MANSCDPMessage(text: text)))
    #expect(reply == DeviceInfoReply(name: "北门录像机", manufacturer: "Demo", channels: 32))
    let document = MANSCDPDocument.deviceInfo(sn: 1, from: try id("34020000001180000001"), reply)
    #expect(DeviceInfoReply(try MANSCDPMessage(text: document.text(declaring: .utf8))) == reply)
    #expect(DeviceStatusReply(try MANSCDPMessage(text: text)) == nil)
  }

  @Test("DeviceStatus accepts mixed case and missing words")
  func deviceStatus() throws {
    let text =
      "<Response><CmdType>DeviceStatus</CmdType><Online>offLine</Online><Status>ERROR</Status></Response>"
    let reply = try #require(DeviceStatusReply(try MANSCDPMessage(text: text)))
    #expect(!reply.isOnline)
    #expect(!reply.isWorking)
    #expect(reply.isOK)
  }

  @Test("A key frame is asked for in the spelling of the peer's edition")
  func keyFrame() throws {
    let channel = try id("34020000001320000001")
    func text(_ spelling: KeyFrameSpelling) -> String {
      MANSCDPDocument.keyFrame(sn: 1, channel: channel, spelling: spelling).text(declaring: .gb2312)
    }
    #expect(text(KeyFrameSpelling(version: .v2016)).contains("<IFameCmd>Send</IFameCmd>"))
    #expect(text(KeyFrameSpelling(version: .v2022)).contains("<IFrameCmd>Send</IFrameCmd>"))
    #expect(text(.both).contains("<IFameCmd>Send</IFameCmd>\n<IFrameCmd>Send</IFrameCmd>"))
  }

  @Test("X-GB-Ver is read leniently and chooses the declared charset")
  func versions() {
    #expect(GBVersion("3.0") == .v2022)
    #expect(GBVersion(" V3.0 ") == .v2022)
    #expect(GBVersion("2") == .v2016)
    #expect(GBVersion("1.1") == .v2011Amended)
    #expect(GBVersion("") == nil)
    #expect(GBVersion("abc") == nil)
    #expect(GBVersion("99999999999999999999") == nil)
    #expect(GBVersion.v2022.declaredEncoding == .gb18030)
    #expect(GBVersion.v2016.declaredEncoding == .gb2312)
  }

  @Test("Times are Beijing time without a zone, in every variant seen")
  func times() throws {
    let moment = WallTime(seconds: 1_704_159_000)
    #expect(GBTime.text(moment) == "2024-01-02T09:30:00")
    #expect(GBTime.dateHeader(moment + .milliseconds(123)) == "2024-01-02T09:30:00.123")
    for text in [
      "2024-01-02T09:30:00", "2024-01-02 09:30:00 ", "2024-01-02T09:30:00.000Z", "2024-01-02T01:30:00+00:30",
    ] {
      let parsed = try #require(GBTime.parse(text))
      #expect(parsed == moment || text.hasSuffix("+00:30"))
    }
    #expect(GBTime.parse("2024-01-02T03:30:00+02:00") == moment)
    #expect(GBTime.parse("yesterday") == nil)
  }
}
