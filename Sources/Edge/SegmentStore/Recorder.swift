import Glibc
import MPEGCore
public import MediaTime
public import Recording
public import Registry
import Streaming
import Synchronization

/// Records streams into files below one directory, which should be one disk.
///
/// ```text
/// media thread ─▶ RecordingSink ─▶ queue ─▶ writer thread ─▶ settling thread ─▶ events
///                 cuts, never waits  bounded   pwrite, hash     fdatasync, close
/// ```
///
/// Start it once, ask for a sink per stream, stop it once.
public final class Recorder: Sendable {
  public let configuration: RecorderConfiguration
  private let hash: HashFactory
  private let disk: any Disk
  private let buffer = WriterBuffer()
  let now: @Sendable () -> WallTime
  private let events: @Sendable (RecorderEvent) -> Void
  private let writer: WorkerThread<RecorderJob>
  private let settler = WorkerThread<SettleJob>(limit: .max)
  private let full = Atomic<Bool>(false)
  private let drops = Atomic<Int64>(0)
  private let shared = Mutex<Shared>(Shared())

  private struct Shared {
    var sinks: [ObjectIdentifier: RecordingSink] = [:]
    var open: [SegmentID: SegmentRecord] = [:]
    var snapshot = RecorderSnapshot()
    var rate = ByteRate()
    var nextDiskLook: WallTime?
    var lastLow: WallTime?
  }

  /// The writer thread's own memory.
  private final class WriterBuffer: @unchecked Sendable {
    // Proof for @unchecked: touched on the writer thread only.
    let blocks = BlockBuffer()
  }

  /// A file on its way to the disk for good. The writer thread has let go of it.
  struct SettleJob: @unchecked Sendable {
    // Proof for @unchecked: handed over once, from the writer thread to the settling thread.
    let file: SegmentFile
  }

  /// - Parameters:
  ///   - hash: a fresh SHA-256 per file.
  ///   - now: our clock.
  ///   - events: called on the recorder's threads.
  public init(
    _ configuration: RecorderConfiguration, hash: @escaping HashFactory, disk: any Disk = SystemDisk(),
    now: @escaping @Sendable () -> WallTime, events: @escaping @Sendable (RecorderEvent) -> Void
  ) {
    self.configuration = configuration
    self.hash = hash
    self.disk = disk
    self.now = now
    self.events = events
    writer = WorkerThread(limit: configuration.queueBytes)
  }

  /// Makes the directory and starts the threads.
  public func start() throws(RecorderError) {
    let root = configuration.root
    if mkdir(root, 0o750) != 0, errno != EEXIST {
      throw RecorderError(
        description: "cannot create the recordings directory \(root): \(String(cString: strerror(errno)))")
    }
    guard access(root, W_OK | X_OK) == 0 else {
      throw RecorderError(
        description: "the recordings directory \(root) is not writable: give this user write permission or "
          + "choose another data directory")
    }
    lookAtDisk()
    let settles = settler.start(name: "rec-settle") { [self] job in
      let record = job.file.settle()
      shared.withLock { _ = $0.open.removeValue(forKey: record.id) }
      events(.closed(record))
    }
    let writes = writer.start(
      name: "rec-write", idle: { [self] in lookAtDisk() }, body: { [self] job in perform(job) })
    guard settles, writes else {
      stop()
      throw RecorderError(
        description: "the system refused a thread for the recorder: raise its limit of tasks")
    }
  }

  /// Ends every recording, writes what waits, closes and syncs all files, and returns.
  public func stop() {
    let sinks = shared.withLock { Array($0.sinks.values) }
    for sink in sinks { sink.ended(.closed) }
    writer.stop()
    settler.stop()
  }

  /// A sink for one stream of `channel`. It lives until the stream ends, or until `ended` is called on it.
  public func makeSink(for channel: ChannelKey, retentionClass: RetentionClass = .normal) -> RecordingSink {
    let cutter = SegmentCutter(
      channel: channel, run: UInt64(bitPattern: now().nanoseconds), retentionClass: retentionClass,
      limits: configuration.limits)
    let sink = RecordingSink(channel: channel, recorder: self, cutter: cutter)
    shared.withLock { $0.sinks[ObjectIdentifier(sink)] = sink }
    return sink
  }

  /// The files of `channel` that are being written, with what is on disk of them at this moment.
  public func openSegments(_ channel: ChannelKey) -> [SegmentRecord] {
    shared.withLock { $0.open.values.filter { $0.channel == channel } }.sorted { $0.start < $1.start }
  }

  public func snapshot() -> RecorderSnapshot {
    let moment = now()
    return shared.withLock { shared in
      var snapshot = shared.snapshot
      snapshot.channels = shared.sinks.count
      snapshot.writing = shared.open.count
      snapshot.droppedFragments = drops.load(ordering: .relaxed)
      snapshot.queuedBytes = writer.waiting
      snapshot.bytesPerSecond = shared.rate.perSecond(at: moment)
      snapshot.isFull = isFull
      return snapshot
    }
  }

  // MARK: - For the sinks

  var isFull: Bool { full.load(ordering: .relaxed) }

  @discardableResult
  func submit(_ job: RecorderJob, weight: Int = 0) -> Bool { writer.submit(job, weight: weight) }

  func countDrop() { drops.wrappingAdd(1, ordering: .relaxed) }

  func remove(_ sink: RecordingSink) {
    shared.withLock { _ = $0.sinks.removeValue(forKey: ObjectIdentifier(sink)) }
  }

  // MARK: - On the writer thread

  private func perform(_ job: RecorderJob) {
    switch job {
    case .open(let lane, let opening): open(lane, opening)
    case .write(let lane, let content): write(lane, content)
    case .close(let lane, let end): close(lane, end: end)
    case .gap(let lane, var gap):
      // Only this thread knows what really reached the disk.
      if let end = lane.lastGoodEnd { gap.start = end }
      events(.gap(gap))
    case .ended(let lane, let reason):
      close(lane, end: nil)
      events(.ended(lane.channel, at: lane.isAnnouncedOnce ? lane.lastGoodEnd : nil, reason))
    }
  }

  private func open(_ lane: RecorderLane, _ opening: SegmentOpening) {
    close(lane, end: nil)
    // If this fails, nothing is on disk from here on.
    if lane.lastGoodEnd == nil { lane.lastGoodEnd = opening.metadata.start }
    do throws(SegmentFile.Failure) {
      lane.file = try SegmentFile(
        root: configuration.root, opening: opening, hash: hash(), write: configuration.write)
      lane.isBroken = false
      lane.isAnnounced = false
    } catch {
      broke(lane, error)
    }
  }

  private func write(_ lane: RecorderLane, _ content: FragmentContent) {
    guard let file = lane.file, !lane.isBroken else { return }
    let before = file.goodBytes
    do throws(SegmentFile.Failure) {
      try file.append(content, through: buffer.blocks)
    } catch {
      close(lane, end: nil)
      broke(lane, error)
      return
    }
    let moment = now()
    let record = file.record
    lane.lastGoodEnd = record.end
    shared.withLock { shared in
      shared.open[record.id] = record
      shared.snapshot.writtenBytes += file.goodBytes - before
      shared.snapshot.fragments += 1
      shared.rate.add(file.goodBytes - before, at: moment)
    }
    if !lane.isAnnounced {
      lane.isAnnounced = true
      lane.isAnnouncedOnce = true
      lane.lastProgress = moment
      events(.opened(record))
    } else if moment - (lane.lastProgress ?? moment) >= configuration.progressInterval {
      lane.lastProgress = moment
      events(.progress(record))
    }
    lookAtDisk()
  }

  private func close(_ lane: RecorderLane, end: WallTime?) {
    guard let file = lane.file else { return }
    lane.file = nil
    guard file.fragments > 0 else {
      file.discard()
      return
    }
    // The end may lie a little before what the last fragment assumed: the clock was corrected.
    if let end, end > file.record.start {
      file.record.end = end
      lane.lastGoodEnd = end
    }
    if !settler.submit(SettleJob(file: file)) { events(.closed(file.settle())) }
  }

  private func broke(_ lane: RecorderLane, _ failure: SegmentFile.Failure) {
    lane.isBroken = true
    drops.wrappingAdd(1, ordering: .relaxed)
    let cause: GapCause = failure.isDiskFull ? .diskFull : .recorderStopped
    lane.fail(RecorderLane.Failure(lastEnd: lane.lastGoodEnd, cause: cause, detail: failure.text))
    events(.failed(lane.channel, cause, failure.text))
    if failure.isDiskFull { announceFull(disk.figures(of: configuration.root)) }
  }

  // MARK: - Space

  /// At most once per interval: low space is announced, too little stops the writing, more starts it again.
  private func lookAtDisk() {
    let moment = now()
    let isDue = shared.withLock { shared in
      if let next = shared.nextDiskLook, moment < next, next - moment <= configuration.diskInterval {
        return false
      }
      shared.nextDiskLook = moment + configuration.diskInterval
      return true
    }
    guard isDue, let figures = disk.figures(of: configuration.root) else { return }
    let announcesLow = shared.withLock { shared in
      shared.snapshot.disk = figures
      guard figures.free < configuration.reserveBytes else {
        shared.lastLow = nil
        return false
      }
      if let last = shared.lastLow, moment - last < .seconds(10) { return false }
      shared.lastLow = moment
      return true
    }
    if announcesLow { events(.diskLow(figures)) }
    if figures.free < configuration.floorBytes {
      announceFull(figures)
    } else if isFull, figures.free >= configuration.floorBytes + configuration.floorBytes / 4 {
      full.store(false, ordering: .relaxed)
      events(.diskRecovered(figures))
    }
  }

  private func announceFull(_ figures: DiskFigures?) {
    guard !full.exchange(true, ordering: .relaxed) else { return }
    events(.diskFull(figures ?? DiskFigures(total: 0, free: 0)))
  }
}

/// Bytes per second over the last ten seconds, in one-second cells.
private struct ByteRate {
  private var cells = [Int64](repeating: 0, count: 10)
  private var last: Int64 = 0

  mutating func add(_ bytes: Int64, at moment: WallTime) {
    advance(to: moment.seconds)
    cells[Int(last % 10 + 10) % 10] += bytes
  }

  mutating func perSecond(at moment: WallTime) -> Double {
    advance(to: moment.seconds)
    return Double(cells.reduce(0, +)) / 10
  }

  private mutating func advance(to second: Int64) {
    guard second != last else { return }
    let steps = second > last ? min(second - last, 10) : 10
    for step in 0..<steps { cells[Int((second - step) % 10 + 10) % 10] = 0 }
    last = second
  }
}
