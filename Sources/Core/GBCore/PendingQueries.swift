public import MediaTime

/// Which queries are waiting for an answer: one per device and command (§4.3).
///
/// Two at once confuse many devices, and having only one lets an answer with a
/// wrong `SN` still find its query (§14.2 #13).
public struct PendingQueries: Sendable {
  private struct Key: Hashable {
    let device: DeviceID
    let command: CmdType
  }
  private struct Query {
    let sn: Int
    var deadline: MonotonicTime
  }
  /// A query that went unanswered.
  public struct Expired: Sendable, Hashable {
    public let device: DeviceID
    public let command: CmdType
    public let sn: Int
  }

  private var waiting: [Key: Query] = [:]
  private var lastSN: Int

  /// - Parameter firstSN: the number before the first one used; random, so that a restart does not repeat numbers.
  public init(firstSN: Int = 0) { lastSN = min(max(firstSN, 0), Int(Int32.max) - 1) }

  public var count: Int { waiting.count }

  /// Takes the next number for messages that expect no answer: 1…2³¹ − 1, wrapping.
  public mutating func nextSN() -> Int {
    lastSN = lastSN >= Int(Int32.max) - 1 ? 1 : lastSN + 1
    return lastSN
  }

  /// Opens a query.
  /// - Returns: its number, or nil while the same question to the same device is unanswered.
  public mutating func begin(
    _ command: CmdType, to device: DeviceID, now: MonotonicTime, timeout: Duration = .seconds(10)
  ) -> Int? {
    let key = Key(device: device, command: command)
    if let query = waiting[key], query.deadline > now { return nil }
    let sn = nextSN()
    waiting[key] = Query(sn: sn, deadline: now + timeout)
    return sn
  }

  /// The number of the query that a response answers: the one waiting for this device and command, whatever
  /// `SN` the response carries. Nil when none waits.
  public func match(_ command: CmdType, from device: DeviceID) -> Int? {
    waiting[Key(device: device, command: command)]?.sn
  }

  /// Gives a query more time, when a part of its answer has come.
  public mutating func extend(_ command: CmdType, of device: DeviceID, until deadline: MonotonicTime) {
    waiting[Key(device: device, command: command)]?.deadline = deadline
  }

  /// Closes a query: answered, refused or given up.
  public mutating func end(_ command: CmdType, of device: DeviceID) {
    waiting[Key(device: device, command: command)] = nil
  }

  /// Closes every query to a device that is gone.
  public mutating func endAll(of device: DeviceID) {
    waiting = waiting.filter { $0.key.device != device }
  }

  /// Removes and returns the queries whose time is over.
  public mutating func expire(now: MonotonicTime) -> [Expired] {
    var expired: [Expired] = []
    for (key, query) in waiting where query.deadline <= now {
      expired.append(Expired(device: key.device, command: key.command, sn: query.sn))
    }
    for query in expired { waiting[Key(device: query.device, command: query.command)] = nil }
    return expired.sorted { ($0.device, $0.command.name) < ($1.device, $1.command.name) }
  }
}
