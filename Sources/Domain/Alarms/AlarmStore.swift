public import GBCore
public import MediaTime
public import Registry

/// Which alarms are asked for, newest first. Everything that is set must hold.
public struct AlarmQuery: Sendable, Hashable {
  public var device: DeviceID?
  /// Alarms of this channel: as what raised it or as the camera that shows the place.
  public var channel: ChannelKey?
  public var method: AlarmMethod?
  /// At least this urgent: 1…4.
  public var priority: Int?
  public var isAcknowledged: Bool?
  /// By when they came in: from inclusive, to exclusive.
  public var from: WallTime?
  public var to: WallTime?
  /// The last number of the page before; nil begins.
  public var before: Int64?
  /// 1…1 000; other values are pulled into it.
  public var limit: Int

  public init(
    device: DeviceID? = nil, channel: ChannelKey? = nil, method: AlarmMethod? = nil, priority: Int? = nil,
    isAcknowledged: Bool? = nil, from: WallTime? = nil, to: WallTime? = nil, before: Int64? = nil,
    limit: Int = 100
  ) {
    (self.device, self.channel, self.method, self.priority) = (device, channel, method, priority)
    (self.isAcknowledged, self.from, self.to) = (isAcknowledged, from, to)
    (self.before, self.limit) = (before, min(max(limit, 1), 1_000))
  }
}

/// Where alarms are kept.
public protocol AlarmStore: Sendable {
  /// Inserts alarms, or replaces the count, time and paths of known ones, in one transaction. An acknowledgement
  /// that is stored stays.
  func write(_ alarms: [AlarmRecord]) async throws
  func alarms(_ query: AlarmQuery) async throws -> [AlarmRecord]
  func alarm(_ id: Int64) async throws -> AlarmRecord?
  /// The first acknowledgement counts; nil when there is no such alarm.
  func acknowledge(_ id: Int64, _ acknowledgement: AlarmAcknowledgement) async throws -> AlarmRecord?
  /// How many wait for a person.
  func unacknowledgedAlarms() async throws -> Int
  /// Deletes what came in last before `moment`, a limited number at a time.
  ///
  /// - Returns: how many were deleted.
  func deleteAlarms(before moment: WallTime, limit: Int) async throws -> Int
  /// A number above every number ever given.
  func nextAlarm() async throws -> Int64
}
