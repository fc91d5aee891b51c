import MediaTime
import TestSupport
import Testing

@testable import GBCore

@Suite struct AlarmNoticeTests {
  private let source: DeviceID

  init() throws { source = try #require(DeviceID("34020000001340000001")) }

  private func read(_ body: String, root: String = "Notify") throws -> MANSCDPMessage {
    try MANSCDPMessage(text: "<\(root)><CmdType>Alarm</CmdType>\(body)</\(root)>")
  }

  @Test("The notification of the reference is read")
  func reference() throws {
    let notice = try #require(
      AlarmNotice(
        try read(
          """
          <SN>77</SN><DeviceID>34020000001340000001</DeviceID><AlarmPriority>1</AlarmPriority>
          <AlarmMethod>5</AlarmMethod><AlarmTime>2024-01-02T10:11:12</AlarmTime>
          <AlarmDescription>intrusion zone 2</AlarmDescription><Longitude>118.376</Longitude><Latitude>31.326</Latitude>
          <Info><AlarmType>6</AlarmType><AlarmTypeParam><EventType>1</EventType></AlarmTypeParam></Info>
          """)))
    #expect(notice.source == source && notice.priority == 1 && notice.method == .video && notice.type == 6)
    #expect(notice.kind == "intrusion" && notice.event == 1 && notice.text == "intrusion zone 2")
    #expect(notice.time == GBTime.parse("2024-01-02T10:11:12"))
    #expect(notice.position == GeoPosition(longitude: 118.376, latitude: 31.326))
  }

  @Test("A type outside Info, a time with a zone, words for numbers and missing fields are all read")
  func variants() throws {
    let old = try #require(
      AlarmNotice(
        try read(
          "<DeviceID>34020000001340000001</DeviceID><AlarmPriority>0</AlarmPriority><AlarmMethod>2</AlarmMethod>"
            + "<AlarmType>2</AlarmType><AlarmTime>2024-01-02 10:11:12Z</AlarmTime><Longitude>null</Longitude>"
        )))
    #expect(old.type == 2 && old.kind == "tamper" && old.priority == 4 && old.position == nil)
    #expect(old.time == GBTime.parse("2024-01-02T10:11:12"))
    let words = try #require(
      AlarmNotice(
        try read(
          "<DeviceID>3402000000</DeviceID><AlarmMethod>Video</AlarmMethod><Info><AlarmType>TripWire</AlarmType></Info>"
        )))
    #expect(words.method == .video && words.type == 5 && words.time == nil && words.priority == 4)
    let unknown = try #require(
      AlarmNotice(
        try read("<DeviceID>3402000000</DeviceID><AlarmMethod>99</AlarmMethod><AlarmType>Bark</AlarmType>")))
    #expect(
      unknown.method == .other && unknown.type == nil && unknown.typeName == "Bark" && unknown.kind == nil)
    #expect(AlarmKind.word(.device, type: nil) == "input" && AlarmKind.word(.video, type: 13) == "occlusion")
    #expect(AlarmKind.word(.fault, type: 3) == nil && AlarmKind.word(.sms, type: 1) == nil)
  }

  @Test("Without a source, and under another root, it is no alarm notification")
  func refused() throws {
    #expect(AlarmNotice(try read("<AlarmMethod>5</AlarmMethod>")) == nil)
    #expect(AlarmNotice(try read("<DeviceID>34020000001340000001</DeviceID>", root: "Response")) == nil)
  }

  @Test("What is written reads as the same, for every method and random fields")
  func roundTrip() throws {
    var random = SeededRandom(seed: 4)
    for _ in 0..<300 {
      let method = try #require(AlarmMethod.allCases.randomElement(using: &random))
      let type = Bool.random(using: &random) ? Int.random(in: 1...13, using: &random) : nil
      let notice = AlarmNotice(
        source: source, priority: Int.random(in: 1...4, using: &random), method: method, type: type,
        typeName: nil, event: type == 6 ? 2 : nil,
        time: Bool.random(using: &random)
          ? WallTime(seconds: Int64.random(in: 0..<4_000_000_000, using: &random)) : nil,
        text: Bool.random(using: &random) ? "Zone <2> & “北门”" : nil,
        position: GeoPosition(longitude: 118.376543, latitude: -31.5))
      let document = MANSCDPDocument.alarm(sn: 9, notice)
      for encoding in TextEncodingName.allCases {
        let message = try MANSCDPMessage(text: document.text(declaring: encoding))
        #expect(message.sn == 9 && AlarmNotice(message) == notice)
      }
    }
  }

  @Test("Filters are written as 12 before 2022 and as 1/2 since, and both are read from any")
  func filters() throws {
    let filter = AlarmFilter(
      priorities: 1...2, methods: [.telephone, .device], types: [3],
      from: GBTime.parse("2024-01-01T00:00:00"),
      to: GBTime.parse("2034-01-01T00:00:00"))
    for (edition, spelling) in [(GBVersion.v2016, "12"), (.v2022, "1/2")] {
      let document = MANSCDPDocument.subscribe(
        .alarm, sn: 5, target: source, edition: edition, filter: filter)
      #expect(document.fields.first { $0.name == "AlarmMethod" }?.text == spelling)
      let message = try MANSCDPMessage(text: document.text(declaring: .gb18030))
      #expect(AlarmFilter(message) == filter)
    }
    let all = try #require(
      AlarmFilter(
        try read(
          "<StartAlarmPriority>0</StartAlarmPriority><EndAlarmPriority>0</EndAlarmPriority><AlarmMethod>0</AlarmMethod>",
          root: "Query")))
    #expect(all == AlarmFilter())
    let odd = try #require(
      AlarmFilter(
        try read("<StartAlarmPriority>3</StartAlarmPriority><AlarmMethod>2 / 5</AlarmMethod>", root: "Query"))
    )
    #expect(odd.priorities == 3...4 && odd.methods == [.device, .video])
  }

  @Test("A filter wants what matches all of it")
  func wants() throws {
    let time = try #require(GBTime.parse("2024-06-01T00:00:00"))
    let notice = AlarmNotice(source: source, priority: 2, method: .video, type: 2, time: time)
    #expect(AlarmFilter().wants(notice))
    #expect(AlarmFilter(priorities: 1...2, methods: [.video], types: [2], from: time, to: time).wants(notice))
    #expect(!AlarmFilter(priorities: 3...4).wants(notice))
    #expect(!AlarmFilter(methods: [.device]).wants(notice))
    #expect(!AlarmFilter(types: [5]).wants(notice))
    #expect(!AlarmFilter(from: time + .seconds(1)).wants(notice))
    #expect(!AlarmFilter(to: time - .seconds(1)).wants(notice))
  }
}
