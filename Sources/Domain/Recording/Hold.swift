public import MediaTime
public import Registry

/// The number of a ``Hold``.
public struct HoldNumber: RawRepresentable, Sendable, Hashable {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Somebody's order that nothing of a channel's interval is deleted: not by age, and not when the disk is full.
///
/// A file that reaches into the interval is kept whole. Holds are never removed,
/// only released, so that the list tells later who kept what and why.
public struct Hold: Sendable, Hashable {
  public var number: HoldNumber
  public var channel: ChannelKey
  public var interval: WallInterval
  /// For people: a case number, an accident, a request.
  public var reason: String
  /// The account that placed it.
  public var by: String
  public var placed: WallTime
  /// When it ends by itself; nil until somebody releases it.
  public var until: WallTime?
  public var released: WallTime?
  public var releasedBy: String?

  public init(
    number: HoldNumber, channel: ChannelKey, interval: WallInterval, reason: String, by: String,
    placed: WallTime, until: WallTime? = nil, released: WallTime? = nil, releasedBy: String? = nil
  ) {
    self.number = number
    (self.channel, self.interval) = (channel, interval)
    (self.reason, self.by, self.placed) = (reason, by, placed)
    (self.until, self.released, self.releasedBy) = (until, released, releasedBy)
  }

  public func isActive(at now: WallTime) -> Bool { released == nil && until.map { $0 > now } ?? true }

  /// Whether `segment` must stay.
  public func protects(_ segment: SegmentRecord, at now: WallTime) -> Bool {
    isActive(at: now) && segment.channel == channel && segment.start < interval.end
      && segment.end > interval.start
  }
}
