import GBCore

/// Voice broadcast and talk (§12): this device has no loudspeaker, and says so.
extension SimulatedDevice {
  func handleBroadcast(_ order: DeviceOrder) { reply(order, isOK: false) }
}
