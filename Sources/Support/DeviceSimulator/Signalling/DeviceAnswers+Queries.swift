import GBCore

/// Catalog, DeviceInfo, DeviceStatus and the small queries (§4.4, §4.5, §4.8).
extension SimulatedDevice {
  func answerQuery(_ order: DeviceOrder) {
    switch order.message.cmdType {
    case .catalog:
      answerCatalog(order)
    case .deviceInfo:
      message(.deviceInfo(sn: order.sn, from: order.target, catalog.info)) { _ in }
    case .deviceStatus:
      message(.deviceStatus(sn: order.sn, from: order.target, status)) { _ in }
    default:
      reply(order, isOK: false)
    }
  }

  private var status: DeviceStatusReply {
    var status = DeviceStatusReply()
    status.deviceTime = GBTime.text(time)
    return status
  }

  private func answerCatalog(_ order: DeviceOrder) {
    guard fault(.noCatalog) == nil else { return }
    let parts = catalog.parts {
      fault($0) != nil
    } status: {
      self.status(of: $0)
    }
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0 else {
      let empty = MANSCDPDocument.catalog(
        sn: order.sn, from: order.target, total: 0, items: [], edition: peer.edition)
      return message(empty) { _ in }
    }
    sendCatalog(parts[...], total: total, order: order, losses: 0)
  }

  /// Sends one part after the other, each after the answer to the one before (§4.3); ends after three losses in a row.
  private func sendCatalog(
    _ parts: ArraySlice<[CatalogItem]>, total: Int, order: DeviceOrder, losses: Int
  ) {
    guard let part = parts.first, losses < 3 else { return }
    let document = MANSCDPDocument.catalog(
      sn: order.sn, from: order.target, total: total, items: part, edition: peer.edition)
    message(document) { [self] response in
      sendCatalog(
        parts.dropFirst(), total: total, order: order, losses: response == nil ? losses + 1 : 0)
    }
  }
}
