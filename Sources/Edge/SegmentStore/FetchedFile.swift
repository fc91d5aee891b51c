import Glibc
import MP4Core
public import MPEGCore
import MediaTime
public import Recording
public import Registry
import Synchronization

/// Why fetching had to stop.
public struct FetchError: Error, Sendable, Hashable, CustomStringConvertible {
  public var description: String
}

/// Writes what is fetched from a device into a directory of its own, in the recorder's format, so that
/// ``ExportFile`` makes a standard MP4 of it.
///
/// Units come on a media thread with the recorded moment in `arrival`; a thread of its own writes them. Nothing is
/// left out: when too much waits for the disk the fetch has failed and says so.
public final class FetchedFile: Sendable {
  /// Bytes that may wait for the disk.
  private static let queueBytes = 64 << 20

  private enum Job: Sendable {
    case formats([TrackFormat])
    case units([AccessUnit])
    case finish
  }

  private struct State {
    var records: [SegmentRecord] = []
    var bytes: Int64 = 0
    var failure: FetchError?
    var isDone = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// The directory; its files are named as the recorder names them.
  public let root: String
  private let worker = WorkerThread<Job>(limit: FetchedFile.queueBytes)
  private let state = Mutex(State())

  /// - Parameters:
  ///   - root: a directory that exists and is empty.
  ///   - hash: a fresh SHA-256 per file.
  public init(root: String, channel: ChannelKey, hash: @escaping HashFactory) throws(FetchError) {
    self.root = root
    guard let directory = DirectoryHandle(root) else {
      throw FetchError(description: "\(root) cannot be opened: \(SystemError(code: errno).text)")
    }
    let scribe = FetchScribe(directory, channel: channel, hash: hash)
    let isStarted = worker.start(name: "fetch") { [weak self] job in
      switch job {
      case .formats(let formats): scribe.formatsChanged(formats)
      case .units(let units): scribe.receive(units)
      case .finish: scribe.finish()
      }
      self?.note(scribe)
      if case .finish = job { self?.finished() }
    }
    guard isStarted else { throw FetchError(description: "the system refused a thread") }
  }

  /// Bytes that are on the disk.
  public var bytes: Int64 { state.withLock(\.bytes) }
  /// What went wrong; the file is then useless.
  public var failure: FetchError? { state.withLock(\.failure) }

  public func formatsChanged(_ formats: [TrackFormat]) { _ = worker.submit(.formats(formats)) }

  /// Units in decoding order. Returns at once.
  public func receive(_ units: [AccessUnit]) {
    let weight = units.reduce(0) { $0 + $1.byteCount }
    guard !worker.submit(.units(units), weight: max(weight, 1)) else { return }
    state.withLock {
      $0.failure = $0.failure ?? FetchError(description: "the disk is too slow for this download")
    }
  }

  /// Ends the last file, makes everything durable, and returns what there is, ascending.
  public func finish() async throws(FetchError) -> [SegmentRecord] {
    if worker.submit(.finish) {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if !state.isDone { state.waiting.append(continuation) }
          return state.isDone
        }
        if isDone { continuation.resume() }
      }
    }
    let (records, failure) = state.withLock { ($0.records, $0.failure) }
    if let failure { throw failure }
    return records
  }

  /// Ends the thread. The directory may be removed afterwards.
  public func close() { worker.stop() }

  private func note(_ scribe: FetchScribe) {
    state.withLock { state in
      state.records = scribe.records
      state.bytes = scribe.bytes
      state.failure = state.failure ?? scribe.failure
    }
  }

  private func finished() {
    let waiting = state.withLock { state in
      state.isDone = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// What the writing thread owns.
///
/// Proof for @unchecked: made before the thread starts and touched by it alone afterwards.
private final class FetchScribe: @unchecked Sendable {
  private let directory: DirectoryHandle
  private let hash: HashFactory
  private let buffer = BlockBuffer()
  private var cutter: SegmentCutter
  private var file: SegmentFile?
  private(set) var records: [SegmentRecord] = []
  private(set) var failure: FetchError?
  private var closedBytes: Int64 = 0

  init(_ directory: DirectoryHandle, channel: ChannelKey, hash: @escaping HashFactory) {
    (self.directory, self.hash) = (directory, hash)
    var limits = SegmentCutter.Limits()
    limits.segment = .seconds(600)
    cutter = SegmentCutter(channel: channel, run: 1, limits: limits)
  }

  var bytes: Int64 { closedBytes + (file?.goodBytes ?? 0) }

  func formatsChanged(_ formats: [TrackFormat]) { cutter.formatsChanged(formats) }

  func receive(_ units: [AccessUnit]) {
    var actions: [CutAction] = []
    for unit in units { cutter.receive(unit) { actions.append($0) } }
    carryOut(actions)
  }

  func finish() {
    var actions: [CutAction] = []
    cutter.end { actions.append($0) }
    carryOut(actions)
    settle()
  }

  private func carryOut(_ actions: [CutAction]) {
    guard failure == nil else { return }
    do throws(SegmentFile.Failure) {
      for action in actions {
        switch action {
        case .open(let opening):
          settle()
          file = try SegmentFile(
            directory, disk: .former, opening: opening, hash: hash(), write: SegmentFile.systemWrite)
        case .write(let content): try file?.append(content, through: buffer)
        case .close: settle()
        case .gap: break
        }
      }
    } catch {
      failure = FetchError(description: "the download cannot be written: \(error.text)")
    }
  }

  private func settle() {
    guard let file = exchange(&self.file, with: nil) else { return }
    guard file.fragments > 0 else { return file.discard() }
    let (record, code) = file.settle()
    records.append(record)
    closedBytes += record.bytes
    if code != 0 {
      failure = failure ?? FetchError(description: "the disk failed: \(SystemError(code: code).text)")
    }
  }
}
