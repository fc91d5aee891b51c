import TestSupport
import Testing

@testable import GBCore

@Suite struct DeviceControlTests {
  static let channel = "34020000001320000001"
  static let box = DragBox(
    windowWidth: 1_920, windowHeight: 1_080, centreX: 960, centreY: 540, width: 400, height: 225)
  static let upgrade = UpgradeOrder(
    firmware: "V2.1", url: "http://192.0.2.10:8080/firmware/a/b", manufacturer: "Demo",
    session: "0123456789abcdef0123456789abcdef")
  static let all: [DeviceControl] = [
    .ptz(.stop), .ptz(.preset(.set, 5), PTZNames(preset: "北门")),
    .ptz(.cruise(1, .start), PTZNames(cruise: "Night")),
    .reboot, .record(isOn: true), .record(isOn: false, stream: 1), .guard(isOn: true), .guard(isOn: false),
    .resetAlarm(), .resetAlarm(method: "2/5", type: "1"), .keyFrame, .dragZoom(isIn: true, box),
    .dragZoom(isIn: false, box), .homePosition(HomePosition(isEnabled: true, resetTime: 30, preset: 1)),
    .homePosition(HomePosition(isEnabled: false)), .precise(PrecisePosition(pan: 12.25, tilt: -30, zoom: 4)),
    .precise(PrecisePosition(zoom: 2.5)), .upgrade(upgrade), .formatCard(0), .formatCard(2), .targetTrack,
  ]

  static func read(_ fields: String) throws -> MANSCDPMessage {
    try MANSCDPMessage(
      text:
        "<Control><CmdType>DeviceControl</CmdType><SN>1</SN><DeviceID>\(channel)</DeviceID>\(fields)</Control>"
    )
  }

  private func written(_ control: DeviceControl, _ edition: GBVersion, priority: Int? = nil) throws
    -> MANSCDPMessage
  {
    let id = try #require(DeviceID(Self.channel))
    let document = MANSCDPDocument(
      .control, .deviceControl, sn: 1, deviceID: id, fields: control.fields(for: edition, priority: priority))
    return try MANSCDPMessage(text: document.text(declaring: edition.declaredEncoding))
  }

  @Test("Every order that an edition knows is written and read back as the same order", arguments: all)
  func roundTrip(_ control: DeviceControl) throws {
    #expect(DeviceControl(try written(control, .v2022)) == control)
    guard control.isKnown(to: .v2016) else { return }
    let read = try #require(DeviceControl(try written(control, .v2016, priority: 100)))
    switch control {
    // What 2016 has no word for is left out, the order stays.
    case .ptz(let command, _): #expect(read == .ptz(command))
    case .record(let isOn, _): #expect(read == .record(isOn: isOn))
    default: #expect(read == control)
    }
  }

  @Test("A document answers exactly the orders of 9.3.1, and only 2022 knows what it added")
  func replyRule() {
    let answered = Set(Self.all.filter(\.isAnswered).map(\.name))
    #expect(answered == ["RecordCmd", "GuardCmd", "AlarmCmd", "HomePosition", "DeviceUpgrade"])
    let new = Set(Self.all.filter { !$0.isKnown(to: .v2016) }.map(\.name))
    #expect(new == ["PTZPreciseCtrl", "DeviceUpgrade", "FormatSDCard", "TargetTrack"])
    let amended = Set(Self.all.filter { !$0.isKnown(to: .v2011) }.map(\.name)).subtracting(new)
    #expect(amended == ["IFrameCmd", "DragZoomIn", "DragZoomOut", "HomePosition"])
  }

  @Test("The order of the reference is written word for word")
  func sample() throws {
    let id = try #require(DeviceID(Self.channel))
    let move = DeviceControl.ptz(.move(pan: .right, panSpeed: 0x80))
    let document = MANSCDPDocument(
      .control, .deviceControl, sn: 11, deviceID: id, fields: move.fields(for: .v2016, priority: 5))
    #expect(
      document.text(declaring: .gb2312) == """
        <?xml version="1.0" encoding="GB2312"?>
        <Control>
        <CmdType>DeviceControl</CmdType>
        <SN>11</SN>
        <DeviceID>34020000001320000001</DeviceID>
        <PTZCmd>A50F010180000036</PTZCmd>
        <Info>
        <ControlPriority>5</ControlPriority>
        </Info>
        </Control>

        """)
  }

  @Test(
    "What devices and platforms write differently is read",
    arguments: [
      ("<ifamecmd> send </ifamecmd>", DeviceControl.keyFrame), ("<IFrameCmd>Send</IFrameCmd>", .keyFrame),
      ("<IFameCmd>Send</IFameCmd><IFrameCmd>Send</IFrameCmd>", .keyFrame),
      ("<TeleBoot>BOOT</TeleBoot>", .reboot),
      ("<RecordCmd>record</RecordCmd><StreamNumber> 1 </StreamNumber>", .record(isOn: true, stream: 1)),
      ("<AlarmCmd>ResetAlarm</AlarmCmd><AlarmMethod>2</AlarmMethod>", .resetAlarm(method: "2")),
      (
        "<AlarmCmd>ResetAlarm</AlarmCmd><Info>free</Info><Info><AlarmMethod>5</AlarmMethod><AlarmType>3</AlarmType></Info>",
        .resetAlarm(method: "5", type: "3")
      ),
      (
        "<PTZPreciseCtrl><Pan> 010,5</Pan><Tilt>null</Tilt></PTZPreciseCtrl>",
        .precise(PrecisePosition(pan: 10.5))
      ),
      (
        "<HomePosition><Enabled>ON</Enabled><ResetTime>10.0</ResetTime></HomePosition>",
        .homePosition(HomePosition(isEnabled: true, resetTime: 10))
      ), ("<FormatSDCard>\n1\n</FormatSDCard>", .formatCard(1)),
      // Whatever stands beside it: this one is refused.
      ("<PTZCmd>A50F0100000000B5</PTZCmd><TargetTrack>Auto</TargetTrack>", .targetTrack),
    ])
  func variants(_ fields: String, _ expected: DeviceControl) throws {
    #expect(DeviceControl(try Self.read(fields)) == expected)
  }

  @Test(
    "An order that is not whole is no order",
    arguments: [
      "", "<PTZCmd>A50F01</PTZCmd>", "<GuardCmd>Maybe</GuardCmd>", "<RecordCmd></RecordCmd>",
      "<DragZoomIn><Length>640</Length></DragZoomIn>",
      "<HomePosition><ResetTime>1</ResetTime></HomePosition>",
      "<PTZPreciseCtrl></PTZPreciseCtrl>", "<DeviceUpgrade><Firmware>1</Firmware></DeviceUpgrade>",
      "<FormatSDCard>-1</FormatSDCard>", "<TeleBoot>Off</TeleBoot>",
    ])
  func broken(_ fields: String) throws {
    #expect(DeviceControl(try Self.read(fields)) == nil)
  }

  @Test("The priority is found in either of two Info elements")
  func priority() throws {
    let message = try Self.read(
      "<PTZCmd>A50F0100000000B5</PTZCmd><Info>text</Info><Info><ControlPriority> 5</ControlPriority></Info>")
    #expect(DeviceControl.priority(in: message) == 5)
    #expect(DeviceControl.priority(in: try written(.keyFrame, .v2022, priority: 200)) == 200)
    #expect(DeviceControl.priority(in: try written(.keyFrame, .v2022)) == nil)
  }

  @Test("A position out of range is sent to the limit")
  func limits() {
    let far = PrecisePosition(pan: 400, tilt: -80, zoom: 0)
    #expect(far.limited == PrecisePosition(pan: 360, tilt: -30, zoom: 1))
    #expect(PrecisePosition(tilt: 91).limited == PrecisePosition(tilt: 90))
    #expect(!DragBox(windowWidth: 0, windowHeight: 1, centreX: 0, centreY: 0, width: 1, height: 1).isSensible)
    #expect(Self.box.isSensible)
  }

  @Test("Every code that is written is understood as what it was written for")
  func actions() throws {
    let pairs: [(PTZCommand, PTZAction?)] = [
      (.stop, .stop),
      (
        .move(pan: .left, tilt: .up, zoom: .zoomIn, panSpeed: 9, tiltSpeed: 8, zoomSpeed: 7),
        .move(pan: .left, tilt: .up, zoom: .zoomIn, panSpeed: 9, tiltSpeed: 8, zoomSpeed: 7)
      ), (.lens(), .lensStop),
      (
        .lens(focus: .far, iris: .close, focusSpeed: 1, irisSpeed: 2),
        .lens(focus: .far, iris: .close, focusSpeed: 1, irisSpeed: 2)
      ), (.preset(.call, 255), .preset(.call, 255)),
      (.cruise(2, .add(preset: 3)), .cruise(2, .add(preset: 3))),
      (.cruise(2, .deleteAll), .cruise(2, .deleteAll)), (.cruise(2, .stay(4_095)), .cruise(2, .stay(4_095))),
      (.cruise(2, .speed(300)), .cruise(2, .speed(300))), (.cruise(2, .start), .cruise(2, .start)),
      (.cruise(2, .delete(preset: 9)), .cruise(2, .delete(preset: 9))),
      (.scan(4, .setRight), .scan(4, .setRight)),
      (.scan(4, .speed(0x123)), .scan(4, .speed(0x123))), (.scan(4, .start), .scan(4, .start)),
      (.auxiliary(1, isOn: true), .auxiliary(1, isOn: true)),
      (.auxiliary(2, isOn: false), .auxiliary(2, isOn: false)),
      (PTZCommand(code: 0x81), nil), (PTZCommand(code: 0x89, data2: 9), nil), (PTZCommand(code: 0xFE), nil),
    ]
    for (command, action) in pairs { #expect(command.action == action) }
  }

  @Test("Any eight bytes are understood or not, and never both directions of one axis")
  func anyBytes() throws {
    for code in UInt8.min...UInt8.max {
      for data in [UInt8(0), 1, 127, 255] {
        let command = PTZCommand(code: code, data1: data, data2: data, data3: data)
        if case .move(let pan, let tilt, let zoom, _, _, _)? = command.action {
          let again = PTZCommand.move(pan: pan, tilt: tilt, zoom: zoom).code
          #expect(again & code == again)
        }
      }
    }
  }

  @Test("Damaged orders never stop the reader, and what is read can be written")
  func damage() throws {
    var random = SeededRandom(seed: 28_181)
    for control in Self.all {
      let id = try #require(DeviceID(Self.channel))
      let text = MANSCDPDocument(
        .control, .deviceControl, sn: 1, deviceID: id, fields: control.fields(for: .v2022, priority: 1)
      ).text(declaring: .utf8)
      for _ in 0..<200 {
        let bytes = ByteMutation.mutate(Array(text.utf8), using: &random)
        guard let message = try? MANSCDPMessage(parsing: bytes, codec: .utf8),
          let read = DeviceControl(message)
        else { continue }
        #expect(DeviceControl(try written(read, .v2022))?.name == read.name)
      }
    }
  }
}
