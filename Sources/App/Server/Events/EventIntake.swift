import Alarms
import GBCore
import Logging
import MediaTime
import Registry

/// Where what devices report goes, by MESSAGE and by NOTIFY alike.
struct EventIntake: Sendable {
  let alarms: AlarmService
  let positions: PositionService
  let signalling: Signalling
  let logger: Logger

  /// Takes a report.
  ///
  /// - Parameter done: called once with whether it is kept, unless false is returned.
  /// - Returns: whether it was one.
  func take(
    _ message: MANSCDPMessage, from device: DeviceID, by path: AlarmPath,
    done: @escaping @Sendable (Bool) -> Void
  ) -> Bool {
    switch message.cmdType {
    case .alarm:
      guard var notice = AlarmNotice(message) else { return false }
      notice.time = notice.time.map { signalling.directory.ours($0, from: device) }
      if notice.method == .position, let position = notice.position {
        let report = PositionReport(device: notice.source, time: notice.time, position: position)
        positions.receive(PositionNotice(deviceID: notice.source, reports: [report]), from: device)
      }
      alarms.receive(
        AlarmService.Report(
          notice: notice, device: device, path: path, arrived: SystemClock.monotonic(), answer: done))
    case .mobilePosition:
      guard var notice = PositionNotice(message) else { return false }
      for index in notice.reports.indices {
        notice.reports[index].time = notice.reports[index].time.map {
          signalling.directory.ours($0, from: device)
        }
      }
      positions.receive(notice, from: device)
      done(true)
    case .catalog:
      guard let reply = CatalogReply(message) else { return false }
      signalling.catalogChanged(reply, device)
      done(true)
    case .ptzPosition:
      guard let view = PTZPosition(message), let camera = message.deviceID else { return false }
      positions.receive(view, of: ChannelKey(device: device, channel: camera))
      done(true)
    default: return false
    }
    return true
  }

  /// A notice by MESSAGE. An alarm is answered by a document, once it is stored (§10.1).
  func notice(_ message: MANSCDPMessage, _ device: DeviceID) -> Bool {
    let signalling = signalling
    return take(message, from: device, by: .message) { isKept in
      guard message.cmdType == .alarm, let source = message.deviceID else { return }
      signalling.confirm(.alarm, sn: message.sn, source: source, device: device, isOK: isKept)
    }
  }
}

extension Signalling {
  /// Answers a notice of a device by a document that repeats its number.
  func confirm(_ command: CmdType, sn: Int?, source: DeviceID, device: DeviceID, isOK: Bool) {
    guard let registration = registration(of: device) else { return }
    let document = MANSCDPDocument.result(command, sn: sn ?? 1, from: source, isOK: isOK)
    send(document, to: registration) { _ in }
  }

  /// A catalog notification: its changes go into the registry at once.
  func catalogChanged(_ reply: CatalogReply, _ device: DeviceID) {
    let change = directory.apply(reply, of: device, now: SystemClock.wall())
    logger.info(
      "a catalog changed",
      metadata: [
        "device.id": "\(device)", "items": "\(reply.items.count)", "saved": "\(change.saved.count)",
        "deleted": "\(change.deleted.count)",
      ])
    listeners.catalog(device, .changed(isWhole: reply.problems.isEmpty))
    listeners.channels(Array((change.statusChanged + change.deleted).prefix(500)))
  }
}
