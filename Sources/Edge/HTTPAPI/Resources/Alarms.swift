/// Alarms of devices, and what devices are asked to report.

extension API {
  /// Something a device reported.
  public struct Alarm: Codable, Sendable, Hashable {
    public var id: String
    /// The device that reported it.
    public var device: String
    /// The code of what raised it: a channel, an input, or the device.
    public var source: String
    /// The name of what raised it.
    public var name: String?
    /// The channel that shows the place, where it is known.
    public var camera: String?
    /// `telephone`, `device`, `sms`, `position`, `video`, `fault` or `other`.
    public var method: String
    /// `AlarmType`; its meaning depends on the method.
    public var type: Int?
    /// The standard's word for method and type, such as `tamper`.
    public var kind: String?
    /// What the device wrote instead of a number.
    public var typeName: String?
    /// For an intrusion: 1 enter, 2 leave.
    public var event: Int?
    /// 1 (most urgent) … 4.
    public var priority: Int
    /// By the device's own clock.
    public var time: Time?
    /// When it happened on our clock: where to begin in a recording.
    public var moment: Time
    public var received: Time
    /// When it came in last.
    public var last: Time
    /// How often it came.
    public var count: Int
    public var text: String?
    public var longitude: Double?
    public var latitude: Double?
    public var acknowledged: AlarmAcknowledgement?

    public init(
      id: String, device: String, source: String, name: String? = nil, camera: String? = nil, method: String,
      type: Int? = nil, kind: String? = nil, typeName: String? = nil, event: Int? = nil, priority: Int,
      time: Time? = nil, moment: Time, received: Time, last: Time, count: Int = 1, text: String? = nil,
      longitude: Double? = nil, latitude: Double? = nil, acknowledged: AlarmAcknowledgement? = nil
    ) {
      self.id = id
      self.device = device
      self.source = source
      self.name = name
      self.camera = camera
      self.method = method
      self.type = type
      self.kind = kind
      self.typeName = typeName
      self.event = event
      self.priority = priority
      self.time = time
      self.moment = moment
      self.received = received
      self.last = last
      self.count = count
      self.text = text
      self.longitude = longitude
      self.latitude = latitude
      self.acknowledged = acknowledged
    }
  }

  /// That a person has taken note of an alarm.
  public struct AlarmAcknowledgement: Codable, Sendable, Hashable {
    public var by: String
    public var at: Time
    public var note: String

    public init(by: String, at: Time, note: String) {
      self.by = by
      self.at = at
      self.note = note
    }
  }

  /// Takes note of an alarm.
  public struct AlarmNote: Codable, Sendable, Hashable {
    /// At most 500 characters.
    public var note: String?

    public init(note: String? = nil) {
      self.note = note
    }
  }

  /// What a device is asked to report.
  public struct Subscriptions: Codable, Sendable, Hashable {
    public var items: [Subscription]
    /// Whether an alarm input is set back after each alarm.
    public var resetsAlarms: Bool
    /// Whether the device is armed before it is asked for alarms.
    public var armsGuard: Bool
    /// Seconds between two positions of a mobile camera.
    public var positionInterval: Int

    public init(items: [Subscription], resetsAlarms: Bool, armsGuard: Bool, positionInterval: Int) {
      self.items = items
      self.resetsAlarms = resetsAlarms
      self.armsGuard = armsGuard
      self.positionInterval = positionInterval
    }
  }

  /// One kind of report.
  public struct Subscription: Codable, Sendable, Hashable {
    /// `catalog`, `alarm`, `position` or `ptz-position`.
    public var kind: String
    /// `on` or `off` when a person decided, else `usual`.
    public var choice: String
    public var wanted: Bool
    /// `off`, `asleep`, `asking`, `active`, `refreshing` or `pausing`.
    public var state: String
    /// When it ends unless it is refreshed.
    public var expires: Time?
    /// When the device last reported.
    public var lastReport: Time?
    public var reports: Int
    /// Why it is not granted.
    public var cause: String?

    public init(
      kind: String, choice: String, wanted: Bool, state: String, expires: Time? = nil,
      lastReport: Time? = nil,
      reports: Int = 0, cause: String? = nil
    ) {
      self.kind = kind
      self.choice = choice
      self.wanted = wanted
      self.state = state
      self.expires = expires
      self.lastReport = lastReport
      self.reports = reports
      self.cause = cause
    }
  }

  /// What is given is changed.
  public struct SubscriptionsChange: Codable, Sendable, Hashable {
    /// By kind: `on`, `off` or `usual`.
    public var choices: [String: String]?
    public var resetsAlarms: Bool?
    public var armsGuard: Bool?
    public var positionInterval: Int?

    public init(
      choices: [String: String]? = nil, resetsAlarms: Bool? = nil, armsGuard: Bool? = nil,
      positionInterval: Int? = nil
    ) {
      self.choices = choices
      self.resetsAlarms = resetsAlarms
      self.armsGuard = armsGuard
      self.positionInterval = positionInterval
    }
  }

  /// Where a camera looks, as it reports it.
  public struct View: Codable, Sendable, Hashable {
    /// Degrees.
    public var pan: Double?
    /// Degrees.
    public var tilt: Double?
    /// Times.
    public var zoom: Double?
    public var received: Time

    public init(pan: Double? = nil, tilt: Double? = nil, zoom: Double? = nil, received: Time) {
      self.pan = pan
      self.tilt = tilt
      self.zoom = zoom
      self.received = received
    }
  }

  /// Where a mobile camera is: the latest report, and none before it.
  public struct Position: Codable, Sendable, Hashable {
    /// Degrees east, WGS-84.
    public var longitude: Double
    /// Degrees north, WGS-84.
    public var latitude: Double
    /// By the device's own clock.
    public var time: Time?
    public var received: Time
    /// Kilometres per hour.
    public var speed: Double?
    /// Degrees clockwise from north.
    public var direction: Double?
    /// Metres above the sea.
    public var altitude: Double?

    public init(
      longitude: Double, latitude: Double, time: Time? = nil, received: Time, speed: Double? = nil,
      direction: Double? = nil, altitude: Double? = nil
    ) {
      self.longitude = longitude
      self.latitude = latitude
      self.time = time
      self.received = received
      self.speed = speed
      self.direction = direction
      self.altitude = altitude
    }
  }
}
