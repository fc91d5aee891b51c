import GBCore
import SIPCore

/// Recordings on board and their replay (§4.6, §8): this device keeps none, and says so.
extension SimulatedDevice {
  func answerRecordings(_ order: DeviceOrder) { reply(order, isOK: false) }

  /// Orders within a replay; a live stream accepts and ignores them.
  func handleInfo(_ request: SIPRequest, over link: DeviceLink) {
    answer(request, request.callID.flatMap { calls[$0] } == nil ? 481 : 200, over: link)
  }
}
