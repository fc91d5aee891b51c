import Access
import CharacterSets
import Cryptography
import Federation
import Foundation
import GBCore
import Glibc
import HTTPAPI
public import Logging
import MediaTime
import MediaTransport
public import Recording
public import Registry
import SIPCore
import SIPTransport
import SegmentStore
public import ServiceLifecycle
import StoreSQLite
import Streaming
import Synchronization
import WebConsole

/// One level of the network: opens the data folder and the ports, runs until it is told to stop, and stops in order.
///
/// ```text
/// start: data folder → registry → media port → recorder → HTTP port → SIP port → plans
/// stop:  HTTP → sessions → recordings (files closed, gaps explained) → calls (BYE) → ports → database
/// ```
public final class ServerRuntime: Service {
  public struct Options: Sendable {
    public var isDemo = false
    /// This program, for worker processes.
    public var executable = "/proc/self/exe"
    /// Bytes of the disk that recordings leave free, unless a setting says otherwise.
    public var reserveBytes: Int64 = 2 << 30
    /// Times of calls to cameras.
    var live = LivePull.Limits()
    /// What superiors were granted; nil asks the grants.
    var upwardGrants: UpwardGrants?
    /// How often what is known of lower platforms is compared with them.
    var catalogs = CatalogSync.Timing(compare: .seconds(40))

    public init() {}
  }

  /// Where the server can be reached, known once it runs.
  public struct Addresses: Sendable {
    public var http: Int
    public var metrics: Int?
    public var sip: Int
    /// SIP over TLS.
    public var sips: Int?
    public var media: Int
  }

  public let configuration: ServerConfiguration
  let folder: DataFolder
  let services: Services
  let platform: Platform
  private let http: HTTPService
  private let feeds: Feeds
  let logger: Logger
  private let ready = Mutex(Start())

  private struct Start {
    var isServing: Bool?
    var waiting: [CheckedContinuation<Bool, Never>] = []
  }

  /// What happens on other threads, brought into order.
  struct Feeds: Sendable {
    let recorder = RecorderFeed()
    let later = Later()
    let media: AsyncStream<MediaEvent>
    let mediaContinuation: AsyncStream<MediaEvent>.Continuation

    init() {
      (media, mediaContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(100_000))
    }
  }

  /// Opens everything. Nothing is served before ``run()``.
  ///
  /// - Throws: ``StartError``, one sentence that says what to do.
  public init(configuration: ServerConfiguration, options: Options = Options(), logger: Logger) async throws {
    self.configuration = configuration
    self.logger = logger
    guard ChineseText.isAvailable else {
      throw StartError(
        "this system's C library lacks the GB18030 character set: install the package libc-bin or locales")
    }
    folder = try DataFolder(path: configuration.data, recordings: configuration.recordings)
    feeds = Feeds()
    do {
      services = try await Assembly.make(
        configuration: configuration, options: options, folder: folder, feeds: feeds, logger: logger)
    } catch let error as MediaPlaneError {
      throw StartError("media: \(error)")
    } catch let error as RecorderError {
      throw StartError("\(error)")
    }
    platform = Platform(
      configuration: configuration, services: services, isDemo: options.isDemo, logger: logger)
    http = HTTPService(
      configuration: HTTPConfiguration(
        host: configuration.http.host, port: UInt16(configuration.http.port),
        metricsHost: configuration.metrics?.host, metricsPort: UInt16(configuration.metrics?.port ?? 0)),
      dependencies: HTTPDependencies(
        operations: platform, gatekeeper: services.gatekeeper, journal: services.journal,
        asset: { ConsoleFiles.asset($0) },
        media: MediaDoor(desk: services.desk, voice: services.voice).handler, sha1: { Hash.sha1.digest($0) },
        external: try Self.external(configuration.openID), logger: logger))
    do {
      try http.bind()
      services.reachable.bound(to: Int(http.port ?? 0))
    } catch {
      services.plane.stop()
      throw StartError("\(error)")
    }
  }

  private static func external(_ settings: ServerConfiguration.OpenID?) throws -> (any ExternalSignIn)? {
    guard let settings else { return nil }
    var secret: String?
    if let file = settings.secretFile {
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
        throw StartError("cannot read oidc.secret-file '\(file)'")
      }
      secret = text.trimmed
    }
    return OpenIDSignIn(settings, secret: secret)
  }

  /// Whether the server serves.
  var isReady: Bool { ready.withLock { $0.isServing == true } }

  /// Returns once the server serves, or cannot.
  ///
  /// - Returns: whether it serves.
  @discardableResult
  public func waitUntilReady() async -> Bool {
    await withCheckedContinuation { continuation in
      let known = ready.withLock { state in
        if state.isServing == nil { state.waiting.append(continuation) }
        return state.isServing
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  private func settle(isServing: Bool) {
    let waiting = ready.withLock { state in
      state.isServing = isServing
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: isServing) }
  }

  /// Whether nobody can sign in with a password yet.
  public var needsFirstRun: Bool { services.gatekeeper.needsFirstRun }

  public var addresses: Addresses {
    Addresses(
      http: Int(http.port ?? 0), metrics: http.metricsPort.map(Int.init), sip: services.endpoint.port,
      sips: services.endpoint.securePort,
      media: Int(services.plane.port))
  }

  /// A link that signs an administrator in once.
  public func firstRunLink(host: String? = nil) async throws -> String {
    let token = try await services.gatekeeper.issueFirstRun()
    let name = host ?? Self.reachableHost(configuration.http.host)
    return "http://\(name):\(addresses.http)/#/first-run/\(token)"
  }

  private static func reachableHost(_ bound: String) -> String {
    switch bound {
    case "0.0.0.0": "127.0.0.1"
    case "::": "[::1]"
    default: bound.contains(":") ? "[\(bound)]" : bound
    }
  }

  // MARK: Administration inside this process

  /// Adds a device, or replaces it.
  public func addDevice(_ device: Device, password: String) async throws {
    try await services.directory.add(device, password: password)
  }

  /// Sets the recording plan of a channel.
  public func setPlan(_ plan: RecordingPlan, for channel: ChannelKey) async throws {
    try await services.recording.setPlan(plan, for: channel)
  }

  /// Channels with a picture, of all devices.
  public var playableChannels: [ChannelKey] {
    services.directory.read { directory in directory.channels.filter { directory.isPlayable($0) }.map(\.key) }
  }

  // MARK: Running

  public func run() async throws {
    // Read before anybody is told that we serve: a change right after that must not pass for the known state.
    let generation = try? await folder.generation()
    do { try await begin() } catch {
      settle(isServing: false)
      http.shutdown()
      await services.endpoint.stop()
      services.recorder.stop()
      services.plane.stop()
      feeds.later.finish()
      await services.accessLog.close()
      folder.close()
      throw error
    }
    // Not of the group: the recorder's last events are handled after everything else was told to stop.
    let recorderPump = Task { await self.pumpRecorder() }
    await withDiscardingTaskGroup { group in
      group.addTask { await self.serveHTTP() }
      group.addTask { await self.pumpMedia() }
      group.addTask { await self.everySecond() }
      group.addTask { await self.watchHistory() }
      group.addTask { await self.writeBehind() }
      group.addTask { await self.tellSuperiors() }
      group.addTask { await self.speakToLevels() }
      group.addTask { await self.services.alarms.run() }
      group.addTask { await self.watchFolder(since: generation) }
      group.addTask { await self.services.indexCheck.runDaily() }
      group.addTask { await self.services.control.run() }
      group.addTask { await self.services.accessLog.run() }
      try? await gracefulShutdown()
      await end(recorderPump)
      group.cancelAll()
    }
    await services.journal.settle(all: true)
    await services.accessLog.close()
    folder.close()
  }

  private func begin() async throws {
    try await services.alarms.load()
    try await services.positions.load()
    do {
      try await services.endpoint.start(handler: services.signalling)
    } catch {
      throw error.code == .badCertificate
        ? StartError("SIP over TLS: \(error)")
        : StartError("SIP port: \(error); choose another address or port for listen.sip or listen.sips")
    }
    if services.endpoint.securePort != nil {
      logger.notice("SIP speaks TLS; console and API stay plain HTTP: put a TLS proxy before listen.http")
    }
    services.signalling.restore()
    try await services.superiors.start()
    try await services.recording.mend()
    try await services.store.endOpenLooks(at: folder.lastAlive() ?? SystemClock.wall())
    try await services.recording.start(lastAlive: folder.lastAlive())
    let addresses = addresses
    RunFile.write(
      RunFile(process: getpid(), host: Self.reachableHost(configuration.http.host), http: addresses.http),
      to: folder.path)
    logger.notice(
      "serving",
      metadata: [
        "platform": "\(configuration.platform.id)", "http": "\(configuration.http.host):\(addresses.http)",
        "sip": "\(configuration.sip.host):\(addresses.sip)",
        "media": "\(configuration.media.host):\(addresses.media)",
        "data": "\(folder.path)",
      ])
    settle(isServing: true)
  }

  private func serveHTTP() async {
    do { try await http.run() } catch {
      if !Task.isCancelled { logger.critical("the HTTP interface ended", metadata: ["error": "\(error)"]) }
    }
  }

  private func pumpRecorder() async {
    for await event in feeds.recorder.stream {
      await services.recording.handle(event)
      if case .diskLow = event { await services.retention.run() }
    }
  }

  private func pumpMedia() async {
    for await event in feeds.media {
      if case .viewerClosed(let viewer, _, _, _) = event {
        services.desk.table.viewerClosed(viewer, now: SystemClock.monotonic())
      }
      services.history.media(event)
      services.relays.media(event)
      await services.live.media(event)
    }
  }

  private func everySecond() async {
    var count = 0
    while !Task.isCancelled {
      services.signalling.tick()
      services.subscriptions.tick()
      services.lowerCatalogs.tick()
      services.voice.tick()
      services.superiors.tick()
      await services.relays.sweep()
      services.links.measure(
        services.plane.snapshot().streams, upward: services.relays.carried, now: SystemClock.monotonic(),
        wall: SystemClock.wall())
      await services.rights.sweep()
      services.levelRequests.settle()
      if count % 5 == 0 {
        folder.markAlive()
        await services.desk.sweep()
        await services.journal.settle()
      }
      if count % 30 == 29 { await services.retention.run() }
      if count % 60 == 15 { await services.space.look() }
      if count % 60 == 45 { await services.upgrades.tick() }
      if count % 3_600 == 45 { await services.alarms.sweep() }
      count += 1
      try? await Task.sleep(for: .seconds(1))
    }
  }

  /// Apart from ``everySecond()``: it waits for devices' answers.
  private func watchHistory() async {
    while !Task.isCancelled {
      await services.history.tick()
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Brings changes of the registry to the disk. With a loop of its own a slow disk or a long sweep cannot make
  /// it late: half a second and one transaction after a change it is on disk.
  private func writeBehind() async {
    while !Task.isCancelled {
      await services.directory.flush()
      await services.positions.flush()
      try? await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Brings what changed in the registry into the views of superiors.
  private func tellSuperiors() async {
    while !Task.isCancelled {
      await services.superiors.update()
      try? await Task.sleep(for: .milliseconds(250))
    }
  }

  /// Agrees with neighbours of our kind on looks, keys and logs. Apart from ``everySecond()``: it waits for answers.
  private func speakToLevels() async {
    var count = 0
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(1))
      if count % 30 == 20 {
        await services.downward.settle()
        await services.upward.settle()
        await services.enrolment.tellKeys()
      }
      if count % 60 == 5 { await services.heads.show() }
      count += 1
    }
  }

  /// Notices what the command line changed in the folder.
  private func watchFolder(since generation: String?) async {
    var known = generation
    while !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(500))
      guard let generation = try? await folder.generation(), generation != known else { continue }
      known = generation
      do {
        let (changed, removed) = try await services.directory.merge()
        for device in changed + removed { services.signalling.forget(device) }
        for device in removed {
          services.subscriptions.forget(device)
          services.lowerCatalogs.forget(device)
          try await services.recording.deviceRemoved(device)
          await services.live.device(device, isOnline: false)
        }
        try await services.signalling.notes.load()
        try await services.gatekeeper.load()
        try await services.rights.peopleChanged()
        logger.info("changes of the command line were taken over")
      } catch {
        logger.error("changes of the command line could not be read", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Ends in the order that loses nothing.
  private func end(_ recorderPump: Task<Void, Never>) async {
    logger.notice("stopping")
    http.shutdown()
    services.hub.close()
    await services.control.stopAll()
    services.voice.endAll()
    services.levelRequests.stop()
    await services.superiors.stop()
    await services.relays.endAll()
    await services.desk.endAll()
    await services.history.close()
    let recording = services.recording
    await recording.stop()
    feeds.recorder.finish()
    await recorderPump.value
    await recording.concludeGaps()
    await services.live.close()
    await services.calls.hangUpAll()
    await waitForCalls()
    await services.stills.stop()
    services.transcoding.stopAll()
    await services.endpoint.stop()
    await services.alarms.stop()
    services.plane.stop()
    feeds.mediaContinuation.finish()
    feeds.later.finish()
    await services.directory.flush()
    await services.positions.flush()
    folder.markAlive()
    RunFile.remove(from: folder.path)
    logger.notice("stopped")
  }

  /// Gives BYEs a moment to be answered.
  private func waitForCalls() async {
    for _ in 0..<20 {
      if await services.endpoint.counters().clientTransactions == 0 { return }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }
}
