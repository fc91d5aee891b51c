import GBCore
import Logging

/// What devices tell of pictures they took, of upgrades, and of the wish to be watched (2022, §4.10 and §13).
struct NoticeDesk: Sendable {
  let snapshots: SnapshotService
  let upgrades: UpgradeService
  let logger: Logger

  /// - Returns: whether this was one of them.
  func take(_ message: MANSCDPMessage, from device: DeviceID) -> Bool {
    if let notice = SnapshotsFinished(message) {
      Task { await snapshots.finished(notice, from: device) }
    } else if let result = UpgradeResult(message) {
      Task { await upgrades.ended(result, from: device) }
    } else if let wish = VideoUploadNotice(message) {
      // Nobody is called because a device says so: whoever wants the picture asks for it.
      logger.notice(
        "a device asks to be watched",
        metadata: [
          "device.id": "\(device)", "channel": "\(message.deviceID ?? device)", "time": "\(wish.time ?? "")",
        ])
    } else {
      return false
    }
    return true
  }
}
