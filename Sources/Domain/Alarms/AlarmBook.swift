public import GBCore
public import MediaTime
public import Registry

/// Decides whether a report is a new alarm, one more of the same, or a second copy (§10.1, §14.2 #39).
///
/// Some models report by MESSAGE and by NOTIFY, some repeat an alarm every second as long as it lasts.
///
/// ```text
///   report ──► same source, method, type and *device time*, by the other path ──► copy: not counted
///      ├─────► same device, source, method and type within the debounce time ──► counted
///      └─────► else ──► a new alarm with the next number
/// ```
/// A value for one owner; what it decides must be written before anybody is told.
public struct AlarmBook: Sendable {
  private struct Key: Hashable, Sendable {
    let device: DeviceID
    let source: DeviceID
    let method: AlarmMethod
    let type: Int?
    let typeName: String?

    init(_ device: DeviceID, _ notice: AlarmNotice) {
      (self.device, source, method) = (device, notice.source, notice.method)
      (type, typeName) = (notice.type, notice.typeName)
    }
  }

  private struct Recent: Sendable {
    var record: AlarmRecord
    /// The device's time of the latest report.
    var lastTime: WallTime?
  }

  /// What to do with a report.
  public enum Decision: Sendable, Hashable {
    case new(AlarmRecord)
    /// The record as it is now.
    case counted(AlarmRecord)
    /// The same report by another path, or sent again.
    case copy(AlarmRecord)

    public var record: AlarmRecord {
      switch self {
      case .new(let record), .counted(let record), .copy(let record): record
      }
    }
  }

  /// Alarms that are remembered at once; the oldest are forgotten, which at worst splits one alarm into two.
  public static let mostRecent = 50_000

  private let rules: AlarmRules
  private var nextID: Int64
  private var recent: [Key: Recent] = [:]

  /// - Parameters:
  ///   - nextID: above every number that was ever given.
  ///   - recent: alarms of the time before a restart that may go on.
  public init(rules: AlarmRules = AlarmRules(), nextID: Int64, recent: [AlarmRecord] = []) {
    (self.rules, self.nextID) = (rules, max(nextID, 1))
    for record in recent.sorted(by: { $0.id < $1.id }) {
      self.recent[Key(record.device, record.notice)] = Recent(record: record, lastTime: record.notice.time)
    }
  }

  /// Alarms that are remembered.
  public var count: Int { recent.count }

  /// Takes a report.
  ///
  /// - Parameter camera: the camera that shows the place; asked for only when the alarm is new.
  public mutating func receive(
    _ notice: AlarmNotice, from device: DeviceID, by path: AlarmPath, now: WallTime,
    camera: () -> ChannelKey?
  ) -> Decision {
    let key = Key(device, notice)
    guard var known = recent[key], isSame(known.record, now) else {
      return .new(begin(notice, key, path, camera(), now))
    }
    if let time = notice.time, time == known.lastTime {
      // A second copy by the other path, or the whole report once more because our answer was lost.
      known.record.paths.insert(path)
      recent[key] = known
      return .copy(known.record)
    }
    known.lastTime = notice.time
    known.record.count += 1
    known.record.last = max(now, known.record.last)
    known.record.paths.insert(path)
    recent[key] = known
    return .counted(known.record)
  }

  /// A person has acknowledged it: what follows within the debounce time still belongs to it.
  public mutating func acknowledged(_ record: AlarmRecord) {
    let key = Key(record.device, record.notice)
    guard recent[key]?.record.id == record.id else { return }
    recent[key]?.record.acknowledgement = record.acknowledgement
  }

  private func isSame(_ record: AlarmRecord, _ now: WallTime) -> Bool {
    // A clock that was set back must not make an alarm last for ever.
    let silence = now - record.last
    return silence <= rules.debounce && silence >= .zero - rules.debounce
      && now - record.received <= rules.longest
  }

  private mutating func begin(
    _ notice: AlarmNotice, _ key: Key, _ path: AlarmPath, _ camera: ChannelKey?, _ now: WallTime
  ) -> AlarmRecord {
    if recent.count >= Self.mostRecent { forget(now) }
    let record = AlarmRecord(
      id: nextID, device: key.device, camera: camera, notice: notice, received: now, paths: [path])
    nextID += 1
    recent[key] = Recent(record: record, lastTime: notice.time)
    return record
  }

  private mutating func forget(_ now: WallTime) {
    recent = recent.filter { isSame($0.value.record, now) }
    guard recent.count >= Self.mostRecent else { return }
    let old = recent.sorted { $0.value.record.last < $1.value.record.last }.prefix(recent.count / 2)
    for (key, _) in old { recent[key] = nil }
  }
}
