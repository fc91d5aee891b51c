import Glibc
import MPEGCore
public import MediaTime
public import Recording
public import Registry
import Streaming
import Synchronization

/// Records streams into files on one disk or several.
///
/// ```text
///                        ┌─▶ disk 1: queue ─▶ writer thread ─▶ settling thread ─┐
/// media thread ─▶ sink ──┤          bounded   pwrite, hash     fdatasync, close  ├─▶ events
///                 cuts,  └─▶ disk 2: …                                           ┘
///                 never waits; each file is placed when it begins
/// ```
///
/// Start it once, ask for a sink per stream, stop it once.
public final class Recorder: Sendable {
  public let configuration: RecorderConfiguration
  private let hash: HashFactory
  private let figures: any Disk
  let now: @Sendable () -> WallTime
  private let events: @Sendable (RecorderEvent) -> Void
  private let drops = Atomic<Int64>(0)
  /// Disks that take new files.
  private let accepting = Atomic<Int>(0)
  private let shared: Mutex<Shared>
  private let isStopped = Monitor(false)

  private struct Shared {
    var sinks: [ObjectIdentifier: RecordingSink] = [:]
    var disks: DiskSet?
    var writers: [DiskWriter] = []
  }

  /// - Parameters:
  ///   - disks: where files go; nil makes one of the configuration's root.
  ///   - hash: a fresh SHA-256 per file.
  ///   - disk: tells how full a disk is.
  ///   - now: our clock.
  ///   - events: called on the recorder's threads.
  public init(
    _ configuration: RecorderConfiguration, disks: DiskSet? = nil, hash: @escaping HashFactory,
    disk: any Disk = SystemDisk(), now: @escaping @Sendable () -> WallTime,
    events: @escaping @Sendable (RecorderEvent) -> Void
  ) {
    self.configuration = configuration
    self.hash = hash
    figures = disk
    self.now = now
    self.events = events
    shared = Mutex(Shared(disks: disks))
  }

  /// Starts the threads. Makes the directory where there is only one.
  public func start() throws(RecorderError) {
    let disks = try openDisks()
    let surroundings = DiskWriter.Surroundings(
      configuration: configuration, hash: hash, figures: figures, now: now, events: events,
      changed: { [weak self] in self?.countAccepting() ?? 0 })
    let queue = configuration.queueBytes / max(1, disks.disks.count)
    let writers = disks.disks.map { DiskWriter($0, queueBytes: queue, surroundings) }
    shared.withLock { ($0.disks, $0.writers) = (disks, writers) }
    _ = countAccepting()
    for writer in writers where !writer.start() { throw refusedThread() }
    guard Thread.start(name: "rec-watch", { [self] in watch() }) else { throw refusedThread() }
  }

  private func openDisks() throws(RecorderError) -> DiskSet {
    if let disks = shared.withLock(\.disks) { return disks }
    let root = configuration.root
    if mkdir(root, 0o750) != 0, errno != EEXIST {
      throw RecorderError(
        description: "cannot create the recordings directory \(root): \(SystemError(code: errno).text)")
    }
    return try DiskSet.open(RecordingDirectory(path: root))
  }

  private func refusedThread() -> RecorderError {
    stop()
    return RecorderError(
      description: "the system refused a thread for the recorder: raise its limit of tasks")
  }

  /// Ends every recording, writes what waits, closes and syncs all files, and returns.
  public func stop() {
    let (sinks, writers) = shared.withLock { (Array($0.sinks.values), $0.writers) }
    for sink in sinks { sink.ended(.closed) }
    for writer in writers { writer.stop() }
    isStopped.signal { $0 = true }
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
    writers.flatMap { $0.open(channel) }.sorted { $0.start < $1.start }
  }

  /// The disks that files go to; nil before ``start()`` made them.
  public var disks: DiskSet? { shared.withLock(\.disks) }

  /// Whether a file is being written at this moment.
  public func isWriting(_ id: SegmentID) -> Bool { writers.contains { $0.isOpen(id) } }

  public func snapshot() -> RecorderSnapshot {
    let moment = now()
    let (channels, writers) = shared.withLock { ($0.sinks.count, $0.writers) }
    var snapshot = RecorderSnapshot()
    snapshot.channels = channels
    snapshot.disks = writers.map { $0.snapshot(at: moment) }
    snapshot.droppedFragments = drops.load(ordering: .relaxed)
    for disk in snapshot.disks {
      snapshot.writing += disk.writing
      snapshot.writtenBytes += disk.writtenBytes
      snapshot.fragments += disk.fragments
      snapshot.droppedFragments += disk.droppedFragments
      snapshot.queuedBytes += disk.queuedBytes
      snapshot.bytesPerSecond += disk.bytesPerSecond
    }
    snapshot.isFull = !writers.isEmpty && !accepts && writers.contains(where: \.isFull)
    return snapshot
  }

  // MARK: - For the sinks

  /// Whether any disk takes new files.
  var accepts: Bool { accepting.load(ordering: .relaxed) > 0 }

  /// Why none does.
  var refusal: (cause: GapCause, detail: String) {
    writers.contains(where: \.isFull)
      ? (.diskFull, "the disk is full") : (.diskLost, "no disk for recordings is there")
  }

  /// The disk for the next file of a recording whose last one lies, or lay, on `last`.
  func place(after last: DiskWriter?) -> DiskWriter? {
    let writers = writers
    var usable: [DiskWriter] = []
    var candidates: [DiskPlacement.Candidate] = []
    for writer in writers {
      guard let candidate = writer.candidate() else { continue }
      usable.append(writer)
      candidates.append(candidate)
    }
    if let index = DiskPlacement.choose(candidates) { return usable[index] }
    // It changed this instant: the attempt fails and is told as every other.
    return last ?? writers.first
  }

  func tell(_ event: RecorderEvent) { events(event) }

  func countDrop() { drops.wrappingAdd(1, ordering: .relaxed) }

  func remove(_ sink: RecordingSink) {
    shared.withLock { _ = $0.sinks.removeValue(forKey: ObjectIdentifier(sink)) }
  }

  // MARK: - Inside

  private var writers: [DiskWriter] { shared.withLock(\.writers) }

  private func countAccepting() -> Int {
    let count = writers.count(where: \.accepts)
    accepting.store(count, ordering: .relaxed)
    return count
  }

  /// Looks after the writers without touching a disk itself: one that hangs is noticed all the same.
  private func watch() {
    let writers = writers
    while isStopped.wait(timeout: .seconds(1), { $0 ? true : nil }) == nil {
      for writer in writers { writer.watch(limit: configuration.stallLimit) }
    }
  }
}
