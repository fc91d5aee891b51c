import GBCore
import HTTPAPI
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Registry
import SDPCore
import Streaming

/// A consumer inside the process that keeps a camera's stream open.
struct HoldID: Hashable, Sendable {
  let serial: UInt64
  let channel: ChannelKey
}

/// One pull per camera, for all viewers, the recorder and everything else that wants its pictures.
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

  private var pulls: [ChannelKey: Pull] = [:]
  private var channels: [StreamID: ChannelKey] = [:]
  private var nextHold: UInt64 = 0
  private var nextWaiter: UInt64 = 0
  private var ssrcs: SSRCAllocator
  private let plane: MediaPlane
  private let calling: any Calling
  private let directory: DeviceDirectory
  private let onChange: @Sendable (ChannelKey, LivePull.State, PullFailure?) -> Void
  private let limits: LivePull.Limits
  private let logger: Logger
  private var closed = false

  /// - Parameter onChange: called after every change of a pull's state, on no particular thread.
  init(
    plane: MediaPlane, calling: any Calling, directory: DeviceDirectory, domain: String,
    limits: LivePull.Limits = LivePull.Limits(), logger: Logger,
    onChange: @escaping @Sendable (ChannelKey, LivePull.State, PullFailure?) -> Void
  ) {
    (self.plane, self.calling, self.directory, self.limits) = (plane, calling, directory, limits)
    (self.logger, self.onChange) = (logger, onChange)
    ssrcs = SSRCAllocator(domain: domain, firstSerial: Int.random(in: 0..<SSRCAllocator.capacity))
  }

  // MARK: Consumers

  /// Keeps the camera's stream open and feeds a sink, now and after every reconnection.
  func hold(_ channel: ChannelKey, sink: SinkFactory?) -> HoldID {
    nextHold += 1
    let id = HoldID(serial: nextHold, channel: channel)
    if let sink { pulls[channel, default: newPull(channel)].sinks[id] = Sink(make: sink) }
    handle(.joined, channel)
    attachSinks(channel)
    return id
  }

  /// Ends a hold. The stream ends after the grace when nobody else wants it.
  func release(_ hold: HoldID) {
    if let attached = pulls[hold.channel]?.sinks.removeValue(forKey: hold)?.attached {
      plane.detachSink(attached.id)
      attached.sink.ended(.closed)
    }
    handle(.left, hold.channel)
  }

  /// The camera's stream once its tracks are known; nil when it failed or did not come within `limit`.
  func readyStream(_ channel: ChannelKey, within limit: Duration) async -> StreamID? {
    if let pull = pulls[channel], let stream = pull.stream, !pull.formats.isEmpty { return stream }
    guard pulls[channel] != nil else { return nil }
    nextWaiter += 1
    let waiter = nextWaiter
    let timeout = Task { [weak self] in
      try? await Task.sleep(for: limit)
      if !Task.isCancelled { await self?.giveUp(waiter, channel) }
    }
    defer { timeout.cancel() }
    return await withCheckedContinuation { continuation in
      pulls[channel]?.waiters[waiter] = continuation
    }
  }

  /// One waiter's patience is over; others have their own.
  private func giveUp(_ waiter: UInt64, _ channel: ChannelKey) {
    pulls[channel]?.waiters.removeValue(forKey: waiter)?.resume(returning: nil)
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

  func status(_ channel: ChannelKey) -> Status? {
    guard let pull = pulls[channel] else { return nil }
    return Status(
      state: pull.machine.state, failure: pull.machine.lastFailure, stream: pull.stream,
      formats: pull.formats,
      consumers: pull.machine.consumers, firstPictureAfter: pull.firstPictureAfter)
  }

  /// Stream numbers that belong to a call.
  var ssrcsInUse: Int { ssrcs.inUse }

  var states: [ChannelKey: LivePull.State] { pulls.mapValues(\.machine.state) }

  var formats: [ChannelKey: [TrackFormat]] { pulls.mapValues(\.formats) }

  /// The channel that `stream` belongs to, if it is a live pull.
  func channel(of stream: StreamID) -> ChannelKey? { channels[stream] }

  // MARK: What happens

  /// Something happened on the media plane.
  func media(_ happening: MediaEvent) {
    switch happening {
    case .firstPacket(let stream, _): event(.firstPacket, stream)
    case .firstPicture(let stream, let formats):
      setFormats(formats, stream)
      if let channel = channels[stream], let started = pulls[channel]?.startedAt {
        pulls[channel]?.firstPictureAfter = SystemClock.monotonic() - started
      }
      event(.firstPicture, stream)
    case .formatsChanged(let stream, let formats): setFormats(formats, stream)
    case .silent(let stream): event(.silent, stream)
    case .ended(let stream, let reason):
      guard reason == .connectionLost else { return }
      event(.connectionLost, stream)
    case .unsupported(let stream, let what): event(.unsupported(what), stream)
    case .keyFrameWanted(let stream):
      if let channel = channels[stream] { directory.requestKeyFrame(channel) }
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
    for channel in pulls.keys where channel.device == device {
      handle(isOnline ? .deviceOnline : .deviceOffline, channel)
    }
  }

  /// Ends every call; nothing can be opened afterwards.
  func close() async {
    closed = true
    for channel in pulls.keys {
      pulls[channel]?.timer?.cancel()
      releaseWaiters(channel, nil)
      if let call = detach(channel) { await calling.hangUp(call) }
    }
    pulls = [:]
  }

  // MARK: Performing

  private func newPull(_ channel: ChannelKey) -> Pull {
    let ladder = TransportLadder(
      remembered: directory.device(channel.device)?.settings.rememberedMediaTransport,
      allowed: directory.habits(of: channel.device).mediaTransports ?? [])
    return Pull(machine: LivePull(ladder: ladder, limits: limits))
  }

  private func event(_ event: LivePull.Event, _ stream: StreamID) {
    guard let channel = channels[stream] else { return }
    handle(event, channel)
  }

  private func handle(_ event: LivePull.Event, _ channel: ChannelKey) {
    guard !closed else { return }
    var pull = pulls[channel] ?? newPull(channel)
    let actions = pull.machine.handle(event, now: SystemClock.monotonic())
    pulls[channel] = pull
    perform(actions, channel)
  }

  private func tick(_ channel: ChannelKey) {
    guard !closed, var pull = pulls[channel] else { return }
    let actions = pull.machine.tick(now: SystemClock.monotonic())
    pulls[channel] = pull
    perform(actions, channel)
  }

  private func perform(_ actions: [LivePull.Action], _ channel: ChannelKey) {
    for action in actions {
      switch action {
      case .invite(let path): invite(path, channel)
      case .hangUp:
        // Taken away now, so that the next INVITE starts clean; the SIP part follows.
        if let call = detach(channel) { Task { await self.calling.hangUp(call) } }
      case .remember(let path): directory.remember(path, for: channel.device)
      case .changed:
        if let pull = pulls[channel] { onChange(channel, pull.machine.state, pull.machine.lastFailure) }
      case .failed(let failure):
        logger.notice(
          "a picture could not be had", metadata: ["channel.id": "\(channel)", "cause": "\(failure.code)"])
        releaseWaiters(channel, nil)
      }
    }
    schedule(channel)
    if let pull = pulls[channel], pull.machine.state == .idle, pull.machine.consumers == 0, pull.sinks.isEmpty
    {
      pull.timer?.cancel()
      releaseWaiters(channel, nil)
      pulls[channel] = nil
    }
  }

  private func schedule(_ channel: ChannelKey) {
    pulls[channel]?.timer?.cancel()
    guard let deadline = pulls[channel]?.machine.deadline else {
      pulls[channel]?.timer = nil
      return
    }
    let wait = max(deadline - SystemClock.monotonic(), .milliseconds(1))
    pulls[channel]?.timer = Task { [weak self] in
      try? await Task.sleep(for: wait)
      if !Task.isCancelled { await self?.tick(channel) }
    }
  }

  private func invite(_ path: MediaTransportChoice, _ channel: ChannelKey) {
    guard let contact = directory.reachable(channel.device) else {
      // Reported in a turn of its own: the machine is in the middle of its actions.
      Task { self.handle(.deviceOffline, channel) }
      return
    }
    guard let ssrc = ssrcs.allocate(.live, now: SystemClock.monotonic()) else {
      Task { self.handle(.resources("stream numbers (SSRC)"), channel) }
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
        IngestRequest(ssrc: ssrc.value, transport: transport, expectedHost: contact.host, label: "\(channel)")
      )
      pulls[channel]?.generation += 1
      pulls[channel]?.stream = lease.stream
      pulls[channel]?.ssrc = ssrc
      pulls[channel]?.formats = []
      pulls[channel]?.startedAt = SystemClock.monotonic()
      pulls[channel]?.firstPictureAfter = nil
      channels[lease.stream] = channel
      attachSinks(channel)
      let generation = pulls[channel]?.generation ?? 0
      let request = CallRequest(
        channel: channel, path: path, port: lease.port, ssrc: ssrc.value, streamNumber: nil)
      Task { await self.place(request, generation) }
    } catch {
      ssrcs.release(ssrc, now: SystemClock.monotonic())
      logger.error("no media port", metadata: ["channel.id": "\(channel)", "error": "\(error)"])
      Task { self.handle(.resources("media port"), channel) }
    }
  }

  private func place(_ request: CallRequest, _ generation: UInt64) async {
    let channel = request.channel
    let handle = await calling.place(request) { [weak self] event in
      Task { await self?.call(event, channel, generation) }
    }
    guard let handle else {
      if pulls[channel]?.generation == generation { self.handle(.deviceOffline, channel) }
      return
    }
    guard pulls[channel]?.generation == generation, pulls[channel]?.stream != nil else {
      // Given up while the INVITE was being built.
      await calling.hangUp(handle)
      return
    }
    pulls[channel]?.call = handle
  }

  private func call(_ event: CallEvent, _ channel: ChannelKey, _ generation: UInt64) {
    guard let pull = pulls[channel], pull.generation == generation, let stream = pull.stream else { return }
    switch event {
    case .answered(let ssrc, let host, let port, let connects):
      plane.answer(stream, ssrc: ssrc, host: host, port: port, connects: connects)
      handle(.answered, channel)
    case .refused(let status):
      pulls[channel]?.call = nil
      handle(.refused(status: status), channel)
    case .noAnswer:
      pulls[channel]?.call = nil
      handle(.noAnswer, channel)
    case .hungUp:
      pulls[channel]?.call = nil
      handle(.hungUp, channel)
    case .announced, .fileEnded: break
    }
  }

  /// Takes call, stream and number away from the pull, so that a new call can begin at once.
  private func detach(_ channel: ChannelKey) -> CallHandle? {
    guard let pull = pulls[channel] else { return nil }
    for hold in pull.sinks.keys { pulls[channel]?.sinks[hold]?.attached = nil }
    if let stream = pull.stream { channels[stream] = nil }
    if let ssrc = pull.ssrc { ssrcs.release(ssrc, now: SystemClock.monotonic()) }
    pulls[channel]?.call = nil
    pulls[channel]?.stream = nil
    pulls[channel]?.ssrc = nil
    pulls[channel]?.formats = []
    pulls[channel]?.generation += 1
    if let stream = pull.stream { plane.close(stream, .closed) }
    return pull.call
  }

  private func attachSinks(_ channel: ChannelKey) {
    guard let pull = pulls[channel], let stream = pull.stream else { return }
    for (hold, entry) in pull.sinks where entry.attached == nil {
      let sink = entry.make()
      pulls[channel]?.sinks[hold]?.attached = (plane.attachSink(stream, sink, fromCache: true), sink)
    }
  }

  private func setFormats(_ formats: [TrackFormat], _ stream: StreamID) {
    guard let channel = channels[stream] else { return }
    pulls[channel]?.formats = formats
    guard !formats.isEmpty else { return }
    releaseWaiters(channel, stream)
  }

  private func releaseWaiters(_ channel: ChannelKey, _ stream: StreamID?) {
    let waiters = pulls[channel]?.waiters ?? [:]
    pulls[channel]?.waiters = [:]
    for waiter in waiters.values { waiter.resume(returning: stream) }
  }
}
