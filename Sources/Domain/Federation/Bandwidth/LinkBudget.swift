/// What a link to another level carries, and whether one more stream fits.
///
/// A stream runs once per link however many watch it. Ordinary streams leave the reserve free; those of at least
/// ``reservePriority`` may use it too, and any stream may take the place of others whose priority is strictly lower.
/// Rates in bits per second, priorities 1…254, the higher the more urgent.
public struct LinkBudget<ID: Hashable & Sendable & Comparable>: Sendable {
  public struct Stream: Sendable, Hashable {
    public let id: ID
    /// Expected or measured.
    public var rate: Int
    public var priority: Int
    /// Who has it opened, for the refusal of somebody else.
    public var user: String

    /// A rate below zero is taken for zero.
    public init(id: ID, rate: Int, priority: Int, user: String) {
      (self.id, self.rate, self.priority, self.user) = (id, max(rate, 0), priority, user)
    }
  }

  public enum Answer: Sendable, Hashable {
    /// It runs, or did already.
    case admitted
    /// It runs once these have ended: end them now. They are not counted any more.
    case displacing([Stream])
    /// It does not fit, by so many bits per second even if all that may be displaced ended.
    case refused(missing: Int, users: [Stream])
  }

  /// Nil: nobody declared it, everything fits.
  public private(set) var capacity: Int?
  public private(set) var reserve: Int
  /// From this priority on the reserve may be used.
  public let reservePriority: Int
  private var running: [ID: Stream] = [:]

  public init(capacity: Int?, reserve: Int = 0, reservePriority: Int = 200) {
    (self.capacity, self.reserve, self.reservePriority) = (capacity, max(reserve, 0), reservePriority)
  }

  /// What runs, the most expensive first.
  public var streams: [Stream] {
    running.values.sorted { ($1.rate, $0.id) < ($0.rate, $1.id) }
  }

  public var used: Int { running.values.reduce(0) { $0 + $1.rate } }

  public func runs(_ id: ID) -> Bool { running[id] != nil }

  /// What a stream of that priority may use in all.
  public func limit(for priority: Int) -> Int? {
    capacity.map { priority >= reservePriority ? $0 : max($0 - reserve, 0) }
  }

  /// Another capacity. What runs goes on, even if it does not fit any more; what comes has to.
  public mutating func declare(capacity: Int?, reserve: Int) {
    (self.capacity, self.reserve) = (capacity, max(reserve, 0))
  }

  /// Asks for a stream, and counts it if it may run.
  public mutating func admit(_ stream: Stream) -> Answer {
    if let known = running[stream.id] {
      // One more viewer of what runs costs nothing, and keeps it running for the more urgent of the two.
      running[stream.id]?.priority = max(known.priority, stream.priority)
      return .admitted
    }
    guard let limit = limit(for: stream.priority) else {
      running[stream.id] = stream
      return .admitted
    }
    let excess = used + stream.rate - limit
    if excess <= 0 {
      running[stream.id] = stream
      return .admitted
    }
    let weaker = running.values.filter { $0.priority < stream.priority && $0.rate > 0 }
    let available = weaker.reduce(0) { $0 + $1.rate }
    guard available >= excess else { return .refused(missing: excess - available, users: streams) }
    let victims = Self.victims(of: excess, among: weaker)
    for victim in victims { running[victim.id] = nil }
    running[stream.id] = stream
    return .displacing(victims)
  }

  /// A stream is over.
  public mutating func end(_ id: ID) { running[id] = nil }

  /// What a stream really needs.
  public mutating func measured(_ id: ID, rate: Int) { running[id]?.rate = max(rate, 0) }

  /// The least urgent until it fits, and of these none that could stay.
  private static func victims(of excess: Int, among weaker: [Stream]) -> [Stream] {
    var chosen: [Stream] = []
    var freed = 0
    for stream in weaker.sorted(by: { ($0.priority, $1.rate, $0.id) < ($1.priority, $0.rate, $1.id) })
    where freed < excess {
      chosen.append(stream)
      freed += stream.rate
    }
    // The most urgent get their place back first.
    for stream in chosen.reversed() where freed - stream.rate >= excess {
      freed -= stream.rate
      chosen.removeAll { $0.id == stream.id }
    }
    return chosen
  }
}
