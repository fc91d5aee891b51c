import MediaTime
import Testing

@Suite struct TicksTests {
  @Test("Ticks compare, subtract and convert to seconds")
  func arithmetic() {
    let start = MediaTicks(90_000)
    #expect(start.seconds == 1)
    #expect(start + 45_000 == MediaTicks(135_000))
    #expect(MediaTicks(135_000) - start == 45_000)
    #expect(start < MediaTicks(90_001))
  }

  @Test("A wrapping clock goes on", arguments: [16, 32, 33])
  func wraps(bits: Int) {
    let range = Int64(1) << Int64(bits)
    var clock = ClockUnwrapper(bits: bits)
    var expected = range - 10
    for _ in 0..<10 {
      #expect(clock.unwrap(UInt64(expected % range)) == expected)
      expected += range / 4
    }
  }

  @Test("Steps back are followed as well")
  func backwards() {
    var clock = ClockUnwrapper(bits: 33)
    #expect(clock.unwrap(100) == 100)
    #expect(clock.unwrap(40) == 40)
    #expect(clock.unwrap((1 << 33) - 5) == -5)
    #expect(clock.unwrap(3) == 3)
  }

  @Test("After a reset the next value stands for itself")
  func reset() {
    var clock = ClockUnwrapper(bits: 32)
    _ = clock.unwrap(0xFFFF_FFF0)
    _ = clock.unwrap(5)
    clock.reset()
    #expect(clock.unwrap(7) == 7)
  }

  @Test("Bits above the width are ignored")
  func excessBits() {
    var clock = ClockUnwrapper(bits: 33)
    #expect(clock.unwrap(1 << 40 | 5) == 5)
  }

  @Test("Sequence numbers have a shortest way round")
  func sequence() {
    #expect(Sequence16.distance(from: 65_535, to: 0) == 1)
    #expect(Sequence16.distance(from: 0, to: 65_535) == -1)
    #expect(Sequence16.distance(from: 10, to: 10) == 0)
    #expect(Sequence16.distance(from: 0, to: 32_767) == 32_767)
    #expect(Sequence16.distance(from: 0, to: 32_768) == -32_768)
  }
}
