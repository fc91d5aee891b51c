import GBCore
import SIPCore

/// Voice broadcast and talk (§12).
extension SimulatedDevice {
  func handleBroadcast(_ order: DeviceOrder) {
    guard let notice = BroadcastNotice(order.message) else { return reply(order, isOK: false) }
    voices.called(notice, order)
  }
}
