import GBCore
import Glibc
import MediaTime
import NIOCore

/// What happens at a simulated device, and who has subscribed to it. On the signalling event loop.
final class DeviceEvents {
  /// What the platform wants to hear of alarms.
  var filter = AlarmFilter()
  /// Whether it is armed.
  var isGuarded = false
  /// Inputs that wait for a reset.
  var latched: Set<DeviceID> = []
  /// States that differ from the description.
  var statuses: [DeviceID: CatalogStatus] = [:]
  /// Where its mobile cameras are.
  var positions: [DeviceID: PositionReport] = [:]
  /// Seconds between two positions.
  var positionInterval = 5
  var raised = 0
  /// Alarms by MESSAGE that the platform has confirmed by a document.
  var confirmed = 0
  private(set) var catalogs: EventLine<DeviceID, CatalogItem>
  private(set) var alarms: EventLine<Int, AlarmNotice>
  private(set) var places: EventLine<DeviceID, PositionReport>
  private(set) var views: EventLine<DeviceID, PTZPosition>
  private var ticking: Scheduled<Void>?
  private unowned let device: SimulatedDevice

  init(_ device: SimulatedDevice) {
    self.device = device
    let peer = device.peer
    catalogs = EventLine(device) {
      Notifier(rhythm: .init(catalogOf: peer.edition), mostItems: peer.catalogItemsPerPart)
    } initial: { [unowned device] in
      device.abnormal()
    } document: { [unowned device] changes in
      changes.isEmpty
        ? nil
        : .catalogNotice(
          sn: device.nextSerial(), from: peer.id, items: changes.map(\.value), edition: peer.edition)
    }
    alarms = EventLine(device) {
      Notifier(mostItems: 1, usualExpires: 3_600, remembers: false)
    } document: { [unowned device] changes in
      changes.first.map { .alarm(sn: device.nextSerial(), $0.value) }
    }
    places = EventLine(device) {
      Notifier(mostItems: peer.edition.is2022 ? 100 : 1, usualExpires: 3_600, remembers: false)
    } document: { [unowned device] changes in
      PositionNotice(deviceID: peer.id, reports: changes.map(\.value)).documents(
        from: peer.id, sn: device.nextSerial(), now: DeviceEvents.clock, edition: peer.edition
      ).first
    }
    views = EventLine(device) {
      Notifier(mostItems: 1, usualExpires: 3_600)
    } document: { [unowned device] changes in
      changes.first.map {
        MANSCDPDocument(
          .notify, .ptzPosition, sn: device.nextSerial(), deviceID: $0.key, fields: $0.value.fields)
      }
    }
  }

  func line(_ kind: SubscriptionKind) -> any EventReporting {
    switch kind {
    case .catalog: catalogs
    case .alarm: alarms
    case .position: places
    case .ptzPosition: views
    }
  }

  /// Reports positions again and again while somebody listens.
  func tick() {
    ticking?.cancel()
    guard places.isGranted else { return }
    for (camera, report) in positions {
      var report = report
      report.time = Self.clock
      places.changed(camera, report)
    }
    ticking = device.schedule(.seconds(Int64(positionInterval))) { [weak self] in self?.tick() }
  }

  /// The power is cut: subscriptions and arming are gone, what happened to cameras is not.
  func forget() {
    ticking?.cancel()
    for kind in SubscriptionKind.allCases { line(kind).forget() }
    isGuarded = false
    latched = []
  }

  /// Whole seconds, as documents write them.
  static var clock: WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(seconds: Int64(time.tv_sec))
  }
}
