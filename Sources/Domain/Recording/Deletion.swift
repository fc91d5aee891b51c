public import MediaTime
public import Registry

/// What became of a file that was to be deleted.
public enum FileRemoval: Sendable, Hashable {
  /// It took this many bytes.
  case removed(bytes: Int64)
  /// It was gone already: a crash came after it was removed, or somebody else did it.
  case missing
  /// It is still there, and why.
  case failed(String)
}

/// A deletion that was carried out, or could not be.
public struct FinishedDeletion: Sendable, Hashable {
  public var segment: SegmentRecord
  /// Why it goes, as it was marked.
  public var rule: String
  public var removal: FileRemoval

  public init(segment: SegmentRecord, rule: String, removal: FileRemoval) {
    (self.segment, self.rule, self.removal) = (segment, rule, removal)
  }
}

/// What was deleted under one rule since the database was made.
public struct DeletionTotal: Sendable, Hashable {
  /// See ``RetentionRule``.
  public var rule: String
  public var files: Int
  public var bytes: Int64

  public init(rule: String, files: Int, bytes: Int64) {
    (self.rule, self.files, self.bytes) = (rule, files, bytes)
  }
}

/// What a set of rules would delete at this moment.
public struct RetentionPreview: Sendable, Hashable {
  /// A sum over files.
  public struct Share: Sendable, Hashable {
    public var files = 0
    public var bytes: Int64 = 0
    public var oldest: WallTime?
    public var newest: WallTime?

    public init() {}

    mutating func add(_ segment: SegmentRecord) {
      files += 1
      bytes += segment.bytes
      oldest = min(oldest ?? segment.start, segment.start)
      newest = max(newest ?? segment.end, segment.end)
    }
  }

  public var total = Share()
  public var rules: [RetentionRule: Share] = [:]
  public var channels: [ChannelKey: Share] = [:]
  /// See ``RetentionDecision/breaksPromise``.
  public var breaksPromise = false
  /// Bytes that would still be missing to the reserve.
  public var missingBytes: Int64 = 0
  /// False when so much would go that only the beginning was looked at.
  public var isComplete = true

  public init(_ decision: RetentionDecision, isComplete: Bool) {
    for deletion in decision.deletions {
      total.add(deletion.segment)
      rules[deletion.rule, default: Share()].add(deletion.segment)
      channels[deletion.segment.channel, default: Share()].add(deletion.segment)
    }
    breaksPromise = decision.breaksPromise
    missingBytes = decision.missingBytes
    self.isComplete = isComplete
  }
}
