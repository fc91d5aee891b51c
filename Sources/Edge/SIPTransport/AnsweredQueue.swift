/// Answered transactions in the order of their answers, which is the order in which they expire:
/// every one is kept equally long. No timer for each.
struct AnsweredQueue {
  private var entries: [(deadline: UInt64, transaction: PlainServerTransaction)] = []
  private var head = 0

  var count: Int { entries.count - head }
  var isEmpty: Bool { head == entries.count }

  mutating func add(_ transaction: PlainServerTransaction, until deadline: UInt64) {
    entries.append((deadline, transaction))
  }

  /// The oldest transaction if its time is over.
  mutating func removeExpired(_ now: UInt64) -> PlainServerTransaction? {
    guard head < entries.count, entries[head].deadline <= now else { return nil }
    return removeFirst()
  }

  mutating func removeFirst() -> PlainServerTransaction? {
    guard head < entries.count else { return nil }
    let first = entries[head].transaction
    head += 1
    if head > 4096, head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
    return first
  }
}
