import Access
import MediaTime
import Synchronization

@testable import HTTPAPI

/// A platform that answers everything, remembers what it was asked, and fails on request.
final class FakePlatform: PlatformOperations {
  struct State {
    var deviceQueries: [DeviceQuery] = []
    var alarmQueries: [AlarmListQuery] = []
    var callers: [Caller] = []
    var imported: [UInt8] = []
    var exportSent: [Int64] = []
    var sources: [Set<RecordSource>] = []
    var listeners: [AsyncStream<ServerEvent>.Continuation] = []
    var failure: (any Error)?
    var ready = true
    /// What the rights were asked, and what they say to it.
    var asked: [String] = []
    var denial: Problem?
    /// What waits for a second person.
    var twoPersons: Set<SecondPersonKind> = []
    var proposals: [(action: ProposedAction, proposer: Principal)] = []
  }

  let state = Mutex(State())
  static let recording: [UInt8] = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  static let moment = API.Time(WallTime(seconds: 1_700_000_000))

  func fail(_ error: (any Error)?) { state.withLock { $0.failure = error } }

  func check(_ caller: Caller? = nil) throws {
    try state.withLock { state in
      if let caller { state.callers.append(caller) }
      if let failure = state.failure { throw failure }
    }
  }

  func emit(_ event: ServerEvent) {
    for listener in state.withLock({ $0.listeners }) { listener.yield(event) }
  }

  var listening: Int { state.withLock { $0.listeners.count } }

  // MARK: Platform

  func platform() async throws -> API.Platform {
    try check()
    return API.Platform(
      id: "34020000002000000001", name: "Example County", version: "0.1.0", realm: "3402000000",
      sip: .init(host: "192.0.2.10", port: 5060), media: .init(mode: "single-port", port: 10_000),
      time: Self.moment, timezone: "Asia/Shanghai", transcode: .init(budget: 2, used: 0), demo: false)
  }

  func readiness() async -> API.Readiness {
    API.Readiness(
      ready: state.withLock { $0.ready }, checks: [.init(name: "database", status: .ok, text: "writable")])
  }

  func health() async throws -> API.Health {
    try check()
    return API.Health(
      status: .warn, since: Self.moment,
      checks: [.init(name: "disk", status: .warn, text: "low", fix: "add one")],
      devices: .init(online: 2, suspect: 0, offline: 1), streams: .init(live: 1),
      recorder: .init(channels: 2, writing: 1, bytesPerSecond: 250_000, queue: 0, daysToFull: 12.5),
      storage: [.init(path: "/r", total: 10, free: 5, reserve: 1, used: 4)], sip: ["received": 4],
      media: ["packets": 9])
  }

  func metrics() async -> String { "tributary_up 1\n" }

  func events(for caller: Caller) async -> AsyncStream<ServerEvent> {
    let (stream, continuation) = AsyncStream<ServerEvent>.makeStream()
    state.withLock { $0.listeners.append(continuation) }
    return stream
  }

  // MARK: Devices

  static func device(_ id: String) -> API.Device {
    API.Device(
      id: id, name: "东门", status: .online, since: moment, manufacturer: "Example", model: "X1", firmware: "1",
      gbVersion: "3.0", transport: "udp", address: "192.0.2.20:5060", channels: 4, channelsOnline: 3,
      mediaTransport: "udp", lastKeepalive: moment, registrationExpires: moment, heartbeatInterval: 60,
      heartbeatCount: 3)
  }

  func devices(_ query: DeviceQuery) async throws -> API.Page<API.Device> {
    try check()
    state.withLock { $0.deviceQueries.append(query) }
    return API.Page(items: [Self.device("34020000001320000001")], next: "more", total: 7)
  }

  func device(_ id: String) async throws -> API.Device {
    try check()
    guard id != "missing" else { throw Problem.notFound("There is no device “\(id)”.") }
    return Self.device(id)
  }

  func addDevice(_ device: API.NewDevice, by caller: Caller) async throws -> API.Device {
    try check(caller)
    return Self.device(device.id)
  }

  func changeDevice(_ id: String, _ change: API.DeviceChange, by caller: Caller) async throws -> API.Device {
    try check(caller)
    return Self.device(id)
  }

  func removeDevice(_ id: String, by caller: Caller) async throws { try check(caller) }

  func refreshDevice(_ id: String, by caller: Caller) async throws -> API.Refreshed {
    try check(caller)
    return API.Refreshed(queries: ["DeviceInfo", "Catalog"])
  }

  func importDevices(csv: [UInt8], dryRun: Bool, by caller: Caller) async throws -> API.ImportResult {
    try check(caller)
    state.withLock { $0.imported = csv }
    return API.ImportResult(accepted: 1, rejected: [.init(line: 3, reason: "no password")], dryRun: dryRun)
  }

  static let message = API.LadderMessage(
    time: moment, direction: .in, summary: "REGISTER", text: "REGISTER sip:…")

  func diagnosis(device id: String) async throws -> API.MediaDiagnosis {
    try check()
    return API.MediaDiagnosis(
      verdict: "It does not register.", messages: [Self.message],
      findings: [
        .init(
          code: "wrong-password", hop: "registration", fatal: true,
          text: .init(en: "Wrong password.", zh: "密码错误。"), fix: .init(en: "Set it.", zh: "设置密码。"), message: 0)
      ],
      hops: [.init(hop: "registration", state: "fails")])
  }

  func ladder(device id: String) async throws -> API.Ladder {
    try check()
    return API.Ladder(messages: [Self.message])
  }

  func quarantine() async throws -> [API.QuarantinedDevice] {
    try check()
    return [
      .init(
        id: "34020000001320000009", address: "192.0.2.9:5060", transport: "udp", userAgent: "cam",
        firstSeen: Self.moment, lastSeen: Self.moment, attempts: 3, reason: "not provisioned")
    ]
  }

  func approve(_ id: String, _ approval: API.Approval, by caller: Caller) async throws -> API.Device {
    try check(caller)
    return Self.device(id)
  }

  func dismiss(_ id: String, by caller: Caller) async throws { try check(caller) }

  // MARK: Channels

  static let channel = API.Channel(
    id: "a_b", device: "a", channel: "b", name: "路口", parent: "a", kind: .camera, playable: true,
    status: .online,
    since: moment, civilCode: "340200", recording: .recording, manufacturer: "Example", model: "X1",
    longitude: 118.3,
    latitude: 31.3)

  func channels(_ query: ChannelQuery, for caller: Caller) async throws -> API.Page<API.Channel> {
    try check()
    return API.Page(items: [Self.channel], total: 1)
  }

  func channel(_ id: String) async throws -> API.Channel {
    try check()
    return Self.channel
  }

  func changeChannel(_ id: String, _ change: API.ChannelChange, by caller: Caller) async throws -> API.Channel
  {
    try check(caller)
    return Self.channel
  }

  func tree(_ view: API.TreeView, for caller: Caller) async throws -> API.Tree {
    try check()
    return API.Tree(nodes: [
      .init(id: "a", parent: nil, name: "A", kind: .device, channel: nil, status: "online")
    ])
  }

  func diagnosis(channel id: String) async throws -> API.MediaDiagnosis {
    try check()
    return API.MediaDiagnosis(
      verdict: "Nothing arrived.", fix: "Open UDP port 10000.", sdpSent: "v=0", sdpReceived: nil,
      messages: [Self.message],
      port: .init(number: 10_000, packets: 0, sources: [], wrongSSRC: []),
      steps: [.init(name: "invite", ok: true, detail: "200 OK")])
  }
}

/// Pictures and recordings.
extension FakePlatform {
  static let opened = API.MediaSessionOpened(
    session: "s1", urls: .init(fmp4: "/media/s1/live.mp4", websocket: "/media/s1/ws", hls: nil),
    expires: moment,
    state: .connecting)
  static let session = API.MediaSession(
    session: "s1", channel: "a_b", kind: .live, user: "op", state: .live, codec: "avc1.640028", width: 1_920,
    height: 1_080, fps: 25, bitrate: 2_000_000, transport: "udp", loss: 0, firstPictureMs: 120, viewers: 1)

  func openLive(channel id: String, _ request: API.LiveRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  {
    try check(caller)
    return Self.opened
  }

  func openPlayback(channel id: String, _ request: API.PlaybackRequest, by caller: Caller) async throws
    -> API.MediaSessionOpened
  {
    try check(caller)
    var opened = Self.opened
    (opened.from, opened.to) = (request.from, request.to)
    return opened
  }

  func mediaSessions(for caller: Caller) async throws -> [API.MediaSession] {
    try check(caller)
    return [Self.session]
  }

  func mediaSession(_ session: String, for caller: Caller) async throws -> API.MediaSession {
    try check(caller)
    return Self.session
  }

  func controlPlayback(_ session: String, _ control: API.PlaybackControl, by caller: Caller) async throws
    -> API.MediaSession
  {
    try check(caller)
    return Self.session
  }

  func closeMediaSession(_ session: String, by caller: Caller) async throws { try check(caller) }

  func hlsFile(session: String, name: String, source: String) async throws -> MediaFile {
    guard session == "s1", name == "index.m3u8" else { throw Problem.notFound("There is no such file.") }
    return MediaFile(contentType: "application/vnd.apple.mpegurl", bytes: Array("#EXTM3U\n".utf8))
  }

  func snapshot(channel id: String, by caller: Caller) async throws -> MediaFile {
    try check(caller)
    return MediaFile(contentType: "image/jpeg", bytes: [0xff, 0xd8, 0xff, 0xd9])
  }

  func timeline(
    channels: [String], from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> [API.Timeline] {
    try check()
    state.withLock { $0.sources.append(sources) }
    let (from, to) = (API.Time(from), API.Time(to))
    return channels.map { channel in
      API.Timeline(
        channel: channel, from: from, to: to, recorded: [.init(from: from, to: to, source: "own")],
        gaps: [.init(from: from, to: to, cause: "network", detail: nil)],
        planned: [.init(from: from, to: to)],
        totals: .init(plannedSeconds: 10, recordedSeconds: 8, explainedSeconds: 2, unknownSeconds: 0),
        device: sources.contains(.device) ? .init(state: .partial, text: "2 of 3 came") : nil)
    }
  }

  func records(
    channel id: String, from: WallTime, to: WallTime, sources: Set<RecordSource>
  ) async throws -> API.RecordList {
    try check()
    state.withLock { $0.sources.append(sources) }
    let (from, to) = (API.Time(from), API.Time(to))
    return API.RecordList(
      channel: id, from: from, to: to,
      records: [
        .init(
          from: from, to: to, source: "device", name: "路口", type: "time", size: 7, path: "/a", recorder: "x",
          secret: false)
      ], complete: true)
  }

  static let fetched = API.Download(
    id: "d1", channel: "a_b", user: "op", from: moment, to: moment, state: .running, progress: 0.5, bytes: 10,
    expectedBytes: 20, reached: moment, created: moment, ended: moment, expires: moment,
    file: "/api/v1/downloads/d1/file.mp4", size: 20, sha256: "00",
    queue: .init(holder: "anna", since: moment, ahead: 0, waiting: 1),
    cause: .init(code: "busy", text: "busy"))

  func beginDownload(channel id: String, _ download: API.NewDownload, by caller: Caller) async throws
    -> API.Download
  {
    try check(caller)
    return Self.fetched
  }

  func downloads(for caller: Caller) async throws -> [API.Download] {
    try check(caller)
    return [Self.fetched]
  }

  func download(_ id: String, for caller: Caller) async throws -> API.Download {
    try check(caller)
    return Self.fetched
  }

  func removeDownload(_ id: String, by caller: Caller) async throws { try check(caller) }

  func downloadedFile(_ id: String, by caller: Caller) async throws -> ExportContent {
    try await export(channel: id, from: Self.moment.wall, to: Self.moment.wall, by: caller)
  }

  func export(channel id: String, from: WallTime, to: WallTime, by caller: Caller) async throws
    -> ExportContent
  {
    try check(caller)
    return ExportContent(
      fileName: "路口 \"1\".mp4", length: Int64(Self.recording.count), sha256: [UInt8](repeating: 7, count: 32),
      read: { range in Array(Self.recording[Int(range.lowerBound)..<Int(range.upperBound)]) },
      finished: { sent in self.state.withLock { $0.exportSent.append(sent) } })
  }

  // MARK: Keeping

  private static let rules = API.RetentionRules(
    classes: [.init(name: "normal", maximumDays: 30, minimumDays: 7)], reserveBytes: 1 << 30,
    exhaustion: "shed")

  private static let hold = API.Hold(
    id: "7", channel: "a_b", from: moment, to: moment, reason: "accident", by: "chen", placed: moment,
    active: true, files: 2, bytes: 100)

  func retention() async throws -> API.Retention {
    try check()
    return API.Retention(
      rules: Self.rules, deleted: [.init(rule: "maximum-age", files: 3, bytes: 300)], files: 4, bytes: 400,
      oldest: Self.moment, newest: Self.moment)
  }

  func changeRetention(_ rules: API.RetentionRules, by caller: Caller) async throws -> API.Retention {
    try check(caller)
    return try await retention()
  }

  func previewRetention(_ rules: API.RetentionRules) async throws -> API.RetentionPreview {
    try check()
    return API.RetentionPreview(
      files: 1, bytes: 100, oldest: Self.moment, newest: Self.moment,
      rules: [.init(rule: "maximum-age", files: 1, bytes: 100)],
      channels: [.init(channel: "a_b", files: 1, bytes: 100, oldest: Self.moment, newest: Self.moment)],
      breaksPromise: false, missingBytes: 0, complete: true)
  }

  func indexCheck() async throws -> API.IndexCheck {
    try check()
    return API.IndexCheck(
      running: false, started: Self.moment, ended: Self.moment, files: 10, hashed: 2, hashedBytes: 200,
      faults: ["size": 1],
      damaged: [.init(channel: "a_b", start: Self.moment, fault: "size", seen: Self.moment)])
  }

  func runIndexCheck(by caller: Caller) async throws -> API.IndexCheck {
    try check(caller)
    return try await indexCheck()
  }

  func holds(ended: Bool, for caller: Caller) async throws -> [API.Hold] {
    try check()
    return [Self.hold]
  }

  func placeHold(_ hold: API.NewHold, by caller: Caller) async throws -> API.Hold {
    try check(caller)
    return Self.hold
  }

  func releaseHold(_ id: String, by caller: Caller) async throws -> API.Hold {
    try check(caller)
    return Self.hold
  }

  // MARK: Alarms

  static let alarm = API.Alarm(
    id: "3", device: "34020000001180000001", source: "34020000001340000001", name: "Zone 2", camera: "a_b",
    method: "video", type: 6, kind: "intrusion", typeName: "word", event: 1, priority: 1, time: moment,
    moment: moment, received: moment, last: moment, count: 4, text: "fence", longitude: 118.3, latitude: 31.3,
    acknowledged: .init(by: "chen", at: moment, note: "a dog"))

  func alarms(_ query: AlarmListQuery, for caller: Caller) async throws -> API.Page<API.Alarm> {
    try check()
    state.withLock { $0.alarmQueries.append(query) }
    return API.Page(items: [Self.alarm], next: "3", total: 9)
  }

  func alarm(_ id: String, for caller: Caller) async throws -> API.Alarm {
    try check()
    return Self.alarm
  }

  func acknowledgeAlarm(_ id: String, _ note: API.AlarmNote, by caller: Caller) async throws -> API.Alarm {
    try check(caller)
    return Self.alarm
  }

  private static let spoken = API.DeviceProfile(
    profile: "acme", name: "Acme", note: "Why", ground: "manufacturer",
    habits: [.init(name: "edition", value: "2016", from: "profile")])

  func profiles() async throws -> API.ProfileList {
    try check()
    return API.ProfileList(
      items: [
        .init(id: "acme", name: "Acme", note: "Why", marks: .init(models: ["A"]), habits: ["edition": "2016"])
      ],
      habits: [.init(name: "edition", values: "2016", summary: "the edition")])
  }

  func profile(device id: String) async throws -> API.DeviceProfile {
    try check()
    return Self.spoken
  }

  func changeProfile(
    device id: String, _ change: API.DeviceProfileChange, by caller: Caller
  ) async throws -> API.DeviceProfile {
    try check(caller)
    return Self.spoken
  }

  private static let reports = API.Subscriptions(
    items: [
      .init(
        kind: "alarm", choice: "on", wanted: true, state: "active", expires: moment, lastReport: moment,
        reports: 2,
        cause: "said no")
    ], resetsAlarms: true, armsGuard: false, positionInterval: 5)

  func subscriptions(device id: String) async throws -> API.Subscriptions {
    try check()
    return Self.reports
  }

  func changeSubscriptions(
    device id: String, _ change: API.SubscriptionsChange, by caller: Caller
  ) async throws -> API.Subscriptions {
    try check(caller)
    return Self.reports
  }

  func accessLog(_ search: AccessLogSearch) async throws -> API.Page<API.LoggedEntry> {
    API.Page(items: [Self.logged], next: "7")
  }
  func accessRegister(_ search: AccessLogSearch, isChinese: Bool, by caller: Caller) async throws -> String {
    "number\r\n"
  }
  func logEntry(_ number: UInt64) async throws -> API.LoggedEntry { Self.logged }
  func logProof(_ number: UInt64) async throws -> String { "proof of \(number)\n" }
  func logHead() async throws -> API.LogHead {
    API.LogHead(
      origin: "county/access", entries: 8, signedEntries: 7, root: "00",
      signers: [API.LogHead.Signer(name: "city/access", witness: true, time: API.Time(WallTime(seconds: 1)))],
      witnessedEntries: 6, keys: ["k"], failure: "no room")
  }
  func logCheckpoint(witnessed: Bool) async throws -> String { "head\n" }
  func logConsistency(from size: UInt64) async throws -> String { "old \(size)\n" }
  func eraseLogWords(_ number: UInt64, reason: String, by caller: Caller) async throws {}

  private static let logged = API.LoggedEntry(
    number: 7, kind: "look-begin", time: API.Time(WallTime(seconds: 1)), facts: ["channel": "a_b"],
    persons: ["user": "root"], erased: false)

  func looks(_ query: LookQuery) async throws -> API.Page<API.Look> {
    try check()
    return API.Page(items: [
      .init(
        id: "1", user: "op", role: "operator", channel: "a_b", kind: "live", purpose: "", source: "192.0.2.1",
        started: Self.moment)
    ])
  }
}
