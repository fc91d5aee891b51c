import Glibc
import MediaTime
import Recording
import Registry
import Streaming
import Synchronization

/// One disk's share of the recorder: a bounded queue, a thread that writes and one that makes files durable.
///
/// A disk that is slow, full or gone holds up what is on its way to it and nothing else.
final class DiskWriter: Sendable {
  /// What all writers of a recorder share.
  struct Surroundings: Sendable {
    var configuration: RecorderConfiguration
    var hash: HashFactory
    var figures: any Disk
    var now: @Sendable () -> WallTime
    var events: @Sendable (RecorderEvent) -> Void
    /// Called when the disk begins or ceases to take files; answers how many disks do.
    var changed: @Sendable () -> Int
  }

  let disk: RecordingDisk
  let reserveBytes: Int64
  let floorBytes: Int64
  private let surroundings: Surroundings
  private let queueBytes: Int
  private let buffer = WriterBuffer()
  private let writer: WorkerThread<RecorderJob>
  private let settler = WorkerThread<SettleJob>(limit: .max)
  private let full = Atomic<Bool>(false)
  private let stalled = Atomic<Bool>(false)
  private let taking = Atomic<Bool>(false)
  private let files = Atomic<Int>(0)
  /// Monotonic nanoseconds since the thread has been at one job; 0 while it is at none.
  private let busy = Atomic<Int64>(0)
  private let shared = Mutex<Shared>(Shared())

  private struct Shared {
    var open: [SegmentID: SegmentRecord] = [:]
    var snapshot = DiskSnapshot()
    var rate = ByteRate()
    var nextLook: WallTime?
    var lastLow: WallTime?
  }

  /// The writer thread's own memory.
  private final class WriterBuffer: @unchecked Sendable {
    // Proof for @unchecked: touched on the writer thread only.
    let blocks = BlockBuffer()
  }

  /// A file on its way to the disk for good. The writer thread has let go of it.
  private struct SettleJob: @unchecked Sendable {
    // Proof for @unchecked: handed over once, from the writer thread to the settling thread.
    let file: SegmentFile
  }

  init(_ disk: RecordingDisk, queueBytes: Int, _ surroundings: Surroundings) {
    (self.disk, self.queueBytes, self.surroundings) = (disk, queueBytes, surroundings)
    reserveBytes = disk.directory.reserveBytes ?? surroundings.configuration.reserveBytes
    // Deleting begins at the reserve, and must have room to catch up before nothing is written any more.
    floorBytes = min(surroundings.configuration.floorBytes, reserveBytes / 2)
    writer = WorkerThread(limit: queueBytes)
    taking.store(disk.isPresent, ordering: .relaxed)
  }

  private var events: @Sendable (RecorderEvent) -> Void { surroundings.events }
  private var configuration: RecorderConfiguration { surroundings.configuration }

  /// - Returns: false when the system refuses a thread.
  func start() -> Bool {
    lookAtDisk()
    let settles = settler.start(name: "rec-settle") { [self] job in settle(job.file) }
    let writes = writer.start(
      name: "rec-write", idle: { [self] in timed { lookAtDisk() } },
      body: { [self] job in timed { perform(job) } })
    return settles && writes
  }

  /// Writes what waits, closes and syncs all files, and returns; a thread that hangs is left behind.
  func stop() {
    writer.stop(unless: { isStalled })
    settler.stop(unless: { isStalled })
  }

  // MARK: - For the sinks

  /// Whether new files may be begun here.
  var accepts: Bool { taking.load(ordering: .relaxed) }
  var isFull: Bool { full.load(ordering: .relaxed) }
  /// The thread has been at one job for too long.
  var isStalled: Bool { stalled.load(ordering: .relaxed) }

  @discardableResult
  func submit(_ job: RecorderJob, weight: Int = 0) -> Bool { writer.submit(job, weight: weight) }

  func count(files count: Int) { files.wrappingAdd(count, ordering: .relaxed) }

  /// As a place for a new file, nil when it takes none.
  func candidate() -> DiskPlacement.Candidate? {
    guard accepts, let figures = shared.withLock({ $0.snapshot.figures }) else { return nil }
    return DiskPlacement.Candidate(
      figures: figures, reserveBytes: reserveBytes, openFiles: files.load(ordering: .relaxed),
      isBehind: writer.waiting > queueBytes / 2)
  }

  func open(_ channel: ChannelKey) -> [SegmentRecord] {
    shared.withLock { $0.open.values.filter { $0.channel == channel } }
  }

  /// Whether `id` is being written at this moment.
  func isOpen(_ id: SegmentID) -> Bool { shared.withLock { $0.open[id] != nil } }

  func snapshot(at moment: WallTime) -> DiskSnapshot {
    let loss = disk.loss
    return shared.withLock { shared in
      var snapshot = shared.snapshot
      (snapshot.id, snapshot.path, snapshot.loss) = (disk.id, disk.path, loss)
      (snapshot.isFull, snapshot.reserveBytes) = (isFull, reserveBytes)
      snapshot.hasOwnReserve = disk.directory.reserveBytes != nil
      snapshot.writing = shared.open.count
      snapshot.queuedBytes = writer.waiting
      snapshot.bytesPerSecond = shared.rate.perSecond(at: moment)
      return snapshot
    }
  }

  /// Called by the recorder's watch: a thread that has been at one job for longer than `limit` is not waited for.
  func watch(limit: Duration) {
    let since = busy.load(ordering: .relaxed)
    guard since != 0, MonotonicClock.now - MonotonicTime(nanoseconds: since) > limit else { return }
    guard !stalled.exchange(true, ordering: .relaxed) else { return }
    lost("\(disk.path) has not answered for \(limit.components.seconds) seconds")
  }

  // MARK: - On the writer thread

  private func timed(_ body: () -> Void) {
    busy.store(max(1, MonotonicClock.now.nanoseconds), ordering: .relaxed)
    body()
    busy.store(0, ordering: .relaxed)
    stalled.store(false, ordering: .relaxed)
  }

  private func perform(_ job: RecorderJob) {
    switch job {
    case .open(let lane, let opening): open(lane, opening)
    case .write(let lane, let content): write(lane, content)
    case .close(let lane, let end): close(lane, end: end)
    case .gap(let lane, var gap):
      // Only this thread knows what really reached the disk.
      if let end = lane.goodEnd { gap.start = end }
      events(.gap(gap))
    case .ended(let lane, let reason):
      close(lane, end: nil)
      events(.ended(lane.lane.channel, at: lane.lane.finish(), reason))
    }
  }

  private func open(_ lane: FileLane, _ opening: SegmentOpening) {
    // If this fails, nothing is on disk from here on, or from where an earlier file ended.
    lane.goodEnd = min(opening.metadata.start, lane.lane.recordedUntil ?? opening.metadata.start)
    do throws(SegmentFile.Failure) {
      guard let handle = disk.handle else { throw SegmentFile.Failure(code: ENODEV) }
      lane.file = try SegmentFile(
        handle, disk: disk.id, opening: opening, hash: surroundings.hash(), write: configuration.write)
    } catch {
      broke(lane, error)
    }
  }

  private func write(_ lane: FileLane, _ content: FragmentContent) {
    guard let file = lane.file, !lane.isBroken else { return }
    let before = file.goodBytes
    do throws(SegmentFile.Failure) {
      try file.append(content, through: buffer.blocks)
    } catch {
      close(lane, end: nil)
      broke(lane, error)
      return
    }
    let moment = surroundings.now()
    let record = file.record
    lane.goodEnd = record.end
    let isOver = lane.lane.recorded(until: record.end)
    shared.withLock { shared in
      shared.open[record.id] = record
      shared.snapshot.writtenBytes += file.goodBytes - before
      shared.snapshot.fragments += 1
      shared.rate.add(file.goodBytes - before, at: moment)
    }
    if !lane.isAnnounced {
      lane.isAnnounced = true
      lane.lastProgress = moment
      events(isOver ? .progress(record) : .opened(record))
    } else if moment - (lane.lastProgress ?? moment) >= configuration.progressInterval {
      lane.lastProgress = moment
      events(.progress(record))
    }
    lookAtDisk()
  }

  private func close(_ lane: FileLane, end: WallTime?) {
    guard let file = lane.file else { return }
    lane.file = nil
    guard file.fragments > 0 else {
      file.discard()
      return
    }
    // The end may lie a little before what the last fragment assumed: the clock was corrected.
    if let end, end > file.record.start {
      file.record.end = end
      lane.goodEnd = end
      _ = lane.lane.recorded(until: end)
    }
    if !settler.submit(SettleJob(file: file)) { settle(file) }
  }

  private func settle(_ file: SegmentFile) {
    let (record, code) = file.settle()
    shared.withLock { _ = $0.open.removeValue(forKey: record.id) }
    guard code != 0 else { return events(.closed(record)) }
    // It stays open in the index and is examined when the disk is back.
    events(.progress(record))
    let failure = SegmentFile.Failure(code: code)
    if failure.isDiskLost { lost("\(disk.path): \(failure.text)") }
  }

  private func broke(_ lane: FileLane, _ failure: SegmentFile.Failure) {
    lane.isBroken = true
    shared.withLock { $0.snapshot.droppedFragments += 1 }
    if failure.isDiskLost { lost("\(disk.path): \(failure.text)") }
    let cause: GapCause =
      failure.isDiskFull ? .diskFull : disk.isPresent ? .recorderStopped : .diskLost
    let detail = cause == .diskLost ? disk.loss ?? failure.text : failure.text
    if failure.isDiskFull { announceFull(surroundings.figures.figures(of: disk.path)) }
    lane.lane.fail(RecorderLane.Failure(file: lane, lastEnd: lane.goodEnd, cause: cause, detail: detail))
    events(.failed(lane.lane.channel, cause, detail))
  }

  // MARK: - The state of the disk

  private func lost(_ reason: String) {
    guard disk.lose(reason) else { return }
    announce { .diskLost($0, reason: reason) }
  }

  /// Takes files from now on, or takes none, and tells why.
  private func announce(_ event: (DiskReport) -> RecorderEvent) {
    taking.store(disk.isPresent && !isFull, ordering: .relaxed)
    let others = surroundings.changed()
    let figures = shared.withLock { $0.snapshot.figures } ?? DiskFigures(total: 0, free: 0)
    events(event(DiskReport(id: disk.id, path: disk.path, figures: figures, accepting: others)))
  }

  /// At most once per interval: a disk that went or came back is announced; low space is; too little stops the
  /// writing, more starts it again.
  private func lookAtDisk() {
    let moment = surroundings.now()
    let isDue = shared.withLock { shared in
      if let next = shared.nextLook, moment < next, next - moment <= configuration.diskInterval {
        return false
      }
      shared.nextLook = moment + configuration.diskInterval
      return true
    }
    guard isDue else { return }
    if disk.examine() {
      if let loss = disk.loss {
        announce { .diskLost($0, reason: loss) }
      } else {
        shared.withLock { $0.snapshot.figures = surroundings.figures.figures(of: disk.path) }
        full.store(false, ordering: .relaxed)
        announce { .diskReturned($0) }
      }
    }
    guard disk.isPresent, let figures = surroundings.figures.figures(of: disk.path) else { return }
    judge(figures, at: moment)
  }

  private func judge(_ figures: DiskFigures, at moment: WallTime) {
    let announcesLow = shared.withLock { shared in
      shared.snapshot.figures = figures
      guard figures.free < reserveBytes else {
        shared.lastLow = nil
        return false
      }
      if let last = shared.lastLow, moment - last < .seconds(10) { return false }
      shared.lastLow = moment
      return true
    }
    if announcesLow { announce { .diskLow($0) } }
    if figures.free < floorBytes {
      announceFull(figures)
    } else if isFull, figures.free >= floorBytes + floorBytes / 4 {
      full.store(false, ordering: .relaxed)
      announce { .diskRecovered($0) }
    }
  }

  private func announceFull(_ figures: DiskFigures?) {
    guard !full.exchange(true, ordering: .relaxed) else { return }
    if let figures { shared.withLock { $0.snapshot.figures = figures } }
    announce { .diskFull($0) }
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
