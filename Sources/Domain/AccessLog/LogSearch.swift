public import MediaTime

/// One entry as it is listed: the entry, its number, and the words beside it that were not erased.
public struct LoggedEntry: Sendable, Hashable {
  /// From 0.
  public var index: UInt64
  public var kind: LogKind
  public var at: WallTime
  public var facts: [LogField: String]
  public var words: [PersonalField: String]
  /// The words were erased; the entry says that there were some.
  public var isErased: Bool

  public init(
    index: UInt64, kind: LogKind, at: WallTime, facts: [LogField: String], words: [PersonalField: String],
    isErased: Bool
  ) {
    (self.index, self.kind, self.at) = (index, kind, at)
    (self.facts, self.words, self.isErased) = (facts, words, isErased)
  }

  /// - Parameter beside: what stands beside the entry.
  public init(index: UInt64, entry: LogEntry, beside: [UInt8], isErased: Bool) {
    self.init(
      index: index, kind: entry.kind, at: entry.at, facts: entry.facts,
      words: PersonalWords(beside)?.words ?? [:], isErased: isErased)
  }
}

/// Which entries to list, newest first: by who, what, when and why.
public struct LogQuery: Sendable, Hashable {
  public var kinds: Set<LogKind>
  public var user: String?
  public var channel: String?
  /// The code of a purpose.
  public var purpose: String?
  public var caseNumber: String?
  /// Occurs in words, user, case, object or operation.
  public var text: String?
  public var from: WallTime?
  public var to: WallTime?
  /// Only entries with a smaller number: where the previous page ended.
  public var before: UInt64?
  /// 1…10 000
  public var limit: Int

  public init(
    kinds: Set<LogKind> = [], user: String? = nil, channel: String? = nil, purpose: String? = nil,
    caseNumber: String? = nil, text: String? = nil, from: WallTime? = nil, to: WallTime? = nil,
    before: UInt64? = nil, limit: Int = 100
  ) {
    (self.kinds, self.user, self.channel, self.purpose) = (kinds, user, channel, purpose)
    (self.caseNumber, self.text, self.from, self.to) = (caseNumber, text, from, to)
    (self.before, self.limit) = (before, min(max(limit, 1), 10_000))
  }
}

/// Finds entries. Proves nothing, and can be made again from the log at any time.
public protocol LogIndex: Sendable {
  /// The number of the first entry that is not taken in yet.
  func next() async throws -> UInt64
  /// Takes entries in; those that are known already are replaced.
  func add(_ entries: [LoggedEntry]) async throws
  func find(_ query: LogQuery) async throws -> [LoggedEntry]
  /// Forgets the words beside an entry.
  func forget(_ index: UInt64) async throws
  /// Forgets everything from an entry on.
  func cut(from index: UInt64) async throws
}
