import TestSupport
import Testing

@testable import Federation

@Suite struct LinkBudgetTests {
  private typealias Budget = LinkBudget<Int>

  private static func stream(_ id: Int, _ rate: Int, _ priority: Int = 100) -> Budget.Stream {
    Budget.Stream(id: id, rate: rate, priority: priority, user: "user \(id)")
  }

  @Test("A link nobody declared carries everything")
  func undeclared() {
    var budget = Budget(capacity: nil, reserve: 5)
    for id in 0..<100 { #expect(budget.admit(Self.stream(id, 1_000_000)) == .admitted) }
    #expect(budget.used == 100_000_000)
  }

  @Test("The reserve is for the urgent")
  func reserve() {
    var budget = Budget(capacity: 100, reserve: 30, reservePriority: 200)
    #expect(budget.admit(Self.stream(1, 70)) == .admitted)
    #expect(budget.admit(Self.stream(2, 1)) == .refused(missing: 1, users: [Self.stream(1, 70)]))
    #expect(budget.admit(Self.stream(3, 30, 200)) == .admitted)
    #expect(budget.used == 100)
  }

  @Test("A second viewer costs nothing, and raises what the stream is worth")
  func shared() {
    var budget = Budget(capacity: 100)
    #expect(budget.admit(Self.stream(1, 100, 10)) == .admitted)
    #expect(budget.admit(Self.stream(1, 100, 150)) == .admitted)
    #expect(budget.used == 100)
    #expect(budget.admit(Self.stream(2, 50, 120)) == .refused(missing: 50, users: [Self.stream(1, 100, 150)]))
  }

  @Test("The least urgent go, the biggest of them first, and none that could stay")
  func displacing() {
    var budget = Budget(capacity: 100)
    for stream in [
      Self.stream(1, 10, 5), Self.stream(2, 40, 20), Self.stream(3, 30, 20), Self.stream(4, 20, 90),
    ] {
      #expect(budget.admit(stream) == .admitted)
    }
    #expect(budget.admit(Self.stream(5, 40, 50)) == .displacing([Self.stream(2, 40, 20)]))
    #expect(budget.streams.map(\.id) == [5, 3, 4, 1])
    #expect(
      budget.admit(Self.stream(6, 95, 255))
        == .displacing([
          Self.stream(1, 10, 5), Self.stream(3, 30, 20), Self.stream(5, 40, 50), Self.stream(4, 20, 90),
        ]))
  }

  @Test(
    "Whatever comes: never past the limit, nothing displaced by its equal or for nothing, no refusal without need"
  )
  func anything() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let capacity = Int.random(in: 0...200, using: &random)
      var budget = Budget(
        capacity: capacity, reserve: Int.random(in: 0...60, using: &random), reservePriority: 60)
      for step in 0..<80 {
        if Int.random(in: 0..<4, using: &random) == 0, let one = budget.streams.randomElement(using: &random)
        {
          budget.end(one.id)
          continue
        }
        let stream = Self.stream(
          step, Int.random(in: 0...60, using: &random), Int.random(in: 1...80, using: &random))
        let before = budget.streams
        let limit = budget.limit(for: stream.priority) ?? 0
        let weaker = before.filter { $0.priority < stream.priority }.reduce(0) { $0 + $1.rate }
        let used = budget.used
        switch budget.admit(stream) {
        case .admitted: #expect(used + stream.rate <= limit)
        case .displacing(let victims):
          #expect(used + stream.rate > limit && !victims.isEmpty)
          #expect(victims.allSatisfy { $0.priority < stream.priority })
          #expect(budget.used <= limit)
          #expect(victims.allSatisfy { budget.used + $0.rate > limit })
          #expect(Set(budget.streams).union(victims) == Set(before + [stream]))
        case .refused(let missing, let users):
          #expect(missing == used + stream.rate - limit - weaker && missing > 0)
          #expect(users == before && budget.streams == before)
        }
        #expect(budget.used <= capacity)
      }
    }
  }
}
