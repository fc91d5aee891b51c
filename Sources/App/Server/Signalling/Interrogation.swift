import GBCore
import Logging

/// Asks devices about themselves, a limited number at a time.
///
/// A thousand devices that register within seconds must not cause a thousand
/// catalogs at once (reference §14.1). Each device is asked for DeviceInfo and
/// then for its Catalog; an answer, a refusal or silence moves on.
actor Interrogation {
  /// Devices being asked at the same time.
  static let atOnce = 32

  private struct Work {
    var remaining: [CmdType]
    var current: CmdType?
    let ask: @Sendable (DeviceID, CmdType) -> Bool
  }

  private var waiting: [DeviceID] = []
  private var work: [DeviceID: Work] = [:]
  private var active: Set<DeviceID> = []
  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  /// Devices that wait or are being asked.
  var count: Int { work.count }

  func enqueue(_ device: DeviceID, ask: @escaping @Sendable (DeviceID, CmdType) -> Bool) {
    if active.contains(device) { return }
    if work.updateValue(Work(remaining: [.deviceInfo, .catalog], ask: ask), forKey: device) == nil {
      waiting.append(device)
    }
    advance()
  }

  /// A query is over, whatever came of it.
  func answered(_ device: DeviceID, _ command: CmdType) {
    guard work[device]?.current == command else { return }
    work[device]?.current = nil
    step(device)
    advance()
  }

  /// The device is gone.
  func drop(_ device: DeviceID) {
    work[device] = nil
    active.remove(device)
    advance()
  }

  private func advance() {
    while active.count < Self.atOnce, !waiting.isEmpty {
      let device = waiting.removeFirst()
      guard work[device] != nil, !active.contains(device) else { continue }
      active.insert(device)
      step(device)
    }
  }

  private func step(_ device: DeviceID) {
    while let entry = work[device], let command = entry.remaining.first {
      work[device]?.remaining.removeFirst()
      work[device]?.current = command
      if entry.ask(device, command) { return }
      work[device]?.current = nil
    }
    work[device] = nil
    active.remove(device)
  }
}
