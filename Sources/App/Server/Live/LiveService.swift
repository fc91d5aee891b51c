import GBCore
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Registry
import SDPCore
import Streaming

/// One of the streams that a camera has to give.
struct CameraStream: Hashable, Sendable, CustomStringConvertible {
  let channel: ChannelKey
  /// 0 main, 1 first sub-stream.
  let number: Int

  init(_ channel: ChannelKey, number: Int = 0) { (self.channel, self.number) = (channel, number) }

  /// What the INVITE asks for. A main stream is not asked for by number: many devices know no other.
  var selection: Int? { number == 0 ? nil : number }

  var description: String { number == 0 ? "\(channel)" : "\(channel)/\(number)" }
}

/// A consumer inside the process that keeps a camera's stream open.
struct HoldID: Hashable, Sendable {
  let serial: UInt64
  let stream: CameraStream
}

/// One pull per camera and stream, for all viewers, the recorder and everything else that wants its pictures.
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
  }

  private var pulls: [CameraStream: Pull] = [:]
  private var sources: [StreamID: CameraStream] = [:]
  private var nextHold: UInt64 = 0
  private var nextWaiter: UInt64 = 0
  private var ssrcs: SSRCAllocator
  private let plane: MediaPlane
  private let calling: any Calling
  private let directory: DeviceDirectory
  private let onChange: @Sendable (CameraStream, LivePull.State, PullFailure?) -> Void
  private let limits: LivePull.Limits
  private let logger: Logger
  private var closed = false

  /// - Parameter onChange: called after every change of a pull's state, on no particular thread.
  init(
    plane: MediaPlane, calling: any Calling, directory: DeviceDirectory, domain: String,
    limits: LivePull.Limits = LivePull.Limits(), logger: Logger,
    onChange: @escaping @Sendable (CameraStream, LivePull.State, PullFailure?) -> Void
  ) {
    (self.plane, self.calling, self.directory, self.limits) = (plane, calling, directory, limits)
    (self.logger, self.onChange) = (logger, onChange)
    ssrcs = SSRCAllocator(domain: domain, firstSerial: Int.random(in: 0..<SSRCAllocator.capacity))
  }

  // MARK: Consumers

  /// Keeps the camera's stream open and feeds a sink, now and after every reconnection.
  func hold(_ channel: ChannelKey, stream number: Int = 0, sink: SinkFactory?) -> HoldID {
    nextHold += 1
    let source = CameraStream(channel, number: number)
    let id = HoldID(serial: nextHold, stream: source)
    if let sink { pulls[source, default: newPull(source)].sinks[id] = Sink(make: sink) }
    handle(.joined, source)
    attachSinks(source)
    return id
  }

  /// Ends a hold. The stream ends after the grace when nobody else wants it.
  func release(_ hold: HoldID) {
    if let attached = pulls[hold.stream]?.sinks.removeValue(forKey: hold)?.attached {
      plane.detachSink(attached.id)
      attached.sink.ended(.closed)
    }
    handle(.left, hold.stream)
  }

  /// The camera's stream once its tracks are known; nil when it failed or did not come within `limit`.
  func readyStream(
    _ channel: ChannelKey, stream number: Int = 0, within limit: Duration
  ) async -> StreamID? {
    let source = CameraStream(channel, number: number)
    if let pull = pulls[source], let stream = pull.stream, !pull.formats.isEmpty { return stream }
    guard pulls[source] != nil else { return nil }
    nextWaiter += 1
    let waiter = nextWaiter
    let timeout = Task { [weak self] in
      try? await Task.sleep(for: limit)
      if !Task.isCancelled { await self?.giveUp(waiter, source) }
    }
    defer { timeout.cancel() }
    return await withCheckedContinuation { continuation in
      pulls[source]?.waiters[waiter] = continuation
    }
  }

  /// One waiter's patience is over; others have their own.
  private func giveUp(_ waiter: UInt64, _ source: CameraStream) {
    pulls[source]?.waiters.removeValue(forKey: waiter)?.resume(returning: nil)
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

  func status(_ channel: ChannelKey, stream number: Int = 0) -> Status? {
    guard let pull = pulls[CameraStream(channel, number: number)] else { return nil }
    return Status(
      state: pull.machine.state, failure: pull.machine.lastFailure, stream: pull.stream,
      formats: pull.formats,
      consumers: pull.machine.consumers, firstPictureAfter: pull.firstPictureAfter)
  }

  /// Stream numbers that belong to a call.
  var ssrcsInUse: Int { ssrcs.inUse }

  var states: [CameraStream: LivePull.State] { pulls.mapValues(\.machine.state) }

  /// The channel that `stream` belongs to, if it is a live pull.
  func channel(of stream: StreamID) -> ChannelKey? { sources[stream]?.channel }

  // MARK: What happens

  /// Something happened on the media plane.
  func media(_ happening: MediaEvent) {
    switch happening {
    case .firstPacket(let stream, _): event(.firstPacket, stream)
    case .firstPicture(let stream, let formats):
      setFormats(formats, stream)
      if let source = sources[stream], let started = pulls[source]?.startedAt {
        pulls[source]?.firstPictureAfter = SystemClock.monotonic() - started
      }
      event(.firstPicture, stream)
    case .formatsChanged(let stream, let formats): setFormats(formats, stream)
    case .silent(let stream): event(.silent, stream)
    case .ended(let stream, let reason):
      guard reason == .connectionLost else { return }
      event(.connectionLost, stream)
    case .unsupported(let stream, let what): event(.unsupported(what), stream)
    case .keyFrameWanted(let stream):
      if let source = sources[stream] { directory.requestKeyFrame(source.channel) }
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
    for source in pulls.keys where source.channel.device == device {
      handle(isOnline ? .deviceOnline : .deviceOffline, source)
    }
  }

  /// Ends every call; nothing can be opened afterwards.
  func close() async {
    closed = true
    for source in pulls.keys {
      pulls[source]?.timer?.cancel()
      releaseWaiters(source, nil)
      if let call = detach(source) { await calling.hangUp(call) }
    }
    pulls = [:]
  }

  // MARK: Performing

  private func newPull(_ source: CameraStream) -> Pull {
    let device = source.channel.device
    let ladder = TransportLadder(
      remembered: directory.device(device)?.settings.rememberedMediaTransport,
      allowed: directory.habits(of: device).mediaTransports ?? [])
    return Pull(machine: LivePull(ladder: ladder, limits: limits))
  }

  private func event(_ event: LivePull.Event, _ stream: StreamID) {
    guard let source = sources[stream] else { return }
    handle(event, source)
  }

  private func handle(_ event: LivePull.Event, _ source: CameraStream) {
    guard !closed else { return }
    var pull = pulls[source] ?? newPull(source)
    let actions = pull.machine.handle(event, now: SystemClock.monotonic())
    pulls[source] = pull
    perform(actions, source)
  }

  private func tick(_ source: CameraStream) {
    guard !closed, var pull = pulls[source] else { return }
    let actions = pull.machine.tick(now: SystemClock.monotonic())
    pulls[source] = pull
    perform(actions, source)
  }

  private func perform(_ actions: [LivePull.Action], _ source: CameraStream) {
    for action in actions {
      switch action {
      case .invite(let path): invite(path, source)
      case .hangUp:
        // Taken away now, so that the next INVITE starts clean; the SIP part follows.
        if let call = detach(source) { Task { await self.calling.hangUp(call) } }
      case .remember(let path): directory.remember(path, for: source.channel.device)
      case .changed:
        if let pull = pulls[source] { onChange(source, pull.machine.state, pull.machine.lastFailure) }
      case .failed(let failure):
        logger.notice(
          "a picture could not be had", metadata: ["channel.id": "\(source)", "cause": "\(failure.code)"])
        releaseWaiters(source, nil)
      }
    }
    schedule(source)
    if let pull = pulls[source], pull.machine.state == .idle, pull.machine.consumers == 0, pull.sinks.isEmpty
    {
      pull.timer?.cancel()
      releaseWaiters(source, nil)
      pulls[source] = nil
    }
  }

  private func schedule(_ source: CameraStream) {
    pulls[source]?.timer?.cancel()
    guard let deadline = pulls[source]?.machine.deadline else {
      pulls[source]?.timer = nil
      return
    }
    let wait = max(deadline - SystemClock.monotonic(), .milliseconds(1))
    pulls[source]?.timer = Task { [weak self] in
      try? await Task.sleep(for: wait)
      if !Task.isCancelled { await self?.tick(source) }
    }
  }

  private func invite(_ path: MediaTransportChoice, _ source: CameraStream) {
    guard let contact = directory.reachable(source.channel.device) else {
      // Reported in a turn of its own: the machine is in the middle of its actions.
      Task { self.handle(.deviceOffline, source) }
      return
    }
    guard let ssrc = ssrcs.allocate(.live, now: SystemClock.monotonic()) else {
      Task { self.handle(.resources("stream numbers (SSRC)"), source) }
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
        IngestRequest(ssrc: ssrc.value, transport: transport, expectedHost: contact.host, label: "\(source)")
      )
      pulls[source]?.generation += 1
      pulls[source]?.stream = lease.stream
      pulls[source]?.ssrc = ssrc
      pulls[source]?.formats = []
      pulls[source]?.startedAt = SystemClock.monotonic()
      pulls[source]?.firstPictureAfter = nil
      sources[lease.stream] = source
      attachSinks(source)
      let generation = pulls[source]?.generation ?? 0
      let request = CallRequest(
        channel: source.channel, path: path, port: lease.port, ssrc: ssrc.value,
        streamNumber: source.selection)
      Task { await self.place(request, generation, source) }
    } catch {
      ssrcs.release(ssrc, now: SystemClock.monotonic())
      logger.error("no media port", metadata: ["channel.id": "\(source)", "error": "\(error)"])
      Task { self.handle(.resources("media port"), source) }
    }
  }

  private func place(_ request: CallRequest, _ generation: UInt64, _ source: CameraStream) async {
    let handle = await calling.place(request) { [weak self] event in
      Task { await self?.call(event, source, generation) }
    }
    guard let handle else {
      if pulls[source]?.generation == generation { self.handle(.deviceOffline, source) }
      return
    }
    guard pulls[source]?.generation == generation, pulls[source]?.stream != nil else {
      // Given up while the INVITE was being built.
      await calling.hangUp(handle)
      return
    }
    pulls[source]?.call = handle
  }

  private func call(_ event: CallEvent, _ source: CameraStream, _ generation: UInt64) {
    guard let pull = pulls[source], pull.generation == generation, let stream = pull.stream else { return }
    switch event {
    case .answered(let ssrc, let host, let port, let connects):
      plane.answer(stream, ssrc: ssrc, host: host, port: port, connects: connects)
      handle(.answered, source)
    case .refused(let status):
      pulls[source]?.call = nil
      handle(.refused(status: status), source)
    case .noAnswer:
      pulls[source]?.call = nil
      handle(.noAnswer, source)
    case .hungUp:
      pulls[source]?.call = nil
      handle(.hungUp, source)
    }
  }

  /// Takes call, stream and number away from the pull, so that a new call can begin at once.
  private func detach(_ source: CameraStream) -> CallHandle? {
    guard let pull = pulls[source] else { return nil }
    for hold in pull.sinks.keys { pulls[source]?.sinks[hold]?.attached = nil }
    if let stream = pull.stream { sources[stream] = nil }
    if let ssrc = pull.ssrc { ssrcs.release(ssrc, now: SystemClock.monotonic()) }
    pulls[source]?.call = nil
    pulls[source]?.stream = nil
    pulls[source]?.ssrc = nil
    pulls[source]?.formats = []
    pulls[source]?.generation += 1
    if let stream = pull.stream { plane.close(stream, .closed) }
    return pull.call
  }

  private func attachSinks(_ source: CameraStream) {
    guard let pull = pulls[source], let stream = pull.stream else { return }
    for (hold, entry) in pull.sinks where entry.attached == nil {
      let sink = entry.make()
      pulls[source]?.sinks[hold]?.attached = (plane.attachSink(stream, sink, fromCache: true), sink)
    }
  }

  private func setFormats(_ formats: [TrackFormat], _ stream: StreamID) {
    guard let source = sources[stream] else { return }
    pulls[source]?.formats = formats
    guard !formats.isEmpty else { return }
    releaseWaiters(source, stream)
  }

  private func releaseWaiters(_ source: CameraStream, _ stream: StreamID?) {
    let waiters = pulls[source]?.waiters ?? [:]
    pulls[source]?.waiters = [:]
    for waiter in waiters.values { waiter.resume(returning: stream) }
  }
}
