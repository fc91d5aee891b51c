/// Recordings on board of devices: lists, queues, downloads.

extension API {
  /// One recording, as whoever holds it tells of it.
  public struct Record: Codable, Sendable, Hashable {
    public var from: Time
    public var to: Time
    /// `own` or `device`.
    public var source: String
    public var name: String?
    /// Why it was recorded: `time`, `alarm` or `manual`.
    public var type: String?
    /// Bytes.
    public var size: Int64?
    /// The device's name for the file.
    public var path: String?
    public var recorder: String?
    public var secret: Bool?

    public init(
      from: Time, to: Time, source: String, name: String? = nil, type: String? = nil, size: Int64? = nil,
      path: String? = nil, recorder: String? = nil, secret: Bool? = nil
    ) {
      (self.from, self.to, self.source, self.name) = (from, to, source, name)
      (self.type, self.size, self.path) = (type, size, path)
      (self.recorder, self.secret) = (recorder, secret)
    }
  }

  /// The recordings of an interval.
  public struct RecordList: Codable, Sendable, Hashable {
    public var channel: String
    public var from: Time
    public var to: Time
    public var records: [Record]
    /// False when a device announced more than came.
    public var complete: Bool

    public init(channel: String, from: Time, to: Time, records: [Record], complete: Bool) {
      (self.channel, self.from, self.to) = (channel, from, to)
      (self.records, self.complete) = (records, complete)
    }
  }

  /// How far a device's answer about its recordings can be trusted.
  public struct DeviceSource: Codable, Sendable, Hashable {
    public enum State: String, Codable, Sendable, Hashable, CaseIterable {
      /// Everything that it announced came.
      case complete
      /// Something is missing.
      case partial
      /// It did not answer.
      case unanswered
      /// It answered ERROR.
      case refused
      case offline
    }

    public var state: State
    public var text: String?

    public init(state: State, text: String? = nil) { (self.state, self.text) = (state, text) }
  }

  /// Who uses a device's recordings, and how many wait.
  public struct HistoryQueue: Codable, Sendable, Hashable {
    /// The account that holds the channel.
    public var holder: String
    public var since: Time
    /// How many are before this one.
    public var ahead: Int
    public var waiting: Int

    public init(holder: String, since: Time, ahead: Int, waiting: Int) {
      (self.holder, self.since, self.ahead, self.waiting) = (holder, since, ahead, waiting)
    }
  }

  /// How a device's recordings are asked for. What is given is changed; 0 restores the default.
  public struct DeviceRecordings: Codable, Sendable, Hashable {
    /// Seconds that its list's times are ahead of Beijing time; −28800 where it writes UTC.
    public var listOffset: Int?
    /// Seconds added to the times of an INVITE, for devices that take them for local time.
    public var inviteOffset: Int?
    /// Replays and downloads that it bears at once; 0: one per channel.
    public var sessions: Int?

    public init(listOffset: Int? = nil, inviteOffset: Int? = nil, sessions: Int? = nil) {
      (self.listOffset, self.inviteOffset, self.sessions) = (listOffset, inviteOffset, sessions)
    }
  }

  /// What to fetch from a device.
  public struct NewDownload: Codable, Sendable, Hashable, StatesPurpose {
    public var from: Time
    public var to: Time
    /// Multiple of real time that the device is asked for, 1…16.
    public var speed: Int?
    public var purpose: String?
    /// Number of the case, when the purpose needs one.
    public var caseNumber: String?
    /// Who approved, when the purpose needs that.
    public var approver: String?

    public init(from: Time, to: Time, speed: Int? = nil, purpose: String? = nil) {
      (self.from, self.to, self.speed, self.purpose) = (from, to, speed, purpose)
    }
  }

  /// Where a download is.
  public enum DownloadState: String, Codable, Sendable, Hashable, CaseIterable {
    case queued, running, complete, failed, cancelled
  }

  /// A recording that is fetched from a device, or was.
  public struct Download: Codable, Sendable, Hashable {
    public var id: String
    public var channel: String
    public var user: String
    public var from: Time
    public var to: Time
    public var state: DownloadState
    /// 0…1.
    public var progress: Double
    /// Received so far.
    public var bytes: Int64
    /// As the device announced it.
    public var expectedBytes: Int64?
    /// The moment that the pictures have reached.
    public var reached: Time?
    public var created: Time
    public var ended: Time?
    /// When the file will be removed.
    public var expires: Time?
    /// Path of the finished file.
    public var file: String?
    public var size: Int64?
    /// Lower-case hexadecimal.
    public var sha256: String?
    public var queue: HistoryQueue?
    /// Why it failed, or why a complete file ends before what was asked for.
    public var cause: Cause?

    public init(
      id: String, channel: String, user: String, from: Time, to: Time, state: DownloadState, progress: Double,
      bytes: Int64, expectedBytes: Int64? = nil, reached: Time? = nil, created: Time, ended: Time? = nil,
      expires: Time? = nil, file: String? = nil, size: Int64? = nil, sha256: String? = nil,
      queue: HistoryQueue? = nil, cause: Cause? = nil
    ) {
      (self.id, self.channel, self.user, self.from, self.to) = (id, channel, user, from, to)
      (self.state, self.progress, self.bytes, self.expectedBytes) = (state, progress, bytes, expectedBytes)
      (self.reached, self.created, self.ended, self.expires) = (reached, created, ended, expires)
      (self.file, self.size, self.sha256, self.queue, self.cause) = (file, size, sha256, queue, cause)
    }
  }
}
