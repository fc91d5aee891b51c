import GBCore
import SIPCore

/// What a device does with requests: each is handed to the file of its subject.
extension SimulatedDevice {
  func handle(_ request: SIPRequest, over link: DeviceLink) {
    if request.method == .message, request.to?.tag != nil, request.callID.flatMap({ calls[$0] }) == nil,
      fault(.strayTagRefused) != nil
    {
      return answer(request, 481, over: link)
    }
    switch request.method {
    case .message: handleMessage(request, over: link)
    case .invite: handleInvite(request, over: link)
    case .ack: handleACK(request)
    case .bye: handleBye(request, over: link)
    case .cancel: handleCancel(request, over: link)
    case .info: handleInfo(request, over: link)
    case .subscribe: handleSubscribe(request, over: link)
    case .options: answer(request, 200, over: link) { $0.headers.append(.allow, Self.methods) }
    default: answer(request, 405, over: link) { $0.headers.append(.allow, Self.methods) }
    }
  }

  private static let methods = "INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, OPTIONS, SUBSCRIBE"

  private func handleMessage(_ request: SIPRequest, over link: DeviceLink) {
    guard let message = try? MANSCDPMessage(parsing: request.body, codec: fleet.textCodec) else {
      return answer(request, 400, over: link)
    }
    guard let target = message.deviceID ?? BroadcastNotice(message)?.target, catalog.knows(target) else {
      return answer(request, 404, over: link)
    }
    answer(request, 200, over: link)
    let order = DeviceOrder(message: message, sn: message.sn ?? 0, target: target)
    switch message.root {
    case .query: query(order)
    case .control where message.cmdType == .deviceConfig: configure(order)
    case .control:
      noteGuard(order)
      control(order)
    case .notify: heard(order)
    case .response:
      if message.cmdType == .alarm, message.isOK == true { events.confirmed += 1 }
    }
  }

  private func query(_ order: DeviceOrder) {
    switch order.message.cmdType {
    case .configDownload: answerConfiguration(order)
    case .recordInfo: answerRecordings(order)
    case .alarm: answerAlarmQuery(order)
    default: answerQuery(order)
    }
  }

  /// What the platform tells without asking.
  private func heard(_ order: DeviceOrder) {
    if order.message.cmdType == .broadcast { handleBroadcast(order) }
  }

  /// The bare answer that only says whether it worked.
  func reply(_ order: DeviceOrder, isOK: Bool) {
    message(.result(order.message.cmdType, sn: order.sn, from: order.target, isOK: isOK)) { _ in }
  }
}

/// A document of the platform that asks for something, and about whom.
struct DeviceOrder {
  let message: MANSCDPMessage
  /// 0 when the platform gave none.
  let sn: Int
  /// The peer itself, one of its channels, or an entry of its directory.
  let target: DeviceID
}
