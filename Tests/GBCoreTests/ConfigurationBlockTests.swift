import TestSupport
import Testing

@testable import GBCore

@Suite struct ConfigurationBlockTests {
  static let samples: [ConfigurationBlock] = [
    ConfigurationBlock(
      .basicParam,
      [
        "Name": .text("北门"), "Expiration": .integer(3_600), "HeartBeatInterval": .integer(60),
        "HeartBeatCount": .integer(3),
      ]),
    ConfigurationBlock(
      .svacEncodeConfig,
      ["SVACEncodeConfig": .text("<SVCParam>\n<SVCSpaceDomainMode>1</SVCSpaceDomainMode>\n</SVCParam>\n")]),
    ConfigurationBlock(
      .svacDecodeConfig,
      [
        "SVACDecodeConfig": .text(
          "<SurveillanceParam>\n<TimeShowFlag>1</TimeShowFlag>\n</SurveillanceParam>\n")
      ]),
    ConfigurationBlock(
      .videoParamAttribute,
      [
        "Item": .list([
          [
            "StreamNumber": .integer(0), "VideoFormat": .text("2"), "Resolution": .text("1920x1080"),
            "FrameRate": .text("25"), "BitRateType": .text("1"), "VideoBitRate": .text("4096"),
          ], ["StreamNumber": .integer(1)],
        ])
      ]),
    ConfigurationBlock(
      .videoRecordPlan,
      [
        "RecordEnable": .integer(1), "StreamNumber": .integer(0),
        "RecordSchedule": .list([
          [
            "WeekDayNum": .integer(1),
            "TimeSegment": .list([
              [
                "StartHour": .integer(8), "StartMin": .integer(0), "StartSec": .integer(0),
                "StopHour": .integer(24),
                "StopMin": .integer(0), "StopSec": .integer(0),
              ]
            ]),
          ]
        ]),
      ]),
    ConfigurationBlock(
      .videoAlarmRecord,
      [
        "RecordEnable": .integer(0), "RecordTime": .integer(30), "PreRecordTime": .integer(5),
        "StreamNumber": .integer(0),
      ]),
    ConfigurationBlock(
      .pictureMask,
      [
        "On": .integer(1),
        "RegionList": .list([["Seq": .integer(1), "Point": .text("10,10,200,100")]]),
      ]), ConfigurationBlock(.frameMirror, ["FrameMirror": .integer(2)]),
    ConfigurationBlock(.alarmReport, ["MotionDetection": .integer(1), "FieldDetection": .integer(0)]),
    ConfigurationBlock(
      .osdConfig,
      [
        "Length": .integer(1_920), "Width": .integer(1_080), "TimeX": .integer(20), "TimeY": .integer(20),
        "TimeEnable": .integer(1), "TimeType": .integer(0), "TextEnable": .integer(1),
        "Item": .list([["Text": .text("North gate"), "X": .integer(20), "Y": .integer(1_000)]]),
      ]),
    ConfigurationBlock(
      .snapShotConfig,
      [
        "SnapNum": .integer(3), "Interval": .integer(1), "UploadURL": .text("http://192.0.2.10/u/a"),
        "SessionID": .text("0123456789abcdef0123456789abcdef"),
      ]),
  ]

  private func read(_ inside: String) throws -> [ConfigurationBlock] {
    ConfigurationBlock.all(
      in: try MANSCDPMessage(
        text: "<Response><CmdType>ConfigDownload</CmdType><SN>1</SN>\(inside)</Response>"))
  }

  @Test(
    "Every writable block is whole, is written in the order of the schema, and reads back the same",
    arguments: samples)
  func roundTrip(_ block: ConfigurationBlock) throws {
    #expect(block.fault == nil)
    let id = try #require(DeviceID("34020000001320000001"))
    for isAnswer in [false, true] {
      let document = MANSCDPDocument(
        .response, .configDownload, sn: 1, deviceID: id, fields: [block.element(isAnswer: isAnswer)])
      let message = try MANSCDPMessage(text: document.text(declaring: .utf8))
      #expect(ConfigurationBlock.all(in: message) == [block])
    }
  }

  @Test("There is a sample of every block but the one that only devices write")
  func complete() {
    let kinds = Set(Self.samples.map(\.kind))
    #expect(Set(ConfigurationKind.allCases.filter(\.isWritable)) == kinds)
    #expect(
      ConfigurationKind.allCases.filter { $0.edition == .v2016 }.map(\.rawValue).sorted() == [
        "BasicParam", "SVACDecodeConfig", "SVACEncodeConfig", "VideoParamOpt",
      ])
  }

  @Test("The OSD block of the reference is written word for word")
  func osd() throws {
    let id = try #require(DeviceID("34020000001320000001"))
    let block = try #require(Self.samples.first { $0.kind == .osdConfig })
    let text = MANSCDPDocument.configuration(sn: 31, target: id, block).text(declaring: .gb18030)
    #expect(
      text.filter { !$0.isNewline }.contains(
        "<OSDConfig><Length>1920</Length><Width>1080</Width><TimeX>20</TimeX><TimeY>20</TimeY>"
          + "<TimeEnable>1</TimeEnable><TimeType>0</TimeType><TextEnable>1</TextEnable><SumNum>1</SumNum>"
          + "<Item><Text>North gate</Text><X>20</X><Y>1000</Y></Item></OSDConfig>"))
  }

  @Test(
    "What devices write differently is read: case, blanks, missing lists, both names of the snapshot block")
  func variants() throws {
    let blocks = try read(
      """
      <Result>OK</Result><basicparam><name>A</name><heartbeatinterval> 60 </heartbeatinterval><Longitude>118.5</Longitude>
      <PositionCapability>1</PositionCapability></basicparam>
      <FrameMirror><Mode>3</Mode></FrameMirror><SnapShotConfig><SnapNum>1</SnapNum></SnapShotConfig>
      <PictureMask><On>1</On><Item><Seq>1</Seq><Point>1,2,3,4</Point></Item></PictureMask>
      <VideoParamOpt><DownloadSpeed>1/2/4</DownloadSpeed></VideoParamOpt>
      """)
    #expect(
      Set(blocks)
        == Set([
          ConfigurationBlock(
            .basicParam,
            [
              "Name": .text("A"), "HeartBeatInterval": .integer(60), "Longitude": .decimal(118.5),
              "PositionCapability": .integer(1),
            ]), ConfigurationBlock(.frameMirror, ["FrameMirror": .integer(3)]),
          ConfigurationBlock(.snapShotConfig, ["SnapNum": .integer(1)]),
          ConfigurationBlock(
            .pictureMask,
            ["On": .integer(1), "RegionList": .list([["Seq": .integer(1), "Point": .text("1,2,3,4")]])]),
          ConfigurationBlock(.videoParamOpt, ["DownloadSpeed": .text("1/2/4")]),
        ]))
    #expect(ConfigurationKind(name: "osdconfig") == .osdConfig)
    #expect(ConfigurationKind(name: "Anything") == nil)
  }

  @Test("What breaks a rule is named with its place")
  func faults() {
    func fault(_ kind: ConfigurationKind, _ values: [String: ConfigurationValue]) -> String {
      ConfigurationBlock(kind, values).fault ?? ""
    }
    #expect(fault(.frameMirror, ["FrameMirror": .integer(4)]).contains("0 to 3"))
    #expect(fault(.frameMirror, [:]).contains("“FrameMirror” is missing"))
    #expect(fault(.alarmReport, ["MotionDetection": .integer(1), "Extra": .integer(1)]).contains("“Extra”"))
    #expect(fault(.videoParamOpt, [:]).contains("only be read"))
    #expect(
      fault(
        .pictureMask, ["On": .integer(1), "RegionList": .list([["Seq": .integer(9), "Point": .text("")]])]
      )
      .contains("RegionList[0].Seq"))
    #expect(fault(.basicParam, ["Name": .text(String(repeating: "a", count: 257))]).contains("256"))
    for inside in [
      "", "text", "<open>", "<a></b>", "</SVACEncodeConfig><Result>OK</Result><SVACEncodeConfig>",
    ] {
      #expect(!fault(.svacEncodeConfig, ["SVACEncodeConfig": .text(inside)]).isEmpty, "\(inside)")
    }
  }

  @Test("Differences are found by name; numbers compare as numbers")
  func differences() {
    let wanted = ConfigurationBlock(.basicParam, ["Name": .text("A"), "Expiration": .decimal(60)])
    let got = ConfigurationBlock(
      .basicParam, ["Name": .text("B"), "Expiration": .integer(60), "HeartBeatCount": .integer(3)])
    #expect(wanted.differences(from: got) == ["Name"])
    #expect(got.differences(from: wanted) == ["HeartBeatCount", "Name"])
  }

  @Test("Damaged blocks never stop the reader")
  func damage() throws {
    var random = SeededRandom(seed: 131)
    let id = try #require(DeviceID("34020000001320000001"))
    for block in Self.samples {
      let text = MANSCDPDocument.configuration(sn: 1, target: id, block).text(declaring: .utf8)
      for _ in 0..<200 {
        let bytes = ByteMutation.mutate(Array(text.utf8), using: &random)
        guard let message = try? MANSCDPMessage(parsing: bytes, codec: .utf8) else { continue }
        for read in ConfigurationBlock.all(in: message) {
          _ = read.fault
          #expect(read.differences(from: read).isEmpty)
        }
      }
    }
  }
}
