import GBCore
import NIOCore
import SIPCore

@testable import Conformance

/// Alarms and orders of the scripted server.
extension ScriptedServer {
  /// On the peer's loop.
  func heard(_ alarm: MANSCDPMessage, of user: String) {
    guard let source = alarm.deviceID, let sn = alarm.sn else { return }
    if flaw != .alarmNotShown { state.withLock { $0.alarms[source.text, default: 0] += 1 } }
    guard flaw != .alarmUnanswered else { return }
    send(.result(.alarm, sn: flaw == .alarmOtherSN ? sn + 1 : sn, from: source, isOK: true), to: user)
  }

  private func send(_ document: MANSCDPDocument, to user: String) {
    guard let route = state.value.routes[user] else { return }
    let own = SIPURI(user: "34020000002000000001", host: "3402000000")
    let device = SIPURI(user: user, host: "3402000000")
    let number = state.withLock { state in
      state.serial += 1
      return state.serial
    }
    var request = SIPRequest(
      method: .message, uri: device, from: NameAddress(uri: own, tag: Token.random()),
      to: NameAddress(uri: device), callID: Token.random(), cseq: UInt32(number))
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(.gb18030, codec: .utf8)
    peer.post(request, over: route, patience: .seconds(5)).whenComplete { _ in }
  }

  func order(_ order: PeerOrder, of channel: TestChannel) async throws {
    guard let control = Self.control(order) else {
      throw ActionFailure.missing("no function for \(order.sentence)")
    }
    if case .ptz(.stop, _) = control, flaw == .noStop { return }
    let sn = state.withLock { state in
      state.serial += 1
      return state.serial
    }
    let document = MANSCDPDocument(
      .control, .deviceControl, sn: sn, deviceID: channel.channel, fields: spoilt(control))
    try await peer.onLoop { self.send(document, to: channel.device.text) }
  }

  private func spoilt(_ control: DeviceControl) -> [XMLElement] {
    var control = control
    if case .ptz(let command, let names) = control, flaw == .presetInWrongByte,
      (0x81...0x83).contains(command.code)
    {
      control = .ptz(PTZCommand(code: command.code, data1: command.data2), names)
    }
    return control.fields(for: .v2022).map { field in
      guard flaw == .wrongChecksum, field.isNamed("PTZCmd") else { return field }
      return XMLElement("PTZCmd", field.text.dropLast(2) + (field.text.hasSuffix("00") ? "01" : "00"))
    }
  }

  private static func control(_ order: PeerOrder) -> DeviceControl? {
    switch order {
    case .move(0, 0, 0, _): .ptz(.stop)
    case .move(let pan, let tilt, let zoom, _):
      .ptz(
        .move(
          pan: pan < 0 ? .left : pan > 0 ? .right : nil, tilt: tilt < 0 ? .down : tilt > 0 ? .up : nil,
          zoom: zoom < 0 ? .zoomOut : zoom > 0 ? .zoomIn : nil, panSpeed: 128, tiltSpeed: 128, zoomSpeed: 8))
    case .focus(let way): .ptz(.lens(focus: way < 0 ? .near : .far, focusSpeed: 96))
    case .iris(let way): .ptz(.lens(iris: way < 0 ? .close : .open, irisSpeed: 96))
    case .lensStop: .ptz(PTZCommand(code: 0x40))
    case .setPreset(let number, _): .ptz(.preset(.set, UInt8(number)))
    case .callPreset(let number): .ptz(.preset(.call, UInt8(number)))
    case .deletePreset(let number): .ptz(.preset(.delete, UInt8(number)))
    case .startCruise(let number): .ptz(.cruise(UInt8(number), .start))
    case .startScan(let number): .ptz(.scan(UInt8(number), .start))
    case .wiper(let isOn): .ptz(.auxiliary(1, isOn: isOn))
    case .keyFrame: .keyFrame
    case .reboot: .reboot
    case .record(let isOn): .record(isOn: isOn)
    case .guardDuty(let isOn): .guard(isOn: isOn)
    case .resetAlarm: .resetAlarm()
    case .dragZoomIn:
      .dragZoom(
        isIn: true,
        DragBox(windowWidth: 704, windowHeight: 576, centreX: 352, centreY: 288, width: 100, height: 80))
    case .homePosition, .precise, .snapshot, .formatCard, .broadcast: nil
    }
  }
}
