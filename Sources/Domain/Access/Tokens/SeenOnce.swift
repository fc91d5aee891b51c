public import MediaTime

/// What may be used once and has been, until it would be refused for its age anyway.
///
/// Bounded per neighbour: when too much is remembered, what is new is refused instead of what is old forgotten, and
/// one neighbour that floods takes nothing from another.
public struct SeenOnce: Sendable {
  public enum Outcome: Sendable, Hashable {
    case new
    case seen
    /// Nobody can tell.
    case full
  }

  private struct Memory {
    var until: [String: WallTime] = [:]
    /// The earliest end among them.
    var next = WallTime(nanoseconds: .max)
  }

  private let capacity: Int
  private var memories: [String: Memory] = [:]

  /// - Parameter capacity: for each neighbour.
  public init(capacity: Int = 100_000) { self.capacity = capacity }

  public var count: Int { memories.values.reduce(0) { $0 + $1.until.count } }

  /// Remembers `id` of a neighbour until a moment.
  public mutating func use(_ id: String, of neighbour: String, until end: WallTime, now: WallTime) -> Outcome
  {
    var memory = memories.removeValue(forKey: neighbour) ?? Memory()
    defer { if !memory.until.isEmpty { memories[neighbour] = memory } }
    if memory.next <= now {
      memory.until = memory.until.filter { $0.value > now }
      memory.next = memory.until.values.min() ?? WallTime(nanoseconds: .max)
    }
    if memory.until[id] != nil { return .seen }
    guard memory.until.count < capacity else { return .full }
    memory.until[id] = end
    memory.next = min(memory.next, end)
    return .new
  }

  public mutating func forget(_ neighbour: String) { memories[neighbour] = nil }
}
