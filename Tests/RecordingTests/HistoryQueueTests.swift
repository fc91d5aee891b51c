import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Recording

@Suite struct HistoryQueueTests {
  private let now = WallTime(seconds: 1_704_159_000)

  private func channel(_ number: Int) -> ChannelKey {
    ChannelKey(
      device: DeviceID("34020000001180000001")!, channel: DeviceID("3402000000132000000\(number)")!)
  }
  private func ticket(_ number: Int) -> HistoryQueue.Ticket { .init(number: UInt64(number)) }

  @Test("The second one on a channel waits and is told who is before it; another channel is free")
  func waits() throws {
    var queue = HistoryQueue()
    #expect(queue.enter(ticket(1), of: channel(1), as: "anna", now: now) == true)
    #expect(queue.enter(ticket(2), of: channel(1), as: "bo", now: now + .seconds(5)) == false)
    #expect(queue.enter(ticket(3), of: channel(2), as: "cai", now: now) == true)
    #expect(queue.enter(ticket(4), of: channel(1), as: "dan", now: now) == false)
    let wait = try #require(queue.wait(of: ticket(4)))
    #expect(wait.holder.person == "anna")
    #expect(wait.holder.since == now)
    #expect((wait.ahead, wait.waiting) == (1, 2))
    #expect(queue.leave(ticket(1), now: now + .seconds(60)) == [ticket(2)])
    #expect(queue.wait(of: ticket(4))?.holder.person == "bo")
    #expect(queue.wait(of: ticket(4))?.holder.since == now + .seconds(60))
  }

  @Test("Whoever stops waiting makes room behind, and nothing begins twice")
  func leavesWaiting() {
    var queue = HistoryQueue(limit: 1)
    #expect(queue.enter(ticket(1), of: channel(1), as: "a", now: now) == true)
    #expect(queue.enter(ticket(2), of: channel(2), as: "b", now: now) == false)
    #expect(queue.enter(ticket(3), of: channel(3), as: "c", now: now) == false)
    #expect(queue.leave(ticket(2), now: now) == [])
    #expect(queue.leave(ticket(1), now: now) == [ticket(3)])
    #expect(queue.leave(ticket(3), now: now) == [])
    #expect(queue.isEmpty)
  }

  @Test("A refusal teaches how much the device bears; the refused one is next")
  func learns() {
    var queue = HistoryQueue()
    #expect(queue.enter(ticket(1), of: channel(1), as: "a", now: now) == true)
    #expect(queue.enter(ticket(2), of: channel(2), as: "b", now: now) == true)
    let mustWait = queue.refused(ticket(2))
    #expect(mustWait)
    #expect(queue.limit == 1)
    #expect(queue.wait(of: ticket(2))?.holder.person == "a")
    #expect(queue.leave(ticket(1), now: now) == [ticket(2)])
    // Alone and still refused: somebody else uses the device, and waiting for ourselves would be forever.
    let waitsForNobody = !queue.refused(ticket(2))
    #expect(waitsForNobody)
  }

  @Test("Too many are sent away")
  func full() {
    var queue = HistoryQueue()
    _ = queue.enter(ticket(0), of: channel(1), as: "a", now: now)
    for number in 1...HistoryQueue.mostWaiting {
      #expect(queue.enter(ticket(number), of: channel(1), as: "b", now: now) == false)
    }
    #expect(queue.enter(ticket(99), of: channel(1), as: "c", now: now) == nil)
  }

  @Test("Whatever comes and goes: one per channel, never more than the limit, nobody waits for a free place")
  func invariants() {
    var random = SeededRandom(seed: 486)
    for limit in [nil, 1, 2, 3] {
      var queue = HistoryQueue(limit: limit)
      var inside: Set<Int> = []
      for number in 0..<2_000 {
        if Bool.random(using: &random), let gone = inside.randomElement(using: &random) {
          _ = queue.leave(ticket(gone), now: now)
          inside.remove(gone)
        } else if queue.enter(
          ticket(number), of: channel(Int.random(in: 1...5, using: &random)), as: "x", now: now) != nil
        {
          inside.insert(number)
        }
        #expect(Set(queue.holders.map(\.channel)).count == queue.holders.count)
        #expect(queue.holders.count <= queue.limit ?? .max)
        #expect(queue.holders.count + queue.waiting.count == inside.count)
        #expect(queue.waiting.allSatisfy { queue.wait(of: $0.ticket) != nil })
      }
    }
  }
}
