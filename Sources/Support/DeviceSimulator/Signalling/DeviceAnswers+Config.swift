import GBCore

/// DeviceConfig and ConfigDownload (§13): this device keeps no configuration, and says so.
extension SimulatedDevice {
  func configure(_ order: DeviceOrder) { reply(order, isOK: false) }

  func answerConfiguration(_ order: DeviceOrder) { reply(order, isOK: false) }
}
