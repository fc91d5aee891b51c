import Dispatch
public import LogTree
import Synchronization

/// An append-only log in a folder: the entries, the tiles of hashes over them, and the latest signed head.
///
/// Any number of tasks may append at once; one batch at a time is written and synced, and an append returns when its
/// entry is on the disk. Heads are signed behind that, at most one per ``Configuration/interval``, and never speak of
/// entries that are not on the disk.
///
/// ```text
///   append ─► waiting ─► [ write records, write tiles, fdatasync ] ─► size, root ─► the appender goes on
///                                                                     └► later: fdatasync tiles ─► sign ─► checkpoint
/// ```
public final class LogStore: Sendable {
  /// Where and how.
  public struct Configuration: Sendable {
    public var folder: String
    /// The first line of every head.
    public var origin: String
    public var hasher: LogHasher
    /// Signatures for the text of a head.
    public var sign: @Sendable (SignedNote) -> [SignedNote.Signature]
    /// Whether a head carries the signature of this log's key.
    public var isOurs: @Sendable (SignedNote) -> Bool
    /// Between two heads at least.
    public var interval: Duration = .seconds(1)
    /// Entries that may wait.
    public var mostWaiting = 65_536
    /// Takes the place of the disk's own refusals in tests; 0 lets a step happen.
    var fault: @Sendable (Step) -> Int32 = { _ in 0 }

    public init(
      folder: String, origin: String, hasher: LogHasher,
      sign: @escaping @Sendable (SignedNote) -> [SignedNote.Signature],
      isOurs: @escaping @Sendable (SignedNote) -> Bool
    ) {
      (self.folder, self.origin, self.hasher, self.sign, self.isOurs) = (folder, origin, hasher, sign, isOurs)
    }

    var headPath: String { folder + "/checkpoint" }
    var entriesPath: String { folder + "/entries" }
    var witnessedPath: String { folder + "/checkpoint.witnessed" }
  }

  enum Step: Sendable { case records, tiles, sync, head }

  /// Where the log stands.
  public struct State: Sendable {
    public internal(set) var size: UInt64
    public internal(set) var root: LogHash
    /// Of the latest signed head.
    public internal(set) var signedSize: UInt64
    public internal(set) var note: SignedNote
    /// Why the latest head could not be written.
    public internal(set) var headFailure: String?
  }

  private struct Shared {
    var state: State
    var waiting: [(records: [LogRecord], done: CheckedContinuation<UInt64, any Error>)] = []
    var waitingCount = 0
    var isDraining = false
    var isHeadPlanned = false
    var latestHead: ContinuousClock.Instant?
    /// A failed sync left open what is on the disk.
    var doubt: LogStoreError?
    var isClosed = false
  }

  /// What only the writing queue touches.
  struct Writer {
    var frontier: LogFrontier
    var end: Int64
  }

  let configuration: Configuration
  let entries: LogFile
  let tiles: HashTiles
  /// Bytes that a crash had left torn and that were moved aside at the start.
  public let tornBytes: Int64
  private let shared: Mutex<Shared>
  let writer: Mutex<Writer>
  private let writing = DispatchQueue(label: "access-log")
  private let signing = DispatchQueue(label: "access-log-heads")

  /// Opens the log, or begins one. Takes as long as the entries behind the last head need to be read.
  public init(_ configuration: Configuration) throws(LogStoreError) {
    let found = try LogOpening(configuration)
    self.configuration = configuration
    (entries, tiles, tornBytes) = (found.entries, found.tiles, found.tornBytes)
    let state = State(
      size: found.frontier.size, root: found.frontier.root(configuration.hasher), signedSize: found.head.size,
      note: found.note)
    shared = Mutex(Shared(state: state))
    writer = Mutex(Writer(frontier: found.frontier, end: found.end))
    try entries.sync()
    if state.size > state.signedSize { planHead() }
  }

  public var state: State { shared.withLock { $0.state } }

  // MARK: Appending

  /// Appends one record.
  /// - Returns: the number of the entry; it is on the disk then.
  public func append(_ record: LogRecord) async throws -> UInt64 { try await append([record]) }

  /// Appends records one behind the other, all of them or none.
  /// - Returns: the number of the first entry; all are on the disk then.
  public func append(_ records: [LogRecord]) async throws -> UInt64 {
    let fits = records.allSatisfy {
      (1...RecordBytes.longest).contains($0.entry.count) && $0.beside.count <= RecordBytes.longest
    }
    guard fits, !records.isEmpty else {
      throw LogStoreError(.range, "An entry of the access log has 1 to \(RecordBytes.longest) bytes.")
    }
    return try await withCheckedThrowingContinuation { done in
      let refusal: LogStoreError? = shared.withLock { shared in
        if let doubt = shared.doubt { return doubt }
        guard !shared.isClosed else { return LogStoreError(.closed, "The access log is closed.") }
        guard shared.waitingCount + records.count <= configuration.mostWaiting else {
          return LogStoreError(
            .overloaded, "More than \(configuration.mostWaiting) entries wait for the disk of the access log."
          )
        }
        shared.waiting.append((records, done))
        shared.waitingCount += records.count
        if !shared.isDraining {
          shared.isDraining = true
          writing.async { self.drain() }
        }
        return nil
      }
      if let refusal { done.resume(throwing: refusal) }
    }
  }

  private func drain() {
    while true {
      let batch = shared.withLock { shared in
        let batch = shared.waiting
        shared.waiting = []
        shared.waitingCount = 0
        if batch.isEmpty { shared.isDraining = false }
        return batch
      }
      if batch.isEmpty { return }
      let outcome = Result { () throws(LogStoreError) in try commit(batch.flatMap(\.records)) }
      switch outcome {
      case .success(var first):
        for item in batch {
          item.done.resume(returning: first)
          first += UInt64(item.records.count)
        }
        planHead()
      case .failure(let error):
        for item in batch { item.done.resume(throwing: error) }
      }
    }
  }

  /// One batch onto the disk.
  private func commit(_ records: [LogRecord]) throws(LogStoreError) -> UInt64 {
    if let doubt = shared.withLock({ $0.doubt }) { throw doubt }
    let hasher = configuration.hasher
    let (first, frontier): (UInt64, LogFrontier) = try writer.withLock { (writer) throws(LogStoreError) in
      var (frontier, additions) = (writer.frontier, HashTiles.Additions())
      var bytes: [UInt8] = []
      for record in records {
        let leaf = hasher.leaf(record.entry)
        additions.add(entry: frontier.size, at: writer.end + Int64(bytes.count))
        RecordBytes.append(record, leaf: leaf, hasher: hasher, to: &bytes)
        frontier.append(leaf, hasher: hasher) { additions.add($0, $1) }
      }
      try write(bytes, additions, at: writer.end)
      let first = writer.frontier.size
      (writer.frontier, writer.end) = (frontier, writer.end + Int64(bytes.count))
      return (first, frontier)
    }
    let root = frontier.root(hasher)
    shared.withLock { ($0.state.size, $0.state.root) = (frontier.size, root) }
    return first
  }

  /// A write that fails leaves nothing behind; a sync that fails leaves doubt, and only a start clears it up.
  private func write(
    _ bytes: [UInt8], _ additions: HashTiles.Additions, at end: Int64
  ) throws(LogStoreError) {
    do throws(LogStoreError) {
      try check(.records)
      try entries.write(bytes, at: end)
      try check(.tiles)
      try tiles.write(additions)
    } catch {
      do throws(LogStoreError) { try entries.truncate(to: end) } catch { refuseFromNow(error) }
      throw error
    }
    do throws(LogStoreError) {
      try check(.sync)
      try entries.sync()
    } catch {
      refuseFromNow(error)
      throw error
    }
  }

  private func refuseFromNow(_ error: LogStoreError) {
    let refusal = LogStoreError(.closed, "\(error.message) Nothing is logged until the next start.")
    shared.withLock { $0.doubt = $0.doubt ?? refusal }
  }

  private func check(_ step: Step) throws(LogStoreError) {
    let number = configuration.fault(step)
    if number != 0 { throw LogFile.failure("written", configuration.entriesPath, number) }
  }

  // MARK: Heads

  private func planHead() {
    let wait: Duration? = shared.withLock { shared in
      guard !shared.isHeadPlanned else { return nil }
      shared.isHeadPlanned = true
      guard let latest = shared.latestHead else { return .zero }
      return max(.zero, latest + configuration.interval - ContinuousClock.now)
    }
    guard let wait else { return }
    let (seconds, attoseconds) = wait.components
    let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    signing.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
      guard let self else { return }
      let isClosed = shared.withLock { shared in
        shared.isHeadPlanned = false
        return shared.isClosed
      }
      if isClosed { return }
      do throws(LogStoreError) { try signHead() } catch {
        // It is tried again with the next entry and by whoever asks for a head.
        shared.withLock { $0.state.headFailure = error.message }
      }
      if state.size > state.signedSize, state.headFailure == nil { planHead() }
    }
  }

  /// Signs a head over everything that is on the disk, unless the latest one is of that.
  private func signHead() throws(LogStoreError) {
    let state = state
    guard state.size > state.signedSize else { return }
    try check(.head)
    try tiles.sync()
    let head = Checkpoint(origin: configuration.origin, size: state.size, root: state.root)
    let note = try LogOpening.publish(head, configuration)
    shared.withLock { shared in
      (shared.state.signedSize, shared.state.note, shared.state.headFailure) = (state.size, note, nil)
      shared.latestHead = .now
    }
  }

  /// The head over everything that is on the disk now; signed for it if need be.
  public func signedHead() async throws -> SignedNote {
    try await withCheckedThrowingContinuation { done in
      signing.async {
        done.resume(
          with: Result {
            try self.signHead()
            return self.state.note
          })
      }
    }
  }

  /// Writes what waits, signs a last head and takes nothing more.
  public func close() throws(LogStoreError) {
    shared.withLock { $0.isClosed = true }
    writing.sync {}
    let outcome = signing.sync { Result { () throws(LogStoreError) in try signHead() } }
    entries.unlock()
    try outcome.get()
  }
}
