public import GBCore
public import MediaTime

/// All links of a level to its neighbours: what each was declared with, what runs over it, what was refused.
///
/// Pictures go one way over every link, from below to above: over one to a platform above because that one asked,
/// over one to a platform below because we did. Both are admitted here, by the same rules (``LinkBudget``).
public struct LinkLedger: Sendable {
  /// Which way the neighbour lies.
  public enum Direction: String, Sendable, Hashable, CaseIterable {
    /// A platform above: it pulls from us.
    case up
    /// A platform or device below: we pull from it.
    case down
  }

  /// A link, by its neighbour.
  public struct Link: Sendable, Hashable, Comparable {
    public let direction: Direction
    public let peer: DeviceID

    public init(_ direction: Direction, _ peer: DeviceID) { (self.direction, self.peer) = (direction, peer) }

    public static func < (one: Link, other: Link) -> Bool {
      (one.direction.rawValue, one.peer) < (other.direction.rawValue, other.peer)
    }
  }

  /// What was said about a link, in bits per second.
  public struct Declaration: Sendable, Hashable {
    /// Nil: everything fits.
    public var capacity: Int?
    /// What ordinary streams leave free.
    public var reserve: Int

    public init(capacity: Int? = nil, reserve: Int = 0) {
      (self.capacity, self.reserve) = (capacity, max(reserve, 0))
    }
  }

  /// What a link carried at a moment.
  public struct Sample: Sendable, Hashable {
    public let at: WallTime
    /// Measured bits per second, and streams.
    public let rate: Int
    public let streams: Int

    public init(at: WallTime, rate: Int, streams: Int) {
      (self.at, self.rate, self.streams) = (at, rate, streams)
    }
  }

  /// A stream that did not fit.
  public struct Refusal: Sendable, Hashable, Error {
    public let link: Link
    /// Bits per second, even if all that is less urgent had ended.
    public let missing: Int
    /// What has the link, the most expensive first.
    public let users: [LinkBudget<String>.Stream]
  }

  /// One link with everything about it.
  public struct Account: Sendable {
    public fileprivate(set) var budget: LinkBudget<String>
    public fileprivate(set) var isDeclared = false
    /// The last ones, oldest first.
    public fileprivate(set) var samples: [Sample] = []
    public fileprivate(set) var refused: UInt64 = 0
    public fileprivate(set) var displaced: UInt64 = 0
    fileprivate var measured: [String: Int] = [:]

    /// Bits per second that really run.
    public var rate: Int { measured.values.reduce(0, +) }
  }

  /// An hour, one every ten seconds.
  public static let mostSamples = 360
  /// Streams whose rates are remembered; when there are more, all are forgotten.
  private static let mostRates = 50_000

  private var accounts: [Link: Account] = [:]
  private var rates: [String: Int] = [:]

  public init() {}

  /// Links that were declared or carry something, in order.
  public var links: [(link: Link, account: Account)] {
    accounts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  public subscript(link: Link) -> Account? { accounts[link] }

  // MARK: Declaring

  /// What runs goes on, even if it does not fit any more.
  public mutating func declare(_ link: Link, _ declaration: Declaration) {
    change(link) { account in
      account.isDeclared = declaration.capacity != nil
      account.budget.declare(capacity: declaration.capacity, reserve: declaration.reserve)
    }
  }

  /// The neighbour is gone.
  public mutating func forget(_ link: Link) { accounts[link] = nil }

  // MARK: Streams

  /// What a stream will need: what it needed last, or what is usual.
  ///
  /// - Parameter source: the camera and which of its streams.
  public func expected(_ source: String, isMain: Bool) -> Int {
    rates[source] ?? (isMain ? 4_000_000 : 800_000)
  }

  /// Asks for a stream, and counts it if it may run.
  ///
  /// - Returns: the streams in whose place it comes: end them now.
  public mutating func admit(
    _ stream: LinkBudget<String>.Stream, over link: Link
  ) throws(Refusal) -> [LinkBudget<String>.Stream] {
    var account = accounts[link] ?? Account(budget: LinkBudget(capacity: nil))
    defer { accounts[link] = account }
    switch account.budget.admit(stream) {
    case .admitted: return []
    case .displacing(let victims):
      account.displaced += UInt64(victims.count)
      for victim in victims { account.measured[victim.id] = nil }
      return victims
    case .refused(let missing, let users):
      account.refused += 1
      throw Refusal(link: link, missing: missing, users: users)
    }
  }

  /// Whether a stream would fit now, without counting anything.
  public func refusal(of stream: LinkBudget<String>.Stream, over link: Link) -> Refusal? {
    guard var budget = accounts[link]?.budget, case .refused(let missing, let users) = budget.admit(stream)
    else { return nil }
    return Refusal(link: link, missing: missing, users: users)
  }

  /// A stream is over.
  public mutating func end(_ id: String, over link: Link) {
    guard accounts[link] != nil else { return }
    change(link) { account in
      account.budget.end(id)
      account.measured[id] = nil
    }
  }

  /// What a stream really needs. Nothing is forgotten of one that pauses.
  ///
  /// - Parameter source: whose need it tells for the next time; nil for recorded material, which runs at any pace.
  public mutating func measured(_ id: String, of source: String?, rate: Int, over link: Link) {
    guard rate > 0, accounts[link]?.budget.runs(id) == true else {
      if accounts[link] != nil { change(link) { $0.measured[id] = nil } }
      return
    }
    change(link) { account in
      account.budget.measured(id, rate: rate)
      account.measured[id] = rate
    }
    guard let source else { return }
    if rates.count >= Self.mostRates { rates = [:] }
    rates[source] = rate
  }

  /// Keeps what all links carry now.
  public mutating func sample(at now: WallTime) {
    for link in accounts.keys {
      change(link) { account in
        if account.samples.count >= Self.mostSamples { account.samples.removeFirst() }
        account.samples.append(Sample(at: now, rate: account.rate, streams: account.budget.streams.count))
      }
    }
  }

  private mutating func change(_ link: Link, _ body: (inout Account) -> Void) {
    body(&accounts[link, default: Account(budget: LinkBudget(capacity: nil))])
  }
}

extension LinkLedger.Refusal {
  /// One line: what is missing and who has the link.
  ///
  /// - Parameter limit: how many of them are named.
  public func words(limit: Int = 5) -> String {
    var names = users.prefix(limit).map { "\($0.user) (\(Self.megabits($0.rate)))" }
    if users.count > limit { names.append("\(users.count - limit) more") }
    let used = names.isEmpty ? "" : "; in use by " + names.joined(separator: ", ")
    return "the link lacks \(Self.megabits(missing))" + used
  }

  /// One figure behind the point, without a library.
  static func megabits(_ rate: Int) -> String {
    let tenths = (rate + 50_000) / 100_000
    return tenths == 0 && rate > 0 ? "\((rate + 999) / 1_000) kbit/s" : "\(tenths / 10).\(tenths % 10) Mbit/s"
  }
}
