public import MediaTime
public import Registry

/// Who may use a device's recordings now, and who waits (§7.7: many devices know one history session at a time).
///
/// One session per channel, and as many on the whole device as it is known to bear. Pure: the owner carries out
/// what ``enter(_:of:as:now:)`` and ``leave(_:now:)`` say.
public struct HistoryQueue: Sendable {
  /// Somebody's place.
  public struct Ticket: Sendable, Hashable {
    public let number: UInt64
    public init(number: UInt64) { self.number = number }
  }

  public struct Place: Sendable, Hashable {
    public let ticket: Ticket
    public let channel: ChannelKey
    /// The name of whoever asked.
    public let person: String
    /// When it began to hold, or to wait.
    public var since: WallTime
  }

  /// What somebody who waits is told.
  public struct Wait: Sendable, Hashable {
    public var holder: Place
    /// How many are before this one, without the holder.
    public var ahead: Int
    /// How many wait in all.
    public var waiting: Int
  }

  public private(set) var holders: [Place] = []
  public private(set) var waiting: [Place] = []
  /// Sessions that the device bears at once; nil: nobody knows, so only channels count.
  public private(set) var limit: Int?

  /// More than anybody waits for.
  public static let mostWaiting = 32

  public init(limit: Int? = nil) { self.limit = limit.map { max($0, 1) } }

  public var isEmpty: Bool { holders.isEmpty && waiting.isEmpty }

  /// Somebody wants a session.
  ///
  /// - Returns: whether it may begin; nil when too many wait.
  public mutating func enter(
    _ ticket: Ticket, of channel: ChannelKey, as person: String, now: WallTime
  ) -> Bool? {
    let place = Place(ticket: ticket, channel: channel, person: person, since: now)
    if isFree(channel), !waiting.contains(where: { isFree($0.channel) }) {
      holders.append(place)
      return true
    }
    guard waiting.count < Self.mostWaiting else { return nil }
    waiting.append(place)
    return false
  }

  /// A session is over, or somebody stopped waiting.
  ///
  /// - Returns: those who may begin now.
  public mutating func leave(_ ticket: Ticket, now: WallTime) -> [Ticket] {
    waiting.removeAll { $0.ticket == ticket }
    holders.removeAll { $0.ticket == ticket }
    return admit(now)
  }

  /// The device refused a session although its channel was free: it bears no more than those that stand.
  ///
  /// - Returns: true when the session waits for one of ours to end; false when none of ours is in its way.
  public mutating func refused(_ ticket: Ticket) -> Bool {
    guard let index = holders.firstIndex(where: { $0.ticket == ticket }), holders.count > 1 else {
      return false
    }
    let place = holders.remove(at: index)
    limit = min(limit ?? .max, holders.count)
    waiting.insert(place, at: 0)
    return true
  }

  /// What the one who waits is told; nil when nobody is in its way any more.
  public func wait(of ticket: Ticket) -> Wait? {
    guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
    let channel = waiting[index].channel
    guard let holder = holders.first(where: { $0.channel == channel }) ?? holders.first else { return nil }
    return Wait(holder: holder, ahead: index, waiting: waiting.count)
  }

  private func isFree(_ channel: ChannelKey) -> Bool {
    holders.count < limit ?? .max && !holders.contains { $0.channel == channel }
  }

  private mutating func admit(_ now: WallTime) -> [Ticket] {
    var admitted: [Ticket] = []
    while let index = waiting.firstIndex(where: { isFree($0.channel) }) {
      var place = waiting.remove(at: index)
      place.since = now
      holders.append(place)
      admitted.append(place.ticket)
    }
    return admitted
  }
}
