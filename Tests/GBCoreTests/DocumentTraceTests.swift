import MediaTime
import TestSupport
import Testing

@testable import GBCore

/// Documents as devices write them. The numbers are those of `docs/ref/deviations.md`.
@Suite struct DocumentTraceTests {
  private func message(_ bytes: [UInt8]) throws -> MANSCDPMessage {
    try MANSCDPMessage(parsing: bytes, codec: .utf8)
  }

  private func message(_ text: String) throws -> MANSCDPMessage { try message(Array(text.utf8)) }

  private func catalog(_ text: String) throws -> CatalogReply {
    try #require(CatalogReply(try message(text)))
  }

  private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

  @Test("10: a byte order mark, bare signs, comments, other cases, a second root and NULs cost nothing")
  func brokenXML() throws {
    let text = """
      <?xml version='1.0' encoding='GB2312' standalone='yes'?>
      <!-- made by NVR 4.30.085 -->
      <RESPONSE>
      <CmdType>Catalog</CmdType>
      <SN>17</SN>
      <DeviceID>34020000001180000001</DeviceID>
      <SumNum>3</SumNum>
      <DeviceList Num="3">
      <Item>
      <DeviceID>34020000001320000001</DeviceID>
      <Name>Gate & yard</Name>
      <Address>km < 3 & left</Address>
      <Status>ON</Status>
      </Item>
      <item>
      <deviceid> 34020000001320000002
      </deviceid>
      <NAME>Hall &lt;2&gt; &#x5317;</NAME>
      <Status>OFF</Status>
      </item>
      <Item>
      <DeviceID>34020000001320000003</DeviceID>
      <Name>Ramp
      <Status>ON</Status>
      </Item>
      </DeviceList>
      </RESPONSE>
      """
    let bytes = [0xEF, 0xBB, 0xBF] + Array(text.utf8) + Array("\0\0\0<Response/>trash".utf8)
    let reply = try #require(CatalogReply(try message(bytes)))
    #expect(reply.total == 3 && reply.sn == 17 && reply.problems.isEmpty)
    #expect(reply.items.map(\.id.text).map { $0.suffix(1) } == ["1", "2", "3"])
    #expect(reply.items.map(\.name) == ["Gate & yard", "Hall <2> 北", "Ramp"])
    #expect(reply.items[0][.address] == "km < 3 & left" && reply.items[1].status == .off)
    let bare = try catalog(
      "<Response><CmdType>Catalog</CmdType><SN>17</SN><DeviceList><Item><Name>no code</Name></Item>"
        + "<Item><DeviceID>34020000001320000004</DeviceID></Item></DeviceList></Response>")
    #expect(bare.items.count == 1 && bare.problems.count == 1)
  }

  @Test("13: an answer with another number, none or a padded one finds the only question there is")
  func foreignNumbers() throws {
    let device = try #require(DeviceID("34020000001180000001"))
    var queries = PendingQueries(firstSN: 500)
    let asked = queries.begin(.deviceInfo, to: device, now: start, timeout: .seconds(10))
    for number in ["<SN>0</SN>", "<SN></SN>", "", "<SN> 77 </SN>", "<SN>17430</SN>"] {
      let reply = try message(
        "<?xml version=\"1.0\"?><Response><CmdType>DeviceInfo</CmdType>\(number)<DeviceID>\(device)</DeviceID>"
          + "<Result>OK</Result><Manufacturer>Dahua</Manufacturer></Response>")
      #expect(DeviceInfoReply(reply)?.manufacturer == "Dahua", "\(number)")
      #expect(queries.match(reply.cmdType, from: device) == asked && asked != nil)
    }
  }

  /// One message of a recorder's catalog.
  private func part(_ serials: [Int], sum: String, num: String) throws -> CatalogReply {
    let items = serials.map {
      """
      <Item>
      <DeviceID>3402000000132000000\($0)</DeviceID>
      <Name>Camera 0\($0)</Name>
      <Manufacturer>Hikvision</Manufacturer>
      <Model>IP Camera</Model>
      <ParentID>34020000001180000001</ParentID>
      <Status>ON</Status>
      </Item>

      """
    }
    return try catalog(
      """
      <?xml version="1.0" encoding="GB2312"?>
      <Response>
      <CmdType>Catalog</CmdType>
      <SN>248</SN>
      <DeviceID>34020000001180000001</DeviceID>
      <SumNum>\(sum)</SumNum>
      <DeviceList Num="\(num)">
      \(items.joined())</DeviceList>
      </Response>
      """)
  }

  @Test("14: a total that changes, a Num that lies and a part that comes twice still make one catalog")
  func contradictions() throws {
    var assembler = CatalogAssembler(sn: 248, started: start)
    #expect(assembler.receive(try part([1, 2], sum: "4", num: "4"), now: start + .seconds(1)) == nil)
    #expect(assembler.receive(try part([1, 2], sum: "4", num: "4"), now: start + .seconds(2)) == nil)
    #expect(assembler.receive(try part([3], sum: "5", num: "0"), now: start + .seconds(3)) == nil)
    #expect(assembler.receive(try part([4, 5], sum: "4", num: "2"), now: start + .seconds(4)) == nil)
    let finished = assembler.tick(now: start + .seconds(6))
    let assembly = try #require(finished)
    #expect(assembly.items.count == 5 && assembly.isComplete)
  }

  @Test("14: a total beyond what is sent is handed out as incomplete, and an empty catalog has no list")
  func tooMuchPromised() throws {
    var assembler = CatalogAssembler(sn: 248, started: start)
    #expect(assembler.receive(try part([1, 2], sum: "16", num: "2"), now: start + .seconds(1)) == nil)
    let finished = assembler.tick(now: start + .seconds(16))
    let assembly = try #require(finished)
    #expect(assembly.items.count == 2 && !assembly.isComplete && assembly.expected == 16)
    var other = CatalogAssembler(sn: 249, started: start)
    let none = try catalog(
      "<Response><CmdType>Catalog</CmdType><SN>249</SN><DeviceID>34020000001180000001</DeviceID><SumNum>0</SumNum></Response>"
    )
    #expect(other.receive(none, now: start + .seconds(1))?.isComplete == true)
  }

  @Test("16: every word for a state that devices use is on or off")
  func states() throws {
    let words = [
      ("<Status>OK</Status>", CatalogStatus.on), ("<Status>ONLINE</Status>", .on),
      ("<Status>On</Status>", .on),
      ("<Status>1</Status>", .on), ("<Status></Status>", .on), ("<Status/>", .on), ("", .on),
      ("<Status> OFF\n</Status>", .off), ("<Status>OFFLINE</Status>", .off), ("<Status>0</Status>", .off),
      ("<Status>notonline</Status>", .off), ("<Status>VLOST</Status>", .videoLost),
      ("<Status>DEFECT</Status>", .fault),
    ]
    for (word, state) in words {
      let reply = try catalog(
        "<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceList Num=\"1\"><Item>"
          + "<DeviceID>34020000001320000001</DeviceID>\(word)</Item></DeviceList></Response>")
      #expect(reply.items.first?.status == state, "\(word)")
    }
  }

  @Test("17: a camera that lists itself, and channels that share a code, are all counted")
  func sharedCodes() throws {
    let items = ["Front", "Back"].map {
      "<Item><DeviceID>34020000001320000001</DeviceID><Name>\($0)</Name><ParentID>34020000001320000001</ParentID></Item>"
    }
    let reply = try catalog(
      "<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>34020000001320000001</DeviceID><SumNum>2</SumNum>"
        + "<DeviceList Num=\"2\">\(items.joined())</DeviceList></Response>")
    var assembler = CatalogAssembler(sn: 1, started: start)
    #expect(assembler.receive(reply, now: start + .seconds(1))?.isComplete == true)
  }

  @Test("39: an alarm without a type, and one with it outside Info and no number, are alarms")
  func alarms() throws {
    let plain = try #require(
      AlarmNotice(
        try message(
          """
          <?xml version="1.0" encoding="gb2312"?>
          <Notify>
          <CmdType>Alarm</CmdType>
          <SN>1</SN>
          <DeviceID>34020000001340000001</DeviceID>
          <AlarmPriority>4</AlarmPriority>
          <AlarmMethod>2</AlarmMethod>
          <AlarmTime>2024-01-02T10:11:12</AlarmTime>
          </Notify>
          """)))
    #expect(plain.method == .device && plain.type == nil && plain.kind == "input")
    let old = try #require(
      AlarmNotice(
        try message(
          """
          <?xml version="1.0"?>
          <Notify>
          <CmdType>Alarm</CmdType>
          <DeviceID>34020000001320000001</DeviceID>
          <AlarmPriority>1</AlarmPriority>
          <AlarmTime>2024-01-02 10:11:12.340</AlarmTime>
          <AlarmMethod>5</AlarmMethod>
          <AlarmType>2</AlarmType>
          <AlarmDescription>Motion &amp; more</AlarmDescription>
          </Notify>
          """)))
    #expect(old.method == .video && old.type == 2 && old.kind == "motion" && old.text == "Motion & more")
    #expect(old.time == GBTime.parse("2024-01-02T10:11:12.340"))
  }

  @Test("42: positions flat or in a list, under DeviceID, TargetID or neither, and none where there is none")
  func positions() throws {
    func notice(_ body: String) throws -> PositionNotice {
      try #require(
        PositionNotice(
          try message(
            "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<Notify>\n<CmdType>MobilePosition</CmdType>\n<SN>85</SN>\n"
              + body + "\n</Notify>\n")))
    }
    let flat = try notice(
      """
      <TargetID>34020000001320000088</TargetID>
      <Time>2024-01-02T10:00:05</Time>
      <Longitude>118.376000</Longitude>
      <Latitude>31.326000</Latitude>
      <Speed>36.5</Speed>
      <Direction>360</Direction>
      <Altitude>null</Altitude>
      """)
    #expect(flat.reports.first?.device?.text == "34020000001320000088" && flat.reports.first?.direction == 0)
    #expect(flat.reports.first?.altitude == nil && flat.reports.first?.position.longitude == 118.376)
    let list = try notice(
      """
      <DeviceID>34020000001180000001</DeviceID>
      <Time>2024-01-02T10:00:05</Time>
      <SumNum>2</SumNum>
      <DeviceList Num="2">
      <Item><DeviceID>34020000001320000001</DeviceID><CaptureTime>2024-01-02T10:00:04</CaptureTime><Longitude>null</Longitude><Latitude>null</Latitude></Item>
      <Item><DeviceID>34020000001320000002</DeviceID><CaptureTime>2024-01-02T10:00:04</CaptureTime><Longitude>118376000</Longitude><Latitude>31326000</Latitude></Item>
      </DeviceList>
      """)
    #expect(list.reports.map(\.device?.text) == ["34020000001320000002"])
    #expect(abs((list.reports.first?.position.latitude ?? 0) - 31.326) < 1e-9)
    let parked = try notice(
      "<Time>2024-01-02T10:00:05</Time><Longitude>0.000000</Longitude><Latitude>0.000000</Latitude>")
    #expect(parked.reports.isEmpty && parked.deviceID == nil)
  }

  @Test("43: a key frame is asked for in the spelling of the edition, and in both where the make wants that")
  func keyFrames() throws {
    let channel = try #require(DeviceID("34020000001320000001"))
    for (spelling, words) in [
      (KeyFrameSpelling(version: .v2016), ["<IFameCmd>Send</IFameCmd>"]),
      (KeyFrameSpelling(version: .v2022), ["<IFrameCmd>Send</IFrameCmd>"]),
      (.both, ["<IFameCmd>Send</IFameCmd>", "<IFrameCmd>Send</IFrameCmd>"]),
    ] {
      let text = MANSCDPDocument.keyFrame(sn: 1, channel: channel, spelling: spelling).text(
        declaring: .gb2312)
      #expect(text.ranges(of: "Cmd>Send</").count == words.count && words.allSatisfy(text.contains))
    }
  }

  @Test("55: a Hikvision platform below: ten items in a message, and two parents in one field")
  func platformBelow() throws {
    var assembler = CatalogAssembler(sn: 248, started: start)
    for message in 0..<3 {
      let items = (0..<10).map { index in
        """
        <Item>
        <DeviceID>340200000013200000\(10 + message * 10 + index)</DeviceID>
        <Name>Camera</Name>
        <CivilCode>34020000002000000001</CivilCode>
        <ParentID>34020000002160000001/34020000002000000009</ParentID>
        <Status>ON</Status>
        </Item>
        """
      }
      let reply = try catalog(
        "<Response><CmdType>Catalog</CmdType><SN>248</SN><DeviceID>34020000002000000009</DeviceID><SumNum>30</SumNum>"
          + "<DeviceList Num=\"10\">\(items.joined())</DeviceList></Response>")
      #expect(reply.items.allSatisfy { $0.civilCode?.text == "340200" })
      let assembly = assembler.receive(reply, now: start + .seconds(message))
      #expect((assembly != nil) == (message == 2))
      if let assembly { #expect(assembly.isComplete && assembly.items.count == 30) }
    }
  }
}

/// Lists of recordings as devices write them.
@Suite struct RecordTraceTests {
  /// One message of an answer, with the times of a recorder that writes a blank for the T.
  private func part(_ number: Int, total: Int) throws -> RecordReply {
    let (hour, minute) = (number / 60, number % 60)
    func time(_ second: Int) -> String {
      func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
      return "2024-01-02 \(two(hour)):\(two(minute)):\(two(second))"
    }
    let message = try MANSCDPMessage(
      text: """
        <?xml version="1.0" encoding="GB2312"?>
        <Response>
        <CmdType>RecordInfo</CmdType>
        <SN>901</SN>
        <DeviceID>34020000001320000001</DeviceID>
        <Name>Gate</Name>
        <SumNum>\(total)</SumNum>
        <RecordList Num="2">
        <Item>
        <DeviceID>34020000001320000001</DeviceID>
        <Name>Gate</Name>
        <FilePath>/1/\(number)a</FilePath>
        <StartTime>\(time(0))</StartTime>
        <EndTime>\(time(29))</EndTime>
        <Secrecy>0</Secrecy>
        <Type>time</Type>
        <FileSize></FileSize>
        </Item>
        <Item>
        <DeviceID>34020000001320000001</DeviceID>
        <Name>Gate</Name>
        <FilePath>/1/\(number)b</FilePath>
        <StartTime>\(time(30))</StartTime>
        <EndTime>\(time(59))Z</EndTime>
        <Secrecy>0</Secrecy>
        <Type>ALARM</Type>
        <RecorderID>null</RecorderID>
        </Item>
        </RecordList>
        </Response>
        """)
    return try #require(RecordReply(message))
  }

  @Test(
    "18, 20: twelve hundred recordings by twos, out of order and with repetitions, with blanks in their times"
  )
  func byTwos() throws {
    var assembler = RecordAssembler()
    for number in (0..<600).reversed() {
      assembler.receive(try part(number, total: 1_200))
      if number % 50 == 0 { assembler.receive(try part(number, total: 1_200)) }
    }
    #expect(assembler.isWhole && assembler.list.count == 1_200)
    let first = try #require(assembler.list.first)
    #expect(first.start == GBTime.parse("2024-01-02T00:00:00") && first.kind == .time)
    #expect(first.fileSize == nil && first.recorder == nil)
  }
}
