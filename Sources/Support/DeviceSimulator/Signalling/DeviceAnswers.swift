import GBCore
import SIPCore

/// What a device does with requests that are no calls.
extension SimulatedDevice {
  func handle(_ request: SIPRequest, over link: DeviceLink) {
    switch request.method {
    case .message: handleMessage(request, over: link)
    case .invite: handleInvite(request, over: link)
    case .ack: handleACK(request)
    case .bye: handleBye(request, over: link)
    case .cancel: handleCancel(request, over: link)
    case .info: answer(request, request.callID.flatMap { calls[$0] } == nil ? 481 : 200, over: link)
    case .options: answer(request, 200, over: link) { $0.headers.append(.allow, Self.methods) }
    case .subscribe: answer(request, 489, over: link)
    default: answer(request, 405, over: link) { $0.headers.append(.allow, Self.methods) }
    }
  }

  private static let methods = "INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, OPTIONS"

  private func handleMessage(_ request: SIPRequest, over link: DeviceLink) {
    guard let message = try? MANSCDPMessage(parsing: request.body, codec: configuration.textCodec) else {
      return answer(request, 400, over: link)
    }
    guard let target = message.deviceID, target == description.id || description.channel(target) != nil else {
      return answer(request, 404, over: link)
    }
    answer(request, 200, over: link)
    let sn = message.sn ?? 0
    switch message.root {
    case .query: query(message.cmdType, sn: sn, of: target)
    case .control where message.element.child("RecordCmd") != nil || message.element.child("GuardCmd") != nil:
      // Only these controls are answered by a document (§4.1, reply rule of 2022).
      self.message(.result(.deviceControl, sn: sn, from: target, isOK: true)) { _ in }
    case .control, .notify, .response: break
    }
  }

  private func query(_ command: CmdType, sn: Int, of target: DeviceID) {
    switch command {
    case .catalog:
      guard !configuration.faults.noCatalog else { return }
      let parts = description.parts()
      sendCatalog(parts[...], total: parts.joined().count, sn: sn, of: target, losses: 0)
    case .deviceInfo:
      message(.deviceInfo(sn: sn, from: target, description.info)) { _ in }
    case .deviceStatus:
      message(.deviceStatus(sn: sn, from: target, DeviceStatusReply())) { _ in }
    default:
      // Among them RecordInfo: this device keeps no recordings.
      message(.result(command, sn: sn, from: target, isOK: false)) { _ in }
    }
  }

  /// Sends one part after the other, each after the answer to the one before (§4.3); ends after three losses in a row.
  private func sendCatalog(
    _ parts: ArraySlice<[CatalogItem]>, total: Int, sn: Int, of target: DeviceID, losses: Int
  ) {
    guard let part = parts.first, losses < 3 else { return }
    let document = MANSCDPDocument.catalog(
      sn: sn, from: target, total: total, items: part, edition: configuration.edition)
    message(document) { [self] response in
      sendCatalog(
        parts.dropFirst(), total: total, sn: sn, of: target, losses: response == nil ? losses + 1 : 0)
    }
  }
}
