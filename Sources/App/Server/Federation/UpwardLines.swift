import GBCore
import MediaTime
import Registry
import SIPCore

/// Something that happened, in the words of one superior.
enum UpwardNews: Sendable, Hashable {
  case alarm(AlarmNotice)
  case position(PositionReport)
  case view(DeviceID, PTZPosition)

  /// The code of what it is about.
  var code: DeviceID? {
    switch self {
    case .alarm(let notice): notice.source
    case .position(let report): report.device
    case .view(let code, _): code
    }
  }

  var kind: SubscriptionKind {
    switch self {
    case .alarm: .alarm
    case .position: .position
    case .view: .ptzPosition
    }
  }
}

/// One subscription of a superior to what happens at its cameras (§5.2, §5.4, §5.5).
///
/// Of positions and views only the latest waits, once per interval; no alarm takes the place of another.
struct UpwardLine: Sendable {
  struct Key: Hashable, Sendable {
    let kind: SubscriptionKind
    /// What it asked for: us, or something that it sees.
    let target: DeviceID
  }

  typealias Line = Notifier<String, UpwardNews>

  let kind: SubscriptionKind
  var notifier: Line
  var dialog: Dialog?
  private let filter: AlarmFilter
  /// The codes it is about; nil for all.
  private let scope: Set<DeviceID>?
  private let edition: GBVersion
  private var serial: UInt64 = 0

  /// Intervals of positions, in seconds.
  static let intervals = 1...3_600
  static let mostReports = 100

  init(_ kind: SubscriptionKind, _ message: MANSCDPMessage?, scope: Set<DeviceID>?, edition: GBVersion) {
    (self.kind, self.scope, self.edition) = (kind, scope, edition)
    filter = message.flatMap { AlarmFilter($0) } ?? AlarmFilter()
    let wanted = message?.element.integer("Interval") ?? (kind == .position ? 5 : 1)
    let interval = min(max(wanted, Self.intervals.lowerBound), Self.intervals.upperBound)
    // One document holds one alarm or view, and in the flat form of 2016 one position.
    let isList = kind == .position && edition.is2022
    notifier = Line(
      rhythm: kind == .alarm ? .atOnce : .gathered(count: .max, longest: .seconds(interval)),
      mostItems: isList ? Self.mostReports : 1, usualExpires: kind.usualExpires, remembers: false)
  }

  /// Whether it asked for this.
  func wants(_ news: UpwardNews) -> Bool {
    guard news.kind == kind, let code = news.code, scope?.contains(code) ?? true else { return false }
    if case .alarm(let notice) = news { return filter.wants(notice) }
    return true
  }

  mutating func add(_ news: UpwardNews, now: MonotonicTime) {
    serial += 1
    let key = kind == .alarm ? String(serial) : news.code?.text ?? ""
    notifier.changed(key, news, now: now)
  }

  /// The body of a notification; nil for one that says nothing.
  func document(_ notification: Line.Notification, own: DeviceID, now: WallTime) -> MANSCDPDocument? {
    let number = notification.number
    switch notification.changes.first?.value {
    case nil: return nil
    case .alarm(let notice): return .alarm(sn: number, notice)
    case .view(let code, let view):
      return MANSCDPDocument(.notify, .ptzPosition, sn: number, deviceID: code, fields: view.fields)
    case .position:
      let reports = notification.changes.compactMap { change in
        if case .position(let report) = change.value { report } else { nil }
      }
      let notice = PositionNotice(deviceID: own, reports: reports)
      return notice.documents(from: own, sn: number, now: now, edition: edition).first
    }
  }
}
