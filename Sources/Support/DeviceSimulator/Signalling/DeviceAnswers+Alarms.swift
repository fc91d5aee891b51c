import GBCore
import SIPCore

/// Subscriptions, alarms and positions (§5, §10): this device knows no event package (489).
extension SimulatedDevice {
  func handleSubscribe(_ request: SIPRequest, over link: DeviceLink) { answer(request, 489, over: link) }

  func answerAlarmQuery(_ order: DeviceOrder) { reply(order, isOK: false) }
}
