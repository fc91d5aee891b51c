/// What a device says of itself, how it is set up, what it photographs, and which firmware it gets.

extension API {
  /// What a device answered to DeviceStatus.
  public struct DeviceState: Codable, Sendable, Hashable {
    public var ok: Bool
    public var online: Bool
    public var working: Bool
    public var reason: String?
    public var encoding: Bool?
    public var recording: Bool?
    /// Its clock.
    public var deviceTime: Time?
    /// Seconds that its clock is ahead of ours.
    public var clockOffset: Double?
    public var alarmInputs: [AlarmInput]

    public init(
      ok: Bool, online: Bool, working: Bool, reason: String? = nil, encoding: Bool? = nil,
      recording: Bool? = nil, deviceTime: Time? = nil, clockOffset: Double? = nil, alarmInputs: [AlarmInput]
    ) {
      (self.ok, self.online, self.working, self.reason) = (ok, online, working, reason)
      (self.encoding, self.recording, self.deviceTime) = (encoding, recording, deviceTime)
      (self.clockOffset, self.alarmInputs) = (clockOffset, alarmInputs)
    }
  }

  /// An alarm input of a device.
  public struct AlarmInput: Codable, Sendable, Hashable {
    public var id: String
    /// `on-duty`, `off-duty` or `alarm`.
    public var duty: String

    public init(id: String, duty: String) { (self.id, self.duty) = (id, duty) }
  }

  /// A storage card in a device.
  public struct StorageCard: Codable, Sendable, Hashable {
    public var number: Int
    public var name: String?
    /// `ok`, `formatting`, `unformatted`, `idle`, `error`, or what the device wrote.
    public var status: String
    /// Per cent.
    public var formatProgress: Int?
    /// Megabytes.
    public var capacity: Int?
    /// Megabytes.
    public var free: Int?

    public init(
      number: Int, name: String? = nil, status: String, formatProgress: Int? = nil, capacity: Int? = nil,
      free: Int? = nil
    ) {
      (self.number, self.name, self.status) = (number, name, status)
      (self.formatProgress, self.capacity, self.free) = (formatProgress, capacity, free)
    }
  }

  /// What may stand in a configuration block: what an editor needs.
  public struct ConfigurationForm: Codable, Sendable, Hashable {
    public var block: String
    /// The first edition that has it: `2.0` or `3.0`.
    public var edition: String
    public var writable: Bool
    public var fields: [ConfigurationField]

    public init(block: String, edition: String, writable: Bool, fields: [ConfigurationField]) {
      (self.block, self.edition, self.writable, self.fields) = (block, edition, writable, fields)
    }
  }

  /// One value of a configuration block.
  public struct ConfigurationField: Codable, Sendable, Hashable {
    /// Its name in `values`.
    public var name: String
    /// `integer`, `number`, `text`, `list` or `xml`.
    public var type: String
    public var required: Bool
    /// Only devices write it.
    public var readOnly: Bool
    public var minimum: Double?
    public var maximum: Double?
    /// Bytes of a text, entries of a list.
    public var most: Int?
    /// Of each entry of a list.
    public var fields: [ConfigurationField]?

    public init(
      name: String, type: String, required: Bool, readOnly: Bool, minimum: Double? = nil,
      maximum: Double? = nil, most: Int? = nil, fields: [ConfigurationField]? = nil
    ) {
      (self.name, self.type, self.required, self.readOnly) = (name, type, required, readOnly)
      (self.minimum, self.maximum, self.most, self.fields) = (minimum, maximum, most, fields)
    }
  }

  /// A value of a configuration block: number, text, or list of objects.
  public indirect enum Value: Codable, Sendable, Hashable {
    case integer(Int)
    case number(Double)
    case text(String)
    case list([[String: Value]])

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Int.self) {
        self = .integer(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else {
        self = .list(try container.decode([[String: Value]].self))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      case .list(let value): try container.encode(value)
      }
    }
  }

  /// A configuration block as a device has it.
  public struct ConfigurationBlock: Codable, Sendable, Hashable {
    public var block: String
    /// Under the names of the standard.
    public var values: [String: Value]

    public init(block: String, values: [String: Value]) { (self.block, self.values) = (block, values) }
  }

  /// The configuration of a channel or device.
  public struct Configuration: Codable, Sendable, Hashable {
    public var items: [ConfigurationBlock]
    /// Blocks that were asked for and did not come.
    public var missing: [String]

    public init(items: [ConfigurationBlock], missing: [String]) {
      (self.items, self.missing) = (items, missing)
    }
  }

  /// New values for a configuration block.
  public struct ConfigurationChange: Codable, Sendable, Hashable {
    /// Under the names of the standard.
    public var values: [String: Value]

    public init(values: [String: Value]) { self.values = values }
  }

  /// What became of a change.
  public struct ConfigurationResult: Codable, Sendable, Hashable {
    public var block: String
    /// Whether the device said that it took it.
    public var confirmed: Bool
    /// What the device has now; absent when it does not tell.
    public var values: [String: Value]?
    /// Names of what it has otherwise than was asked for.
    public var differences: [String]

    public init(block: String, confirmed: Bool, values: [String: Value]? = nil, differences: [String]) {
      (self.block, self.confirmed, self.values) = (block, confirmed, values)
      self.differences = differences
    }
  }

  /// Pictures that a camera shall take itself.
  public struct SnapshotRequest: Codable, Sendable, Hashable {
    /// 1…10
    public var count: Int?
    /// Seconds between two, at least 1.
    public var interval: Int?

    public init(count: Int? = nil, interval: Int? = nil) { (self.count, self.interval) = (count, interval) }
  }

  /// Pictures that were asked for, and what came.
  public struct SnapshotSession: Codable, Sendable, Hashable {
    public var session: String
    public var channel: String
    /// `asked`, `complete`, `partial` or `failed`.
    public var state: String
    public var by: String
    public var started: Time
    public var asked: Int
    public var arrived: Int
    /// How many the camera says it uploaded; absent until it does.
    public var reported: Int?
    /// Why it failed.
    public var reason: String?

    public init(
      session: String, channel: String, state: String, by: String, started: Time, asked: Int, arrived: Int,
      reported: Int? = nil, reason: String? = nil
    ) {
      (self.session, self.channel, self.state, self.by) = (session, channel, state, by)
      (self.started, self.asked, self.arrived) = (started, asked, arrived)
      (self.reported, self.reason) = (reported, reason)
    }
  }

  /// A picture that a camera took itself.
  public struct SnapshotFile: Codable, Sendable, Hashable {
    public var file: String
    public var time: Time
    public var bytes: Int

    public init(file: String, time: Time, bytes: Int) {
      (self.file, self.time, self.bytes) = (file, time, bytes)
    }
  }

  /// Pictures of a channel, and the orders of the last hour.
  public struct Snapshots: Codable, Sendable, Hashable {
    public var items: [SnapshotFile]
    public var sessions: [SnapshotSession]

    public init(items: [SnapshotFile], sessions: [SnapshotSession]) {
      (self.items, self.sessions) = (items, sessions)
    }
  }

  /// A file for upgrades.
  public struct FirmwareFile: Codable, Sendable, Hashable {
    public var name: String
    public var bytes: Int64
    /// 64 hexadecimal digits.
    public var sha256: String
    public var placed: Time

    public init(name: String, bytes: Int64, sha256: String, placed: Time) {
      (self.name, self.bytes, self.sha256, self.placed) = (name, bytes, sha256, placed)
    }
  }

  /// An upgrade of a device.
  public struct Upgrade: Codable, Sendable, Hashable {
    public var session: String
    public var device: String
    public var file: String
    public var firmware: String
    /// `offered`, `accepted`, `downloading`, `downloaded`, `restarted`, `done` or `failed`.
    public var state: String
    /// Why it failed.
    public var reason: String?
    public var by: String
    public var started: Time
    public var changed: Time

    public init(
      session: String, device: String, file: String, firmware: String, state: String, reason: String? = nil,
      by: String, started: Time, changed: Time
    ) {
      (self.session, self.device, self.file, self.firmware) = (session, device, file, firmware)
      (self.state, self.reason, self.by) = (state, reason, by)
      (self.started, self.changed) = (started, changed)
    }
  }
}
