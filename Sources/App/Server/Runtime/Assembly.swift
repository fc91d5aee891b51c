import Access
import Alarms
import CharacterSets
import Cryptography
import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTransport
import Recording
import Registry
import SIPCore
import SIPTransport
import SegmentStore
import VoiceTransport

/// Puts the services together. The one place that knows which needs which.
enum Assembly {
  static func make(
    configuration: ServerConfiguration, options: ServerRuntime.Options, folder: DataFolder,
    feeds: ServerRuntime.Feeds, logger: Logger
  ) async throws -> Services {
    let accessLog = try await AccessLogService(
      folder: folder.path, platform: configuration.platform.id.text, logger: logger)
    let gatekeeper = try await folder.gatekeeper()
    let directory = DeviceDirectory(
      store: folder.database, profiles: try ProfileFile.book(configuration.profiles), logger: logger)
    try await directory.load()
    let rights = RightsService(
      store: folder.database, gatekeeper: gatekeeper, directory: directory,
      platform: configuration.platform.id,
      logger: logger)
    try await rights.load()
    let hub = EventHub()
    let ladder = MessageLadder()

    let plane = MediaPlane(mediaPlane(configuration, feeds))
    try plane.start()

    let notes = NoteDesk(
      store: folder.database, hash: { algorithm, bytes in Self.hash(algorithm).digest(bytes) }, logger: logger
    )
    try await notes.load()
    let signalling = Signalling(
      platform: configuration.platform.id, realm: configuration.platform.realm, directory: directory,
      hub: hub,
      codec: TextCodec(
        decode: { ChineseText.decode($0) },
        encode: { text, name in name == .utf8 ? Array(text.utf8) : ChineseText.gb18030(text) }),
      notes: notes, redirect: configuration.redirect, nonceKey: SecureRandom.bytes(32),
      hash: { algorithm, bytes in (algorithm == .md5 ? Hash.md5 : Hash.sha256).digest(bytes) }, logger: logger
    )
    let endpoint = SIPEndpoint(configuration: sip(configuration, ladder, signalling, logger))
    let questions = DeviceQuestions(signalling: signalling, directory: directory)
    let gate = UpwardGate(
      options.upwardGrants ?? rights.upward, journal: UpwardJournal(log: accessLog), logger: logger)
    let isSignedIn: @Sendable (String) -> Bool = {
      gate.isGood($0) ?? gatekeeper.stillGood(credential: $0)
    }
    let control = ControlService(
      questions: questions, logger: logger, isSignedIn: isSignedIn,
      changed: { channel, grip in
        hub.publish(
          .control(API.ControlEvent(channel: channel.description, holder: grip.map { Platform.resource($0) }))
        )
      })
    let reachable = ReachableAddress { endpoint.localAddress(towards: $0) }
    let snapshots = SnapshotService(
      folder: folder.path + "/snapshots", questions: questions, signalling: signalling, address: reachable,
      logger: logger)
    let upgrades = UpgradeService(
      folder: folder.path + "/firmware", questions: questions, signalling: signalling, directory: directory,
      address: reachable, logger: logger)
    let notices = NoticeDesk(snapshots: snapshots, upgrades: upgrades, logger: logger)
    let calls = CallService(signalling: signalling, directory: directory, logger: logger)

    let later = feeds.later
    let links = LinkDesk(store: folder.database) { key in directory.read { $0[key]?.name } }
    try await links.load()
    let live = LiveService(
      plane: plane, calling: calls, directory: directory, domain: configuration.platform.id.text,
      limits: options.live, links: links, logger: logger
    ) { camera, state, failure in
      later.liveChanged(camera, state, failure)
    }
    let transcoding = Transcoding(
      plane: plane, executable: options.executable, budget: configuration.transcodeBudget, logger: logger)

    let opening = try await folder.openDisks()
    for remark in opening.remarks { logger.warning("\(remark)") }
    let disks = opening.disks
    var recorderConfiguration = RecorderConfiguration(root: folder.directories[0].path)
    recorderConfiguration.reserveBytes = options.reserveBytes
    recorderConfiguration.floorBytes = min(recorderConfiguration.floorBytes, options.reserveBytes / 2)
    recorderConfiguration.progressInterval = .seconds(5)
    let recorder = Recorder(
      recorderConfiguration, disks: disks, hash: { SHA256Stream() }, now: { SystemClock.wall() },
      events: { feeds.recorder.send($0) })
    try recorder.start()
    let recording = RecordingService(
      store: folder.database, recorder: recorder, disks: disks, live: live, directory: directory, hub: hub,
      logger: logger)

    let looks = LookBook(log: folder.database, journal: accessLog, logger: logger)
    let playback = PlaybackService(
      plane: plane, recording: recording, places: SegmentPlaces(disks), logger: logger)
    let digests = ExportDigests()
    let history = HistoryService(
      signalling: signalling, calls: calls, plane: plane, directory: directory, digests: digests,
      folder: folder.path + "/downloads", links: links, logger: logger)
    links.onDisplaced { names in Task { await live.displaced(names) } }
    links.onDisplaced { [lines = history.lines] in lines.displaced($0) }
    let desk = MediaDesk(
      live: live, playback: playback, history: history, plane: plane, transcoding: transcoding, looks: looks,
      hub: hub, logger: logger)
    let policy: @Sendable () async -> RetentionPolicy = {
      RetentionSettings.policy(from: (try? await folder.settings()) ?? [:], reserve: options.reserveBytes)
    }
    let retention = RetentionService(
      runner: RetentionRunner(disks: disks, store: folder.database), policy: policy, logger: logger)

    let alarms = AlarmService(
      store: folder.database, directory: directory, logger: logger, publish: { hub.publish(.alarm($0)) },
      reset: { record in
        guard directory.habits(of: record.device).resetsAlarms == true else { return }
        let order = DeviceControl.resetAlarm(method: String(record.notice.method.rawValue))
        Task { try? await questions.order(order, device: record.device, target: record.source) }
      })
    let positions = PositionService(store: folder.database, directory: directory, logger: logger)
    let intake = EventIntake(alarms: alarms, positions: positions, signalling: signalling, logger: logger)
    let subscriptions = SubscriptionService(
      signalling: signalling, directory: directory, intake: intake, logger: logger)

    let voice = VoiceService(
      signalling: signalling, directory: directory, looks: looks,
      ports: VoicePorts(host: configuration.media.host, range: configuration.voicePorts), logger: logger,
      isSignedIn: isSignedIn, publish: { hub.publish(.voice($0)) },
      endPicture: { await desk.end($0) })

    let card = PlatformCard(id: configuration.platform.id, name: configuration.platform.name)
    let cameras = ViewService(questions: questions, store: folder.database)
    let care = DeviceCare(questions: questions)
    let relays = UpwardRelays(
      live: live, plane: plane, looks: looks, signalling: signalling, gate: gate,
      sources: UpwardSources(
        recording: recording, places: SegmentPlaces(disks), history: history, plane: plane, logger: logger),
      hasOwnPorts: configuration.mediaMode != .singlePort, links: links, logger: logger,
      route: { calls.route($0) })
    rights.count(elsewhere: { [weak relays] in relays?.count(under: $0) ?? 0 })
    let house = UpwardHouse(
      gate: gate, questions: questions, control: control, cameras: cameras, care: care, recording: recording,
      lists: history.lists, alarms: alarms, positions: positions, voice: voice)
    let superiors = SuperiorService(
      signalling: signalling, directory: directory,
      views: SharedViews(
        directory: directory, store: folder.database, card: card, grants: gate.grants, logger: logger),
      relays: relays, house: house, store: folder.database,
      hash: { algorithm, bytes in (algorithm == .md5 ? Hash.md5 : Hash.sha256).digest(bytes) }, logger: logger
    )

    let lowerCatalogs = LowerCatalogs(
      signalling: signalling, directory: directory, timing: options.catalogs, logger: logger)
    let levelRoutes = RegisteredLevels(signalling: signalling, superiors: superiors)
    let levels = LevelMessages(routes: levelRoutes, logger: logger)
    let book = LevelBook(
      store: folder.database, journal: accessLog, routes: levelRoutes, platform: configuration.platform.id,
      pseudonyms: try SigningKey(keyFile: folder.path + "/keys/pseudonyms.key"), logger: logger)
    try await book.load()
    let enrolment = LevelEnrolment(book: book, messages: levels)
    let downward = DownwardLooks(book: book, messages: levels)
    let upward = UpwardLooks(
      book: book, messages: levels, downward: downward, rights: rights, looks: looks,
      channel: { await superiors.views.channel($0, $1) })
    let heads = LevelHeads(
      store: folder.database, log: accessLog, messages: levels, hub: hub, logger: logger)
    try await heads.load()
    gate.believe(book, upward, downward)
    relays.connect(downward)
    book.onChange { peer, isEnrolled in
      switch peer.role {
      case .superior: if !isEnrolled { await upward.endAll(of: peer) }
      case .lower:
        if !isEnrolled { await downward.endAll(below: peer) }
        // Only one of our kind knows digests.
        lowerCatalogs.enrolled(peer.id)
      }
    }
    let levelCatalogs = LevelCatalogs(levels: levels)
    levelCatalogs.answer(with: superiors)
    lowerCatalogs.connect(levelCatalogs.peers)
    let levelRequests = LevelRequests(
      messages: levels, rights: rights, directory: directory, views: superiors.views,
      platform: configuration.platform.id, keys: book.grantKeys, logger: logger)
    levelRequests.listen()

    rights.onChange { await superiors.regrant() }
    alarms.follow { superiors.note(.alarm($0)) }
    positions.follow { superiors.note($0) }
    later.connect(recording: recording, desk: desk, hub: hub)
    directory.onKeyFrameWanted { signalling.requestKeyFrame($0) }
    signalling.connect(
      endpoint,
      Signalling.Listeners(
        presence: { device, isOnline in
          subscriptions.presence(device, isOnline: isOnline)
          voice.presence(device, isOnline: isOnline)
          lowerCatalogs.presence(device, isOnline: isOnline)
          if isOnline {
            questions.forget(device)
            Task { await upgrades.returned(device) }
          }
          Task { await live.device(device, isOnline: isOnline) }
        },
        superior: { request, source, transaction in superiors.handle(request, from: source, transaction) },
        level: { request, source, transaction in levels.receive(request, source, transaction) },
        dress: { request, channel, operation in downward.dress(&request, channel, operation) },
        call: { request, source in
          calls.received(request, from: source) || voice.received(request, from: source)
            || relays.received(request, from: source) || superiors.voices.received(request, from: source)
        },
        mediaStatus: { notice, device, callID in calls.mediaEnded(notice, from: device, callID: callID) },
        invite: { request, source, transaction in voice.invite(request, from: source, transaction) },
        notice: { message, device, _ in
          notices.take(message, from: device) || intake.notice(message, device)
        },
        event: { request, source, transaction in subscriptions.event(request, source, transaction) },
        registered: { registration, isNew in
          lowerCatalogs.registered(registration.device, isNew: isNew)
          subscriptions.registered(registration, isNew: isNew)
        },
        catalog: { device, news in lowerCatalogs.heard(device, news) },
        channels: { keys in
          Task {
            let states = await recording.states
            for key in keys {
              let status = directory.read { directory in
                directory[key].map { Platform.status(directory.presence(of: $0)) } ?? .unknown
              }
              hub.publish(
                .channel(
                  API.ChannelEvent(id: key.description, status: status, recording: states[key] ?? .off)))
            }
          }
        }))
    return Services(
      store: folder.database, gatekeeper: gatekeeper, rights: rights, directory: directory, hub: hub,
      ladder: ladder,
      signalling: signalling, endpoint: endpoint, questions: questions, control: control,
      views: cameras, care: care,
      snapshots: snapshots, upgrades: upgrades, reachable: reachable, plane: plane, calls: calls,
      alarms: alarms,
      positions: positions, subscriptions: subscriptions, live: live, voice: voice, superiors: superiors,
      relays: relays, links: links, lowerCatalogs: lowerCatalogs, levels: levels,
      levelRequests: levelRequests, levelRoutes: levelRoutes, book: book, enrolment: enrolment,
      downward: downward, upward: upward, heads: heads,
      transcoding: transcoding,
      recorder: recorder, disks: disks, recording: recording, history: history, desk: desk,
      looks: looks, accessLog: accessLog, journal: ServerJournal(log: accessLog),
      stills: StillService(live: live, executable: options.executable, logger: logger),
      digests: digests,
      retention: retention,
      indexCheck: IndexCheckService(
        store: folder.database, recorder: recorder, disks: disks, hub: hub, logger: logger),
      space: SpaceWatch(
        store: folder.database, recorder: recorder, policy: policy, hub: hub, logger: logger),
      retentionPolicy: policy)
  }

  private static func hash(_ algorithm: NoteAlgorithm) -> Hash {
    switch algorithm {
    case .md5: .md5
    case .sha1: .sha1
    case .sha256: .sha256
    case .sm3: .sm3
    }
  }

  private static func mediaPlane(
    _ configuration: ServerConfiguration, _ feeds: ServerRuntime.Feeds
  ) -> MediaPlaneConfiguration {
    let mode: MediaPlaneConfiguration.Mode =
      switch configuration.mediaMode {
      case .singlePort: .singlePort(UInt16(configuration.media.port))
      case .ports(let range): .portRange(range)
      }
    let continuation = feeds.mediaContinuation
    var media = MediaPlaneConfiguration(mode: mode) { continuation.yield($0) }
    media.bindHost = configuration.media.host
    media.threads = configuration.mediaThreads
    media.makeAudioTranscoder = SoundConversion.make
    return media
  }

  private static func sip(
    _ configuration: ServerConfiguration, _ ladder: MessageLadder, _ signalling: Signalling, _ logger: Logger
  ) -> SIPEndpointConfiguration {
    var sip = SIPEndpointConfiguration(host: configuration.sip.host, port: configuration.sip.port)
    sip.userAgent = "Tributary \(TributaryVersion.text)"
    sip.advertised = configuration.advertise
    if let tls = configuration.tls {
      sip.tls = SIPTLSConfiguration(
        host: configuration.sips.host, port: configuration.sips.port, certificate: tls.certificate,
        key: tls.key)
    }
    sip.onTrace = { entry in
      ladder.record(
        peer: entry.remote.host, time: entry.time, isIncoming: entry.direction == .incoming,
        bytes: entry.bytes)
    }
    sip.onConnectionClosed = { connection, _ in signalling.connectionClosed(connection) }
    sip.onSend = { request, remote in signalling.notes.sign(&request, to: remote) }
    sip.onHandshakeFailed = { peer, error in
      logger.notice("a TLS handshake failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
    }
    return sip
  }
}
