import GBCore

/// DeviceControl (§4.9).
extension SimulatedDevice {
  /// Only some controls are answered by a document (§4.1, reply rule of 2022).
  func control(_ order: DeviceOrder) {
    let element = order.message.element
    if element.child("RecordCmd") != nil || element.child("GuardCmd") != nil { reply(order, isOK: true) }
  }
}
