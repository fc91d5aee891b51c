/// How long recordings are kept, what was deleted, and what must not be.

extension API {
  /// The rules of deleting.
  public struct RetentionRules: Codable, Sendable, Hashable {
    /// One entry for each of `expendable`, `normal` and `important`, in this order in answers.
    public var classes: [RetentionClassRules]
    /// Bytes of the disk that recordings leave free.
    public var reserveBytes: Int64
    /// When even promised recordings would have to go: `shed` deletes them, `stop` stops recording.
    public var exhaustion: String

    public init(classes: [RetentionClassRules], reserveBytes: Int64, exhaustion: String) {
      self.classes = classes
      self.reserveBytes = reserveBytes
      self.exhaustion = exhaustion
    }
  }

  /// The rules of one class of recordings.
  public struct RetentionClassRules: Codable, Sendable, Hashable {
    /// `expendable`, `normal` or `important`: when space runs out, the first go first.
    public var name: String
    /// Older recordings are deleted; without it they stay until space runs out.
    public var maximumDays: Double?
    /// Space alone does not delete younger recordings.
    public var minimumDays: Double

    public init(name: String, maximumDays: Double? = nil, minimumDays: Double) {
      self.name = name
      self.maximumDays = maximumDays
      self.minimumDays = minimumDays
    }
  }

  /// The rules in force and what they have deleted.
  public struct Retention: Codable, Sendable, Hashable {
    public var rules: RetentionRules
    /// Since the database was made, by rule.
    public var deleted: [DeletedRecordings]
    /// Files that are not marked for deletion.
    public var files: Int
    public var bytes: Int64
    public var oldest: Time?
    public var newest: Time?

    public init(
      rules: RetentionRules, deleted: [DeletedRecordings], files: Int, bytes: Int64, oldest: Time? = nil,
      newest: Time? = nil
    ) {
      self.rules = rules
      self.deleted = deleted
      self.files = files
      self.bytes = bytes
      self.oldest = oldest
      self.newest = newest
    }
  }

  /// Files and bytes under one rule.
  public struct DeletedRecordings: Codable, Sendable, Hashable {
    /// `maximum-age`, `reserved-space` or `reserved-space-below-minimum-age`.
    public var rule: String
    public var files: Int
    public var bytes: Int64

    public init(rule: String, files: Int, bytes: Int64) {
      self.rule = rule
      self.files = files
      self.bytes = bytes
    }
  }

  /// What rules would delete if they were in force now. Nothing is deleted by asking.
  public struct RetentionPreview: Codable, Sendable, Hashable {
    public var files: Int
    public var bytes: Int64
    public var oldest: Time?
    public var newest: Time?
    public var rules: [DeletedRecordings]
    /// The channels that would lose recordings, those that lose most first.
    public var channels: [ChannelLoss]
    /// Recordings younger than their promised age would have to go.
    public var breaksPromise: Bool
    /// Bytes that would still be missing to the reserve.
    public var missingBytes: Int64
    /// False when so much would go that only the beginning was looked at.
    public var complete: Bool

    public init(
      files: Int, bytes: Int64, oldest: Time? = nil, newest: Time? = nil, rules: [DeletedRecordings],
      channels: [ChannelLoss], breaksPromise: Bool, missingBytes: Int64, complete: Bool
    ) {
      self.files = files
      self.bytes = bytes
      self.oldest = oldest
      self.newest = newest
      self.rules = rules
      self.channels = channels
      self.breaksPromise = breaksPromise
      self.missingBytes = missingBytes
      self.complete = complete
    }
  }

  /// What one channel would lose.
  public struct ChannelLoss: Codable, Sendable, Hashable {
    public var channel: String
    public var files: Int
    public var bytes: Int64
    public var oldest: Time
    public var newest: Time

    public init(channel: String, files: Int, bytes: Int64, oldest: Time, newest: Time) {
      self.channel = channel
      self.files = files
      self.bytes = bytes
      self.oldest = oldest
      self.newest = newest
    }
  }

  /// An order that nothing of an interval is deleted.
  public struct Hold: Codable, Sendable, Hashable {
    public var id: String
    public var channel: String
    public var from: Time
    public var to: Time
    public var reason: String
    public var by: String
    public var placed: Time
    /// When it ends by itself.
    public var until: Time?
    public var released: Time?
    public var releasedBy: String?
    /// Whether it protects anything now.
    public var active: Bool
    /// Files that reach into the interval, and their bytes.
    public var files: Int
    public var bytes: Int64

    public init(
      id: String, channel: String, from: Time, to: Time, reason: String, by: String, placed: Time,
      until: Time? = nil, released: Time? = nil, releasedBy: String? = nil, active: Bool, files: Int,
      bytes: Int64
    ) {
      self.id = id
      self.channel = channel
      self.from = from
      self.to = to
      self.reason = reason
      self.by = by
      self.placed = placed
      self.until = until
      self.released = released
      self.releasedBy = releasedBy
      self.active = active
      self.files = files
      self.bytes = bytes
    }
  }

  /// The last comparison of index and recorded files.
  public struct IndexCheck: Codable, Sendable, Hashable {
    public var running: Bool
    /// Absent before the first.
    public var started: Time?
    public var ended: Time?
    /// Entries of the index that were looked at.
    public var files: Int
    /// Files whose bytes were read and hashed again.
    public var hashed: Int
    public var hashedBytes: Int64
    /// By kind: `missing`, `unknown`, `size`, `hash`, `unreadable`.
    public var faults: [String: Int]
    /// Marked files, the latest first; at most 100.
    public var damaged: [DamagedRecording]

    public init(
      running: Bool, started: Time? = nil, ended: Time? = nil, files: Int = 0, hashed: Int = 0,
      hashedBytes: Int64 = 0, faults: [String: Int] = [:], damaged: [DamagedRecording]
    ) {
      self.running = running
      self.started = started
      self.ended = ended
      self.files = files
      self.hashed = hashed
      self.hashedBytes = hashedBytes
      self.faults = faults
      self.damaged = damaged
    }
  }

  /// A recorded file that is not what it was.
  public struct DamagedRecording: Codable, Sendable, Hashable {
    public var channel: String
    public var start: Time
    /// `size`, `hash` or `unreadable`.
    public var fault: String
    public var seen: Time

    public init(channel: String, start: Time, fault: String, seen: Time) {
      self.channel = channel
      self.start = start
      self.fault = fault
      self.seen = seen
    }
  }

  /// A hold to be placed.
  public struct NewHold: Codable, Sendable, Hashable {
    public var channel: String
    public var from: Time
    public var to: Time
    /// Why: it stands in the list for good.
    public var reason: String
    /// When it ends by itself; without it, when somebody releases it.
    public var until: Time?

    public init(channel: String, from: Time, to: Time, reason: String, until: Time? = nil) {
      self.channel = channel
      self.from = from
      self.to = to
      self.reason = reason
      self.until = until
    }
  }
}
