import MediaTime
import SDPCore
import TestSupport
import Testing

@testable import GBCore

@Suite struct SSRCAllocatorTests {
  private let start = MonotonicTime(nanoseconds: 0)

  @Test("Numbers carry the kind, digits 4 to 8 of the domain, and a serial")
  func digits() throws {
    var allocator = SSRCAllocator(domain: "34020000002000000001", firstSerial: 1_234)
    #expect(allocator.allocate(.live, now: start)?.description == "0200001234")
    #expect(allocator.allocate(.history, now: start)?.description == "1200001234")
    var other = SSRCAllocator(domain: "1301000000", firstSerial: 1)
    #expect(other.allocate(.live, now: start)?.description == "0100000001")
    var short = SSRCAllocator(domain: "x")
    #expect(short.allocate(.live, now: start)?.description == "0000000001")
  }

  @Test("A number that is given back rests for ten seconds")
  func linger() throws {
    var allocator = SSRCAllocator(domain: "3402000000")
    let numbers = (0..<SSRCAllocator.capacity).compactMap { _ in allocator.allocate(.live, now: start) }
    #expect(Set(numbers).count == 10_000)
    #expect(allocator.allocate(.live, now: start) == nil)
    #expect(allocator.allocate(.history, now: start) != nil)
    allocator.release(numbers[77], now: start)
    allocator.release(numbers[77], now: start)
    allocator.release(StreamSSRC(5), now: start)
    #expect(allocator.allocate(.live, now: start + .seconds(9)) == nil)
    #expect(allocator.allocate(.live, now: start + .seconds(10)) == numbers[77])
  }

  @Test("No number is ever out twice or reused before its rest, whatever the order")
  func invariant() throws {
    var random = SeededRandom(seed: 99)
    var allocator = SSRCAllocator(domain: "3402000000")
    var out: [StreamSSRC] = []
    var isOut: Set<StreamSSRC> = []
    var returned: [StreamSSRC: MonotonicTime] = [:]
    for step in 0..<15_000 {
      let now = start + .milliseconds(step)
      if Bool.random(using: &random), let number = allocator.allocate(.live, now: now) {
        #expect(isOut.insert(number).inserted)
        if let moment = returned[number] { #expect(now - moment >= SSRCAllocator.linger) }
        out.append(number)
      } else if let index = out.indices.randomElement(using: &random) {
        let number = out.remove(at: index)
        isOut.remove(number)
        returned[number] = now
        allocator.release(number, now: now)
      }
      #expect(allocator.inUse == out.count)
    }
  }
}
