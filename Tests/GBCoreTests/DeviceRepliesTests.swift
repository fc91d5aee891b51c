import Testing

@testable import GBCore

@Suite struct DeviceRepliesTests {
  private func message(_ root: MANSCDPRoot, _ command: CmdType, _ fields: [XMLElement]) throws
    -> MANSCDPMessage
  {
    let id = try #require(DeviceID("34020000001320000001"))
    let document = MANSCDPDocument(root, command, sn: 5, deviceID: id, fields: fields)
    return try MANSCDPMessage(text: document.text(declaring: .utf8))
  }

  private func response(_ command: CmdType, _ inside: String, root: String = "Response") throws
    -> MANSCDPMessage
  {
    try MANSCDPMessage(text: "<\(root)><CmdType>\(command)</CmdType><SN>5</SN>\(inside)</\(root)>")
  }

  @Test("Presets round-trip in both editions, without names and without presets")
  func presets() throws {
    let reply = PresetReply(total: 2, presets: [Preset(number: 1, name: "北门"), Preset(number: 12)])
    #expect(PresetReply(try message(.response, .presetQuery, reply.fields(for: .v2022))) == reply)
    let old = try #require(PresetReply(try message(.response, .presetQuery, reply.fields(for: .v2016))))
    #expect(old.total == nil)
    #expect(old.presets == reply.presets)
    let none = PresetReply(total: 0, presets: [])
    #expect(PresetReply(try message(.response, .presetQuery, none.fields(for: .v2022))) == none)
  }

  @Test("Preset codes come padded, with words or not at all")
  func presetVariants() throws {
    let reply = try #require(
      PresetReply(
        try response(
          .presetQuery,
          """
          <SumNum> 3 </SumNum><presetlist><Item><PresetID>001</PresetID><PresetName>A</PresetName></Item>
          <item><presetid>Preset 7</presetid></item><Item><PresetID></PresetID></Item>
          <Item><PresetID>99999999999999999999</PresetID></Item></presetlist>
          """)))
    #expect(reply == PresetReply(total: 3, presets: [Preset(number: 1, name: "A"), Preset(number: 7)]))
    #expect(PresetReply(try response(.homePositionQuery, "")) == nil)
  }

  @Test("Home position, cruises and position round-trip")
  func view() throws {
    let home = HomePositionReply(HomePosition(isEnabled: true, resetTime: 60, preset: 3))
    #expect(HomePositionReply(try message(.response, .homePositionQuery, home.fields)) == home)
    let list = CruiseListReply(total: 2, tracks: [.init(number: 0, name: "夜"), .init(number: 3)])
    #expect(CruiseListReply(try message(.response, .cruiseTrackListQuery, list.fields)) == list)
    let cruise = CruiseReply(
      number: 3, name: "Night", total: 2,
      points: [.init(preset: 1, stay: 10, speed: 5), .init(preset: 2, stay: 0, speed: 15)])
    #expect(CruiseReply(try message(.response, .cruiseTrackQuery, cruise.fields)) == cruise)
    let position = PTZPosition(
      pan: 359.99, tilt: -0.5, zoom: 1, horizontalFieldAngle: 60.25, verticalFieldAngle: 33,
      maxViewDistance: 120)
    #expect(PTZPosition(try message(.response, .ptzPosition, position.fields)) == position)
    #expect(PTZPosition(try message(.notify, .ptzPosition, [])) == PTZPosition())
  }

  @Test("Cruises under the general word Item and a home position without its group are read")
  func viewVariants() throws {
    let list = try response(
      .cruiseTrackListQuery, "<CruiseTrackList Num='1'><Item><Number>1</Number></Item></CruiseTrackList>")
    #expect(CruiseListReply(list)?.tracks == [.init(number: 1)])
    let home = try response(.homePositionQuery, "<Enabled>1</Enabled><PresetIndex>4</PresetIndex>")
    #expect(HomePositionReply(home)?.home == HomePosition(isEnabled: true, preset: 4))
    #expect(HomePositionReply(try response(.homePositionQuery, "")) == nil)
  }

  @Test("Storage cards round-trip; a device without cards lists none")
  func cards() throws {
    let reply = StorageCardReply(
      total: 2,
      cards: [
        .init(number: 1, name: "SD1", status: "ok", capacity: 64_000, free: 12_000),
        .init(number: 2, status: "formatting", formatProgress: 40),
      ])
    #expect(StorageCardReply(try message(.response, .sdCardStatus, reply.fields)) == reply)
    let none = StorageCardReply(total: 0, cards: [])
    #expect(StorageCardReply(try message(.response, .sdCardStatus, none.fields)) == none)
    let odd = try response(
      .sdCardStatus, "<Item><ID>1</ID><Status>OK</Status><FormatProgress>300</FormatProgress></Item>")
    #expect(StorageCardReply(odd)?.cards == [.init(number: 1, status: "ok", formatProgress: 100)])
  }

  @Test("The state of a device round-trips with its alarm inputs, also under the other spelling")
  func status() throws {
    let input = try #require(DeviceID("34020000001340000001"))
    let status = DeviceStatusReply(
      isWorking: false, reason: "disk", deviceTime: "2026-01-02T03:04:05", isEncoding: true,
      isRecording: false,
      alarmInputs: [.init(id: input, duty: .alarm)])
    #expect(DeviceStatusReply(try message(.response, .deviceStatus, status.fields)) == status)
    let odd = try response(
      .deviceStatus,
      "<Encode>on</Encode><AlarmStatus num='1'><Item><DeviceID>34020000001340000001</DeviceID><DutyStatus>onduty"
        + "</DutyStatus></Item><Item><DutyStatus>x</DutyStatus></Item></AlarmStatus>")
    let read = try #require(DeviceStatusReply(odd))
    #expect(read.isEncoding == true)
    #expect(read.alarmInputs == [.init(id: input, duty: .onDuty)])
  }

  @Test("Notices round-trip, and their lists are found wherever they stand")
  func notices() throws {
    let pictures = SnapshotsFinished(session: "abc", files: ["1", "2"])
    #expect(SnapshotsFinished(try message(.notify, .uploadSnapShotFinished, pictures.fields)) == pictures)
    let odd = try response(
      .uploadSnapShotFinished,
      "<SessionID>abc</SessionID><SnapShotFileIDList><SnapShotFileID>1</SnapShotFileID></SnapShotFileIDList>"
        + "<snapshotfileid>2</snapshotfileid>", root: "Notify")
    #expect(SnapshotsFinished(odd) == pictures)
    for result in [
      UpgradeResult(session: "s", isOK: true, firmware: "2.0"),
      UpgradeResult(session: "s", isOK: false, firmware: "1.0", failure: .corruptPackage),
    ] {
      #expect(UpgradeResult(try message(.notify, .deviceUpgradeResult, result.fields)) == result)
    }
    let failed =
      "<SessionID>s</SessionID><UpgradeResult>error</UpgradeResult><UpgradeFailedReason>%</UpgradeFailedReason>"
    for (word, failure) in [("1", UpgradeResult.Failure.downloadTimeout), ("99", .other), ("?", .other)] {
      let notice = try response(
        .deviceUpgradeResult, failed.replacing("%", with: word), root: "Notify")
      #expect(UpgradeResult(notice)?.failure == failure)
    }
    let wish = VideoUploadNotice(time: "2026-01-02T03:04:05", longitude: 118.376001, latitude: -31.5)
    #expect(VideoUploadNotice(try message(.notify, .videoUploadNotify, wish.fields)) == wish)
  }

  @Test("Numbers are written without exponents and rounded, and read in every spelling")
  func numbers() {
    #expect(DecimalText.text(0.005, places: 2) == "0.01")
    #expect(DecimalText.text(-0.001, places: 2) == "0")
    #expect(DecimalText.text(123_456.7, places: 2) == "123456.7")
    #expect(DecimalText.text(.infinity, places: 2) == "0")
    for (text, number) in [(" 5 ", 5), ("+5", 5), ("5.0", 5), ("5,0", 5), ("-3", -3)] {
      #expect(XMLElement("A", text.trimmed).wholeNumber == number)
    }
    for text in ["", "five", "5.5", "nan", "1e400", "null"] {
      #expect(XMLElement("A", text).wholeNumber == nil)
    }
    #expect(XMLElement("A", "Off").flag == false)
    #expect(XMLElement("A", "2").flag == true)
    #expect(XMLElement("A", "maybe").flag == nil)
  }
}
