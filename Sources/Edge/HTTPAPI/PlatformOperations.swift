public import Access
public import MediaTime

/// Who asked for an operation, and how to find the request in the log.
public struct Caller: Sendable, Hashable {
  public let principal: Principal
  /// Network address of the peer.
  public let source: String
  /// Also in the answer's `X-Correlation-ID` and in every log line of the request.
  public let correlation: String
  /// Why, as the query says; a body may say more.
  public let stated: API.Statement
  /// What the operation was allowed by, when it was decided before the platform was asked.
  public let admission: Admission?

  public init(
    principal: Principal, source: String, correlation: String, stated: API.Statement = API.Statement(),
    admission: Admission? = nil
  ) {
    (self.principal, self.source, self.correlation) = (principal, source, correlation)
    (self.stated, self.admission) = (stated, admission)
  }
}

/// What the platform can do, as the HTTP interface asks for it.
///
/// The interface has checked the credential, the permission and the form of the
/// request before it calls; identifiers may still be unknown. A refusal is
/// thrown as ``Problem``; any other error becomes a general 500 and a log line.
public protocol PlatformOperations: RightsOperations {
  // Platform
  func platform() async throws -> API.Platform
  /// Liveness and readiness; must answer quickly and never throw.
  func readiness() async -> API.Readiness
  func health() async throws -> API.Health
  /// Prometheus text exposition.
  func metrics() async -> String
  /// Everything that changes from now on. Ends when the consumer stops; a slow consumer may lose old events.
  func events(for caller: Caller) async -> AsyncStream<ServerEvent>

  // Devices
  func devices(_ query: DeviceQuery) async throws -> API.Page<API.Device>
  func device(_ id: String) async throws -> API.Device
  func addDevice(_ device: API.NewDevice, by caller: Caller) async throws -> API.Device
  func changeDevice(_ id: String, _ change: API.DeviceChange, by caller: Caller) async throws -> API.Device
  func removeDevice(_ id: String, by caller: Caller) async throws
  /// Sends DeviceInfo and Catalog queries again; does not wait for the answers.
  func refreshDevice(_ id: String, by caller: Caller) async throws -> API.Refreshed
  /// - Parameter csv: at most ``HTTPLimits/importBody`` bytes, in any character set.
  func importDevices(csv: [UInt8], dryRun: Bool, by caller: Caller) async throws -> API.ImportResult
  func profiles() async throws -> API.ProfileList
  func profile(device id: String) async throws -> API.DeviceProfile
  func changeProfile(device id: String, _ change: API.DeviceProfileChange, by caller: Caller) async throws
    -> API.DeviceProfile
  func ladder(device id: String) async throws -> API.Ladder
  /// Explains a device without calling a camera; asks it for its state.
  func diagnosis(device id: String) async throws -> API.MediaDiagnosis
  func quarantine() async throws -> [API.QuarantinedDevice]
  func approve(_ id: String, _ approval: API.Approval, by caller: Caller) async throws -> API.Device
  func dismiss(_ id: String, by caller: Caller) async throws

  // Platforms above
  func superiors() async throws -> [API.Superior]
  func superior(_ id: String) async throws -> API.Superior
  func saveSuperior(_ id: String, _ superior: API.NewSuperior, by caller: Caller) async throws -> API.Superior
  func removeSuperior(_ id: String, by caller: Caller) async throws
  /// Tries to register now; does not wait for the answer.
  func registerNow(superior id: String, by caller: Caller) async throws -> API.Superior
  func ladder(superior id: String) async throws -> API.Ladder
  func links() async throws -> [API.Link]
  func declareLink(_ id: String, _ declaration: API.LinkDeclaration, by caller: Caller) async throws
    -> API.Link

  // MARK: Levels of our kind

  func levels() async throws -> API.Levels
  /// Who of other levels looked since the start, the latest first.
  func levelVisitors() async throws -> [API.LevelVisitor]
  /// Makes a code that a neighbour enters once.
  func makeEnrolmentCode(_ neighbour: API.EnrolmentFor, by caller: Caller) async throws -> API.EnrolmentCode
  /// Enters a code that a neighbour made.
  func enrol(_ code: API.EnrolmentCode, by caller: Caller) async throws -> API.Level
  /// Makes a new key of ours.
  func rotateLevelKey(by caller: Caller) async throws -> API.Levels
  /// Believes a neighbour no longer.
  func revokeLevel(_ id: String, role: String, by caller: Caller) async throws -> API.Level
  func logWitnesses() async throws -> [API.LogWitness]

  // Platforms below
  func lowerPlatforms() async throws -> [API.LowerPlatform]
  func lowerPlatform(_ id: String) async throws -> API.LowerPlatform
  /// Compares what is known of its catalog with what it shares; does not wait for the answer.
  func compareNow(lowerPlatform id: String, by caller: Caller) async throws -> API.LowerPlatform

  // Channels
  /// Those that the caller may know of.
  func channels(_ query: ChannelQuery, for caller: Caller) async throws -> API.Page<API.Channel>
  func channel(_ id: String) async throws -> API.Channel
  func changeChannel(_ id: String, _ change: API.ChannelChange, by caller: Caller) async throws -> API.Channel
  func tree(_ view: API.TreeView, for caller: Caller) async throws -> API.Tree
  func diagnosis(channel id: String) async throws -> API.MediaDiagnosis

  // Pictures
  func openLive(channel id: String, _ request: API.LiveRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  func openPlayback(channel id: String, _ request: API.PlaybackRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  func mediaSessions(for caller: Caller) async throws -> [API.MediaSession]
  func mediaSession(_ session: String, for caller: Caller) async throws -> API.MediaSession
  func controlPlayback(_ session: String, _ control: API.PlaybackControl, by caller: Caller) async throws
    -> API.MediaSession
  func closeMediaSession(_ session: String, by caller: Caller) async throws
  /// A file of a session's HLS presentation (`index.m3u8`, segments); the session is the credential.
  func hlsFile(session: String, name: String, source: String) async throws -> MediaFile
  /// The latest key frame as JPEG.
  func snapshot(channel id: String, by caller: Caller) async throws -> MediaFile

  // Cameras that move
  /// Who moves a camera, and what its device knows.
  func cameraControl(channel id: String) async throws -> API.CameraControl
  /// One order; a movement ends by itself unless it is renewed.
  func move(channel id: String, _ request: API.PTZRequest, by caller: Caller) async throws -> API.PTZAnswer
  func command(channel id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  /// - Parameter again: asks although the device left the question unanswered before.
  func presets(channel id: String, again: Bool) async throws -> API.Presets
  /// Names a preset without setting it anew. An empty name gives the device's own back.
  func namePreset(channel id: String, number: Int, name: String, by caller: Caller) async throws -> API.Preset
  func cruises(channel id: String, again: Bool) async throws -> [API.Cruise]
  func cruise(channel id: String, number: Int, again: Bool) async throws -> API.Cruise
  func homePosition(channel id: String, again: Bool) async throws -> API.HomePosition
  func setHomePosition(channel id: String, _ home: API.HomePosition, by caller: Caller) async throws
    -> API.ControlAnswer
  func ptzPosition(channel id: String, again: Bool) async throws -> API.PTZPosition

  // Speaking
  /// Answers when sound can go. Throws why it cannot, also when somebody else speaks there.
  func openVoice(channel id: String, _ request: API.VoiceRequest, by caller: Caller) async throws
    -> API.VoiceOpened
  /// Who speaks through the channel's device; nil for nobody.
  func voice(channel id: String) async throws -> API.Voice?
  func closeVoice(channel id: String, by caller: Caller) async throws
  func voices() async throws -> [API.Voice]

  // Devices from here
  func command(device id: String, _ request: API.ControlRequest, by caller: Caller) async throws
    -> API.ControlAnswer
  func deviceState(_ id: String, again: Bool) async throws -> API.DeviceState
  func cards(device id: String, again: Bool) async throws -> [API.StorageCard]
  func configurationForms() async throws -> [API.ConfigurationForm]
  /// - Parameters:
  ///   - id: of a channel or a device.
  ///   - blocks: nil asks for all that the device's edition knows.
  func configuration(_ id: String, blocks: [String]?, again: Bool) async throws -> API.Configuration
  /// Sets a block and reads it back.
  func configure(_ id: String, block: String, _ change: API.ConfigurationChange, by caller: Caller)
    async throws
    -> API.ConfigurationResult

  // Pictures that cameras take themselves, and firmware
  func takeSnapshots(channel id: String, _ request: API.SnapshotRequest, by caller: Caller) async throws
    -> API.SnapshotSession
  func snapshots(channel id: String) async throws -> API.Snapshots
  func snapshotFile(channel id: String, name: String, by caller: Caller) async throws -> MediaFile
  /// Throws unless a picture is expected under this session, which is the credential.
  func expectsSnapshot(session: String) async throws
  func storeSnapshot(session: String, bytes: [UInt8], source: String) async throws
  func firmware() async throws -> [API.FirmwareFile]
  func placeFirmware(_ name: String, by caller: Caller) async throws -> any FirmwareWriter
  func removeFirmware(_ name: String, by caller: Caller) async throws
  /// The file of an upgrade; its session is the credential.
  func fetchFirmware(session: String, source: String) async throws -> ExportContent
  func upgrades(device id: String) async throws -> [API.Upgrade]

  // Recordings
  func timeline(
    channels: [String], from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> [API.Timeline]
  func export(channel id: String, from: WallTime, to: WallTime, by caller: Caller) async throws
    -> ExportContent
  /// Recordings one by one. A device that does not answer is a problem here, not an empty list.
  func records(
    channel id: String, from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> API.RecordList
  /// Begins to fetch an interval from the device.
  func beginDownload(channel id: String, _ download: API.NewDownload, by caller: Caller) async throws
    -> API.Download
  func downloads(for caller: Caller) async throws -> [API.Download]
  func download(_ id: String, for caller: Caller) async throws -> API.Download
  func removeDownload(_ id: String, by caller: Caller) async throws
  func downloadedFile(_ id: String, by caller: Caller) async throws -> ExportContent
  /// The rules of deleting, and what they have deleted.
  func retention() async throws -> API.Retention
  func changeRetention(_ rules: API.RetentionRules, by caller: Caller) async throws -> API.Retention
  /// What rules would delete if they were in force now.
  func previewRetention(_ rules: API.RetentionRules) async throws -> API.RetentionPreview
  /// Holds, newest first.
  /// Of cameras that the caller was shown.
  func holds(ended: Bool, for caller: Caller) async throws -> [API.Hold]
  func placeHold(_ hold: API.NewHold, by caller: Caller) async throws -> API.Hold
  func releaseHold(_ id: String, by caller: Caller) async throws -> API.Hold
  /// The last comparison of index and files.
  func indexCheck() async throws -> API.IndexCheck
  /// Compares lengths now and repairs what differs; answers when that is done.
  func runIndexCheck(by caller: Caller) async throws -> API.IndexCheck

  // Alarms
  /// Alarms of devices, newest first.
  /// Those of what the caller may know of.
  func alarms(_ query: AlarmListQuery, for caller: Caller) async throws -> API.Page<API.Alarm>
  func alarm(_ id: String, for caller: Caller) async throws -> API.Alarm
  func acknowledgeAlarm(_ id: String, _ note: API.AlarmNote, by caller: Caller) async throws -> API.Alarm
  /// What a device is asked to report.
  func subscriptions(device id: String) async throws -> API.Subscriptions
  func changeSubscriptions(
    device id: String, _ change: API.SubscriptionsChange, by caller: Caller
  ) async throws -> API.Subscriptions

  // The access log
  /// Entries, newest first.
  func accessLog(_ search: AccessLogSearch) async throws -> API.Page<API.LoggedEntry>
  /// The register of retrievals as CSV, oldest first.
  func accessRegister(_ search: AccessLogSearch, isChinese: Bool, by caller: Caller) async throws -> String
  func logEntry(_ number: UInt64) async throws -> API.LoggedEntry
  /// A C2SP tlog-proof with the entry in it.
  func logProof(_ number: UInt64) async throws -> String
  func logHead() async throws -> API.LogHead
  /// A head over everything that is in the log, or the latest that neighbours have cosigned.
  func logCheckpoint(witnessed: Bool) async throws -> String
  /// The body of a C2SP add-checkpoint from an earlier size to now.
  func logConsistency(from size: UInt64) async throws -> String
  func eraseLogWords(_ number: UInt64, reason: String, by caller: Caller) async throws

  /// The log of looks, newest first.
  func looks(_ query: LookQuery) async throws -> API.Page<API.Look>
}

/// Which devices to list.
public struct DeviceQuery: Sendable, Hashable {
  public var status: API.DeviceStatus?
  /// Part of a name, code, address, manufacturer or model.
  public var text: String?
  /// Where the previous page ended, as the previous answer gave it.
  public var cursor: String?
  /// 1…``HTTPLimits/page``
  public var limit: Int

  public init(status: API.DeviceStatus? = nil, text: String? = nil, cursor: String? = nil, limit: Int = 100) {
    (self.status, self.text, self.cursor, self.limit) = (status, text, cursor, limit)
  }
}

/// Which channels to list.
public struct ChannelQuery: Sendable, Hashable {
  public var parent: String?
  public var device: String?
  public var status: API.ChannelStatus?
  /// Part of a name or code.
  public var text: String?
  public var cursor: String?
  /// 1…``HTTPLimits/page``
  public var limit: Int

  public init(
    parent: String? = nil, device: String? = nil, status: API.ChannelStatus? = nil, text: String? = nil,
    cursor: String? = nil, limit: Int = 100
  ) {
    (self.parent, self.device, self.status) = (parent, device, status)
    (self.text, self.cursor, self.limit) = (text, cursor, limit)
  }
}

/// Which alarms to list, newest first.
public struct AlarmListQuery: Sendable, Hashable {
  public var device: String?
  public var channel: String?
  public var method: String?
  /// 1…4: at least this urgent.
  public var priority: Int?
  public var acknowledged: Bool?
  public var from: WallTime?
  public var to: WallTime?
  public var cursor: String?
  /// 1…``HTTPLimits/page``
  public var limit: Int

  public init(
    device: String? = nil, channel: String? = nil, method: String? = nil, priority: Int? = nil,
    acknowledged: Bool? = nil, from: WallTime? = nil, to: WallTime? = nil, cursor: String? = nil,
    limit: Int = 100
  ) {
    (self.device, self.channel, self.method, self.priority) = (device, channel, method, priority)
    (self.acknowledged, self.from, self.to) = (acknowledged, from, to)
    (self.cursor, self.limit) = (cursor, limit)
  }
}

/// A small file that belongs to a picture.
public struct MediaFile: Sendable, Hashable {
  public var contentType: String
  public var bytes: [UInt8]

  public init(contentType: String, bytes: [UInt8]) {
    (self.contentType, self.bytes) = (contentType, bytes)
  }
}

/// A recording laid out as one file that can be read in any order.
public struct ExportContent: Sendable {
  /// Suggested file name; other characters than letters, digits, `.`, `-` and `_` are replaced.
  public var fileName: String
  public var contentType: String
  /// Whole length in bytes.
  public var length: Int64
  /// SHA-256 of the whole file, 32 bytes.
  public var sha256: [UInt8]?
  /// Reads the bytes of `range`, which lies inside the file and is at most ``HTTPLimits/exportChunk`` long.
  public var read: @Sendable (_ range: Range<Int64>) async throws -> [UInt8]
  /// Called exactly once when the transfer is over, complete or not, with the bytes that were sent; 0 when only
  /// the head was asked for or the peer left before.
  public var finished: @Sendable (_ sent: Int64) async -> Void

  public init(
    fileName: String, contentType: String = "video/mp4", length: Int64, sha256: [UInt8]?,
    read: @escaping @Sendable (Range<Int64>) async throws -> [UInt8],
    finished: @escaping @Sendable (Int64) async -> Void = { _ in }
  ) {
    (self.fileName, self.contentType, self.length, self.sha256) = (fileName, contentType, length, sha256)
    (self.read, self.finished) = (read, finished)
  }
}

/// One event of `GET /api/v1/events`.
public enum ServerEvent: Sendable, Hashable {
  case device(API.DeviceEvent)
  case channel(API.ChannelEvent)
  case quarantine(API.QuarantineEvent)
  case session(API.MediaSessionEvent)
  case storage(API.StorageEvent)
  case health(API.HealthEvent)
  case control(API.ControlEvent)
  case alarm(API.Alarm)
  case voice(API.Voice)
}
