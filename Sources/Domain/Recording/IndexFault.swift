public import MediaTime

/// What a look at a file showed that the index did not expect.
public enum IndexFault: Error, Sendable, Hashable {
  /// The file is gone. The index forgets it, and a `file-lost` gap says so.
  case missing
  /// The index did not know the file. It does now.
  case unknown
  /// The file has another length than when it was closed.
  case size(expected: Int64, found: Int64)
  /// The bytes are not those that were recorded.
  case hash
  /// The file is there and cannot be read.
  case unreadable(String)

  /// As the API, the metrics and the log call it.
  public var name: String {
    switch self {
    case .missing: "missing"
    case .unknown: "unknown"
    case .size: "size"
    case .hash: "hash"
    case .unreadable: "unreadable"
    }
  }

  /// Whether the recording is damaged and stays so: such a segment is marked.
  public var isDamage: Bool {
    switch self {
    case .missing, .unknown: false
    case .size, .hash, .unreadable: true
    }
  }
}

/// A segment that is marked as damaged.
public struct DamagedSegment: Sendable, Hashable {
  public var id: SegmentID
  /// See ``IndexFault/name``.
  public var fault: String
  public var seen: WallTime

  public init(id: SegmentID, fault: String, seen: WallTime) {
    (self.id, self.fault, self.seen) = (id, fault, seen)
  }
}

/// One comparison of index and files.
public struct IndexCheckReport: Sendable, Hashable {
  public var started: WallTime
  /// Nil while it runs, and for ever when the program ended before it did.
  public var ended: WallTime?
  /// Entries of the index that were held against their files.
  public var files = 0
  /// Files whose bytes were read and hashed again.
  public var hashed = 0
  public var hashedBytes: Int64 = 0
  /// Faults found, by ``IndexFault/name``.
  public var faults: [String: Int] = [:]
  /// Whether faults were repaired or only counted.
  public var repairs: Bool

  public init(started: WallTime, repairs: Bool) {
    self.started = started
    self.repairs = repairs
  }

  public var faultCount: Int { faults.values.reduce(0, +) }
}
