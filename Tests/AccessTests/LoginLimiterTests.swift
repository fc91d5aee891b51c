import MediaTime
import Testing

@testable import Access

@Suite struct LoginLimiterTests {
  private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

  @Test("The first failures cost nothing, later ones double the wait up to the longest")
  func doubling() {
    var limiter = LoginLimiter(
      identity: .init(freeFailures: 3, firstWait: .seconds(5), longestWait: .seconds(60)))
    var waits: [Duration?] = []
    var now: Int64 = 0
    for _ in 0..<9 {
      limiter.failed(source: "a", identity: "root", now: at(now))
      waits.append(limiter.wait(source: "b", identity: "root", now: at(now)))
      now += 61
    }
    let expected: [Duration?] = [nil, nil, .seconds(5), .seconds(10), .seconds(20), .seconds(40)]
    #expect(Array(waits.prefix(6)) == expected)
    #expect(waits.suffix(3).allSatisfy { $0 == .seconds(60) })
  }

  @Test("A wait ends by itself, a success clears the name but not the source, and silence forgets")
  func forgetting() {
    let rule = LoginLimiter.Rule(freeFailures: 1, firstWait: .seconds(5), memory: .seconds(100))
    var limiter = LoginLimiter(source: rule, identity: rule)
    limiter.failed(source: "a", identity: "root", now: at(0))
    #expect(limiter.wait(source: "a", identity: nil, now: at(4)) == .seconds(1))
    #expect(limiter.wait(source: "a", identity: nil, now: at(5)) == nil)
    limiter.failed(source: "a", identity: "root", now: at(5))
    limiter.succeeded(identity: "root")
    #expect(limiter.wait(source: "b", identity: "root", now: at(6)) == nil)
    #expect(limiter.wait(source: "a", identity: "root", now: at(6)) == .seconds(9))
    limiter.failed(source: "a", identity: nil, now: at(500))
    #expect(limiter.wait(source: "a", identity: nil, now: at(500)) == .seconds(5))
  }

  @Test("A flood of sources stays within the capacity and still meets the name's limit")
  func flood() {
    var limiter = LoginLimiter()
    for index in 0..<(3 * LoginLimiter.capacity) {
      limiter.failed(source: "source \(index)", identity: "root", now: at(Int64(index) / 100))
      #expect(limiter.count <= LoginLimiter.capacity)
    }
    let end = at(Int64(3 * LoginLimiter.capacity) / 100)
    #expect(limiter.wait(source: "new", identity: "root", now: end) != nil)
    #expect(limiter.wait(source: "new", identity: "other", now: end) == nil)
  }
}
