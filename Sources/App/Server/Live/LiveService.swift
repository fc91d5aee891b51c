import Federation
import GBCore
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Registry
import SDPCore
import Streaming

/// One of the streams that a camera sends.
struct CameraStream: Hashable, Sendable, CustomStringConvertible {
  let channel: ChannelKey
  /// 0 main, 1 first sub-stream, 2 second.
  let number: Int

  static func main(_ channel: ChannelKey) -> CameraStream { CameraStream(channel: channel, number: 0) }

  var isMain: Bool { number == 0 }
  var description: String { isMain ? "\(channel)" : "\(channel)/\(number)" }
}

/// A consumer inside the process that keeps a camera's stream open.
struct HoldID: Hashable, Sendable {
  let serial: UInt64
  let camera: CameraStream
}

/// One pull per stream of a camera, for all viewers, the recorder and everything else that wants its pictures.
///
/// ``LivePull`` decides; this actor performs: opens media ports, places calls,
/// attaches sinks to whatever stream the pull has at the moment, and keeps the
/// timers. Nothing here is touched per packet.
actor LiveService {
  /// Makes the sink for one stream. A pull that is placed again is a new stream and gets a new sink.
  typealias SinkFactory = @Sendable () -> any StreamSink

  /// A consumer and where it hangs on the current stream.
  private struct Sink {
    let make: SinkFactory
    var attached: (id: SinkID, sink: any StreamSink)?
  }

  private struct Pull {
    var machine: LivePull
    /// Rises with every INVITE; answers of earlier calls are ignored.
    var generation: UInt64 = 0
    var stream: StreamID?
    var call: CallHandle?
    var ssrc: StreamSSRC?
    var formats: [TrackFormat] = []
    var sinks: [HoldID: Sink] = [:]
    var timer: Task<Void, Never>?
    var waiters: [UInt64: CheckedContinuation<StreamID?, Never>] = [:]
    var startedAt: MonotonicTime?
    var firstPictureAfter: Duration?
    /// The most urgent of those who want it.
    var user: LinkUser?
  }

  private var pulls: [CameraStream: Pull] = [:]
  private var cameras: [StreamID: CameraStream] = [:]
  private var nextHold: UInt64 = 0
  private var nextWaiter: UInt64 = 0
  private var ssrcs: SSRCAllocator
  private let plane: MediaPlane
  private let calling: any Calling
  private let directory: DeviceDirectory
  private let onChange: @Sendable (CameraStream, LivePull.State, PullFailure?) -> Void
  private let limits: LivePull.Limits
  private let links: LinkDesk
  private let logger: Logger
  private var closed = false

  /// - Parameter onChange: called after every change of a pull's state, on no particular thread.
  init(
    plane: MediaPlane, calling: any Calling, directory: DeviceDirectory, domain: String,
    limits: LivePull.Limits = LivePull.Limits(), links: LinkDesk = LinkDesk(), logger: Logger,
    onChange: @escaping @Sendable (CameraStream, LivePull.State, PullFailure?) -> Void
  ) {
    (self.plane, self.calling, self.directory, self.limits) = (plane, calling, directory, limits)
    (self.links, self.logger, self.onChange) = (links, logger, onChange)
    ssrcs = SSRCAllocator(domain: domain, firstSerial: Int.random(in: 0..<SSRCAllocator.capacity))
  }

  // MARK: Consumers

  /// Keeps the camera's stream open and feeds a sink, now and after every reconnection.
  ///
  /// - Parameter user: who wants it, where the link does not bear everything.
  func hold(_ camera: CameraStream, sink: SinkFactory?, for user: LinkUser = .house) -> HoldID {
    nextHold += 1
    let id = HoldID(serial: nextHold, camera: camera)
    let isMoreUrgent = pulls[camera]?.user.map { $0.priority < user.priority } ?? true
    if isMoreUrgent { pulls[camera, default: newPull(camera)].user = user }
    if let sink { pulls[camera, default: newPull(camera)].sinks[id] = Sink(make: sink) }
    handle(.joined, camera)
    if isMoreUrgent { raise(camera, user) }
    attachSinks(camera)
    return id
  }

  /// Somebody more urgent wants what runs, or what was refused to those before.
  private func raise(_ camera: CameraStream, _ user: LinkUser) {
    switch pulls[camera]?.machine.state {
    case .resting(.linkFull, _): handle(.deviceOnline, camera)
    case .live, .connecting: links.displace((try? links.admit(camera, for: user)) ?? [])
    case .resting, .idle, nil: break
    }
  }

  /// Why a camera cannot be called now; nil when it can, or is called already.
  func refusal(of camera: CameraStream, for user: LinkUser) -> LinkLedger.Refusal? {
    switch pulls[camera]?.machine.state {
    case .live, .connecting: nil
    case .resting, .idle, nil: links.refusal(of: camera, for: user)
    }
  }

  /// Ends streams that lost their place on the link.
  func displaced(_ names: Set<String>) {
    for camera in pulls.keys where names.contains(camera.description) {
      handle(.linkFull("a more urgent picture has its place"), camera)
    }
  }

  /// Ends a hold. The stream ends after the grace when nobody else wants it.
  func release(_ hold: HoldID) {
    if let attached = pulls[hold.camera]?.sinks.removeValue(forKey: hold)?.attached {
      plane.detachSink(attached.id)
      attached.sink.ended(.closed)
    }
    handle(.left, hold.camera)
  }

  /// The camera's stream once its tracks are known; nil when it failed or did not come within `limit`.
  func readyStream(_ camera: CameraStream, within limit: Duration) async -> StreamID? {
    if let pull = pulls[camera], let stream = pull.stream, !pull.formats.isEmpty { return stream }
    guard pulls[camera] != nil else { return nil }
    nextWaiter += 1
    let waiter = nextWaiter
    let timeout = Task { [weak self] in
      try? await Task.sleep(for: limit)
      if !Task.isCancelled { await self?.giveUp(waiter, camera) }
    }
    defer { timeout.cancel() }
    return await withCheckedContinuation { continuation in
      pulls[camera]?.waiters[waiter] = continuation
    }
  }

  /// One waiter's patience is over; others have their own.
  private func giveUp(_ waiter: UInt64, _ camera: CameraStream) {
    pulls[camera]?.waiters.removeValue(forKey: waiter)?.resume(returning: nil)
  }

  // MARK: Questions

  struct Status: Sendable {
    var state: LivePull.State
    var failure: PullFailure?
    var stream: StreamID?
    var formats: [TrackFormat]
    var consumers: Int
    var firstPictureAfter: Duration?
  }

  func status(_ camera: CameraStream) -> Status? {
    guard let pull = pulls[camera] else { return nil }
    return Status(
      state: pull.machine.state, failure: pull.machine.lastFailure, stream: pull.stream,
      formats: pull.formats,
      consumers: pull.machine.consumers, firstPictureAfter: pull.firstPictureAfter)
  }

  /// Stream numbers that belong to a call.
  var ssrcsInUse: Int { ssrcs.inUse }

  var states: [CameraStream: LivePull.State] { pulls.mapValues(\.machine.state) }

  // MARK: What happens

  /// Something happened on the media plane.
  func media(_ happening: MediaEvent) {
    switch happening {
    case .firstPacket(let stream, _): event(.firstPacket, stream)
    case .firstPicture(let stream, let formats):
      setFormats(formats, stream)
      if let camera = cameras[stream], let started = pulls[camera]?.startedAt {
        pulls[camera]?.firstPictureAfter = SystemClock.monotonic() - started
      }
      event(.firstPicture, stream)
    case .formatsChanged(let stream, let formats): setFormats(formats, stream)
    case .silent(let stream): event(.silent, stream)
    case .ended(let stream, let reason):
      guard reason == .connectionLost else { return }
      event(.connectionLost, stream)
    case .unsupported(let stream, let what): event(.unsupported(what), stream)
    case .keyFrameWanted(let stream):
      if let camera = cameras[stream] { directory.requestKeyFrame(camera.channel) }
    case .foreignSource(let stream, let ssrc, let source):
      logger.warning(
        "media from an unexpected source was refused",
        metadata: [
          "stream": "\(stream.map { "\($0)" } ?? "none")", "rtp.ssrc": "\(ssrc)", "peer": "\(source)",
        ])
    case .viewerClosed, .tcpConnected, .relayConnected, .relayEnded: break
    }
  }

  /// A device came or went.
  func device(_ device: DeviceID, isOnline: Bool) {
    for camera in pulls.keys where camera.channel.device == device {
      handle(isOnline ? .deviceOnline : .deviceOffline, camera)
    }
  }

  /// Ends every call; nothing can be opened afterwards.
  func close() async {
    closed = true
    for camera in pulls.keys {
      pulls[camera]?.timer?.cancel()
      releaseWaiters(camera, nil)
      if let call = detach(camera) { await calling.hangUp(call) }
    }
    pulls = [:]
  }

  // MARK: Performing

  private func newPull(_ camera: CameraStream) -> Pull {
    let ladder = TransportLadder(
      remembered: directory.device(camera.channel.device)?.settings.rememberedMediaTransport,
      allowed: directory.habits(of: camera.channel.device).mediaTransports ?? [])
    return Pull(machine: LivePull(ladder: ladder, limits: limits))
  }

  private func event(_ event: LivePull.Event, _ stream: StreamID) {
    guard let camera = cameras[stream] else { return }
    handle(event, camera)
  }

  private func handle(_ event: LivePull.Event, _ camera: CameraStream) {
    guard !closed else { return }
    var pull = pulls[camera] ?? newPull(camera)
    let actions = pull.machine.handle(event, now: SystemClock.monotonic())
    pulls[camera] = pull
    perform(actions, camera)
  }

  private func tick(_ camera: CameraStream) {
    guard !closed, var pull = pulls[camera] else { return }
    let actions = pull.machine.tick(now: SystemClock.monotonic())
    pulls[camera] = pull
    perform(actions, camera)
  }

  private func perform(_ actions: [LivePull.Action], _ camera: CameraStream) {
    for action in actions {
      switch action {
      case .invite(let path): invite(path, camera)
      case .hangUp:
        // Taken away now, so that the next INVITE starts clean; the SIP part follows.
        if let call = detach(camera) { Task { await self.calling.hangUp(call) } }
      case .remember(let path): directory.remember(path, for: camera.channel.device)
      case .changed:
        if let pull = pulls[camera] { onChange(camera, pull.machine.state, pull.machine.lastFailure) }
      case .failed(let failure):
        logger.notice(
          "a picture could not be had",
          metadata: [
            "channel.id": "\(camera.channel)", "stream": "\(camera.number)", "cause": "\(failure.code)",
          ])
        releaseWaiters(camera, nil)
      }
    }
    schedule(camera)
    if let pull = pulls[camera], pull.machine.state == .idle, pull.machine.consumers == 0, pull.sinks.isEmpty
    {
      pull.timer?.cancel()
      releaseWaiters(camera, nil)
      pulls[camera] = nil
    }
  }

  private func schedule(_ camera: CameraStream) {
    pulls[camera]?.timer?.cancel()
    guard let deadline = pulls[camera]?.machine.deadline else {
      pulls[camera]?.timer = nil
      return
    }
    let wait = max(deadline - SystemClock.monotonic(), .milliseconds(1))
    pulls[camera]?.timer = Task { [weak self] in
      try? await Task.sleep(for: wait)
      if !Task.isCancelled { await self?.tick(camera) }
    }
  }

  private func invite(_ path: MediaTransportChoice, _ camera: CameraStream) {
    guard let contact = directory.reachable(camera.channel.device) else {
      // Reported in a turn of its own: the machine is in the middle of its actions.
      Task { self.handle(.deviceOffline, camera) }
      return
    }
    do throws(LinkLedger.Refusal) {
      links.displace(try links.admit(camera, for: pulls[camera]?.user ?? .house))
    } catch {
      Task { self.handle(.linkFull(error.words()), camera) }
      return
    }
    guard let ssrc = ssrcs.allocate(.live, now: SystemClock.monotonic()) else {
      Task { self.handle(.resources("stream numbers (SSRC)"), camera) }
      return
    }
    let transport: IngestTransport =
      switch path {
      case .udp: .udp
      case .tcpPassive: .tcpPassive
      case .tcpActive: .tcpActive
      }
    do {
      // The port is open before the INVITE leaves: media may outrun the answer.
      let lease = try plane.openIngest(
        IngestRequest(ssrc: ssrc.value, transport: transport, expectedHost: contact.host, label: "\(camera)")
      )
      pulls[camera]?.generation += 1
      pulls[camera]?.stream = lease.stream
      pulls[camera]?.ssrc = ssrc
      pulls[camera]?.formats = []
      pulls[camera]?.startedAt = SystemClock.monotonic()
      pulls[camera]?.firstPictureAfter = nil
      cameras[lease.stream] = camera
      attachSinks(camera)
      let generation = pulls[camera]?.generation ?? 0
      let request = CallRequest(
        channel: camera.channel, path: path, port: lease.port, ssrc: ssrc.value,
        streamNumber: camera.isMain ? nil : camera.number)
      Task { await self.place(request, camera, generation) }
    } catch {
      ssrcs.release(ssrc, now: SystemClock.monotonic())
      logger.error(
        "no media port",
        metadata: ["channel.id": "\(camera.channel)", "stream": "\(camera.number)", "error": "\(error)"])
      Task { self.handle(.resources("media port"), camera) }
    }
  }

  private func place(_ request: CallRequest, _ camera: CameraStream, _ generation: UInt64) async {
    let handle = await calling.place(request) { [weak self] event in
      Task { await self?.call(event, camera, generation) }
    }
    guard let handle else {
      if pulls[camera]?.generation == generation { self.handle(.deviceOffline, camera) }
      return
    }
    guard pulls[camera]?.generation == generation, pulls[camera]?.stream != nil else {
      // Given up while the INVITE was being built.
      await calling.hangUp(handle)
      return
    }
    pulls[camera]?.call = handle
  }

  private func call(_ event: CallEvent, _ camera: CameraStream, _ generation: UInt64) {
    guard let pull = pulls[camera], pull.generation == generation, let stream = pull.stream else { return }
    switch event {
    case .answered(let ssrc, let host, let port, let connects):
      plane.answer(stream, ssrc: ssrc, host: host, port: port, connects: connects)
      handle(.answered, camera)
    case .refused(let status):
      pulls[camera]?.call = nil
      handle(.refused(status: status), camera)
    case .linkFull(let words):
      pulls[camera]?.call = nil
      handle(.linkFull(words), camera)
    case .noAnswer:
      pulls[camera]?.call = nil
      handle(.noAnswer, camera)
    case .hungUp:
      pulls[camera]?.call = nil
      handle(.hungUp, camera)
    case .announced, .fileEnded: break
    }
  }

  /// Takes call, stream and number away from the pull, so that a new call can begin at once.
  private func detach(_ camera: CameraStream) -> CallHandle? {
    guard let pull = pulls[camera] else { return nil }
    links.ended(camera)
    for hold in pull.sinks.keys { pulls[camera]?.sinks[hold]?.attached = nil }
    if let stream = pull.stream { cameras[stream] = nil }
    if let ssrc = pull.ssrc { ssrcs.release(ssrc, now: SystemClock.monotonic()) }
    pulls[camera]?.call = nil
    pulls[camera]?.stream = nil
    pulls[camera]?.ssrc = nil
    pulls[camera]?.formats = []
    pulls[camera]?.generation += 1
    if let stream = pull.stream { plane.close(stream, .closed) }
    return pull.call
  }

  private func attachSinks(_ camera: CameraStream) {
    guard let pull = pulls[camera], let stream = pull.stream else { return }
    for (hold, entry) in pull.sinks where entry.attached == nil {
      let sink = entry.make()
      pulls[camera]?.sinks[hold]?.attached = (plane.attachSink(stream, sink, fromCache: true), sink)
    }
  }

  private func setFormats(_ formats: [TrackFormat], _ stream: StreamID) {
    guard let camera = cameras[stream] else { return }
    pulls[camera]?.formats = formats
    guard !formats.isEmpty else { return }
    releaseWaiters(camera, stream)
  }

  private func releaseWaiters(_ camera: CameraStream, _ stream: StreamID?) {
    let waiters = pulls[camera]?.waiters ?? [:]
    pulls[camera]?.waiters = [:]
    for waiter in waiters.values { waiter.resume(returning: stream) }
  }
}

// MARK: - The main stream

extension LiveService {
  func hold(_ channel: ChannelKey, sink: SinkFactory?, for user: LinkUser = .house) -> HoldID {
    hold(.main(channel), sink: sink, for: user)
  }

  func readyStream(_ channel: ChannelKey, within limit: Duration) async -> StreamID? {
    await readyStream(.main(channel), within: limit)
  }

  func status(_ channel: ChannelKey) -> Status? { status(.main(channel)) }
}
