public import GBCore
public import MediaTime
public import Registry

/// One alarm of a device, with everything that happened to it. Never changed by people but for one acknowledgement.
public struct AlarmRecord: Sendable, Hashable, Identifiable {
  /// Grows with time.
  public let id: Int64
  /// Who reported it.
  public let device: DeviceID
  /// What raised it, as the device named it: a channel, an input, or the device itself.
  public let source: DeviceID
  /// The camera that shows the place, when it is known.
  public var camera: ChannelKey?
  /// What the device said first.
  public let notice: AlarmNotice
  /// When it came in.
  public let received: WallTime
  /// When it came in last: equal alarms soon after each other are counted, not repeated.
  public var last: WallTime
  /// How often it came, without the copies of one report by MESSAGE and NOTIFY.
  public var count: Int
  /// How it came.
  public var paths: Set<AlarmPath>
  public var acknowledgement: AlarmAcknowledgement?

  public init(
    id: Int64, device: DeviceID, camera: ChannelKey?, notice: AlarmNotice, received: WallTime,
    last: WallTime? = nil, count: Int = 1, paths: Set<AlarmPath>, acknowledgement: AlarmAcknowledgement? = nil
  ) {
    (self.id, self.device, source, self.camera) = (id, device, notice.source, camera)
    (self.notice, self.received, self.last) = (notice, received, last ?? received)
    (self.count, self.paths, self.acknowledgement) = (count, paths, acknowledgement)
  }

  /// The longest delivery that is believed: an older time stamp comes from a wrong clock.
  public static let longestDelivery: Duration = .seconds(60)

  /// When it happened, on our clock: the device's own time when it can be true, else when it came in.
  public var moment: WallTime {
    guard let time = notice.time, time <= received, received - time <= Self.longestDelivery else {
      return received
    }
    return time
  }
}

/// How an alarm may come.
public enum AlarmPath: String, Sendable, Hashable, CaseIterable {
  case message
  case notify
}

/// That a person has taken note.
public struct AlarmAcknowledgement: Sendable, Hashable {
  /// The account.
  public var by: String
  public var at: WallTime
  /// What the person wrote; may be empty.
  public var note: String

  public init(by: String, at: WallTime, note: String) {
    (self.by, self.at, self.note) = (by, at, note)
  }

  /// Characters of a note.
  public static let longestNote = 500
}

/// How the platform treats alarms.
public struct AlarmRules: Sendable, Hashable {
  /// Equal alarms at most this far apart are one.
  public var debounce: Duration = .seconds(10)
  /// An alarm that never stops becomes a new one after this time, so that it is not lost from sight.
  public var longest: Duration = .seconds(600)
  /// How long alarms are kept.
  public var kept: Duration = .seconds(180 * 86_400)

  public init() {}
}
