/// Deadlines in order: a binary heap. Nothing is ever removed before its time; an event that is no
/// longer wanted is ignored by the machine it belongs to.
struct TimerQueue<Event> {
  private struct Entry {
    var deadline: UInt64
    var event: Event
  }

  private var heap: [Entry] = []

  var isEmpty: Bool { heap.isEmpty }
  var count: Int { heap.count }

  /// The earliest deadline in nanoseconds.
  var next: UInt64? { heap.first?.deadline }

  mutating func add(_ event: Event, at deadline: UInt64) {
    heap.append(Entry(deadline: deadline, event: event))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].deadline < heap[parent].deadline else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// The event with the earliest deadline, if that is not after `now`.
  mutating func pop(until now: UInt64) -> Event? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first.event }
    heap[0] = last
    sink()
    return first.event
  }

  mutating func removeAll() { heap = [] }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].deadline < heap[least].deadline {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
