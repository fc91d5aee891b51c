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
  case diskLow(DiskFigures)
  /// So little is left that nothing is written any more.
  case diskFull(DiskFigures)
  /// There is space again and recording goes on.
  case diskRecovered(DiskFigures)
}

/// How the recorder behaves.
public struct RecorderConfiguration: Sendable {
  /// The recordings directory; created when missing.
  public var root: String
  public var limits = SegmentCutter.Limits()
  /// Bytes that may wait for the disk, all channels together.
  public var queueBytes = 256 << 20
  /// Free bytes below which ``RecorderEvent/diskLow(_:)`` is raised.
  public var reserveBytes: Int64 = 2 << 30
  /// Free bytes below which nothing is written.
  public var floorBytes: Int64 = 256 << 20
  public var progressInterval: Duration = .seconds(10)
  /// How often free space is looked at.
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
  /// Bytes that wait for the disk.
  public var queuedBytes = 0
  /// Over the last ten seconds.
  public var bytesPerSecond: Double = 0
  public var disk: DiskFigures?
  public var isFull = false
}

/// Why the recorder cannot start: one sentence that says what to do.
public struct RecorderError: Error, Sendable, CustomStringConvertible {
  public var description: String
}
