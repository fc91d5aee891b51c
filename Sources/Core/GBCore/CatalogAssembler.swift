public import MediaTime

/// Puts a catalog together from the many messages that answer one query (§4.3).
///
/// ```
///            part, unique < SumNum            unique ≥ SumNum, totals agree
///   collecting ───────────────► collecting ─────────────────────────────► finished (complete)
///       │   unique ≥ SumNum, totals disagree       settling
///       ├──────────────────────────────────────► settling ─────────────► finished (complete)
///       └── nothing for 15 s, or 120 s in all ───────────────────────────► finished (complete?)
/// ```
///
/// A part that comes after the end is merged and the whole is handed out again.
/// When silence ends it, it is complete only if as many items came as were announced.
public struct CatalogAssembler: Sendable {
  public struct Limits: Sendable, Hashable {
    /// Silence after which the answer is taken for over.
    public var idle: Duration = .seconds(15)
    /// The longest an answer may take.
    public var overall: Duration = .seconds(120)
    /// Silence awaited when the announced totals contradict each other or what came.
    public var settle: Duration = .seconds(2)
    /// How long after the end late parts are still merged; then the pieces may be forgotten.
    public var late: Duration = .seconds(60)
    /// Items kept; more are counted and dropped.
    public var items = 200_000
    /// Problems kept; more are counted and dropped.
    public var problems = 1_000

    public init() {}
  }

  public let sn: Int
  private let limits: Limits
  private let started: MonotonicTime
  private var lastPart: MonotonicTime
  private var items: [CatalogItem] = []
  private var index: [DeviceID: Int] = [:]
  private var problems: [CatalogProblem] = []
  private var problemCount = 0
  /// Items that share a code with a different item, or came twice in one message: the device means them.
  private var genuineDuplicates = 0
  private var total: Int?
  private var totalsDisagree = false
  private var state = State.collecting

  private enum State: Hashable { case collecting, settling, finished }

  /// - Parameters:
  ///   - sn: the number of the query.
  ///   - started: when the query was sent.
  public init(sn: Int, started: MonotonicTime, limits: Limits = Limits()) {
    (self.sn, self.started, self.limits, lastPart) = (sn, started, limits, started)
  }

  /// When to call ``tick(now:)`` next; nil once finished.
  public var deadline: MonotonicTime? {
    switch state {
    case .collecting: min(lastPart + limits.idle, started + limits.overall)
    case .settling: min(lastPart + limits.settle, started + limits.overall)
    case .finished: nil
    }
  }

  /// Items and unreadable items received so far.
  public var received: Int { items.count + problemCount + genuineDuplicates }
  /// The number the device announced.
  public var expected: Int? { total }

  /// Takes one message.
  /// - Returns: the catalog when this part ended it, or when a late part changed it.
  public mutating func receive(_ part: CatalogReply, now: MonotonicTime) -> CatalogAssembly? {
    lastPart = max(lastPart, now)
    if let announced = part.total {
      if let total, total != announced { totalsDisagree = true }
      total = max(total ?? 0, announced)
    }
    let changed = add(part)
    switch state {
    case .finished: return changed ? assembly(isComplete: isComplete) : nil
    case .collecting, .settling:
      guard let total, received >= total else { return nil }
      if totalsDisagree || received > total {
        state = .settling
        return nil
      }
      return finish(isComplete: true)
    }
  }

  /// Ends the wait when it has been long enough.
  public mutating func tick(now: MonotonicTime) -> CatalogAssembly? {
    guard let deadline, now >= deadline else { return nil }
    return finish(isComplete: isComplete)
  }

  /// Whether no late part is awaited any more: whoever keeps the assembler can let it go.
  public func isSpent(now: MonotonicTime) -> Bool { state == .finished && now >= lastPart + limits.late }

  private var isComplete: Bool { total.map { received >= $0 } ?? false }

  private mutating func finish(isComplete: Bool) -> CatalogAssembly {
    state = .finished
    return assembly(isComplete: isComplete)
  }

  private func assembly(isComplete: Bool) -> CatalogAssembly {
    CatalogAssembly(sn: sn, items: items, problems: problems, expected: total, isComplete: isComplete)
  }

  /// - Returns: whether anything new came.
  private mutating func add(_ part: CatalogReply) -> Bool {
    var changed = false
    var inThisPart: Set<DeviceID> = []
    for item in part.items {
      let isNewInPart = inThisPart.insert(item.id).inserted
      if let known = index[item.id] {
        // The same text in another message is a retransmission; anything else is a second item.
        if items[known] == item, isNewInPart { continue }
        genuineDuplicates += 1
        if items[known] != item {
          items[known] = item
          changed = true
        }
      } else if items.count < limits.items {
        index[item.id] = items.count
        items.append(item)
        changed = true
      }
    }
    for problem in part.problems where !problems.contains(problem) {
      problemCount += 1
      changed = true
      if problems.count < limits.problems { problems.append(problem) }
    }
    return changed
  }
}

/// A catalog as far as it came.
public struct CatalogAssembly: Sendable, Hashable {
  /// The number of the query it answers.
  public let sn: Int
  /// One per code, in the order of first arrival.
  public let items: [CatalogItem]
  /// What could not be read.
  public let problems: [CatalogProblem]
  /// What the device announced; nil when it announced nothing.
  public let expected: Int?
  /// Whether all that was announced came. Only then may channels that are missing be removed.
  public let isComplete: Bool

  public init(
    sn: Int, items: [CatalogItem], problems: [CatalogProblem] = [], expected: Int? = nil, isComplete: Bool
  ) {
    (self.sn, self.items, self.problems) = (sn, items, problems)
    (self.expected, self.isComplete) = (expected, isComplete)
  }
}
