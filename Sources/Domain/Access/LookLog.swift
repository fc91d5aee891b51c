public import MediaTime

/// How somebody looked at a place.
public enum LookKind: String, Sendable, Hashable, CaseIterable, Codable {
  case live
  case playback
  case export
  case snapshot
  /// Somebody spoke there.
  case voice
}

/// One look: who saw which channel, why, and from when to when.
public struct LookRecord: Sendable, Hashable {
  /// Grows with time; given by the store.
  public var id: Int64
  public var user: String
  public var role: Role
  /// The channel, as ``description`` of its key.
  public var channel: String
  public var kind: LookKind
  /// What the person gave as the reason; may be empty.
  public var purpose: String
  /// Network address of the viewer.
  public var source: String
  /// The media session, when there was one.
  public var session: String?
  public var started: WallTime
  /// Nil while it lasts.
  public var ended: WallTime?
  /// For recordings: the interval that was shown or taken.
  public var footage: Range<WallTime>?

  public init(
    id: Int64 = 0, user: String, role: Role, channel: String, kind: LookKind, purpose: String, source: String,
    session: String? = nil, started: WallTime, ended: WallTime? = nil, footage: Range<WallTime>? = nil
  ) {
    (self.id, self.user, self.role, self.channel) = (id, user, role, channel)
    (self.kind, self.purpose, self.source, self.session) = (kind, purpose, source, session)
    (self.started, self.ended, self.footage) = (started, ended, footage)
  }
}

/// Which looks to list, newest first.
public struct LookQuery: Sendable, Hashable {
  public var user: String?
  public var channel: String?
  /// Looks that started in this interval.
  public var from: WallTime?
  public var to: WallTime?
  /// Only looks with a smaller id: where the previous page ended.
  public var before: Int64?
  /// 1…1 000
  public var limit: Int

  public init(
    user: String? = nil, channel: String? = nil, from: WallTime? = nil, to: WallTime? = nil,
    before: Int64? = nil, limit: Int = 100
  ) {
    (self.user, self.channel, self.from, self.to) = (user, channel, from, to)
    (self.before, self.limit) = (before, min(max(limit, 1), 1_000))
  }
}

/// The log of looks. Entries are added and ended, never changed or removed through it.
public protocol LookLog: Sendable {
  /// Writes the beginning of a look and returns its id. A picture is shown only after this returned.
  func beginLook(_ look: LookRecord) async throws -> Int64
  func endLook(id: Int64, at moment: WallTime) async throws
  func looks(_ query: LookQuery) async throws -> [LookRecord]
  /// Ends every look that a crash left open.
  func endOpenLooks(at moment: WallTime) async throws
}
