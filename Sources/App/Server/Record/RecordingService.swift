import GBCore
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming

/// Keeps the recording plan: holds streams open for the recorder, writes the index, explains what is missing.
actor RecordingService {
  private struct Channel {
    var keeper: CoverageKeeper
    var retentionClass: RetentionClass
    var hold: HoldID?
    var failure: (cause: GapCause, text: String)?
    /// End of what is known to be on the disk.
    var recordedUntil: WallTime?
  }

  private var channels: [ChannelKey: Channel] = [:]
  let store: any RecordingStore
  let recorder: Recorder
  let disks: DiskSet
  private let live: LiveService
  private let directory: DeviceDirectory
  private let hub: EventHub
  let logger: Logger
  private var running = false

  init(
    store: any RecordingStore, recorder: Recorder, disks: DiskSet, live: LiveService,
    directory: DeviceDirectory, hub: EventHub, logger: Logger
  ) {
    (self.store, self.recorder, self.disks, self.live) = (store, recorder, disks, live)
    (self.directory, self.hub, self.logger) = (directory, hub, logger)
  }

  // MARK: Start and end

  /// Takes up every plan. What was missed since `lastAlive`, when the program last ran, is explained.
  func start(lastAlive: WallTime?) async throws {
    running = true
    let now = SystemClock.wall()
    let open = Dictionary(grouping: try await store.openGaps(), by: \.channel)
    let plans = try await store.currentPlans()
    for gaps in open.values {
      // Only one gap of a channel may go on; others were left by a crash and end where they were last true.
      for var gap in gaps.sorted(by: { $0.start < $1.start }).dropLast() {
        gap.end = max(gap.start, min(lastAlive ?? now, now))
        try await store.putGap(gap)
      }
    }
    for entry in plans where entry.plan != .off {
      let last = try await lastRecorded(entry.channel, now)
      let gap = open[entry.channel]?.max { $0.start < $1.start }
      var keeper = CoverageKeeper(channel: entry.channel, isPlanned: true, open: gap)
      let stopped = max(entry.since, gap.map { max($0.start, lastAlive ?? now) } ?? last ?? lastAlive ?? now)
      var outputs = keeper.reason(
        .recorderStopped, detail: "the program was not running", since: min(stopped, now))
      outputs += keeper.reason(.network, detail: "waiting for the camera's picture", since: now)
      outputs += keeper.cleared(.recorderStopped, at: now)
      channels[entry.channel] = Channel(
        keeper: keeper, retentionClass: entry.retentionClass, recordedUntil: last)
      await write(outputs)
      await begin(entry.channel)
    }
    logger.info("recording plans were taken up", metadata: ["channels": "\(channels.count)"])
  }

  /// Ends every recording; the gap that begins now has its cause in the index before the program is gone.
  func stop() async {
    running = false
    for (key, var channel) in channels {
      if let hold = channel.hold { await live.release(hold) }
      channel.hold = nil
      channels[key] = channel
    }
    recorder.stop()
  }

  /// Called after ``stop()`` and once the recorder's last events were handled.
  func concludeGaps() async {
    let now = SystemClock.wall()
    for (key, var channel) in channels {
      let end = min(channel.recordedUntil ?? now, now)
      await write(
        channel.keeper.isRecording
          ? channel.keeper.recordingEnded(at: end, cause: .recorderStopped, detail: "the program was stopped")
          : channel.keeper.reason(.recorderStopped, detail: "the program was stopped", since: now))
      channels[key] = channel
    }
  }

  private func lastRecorded(_ channel: ChannelKey, _ now: WallTime) async throws -> WallTime? {
    let lately = WallInterval(now - .seconds(40 * 86_400), now + .seconds(60))
    return try await store.coverage(channel, in: lately).stretches.intervals.last?.end
  }

  // MARK: Plans

  /// - Parameters:
  ///   - plan: nil leaves it as it is.
  ///   - retentionClass: of what is recorded from now on; nil leaves it as it is.
  func setPlan(
    _ plan: RecordingPlan? = nil, retentionClass: RetentionClass? = nil, for key: ChannelKey
  ) async throws {
    let now = SystemClock.wall()
    let history = try await store.plans(key)
    let current = history.entries.last { $0.since <= now }
    let entry = PlanEntry(
      channel: key, since: now, plan: plan ?? current?.plan ?? .off,
      retentionClass: retentionClass ?? current?.retentionClass ?? .normal)
    guard entry.plan != current?.plan ?? .off || entry.retentionClass != current?.retentionClass ?? .normal
    else { return }
    try await store.putPlan(entry)
    if entry.plan == .off {
      if var channel = channels.removeValue(forKey: key) {
        if let hold = channel.hold { await live.release(hold) }
        await write(channel.keeper.planned(false, at: now))
      }
    } else if let channel = channels[key] {
      guard channel.retentionClass != entry.retentionClass else { return }
      channels[key]?.retentionClass = entry.retentionClass
      // A file has one class: the next begins with the next group of pictures.
      if let hold = channel.hold { await live.release(hold) }
      await begin(key)
    } else {
      var keeper = CoverageKeeper(channel: key, isPlanned: false)
      var outputs = keeper.reason(.network, detail: "waiting for the camera's picture", since: now)
      outputs += keeper.planned(true, at: now)
      channels[key] = Channel(keeper: keeper, retentionClass: entry.retentionClass, recordedUntil: nil)
      await write(outputs)
      await begin(key)
    }
    publish(key)
  }

  /// The device is gone from the registry, and its plans with it.
  func deviceRemoved(_ device: DeviceID) async throws {
    for key in channels.keys where key.device == device { try await setPlan(.off, for: key) }
  }

  private func begin(_ key: ChannelKey) async {
    guard let retentionClass = channels[key]?.retentionClass else { return }
    let recorder = recorder
    let hold = await live.hold(key) { recorder.makeSink(for: key, retentionClass: retentionClass) }
    guard channels[key] != nil, running else { return await live.release(hold) }
    channels[key]?.hold = hold
  }

  // MARK: What happens

  /// The recorder reports. Events come in order; see ``RecorderFeed``.
  func handle(_ event: RecorderEvent) async {
    switch event {
    case .opened(let segment):
      await put(segment)
      channels[segment.channel]?.failure = nil
      recorded(segment)
      await change(segment.channel) { $0.recordingBegan(at: segment.start) }
      publish(segment.channel)
    case .progress(let segment), .closed(let segment):
      await put(segment)
      recorded(segment)
    case .gap(let gap):
      await write([.put(gap)])
    case .ended(let key, let end, let reason):
      guard let channel = channels[key], channel.keeper.isRecording else { return }
      let detail = reason == .silent ? "no media arrived" : "the stream ended"
      await change(key) { $0.recordingEnded(at: end ?? SystemClock.wall(), cause: .network, detail: detail) }
      // Why the stream ended may have been reported while the last pictures were still on their way here.
      if let state = await live.status(key)?.state { await liveChanged(key, state) }
      publish(key)
    case .failed(let key, let cause, let text):
      channels[key]?.failure = (cause, text)
      logger.error(
        "a recording failed",
        metadata: ["channel.id": "\(key)", "cause": "\(cause.rawValue)", "error": "\(text)"])
      publish(key)
    case .diskLow, .diskFull, .diskRecovered, .diskLost, .diskReturned: await diskChanged(event)
    }
  }

  /// Disks finish their files in their own time: the latest end counts.
  private func recorded(_ segment: SegmentRecord) {
    guard let known = channels[segment.channel] else { return }
    channels[segment.channel]?.recordedUntil = max(known.recordedUntil ?? segment.end, segment.end)
  }

  /// The camera's stream changed state: why nothing is recorded, if nothing is.
  func liveChanged(_ key: ChannelKey, _ state: LivePull.State) async {
    guard running, let channel = channels[key], !channel.keeper.isRecording else { return }
    let now = SystemClock.wall()
    switch state {
    case .live: break
    case .resting(.deviceOffline, _):
      let since = directory.device(key.device)?.since ?? now
      await change(key) {
        $0.reason(
          .deviceOffline, detail: "the device is offline", since: min(max(since, now - .seconds(600)), now))
      }
    case .resting(let failure, _):
      guard isReachable(key) else { return }
      await change(key) { keeper in
        keeper.cleared(.deviceOffline, at: now) + keeper.reason(.network, detail: failure.code, since: now)
      }
    case .connecting, .idle:
      // A pull tries again now and then; that does not bring the device back.
      guard isReachable(key) else { return }
      await change(key) { $0.cleared(.deviceOffline, at: now) }
    }
  }

  private func isReachable(_ key: ChannelKey) -> Bool { directory.reachable(key.device) != nil }

  func announce(_ status: API.CheckStatus, _ disk: DiskReport, _ text: String) {
    let level: Logger.Level = status == .ok ? .notice : .error
    logger.log(
      level: level, "a disk of recordings changed state",
      metadata: [
        "disk.id": "\(disk.id)", "path": "\(disk.path)", "free": "\(disk.figures.free)", "text": "\(text)",
      ])
    hub.publish(
      .storage(API.StorageEvent(path: disk.path, status: status, free: disk.figures.free, text: text)))
  }

  // MARK: Questions

  var states: [ChannelKey: API.RecordingState] {
    channels.mapValues { channel in
      if channel.failure != nil { return .failed }
      return channel.keeper.isRecording ? .recording : .planned
    }
  }

  /// What recordings of the planned channels are worth when space runs out.
  var retentionClasses: [ChannelKey: RetentionClass] { channels.mapValues(\.retentionClass) }

  /// Planned channels, and those of them that are being written.
  var counts: (planned: Int, recording: Int) {
    (channels.count, channels.values.count { $0.keeper.isRecording })
  }

  func timeline(_ key: ChannelKey, _ range: WallInterval) async throws -> Timeline {
    var coverage = try await store.coverage(key, in: range, absent: disks.absent)
    // The index lags a few seconds behind the file that is being written.
    coverage.add(open: recorder.openSegments(key).filter { !$0.interval.clamped(to: range).isEmpty })
    return Timeline.build(
      plan: try await store.plans(key), coverage: coverage,
      gaps: try await store.gaps(key, in: range) + unavailable(key, coverage), range: range,
      now: SystemClock.wall())
  }

  /// Segments for replay and export, what is on disk at this moment included.
  ///
  /// - Parameter limit: the most to take of the index, from the earliest on.
  func segments(_ key: ChannelKey, _ range: WallInterval, limit: Int = .max) async throws -> [SegmentRecord] {
    var segments = try await store.segments(key, in: range, limit: limit)
    for open in recorder.openSegments(key) where !open.interval.clamped(to: range).isEmpty {
      segments.removeAll { $0.id == open.id }
      segments.append(open)
    }
    let absent = disks.absent
    return segments.filter { !absent.contains($0.disk) }.sorted { $0.start < $1.start }
  }

  // MARK: Inside

  private func change(_ key: ChannelKey, _ body: (inout CoverageKeeper) -> [CoverageKeeper.Output]) async {
    guard var channel = channels[key] else { return }
    let outputs = body(&channel.keeper)
    channels[key] = channel
    await write(outputs)
  }

  func put(_ segment: SegmentRecord) async {
    do { try await store.putSegment(segment) } catch {
      logger.error(
        "the index could not be written; the file is kept and found by rebuild-index",
        metadata: ["channel.id": "\(segment.channel)", "path": "\(segment.path)", "error": "\(error)"])
    }
  }

  private func write(_ outputs: [CoverageKeeper.Output]) async {
    for case .put(let gap) in outputs {
      do { try await store.putGap(gap) } catch {
        logger.error(
          "a gap could not be written", metadata: ["channel.id": "\(gap.channel)", "error": "\(error)"])
      }
    }
  }

  private func publish(_ key: ChannelKey) {
    let status = directory.read { directory in
      directory[key].map { Platform.status(directory.presence(of: $0)) } ?? .unknown
    }
    hub.publish(
      .channel(API.ChannelEvent(id: key.description, status: status, recording: states[key] ?? .off)))
  }
}

/// Brings the recorder's events into the service one after the other.
struct RecorderFeed: Sendable {
  let stream: AsyncStream<RecorderEvent>
  private let continuation: AsyncStream<RecorderEvent>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded) }

  func send(_ event: RecorderEvent) { continuation.yield(event) }
  func finish() { continuation.finish() }
}
