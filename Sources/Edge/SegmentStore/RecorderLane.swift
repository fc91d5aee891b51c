import MediaTime
import Recording
import Registry
import Streaming
import Synchronization

/// One channel's place on the writer thread.
final class RecorderLane: @unchecked Sendable {
  // Proof for @unchecked: all variables belong to the writer thread, except `failure`, which is behind its
  // mutex.
  struct Failure: Sendable {
    var lastEnd: WallTime?
    var cause: GapCause
    var detail: String
  }

  let channel: ChannelKey
  var file: SegmentFile?
  /// Fragments are ignored until the next file is opened.
  var isBroken = false
  /// The open file was reported.
  var isAnnounced = false
  /// Any file was.
  var isAnnouncedOnce = false
  var lastProgress: WallTime?
  /// End of the last picture that reached a file; before the first one, when that was to begin.
  var lastGoodEnd: WallTime?
  private let failure = Mutex<Failure?>(nil)

  init(channel: ChannelKey) { self.channel = channel }

  func fail(_ value: Failure) { failure.withLock { $0 = value } }

  func takeFailure() -> Failure? {
    failure.withLock { value in
      defer { value = nil }
      return value
    }
  }
}

/// What the writer thread is asked to do, in order.
enum RecorderJob: Sendable {
  case open(RecorderLane, SegmentOpening)
  case write(RecorderLane, FragmentContent)
  /// The end is nil when the file must end where it is.
  case close(RecorderLane, WallTime?)
  /// Its start is corrected to the end of what is on disk.
  case gap(RecorderLane, GapRecord)
  case ended(RecorderLane, StreamEnd)
}
