/// What this level of the network is, and how it is.

extension API {
  /// What this level of the network is.
  public struct Platform: Codable, Sendable, Hashable {
    /// 20-digit code of the platform.
    public var id: String
    public var name: String
    public var version: String
    /// SIP realm, normally the first ten digits of the code.
    public var realm: String
    public var sip: SIPAddress
    public var media: MediaAddress
    /// The server's clock when it answered.
    public var time: Time
    /// IANA name of the zone that the console shows.
    public var timezone: String
    public var transcode: TranscodeBudget
    /// Whether the devices are simulated.
    public var demo: Bool

    public init(
      id: String, name: String, version: String, realm: String, sip: SIPAddress,
      media: MediaAddress, time: Time, timezone: String, transcode: TranscodeBudget, demo: Bool
    ) {
      self.id = id
      self.name = name
      self.version = version
      self.realm = realm
      self.sip = sip
      self.media = media
      self.time = time
      self.timezone = timezone
      self.transcode = transcode
      self.demo = demo
    }
  }

  /// Where devices register.
  public struct SIPAddress: Codable, Sendable, Hashable {
    public var host: String
    public var port: Int
    /// The port of SIP over TLS, where it is spoken.
    public var tlsPort: Int?

    public init(host: String, port: Int, tlsPort: Int? = nil) {
      self.host = host
      self.port = port
      self.tlsPort = tlsPort
    }
  }

  /// Where devices send media.
  public struct MediaAddress: Codable, Sendable, Hashable {
    /// `single-port` or `ports`.
    public var mode: String
    /// The port, or the first of the range.
    public var port: Int
    public var lastPort: Int?

    public init(mode: String, port: Int, lastPort: Int? = nil) {
      self.mode = mode
      self.port = port
      self.lastPort = lastPort
    }
  }

  /// How many pictures may be converted for browsers at a time.
  public struct TranscodeBudget: Codable, Sendable, Hashable {
    public var budget: Int
    public var used: Int

    public init(budget: Int, used: Int) {
      self.budget = budget
      self.used = used
    }
  }

  /// Whether the process can do its work.
  public struct Readiness: Codable, Sendable, Hashable {
    public var ready: Bool
    public var checks: [Check]

    public init(ready: Bool, checks: [Check]) {
      self.ready = ready
      self.checks = checks
    }
  }

  /// One thing that was looked at.
  public struct Check: Codable, Sendable, Hashable {
    public var name: String
    public var status: CheckStatus
    public var text: String
    /// What to do about it.
    public var fix: String?

    public init(name: String, status: CheckStatus, text: String, fix: String? = nil) {
      self.name = name
      self.status = status
      self.text = text
      self.fix = fix
    }
  }

  /// Everything the health page shows.
  public struct Health: Codable, Sendable, Hashable {
    /// The worst of the checks.
    public var status: CheckStatus
    /// When the process started.
    public var since: Time
    public var checks: [Check]
    public var devices: DeviceCounts
    public var streams: StreamCounts
    public var recorder: RecorderHealth
    public var storage: [StorageHealth]
    /// Signalling counters since start, by name.
    public var sip: [String: Int]
    /// Media counters and gauges, by name.
    public var media: [String: Double]

    public init(
      status: CheckStatus, since: Time, checks: [Check], devices: DeviceCounts,
      streams: StreamCounts, recorder: RecorderHealth, storage: [StorageHealth],
      sip: [String: Int], media: [String: Double]
    ) {
      self.status = status
      self.since = since
      self.checks = checks
      self.devices = devices
      self.streams = streams
      self.recorder = recorder
      self.storage = storage
      self.sip = sip
      self.media = media
    }
  }

  /// Devices by state.
  public struct DeviceCounts: Codable, Sendable, Hashable {
    public var online: Int
    public var suspect: Int
    public var offline: Int
    public var unknown: Int

    public init(online: Int, suspect: Int, offline: Int, unknown: Int = 0) {
      self.online = online
      self.suspect = suspect
      self.offline = offline
      self.unknown = unknown
    }
  }

  /// Streams by what they are.
  public struct StreamCounts: Codable, Sendable, Hashable {
    public var live: Int
    public var connecting: Int
    public var playback: Int
    public var viewers: Int
    public var transcoded: Int

    public init(live: Int, connecting: Int = 0, playback: Int = 0, viewers: Int = 0, transcoded: Int = 0) {
      self.live = live
      self.connecting = connecting
      self.playback = playback
      self.viewers = viewers
      self.transcoded = transcoded
    }
  }

  /// What the recorder does.
  public struct RecorderHealth: Codable, Sendable, Hashable {
    /// Channels with a plan.
    public var channels: Int
    /// Channels being written now.
    public var writing: Int
    public var bytesPerSecond: Double
    /// Bytes waiting for the disk.
    public var queue: Int
    public var daysToFull: Double?

    public init(
      channels: Int, writing: Int, bytesPerSecond: Double, queue: Int, daysToFull: Double? = nil
    ) {
      self.channels = channels
      self.writing = writing
      self.bytesPerSecond = bytesPerSecond
      self.queue = queue
      self.daysToFull = daysToFull
    }
  }

  /// One directory of recordings. All sizes in bytes.
  public struct StorageHealth: Codable, Sendable, Hashable {
    public var path: String
    public var total: Int64
    public var free: Int64
    /// Kept free by rule.
    public var reserve: Int64
    /// Taken by recordings.
    public var used: Int64
    /// Who the disk is, by its marker file.
    public var disk: String
    /// Recorded files on it.
    public var files: Int
    /// Files being written to it.
    public var writing: Int
    /// Why it is away; nil while it is there.
    public var lost: String?

    public init(
      path: String, total: Int64, free: Int64, reserve: Int64, used: Int64, disk: String = "",
      files: Int = 0, writing: Int = 0, lost: String? = nil
    ) {
      self.path = path
      self.total = total
      self.free = free
      self.reserve = reserve
      self.used = used
      self.disk = disk
      self.files = files
      self.writing = writing
      self.lost = lost
    }
  }
}
