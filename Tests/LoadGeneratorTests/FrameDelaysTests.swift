import LoadGenerator
import Testing

@Suite struct FrameDelaysTests {
  /// A frame every 40 ms, in nanoseconds.
  private let sent = (0..<100).map { Int64($0) * 40_000_000 + 1_000 }

  private func seen(_ frames: Range<Int>, delay: (Int) -> Int64) -> [StreamReaders.Arrival] {
    frames.map { StreamReaders.Arrival(decode: UInt64($0) * 3_600 + 777, at: sent[$0] + delay($0)) }
  }

  @Test("Fragments find the frames they were, one of which was late by more than a frame")
  func late() throws {
    let delays = try #require(
      FrameDelays.match(sent: sent, seen: seen(20..<60) { $0 == 33 ? 95_000_000 : 3_000_000 }))
    #expect(delays.count == 40)
    #expect(delays.max() == 95 && delays.filter { $0 == 3 }.count == 39)
  }

  @Test("A frame that is missing does not shift the others")
  func missing() throws {
    var arrivals = seen(5..<50) { _ in 2_000_000 }
    arrivals.remove(at: 7)
    let delays = try #require(FrameDelays.match(sent: sent, seen: arrivals))
    #expect(delays.allSatisfy { $0 == 2 })
  }

  @Test("Nothing seen, or more than was sent, matches nothing")
  func nothing() {
    #expect(FrameDelays.match(sent: sent, seen: []) == nil)
    let far = [
      StreamReaders.Arrival(decode: 0, at: 0), StreamReaders.Arrival(decode: 3_600_000, at: 40_000_000_000),
    ]
    #expect(FrameDelays.match(sent: sent, seen: far) == nil)
  }
}
