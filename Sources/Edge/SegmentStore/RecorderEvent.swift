public import MediaTime
public import Recording
public import Registry
public import Streaming

/// What the recorder tells the rest of the program. Delivered on its threads: return at once.
public enum RecorderEvent: Sendable {
  /// A file was begun and its first fragment written.
  case opened(SegmentRecord)
  /// An open file grew; at most every ``RecorderConfiguration/progressInterval``.
  case progress(SegmentRecord)
  /// A file is complete, durable and hashed.
  case closed(SegmentRecord)
  /// Pictures were lost or could not be written. An open gap is put again, with its end, later.
  case gap(GapRecord)
  /// The stream of a channel is over; `at` is the end of its last picture, nil when none was recorded.
  case ended(ChannelKey, at: WallTime?, StreamEnd)
  /// Writing failed. Recording goes on at the next key frame as soon as it can.
  case failed(ChannelKey, GapCause, String)
  /// Free space fell below the reserve: time to delete. Repeated every ten seconds while it lasts.
  case diskLow(DiskReport)
  /// So little is left that nothing is written there any more.
  case diskFull(DiskReport)
  /// There is space again and recording goes on.
  case diskRecovered(DiskReport)
  /// The disk is not there, or does not work. What is recorded goes to the others.
  case diskLost(DiskReport, reason: String)
  /// It is there again, and so is what was recorded on it.
  case diskReturned(DiskReport)
}

/// A disk that changed its state.
public struct DiskReport: Sendable, Hashable {
  public var id: DiskID
  /// Its directory.
  public var path: String
  /// As they were last seen.
  public var figures: DiskFigures
  /// How many disks take recordings now.
  public var accepting: Int

  public init(id: DiskID, path: String, figures: DiskFigures, accepting: Int) {
    (self.id, self.path, self.figures, self.accepting) = (id, path, figures, accepting)
  }
}

/// How the recorder behaves.
public struct RecorderConfiguration: Sendable {
  /// The recordings directory where there is only one; created when missing.
  public var root: String
  public var limits = SegmentCutter.Limits()
  /// Bytes that may wait, all channels and disks together.
  public var queueBytes = 256 << 20
  /// Free bytes below which ``RecorderEvent/diskLow(_:)`` is raised, where a disk has no reserve of its own.
  public var reserveBytes: Int64 = 2 << 30
  /// Free bytes below which nothing is written.
  public var floorBytes: Int64 = 256 << 20
  public var progressInterval: Duration = .seconds(10)
  /// How long a disk may be at one write before it counts as lost.
  public var stallLimit: Duration = .seconds(20)
  /// How often a disk is looked at.
  public var diskInterval: Duration = .seconds(1)
  /// The write of the operating system; tests put failures here.
  public var write: PositionedWrite = SegmentFile.systemWrite

  public init(root: String) { self.root = root }
}

/// The recorder at a glance.
public struct RecorderSnapshot: Sendable, Hashable {
  /// Sinks that are attached to a stream.
  public var channels = 0
  /// Of these, those that have a file open.
  public var writing = 0
  public var writtenBytes: Int64 = 0
  public var fragments: Int64 = 0
  /// Groups dropped because the disk could not keep up or was full.
  public var droppedFragments: Int64 = 0
  /// Bytes that wait for their disks.
  public var queuedBytes = 0
  /// Over the last ten seconds.
  public var bytesPerSecond: Double = 0
  public var disks: [DiskSnapshot] = []
  /// Nothing is written for want of space.
  public var isFull = false

  /// Size and free space of the disks that are there, together; nil when none is.
  public var disk: DiskFigures? {
    let figures = disks.compactMap { $0.loss == nil ? $0.figures : nil }
    guard !figures.isEmpty else { return nil }
    return DiskFigures(
      total: figures.reduce(0) { $0 + $1.total }, free: figures.reduce(0) { $0 + $1.free })
  }
}

/// One disk of the recorder at a glance.
public struct DiskSnapshot: Sendable, Hashable {
  public var id = DiskID.former
  /// Its directory.
  public var path = ""
  /// As last seen; nil before the first look.
  public var figures: DiskFigures?
  public var reserveBytes: Int64 = 0
  /// The reserve was configured for this disk, and is not the one of all.
  public var hasOwnReserve = false
  /// Nothing is written there for want of space.
  public var isFull = false
  /// Why it is away; nil while it is there.
  public var loss: String?
  /// Files being written.
  public var writing = 0
  public var writtenBytes: Int64 = 0
  public var fragments: Int64 = 0
  /// Groups that failed to be written.
  public var droppedFragments: Int64 = 0
  public var queuedBytes = 0
  public var bytesPerSecond: Double = 0

  public init() {}
}

/// Why the recorder cannot start: one sentence that says what to do.
public struct RecorderError: Error, Sendable, CustomStringConvertible {
  public var description: String
}
