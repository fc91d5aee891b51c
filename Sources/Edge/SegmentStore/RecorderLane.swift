import MediaTime
import Recording
import Registry
import Streaming
import Synchronization

/// One channel's recording over all its files, whichever disks they lie on.
final class RecorderLane: Sendable {
  /// A file could not be written any further.
  struct Failure: Sendable {
    let file: FileLane
    /// The end of the last picture of it that reached the disk, or its beginning.
    var lastEnd: WallTime?
    var cause: GapCause
    var detail: String
  }

  private struct Facts {
    var failure: Failure?
    var recordedUntil: WallTime?
    var isOver = false
  }

  let channel: ChannelKey
  // Held for a few instructions, once a batch of pictures and once a fragment.
  private let facts = Mutex(Facts())

  init(channel: ChannelKey) { self.channel = channel }

  func fail(_ failure: Failure) { facts.withLock { $0.failure = failure } }

  func takeFailure() -> Failure? {
    facts.withLock { facts in
      guard facts.failure != nil else { return nil }
      defer { facts.failure = nil }
      return facts.failure
    }
  }

  /// The end of the last picture in any file, nil when there is none.
  var recordedUntil: WallTime? { facts.withLock(\.recordedUntil) }

  /// - Returns: whether the recording is over: a slow disk may finish a file after the end was told.
  func recorded(until end: WallTime) -> Bool {
    facts.withLock { facts in
      facts.recordedUntil = max(facts.recordedUntil ?? end, end)
      return facts.isOver
    }
  }

  /// The recording is over; returns ``recordedUntil``.
  func finish() -> WallTime? {
    facts.withLock { facts in
      facts.isOver = true
      return facts.recordedUntil
    }
  }
}

/// One file of a channel and its place on a writer thread.
final class FileLane: @unchecked Sendable {
  // Proof for @unchecked: all variables belong to the writer thread of `writer`, except `good` and
  // `isCounted`, which guard themselves.
  let lane: RecorderLane
  let writer: DiskWriter
  var file: SegmentFile?
  /// Fragments are ignored: the file failed.
  var isBroken = false
  /// The file was reported.
  var isAnnounced = false
  var lastProgress: WallTime?
  private let good = Mutex<WallTime?>(nil)
  private let isCounted = Atomic(true)

  init(_ lane: RecorderLane, _ writer: DiskWriter) {
    (self.lane, self.writer) = (lane, writer)
    writer.count(files: 1)
  }

  deinit { release() }

  /// It no longer counts as open where new files are placed.
  func release() {
    if isCounted.exchange(false, ordering: .relaxed) { writer.count(files: -1) }
  }

  /// End of the last picture that reached the file; of an earlier one, or its beginning, before that; nil before it
  /// was opened.
  var goodEnd: WallTime? {
    get { good.withLock { $0 } }
    set { good.withLock { $0 = newValue } }
  }
}

/// What a writer thread is asked to do, in order.
enum RecorderJob: Sendable {
  case open(FileLane, SegmentOpening)
  case write(FileLane, FragmentContent)
  /// The end is nil when the file must end where it is.
  case close(FileLane, WallTime?)
  /// What follows the file. Its start is corrected to the end of what is on disk.
  case gap(FileLane, GapRecord)
  case ended(FileLane, StreamEnd)
}
