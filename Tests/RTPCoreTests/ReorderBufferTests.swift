import MediaTime
import RTPCore
import TestSupport
import Testing

/// Feeds numbered packets and records what comes out. The payload of packet n is the two bytes of n.
private struct Feed {
  var buffer: ReorderBuffer
  var now = MonotonicTime(nanoseconds: 0)
  var output: [Int] = []
  var gaps: [Int] = []

  init(_ buffer: ReorderBuffer = ReorderBuffer()) { self.buffer = buffer }

  mutating func insert(_ number: Int, ssrc: UInt32 = 1, timestamp: UInt32 = 0) {
    let sequence = UInt16(truncatingIfNeeded: number)
    let header = RTPHeader(
      marker: false, payloadType: 96, sequenceNumber: sequence, timestamp: timestamp, ssrc: ssrc)
    var bytes: [UInt8] = []
    header.append(to: &bytes)
    bytes += [UInt8(sequence >> 8), UInt8(sequence & 0xFF)]
    guard let parsed = try? RTPHeader(parsing: bytes.span) else { return }
    var collected: [(Int, Bool)] = []
    buffer.insert(parsed, packet: bytes.span, now: now) { header, payload, gap in
      collected.append((Int(payload[0]) << 8 | Int(payload[1]), gap))
      if payload.count != 2 || Int(header.sequenceNumber) != collected.last?.0 {
        collected.append((-1, false))
      }
    }
    note(collected)
  }

  mutating func flush() {
    var collected: [(Int, Bool)] = []
    buffer.flush(now: now) { _, payload, gap in
      collected.append((Int(payload[0]) << 8 | Int(payload[1]), gap))
    }
    note(collected)
  }

  mutating func note(_ packets: [(Int, Bool)]) {
    for (number, gap) in packets {
      output.append(number)
      if gap { gaps.append(number) }
    }
  }
}

@Suite struct ReorderBufferTests {
  @Test("Packets in order pass through at once")
  func inOrder() {
    var feed = Feed()
    for number in 10..<20 {
      feed.insert(number)
      #expect(feed.output.last == number)
    }
    #expect(feed.gaps.isEmpty)
    var counters = ReorderBuffer.Counters()
    counters.delivered = 10
    #expect(feed.buffer.counters == counters)
  }

  @Test("Swapped packets come out in order without a gap")
  func swapped() {
    var feed = Feed()
    for number in [1, 3, 4, 2, 5] { feed.insert(number) }
    #expect(feed.output == [1, 2, 3, 4, 5])
    #expect(feed.gaps.isEmpty)
    #expect(feed.buffer.counters.reordered == 2)
  }

  @Test("The number wraps without anybody noticing")
  func wrap() {
    var feed = Feed()
    for number in [65_534, 65_535, 1, 0, 2] { feed.insert(number) }
    #expect(feed.output == [65_534, 65_535, 0, 1, 2])
    #expect(feed.gaps.isEmpty)
  }

  @Test("A missing packet is given up after 200 ms and the next one says so")
  func timeout() {
    var feed = Feed()
    feed.insert(1)
    feed.insert(3)
    feed.now = feed.now + .milliseconds(199)
    feed.flush()
    #expect(feed.output == [1])
    feed.now = feed.now + .milliseconds(1)
    feed.flush()
    #expect(feed.output == [1, 3])
    #expect(feed.gaps == [3])
    #expect(feed.buffer.counters.lost == 1)
    feed.insert(2)
    #expect(feed.buffer.counters.late == 1)
  }

  @Test("A full window gives up the oldest missing packet")
  func windowFull() {
    var feed = Feed(ReorderBuffer(capacity: 4))
    feed.insert(1)
    for number in [3, 4, 5, 6] { feed.insert(number) }
    #expect(feed.output == [1, 3, 4, 5, 6])
    #expect(feed.gaps == [3])
  }

  @Test("A burst of loss larger than the window is one gap")
  func burst() {
    var feed = Feed()
    feed.insert(1)
    feed.insert(700)
    feed.insert(701)
    #expect(feed.output == [1, 700, 701])
    #expect(feed.gaps == [700])
    #expect(feed.buffer.counters.lost == 698)
  }

  @Test("A key frame of hundreds of packets comes out whole, in whatever order it arrives", arguments: 1...10)
  func shuffled(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var feed = Feed()
    feed.insert(60_000)
    for number in (60_001..<60_500).shuffled(using: &random) { feed.insert(number) }
    #expect(feed.output == Array(60_000..<60_500))
    #expect(feed.gaps.isEmpty && feed.buffer.counters.lost == 0)
  }

  @Test("A key frame of hundreds of packets waits for the one that is late")
  func largeGroup() {
    var feed = Feed()
    feed.insert(65_400)
    for number in 65_402..<66_000 { feed.insert(number & 0xFFFF) }
    #expect(feed.output == [65_400] && feed.buffer.waitingCount == 598)
    feed.insert(65_401)
    #expect(feed.output == (65_400..<66_000).map { $0 & 0xFFFF })
    #expect(feed.gaps.isEmpty && feed.buffer.waitingCount == 0)
    #expect(feed.buffer.needsFlush)
    feed.now = feed.now + .seconds(11)
    feed.flush()
    #expect(!feed.buffer.needsFlush)
  }

  @Test("More than 512 missing at once, or too much that waits, is loss")
  func limits() {
    var feed = Feed()
    feed.insert(0)
    for number in stride(from: 2, to: 1_024, by: 2) { feed.insert(number) }
    #expect(feed.output == [0] && feed.buffer.waitingCount == 511)
    feed.insert(1_026)
    #expect(feed.output == [0, 2, 4] && feed.gaps == [2, 4])
    for number in 1_027..<3_000 { feed.insert(number) }
    #expect(feed.buffer.waitingCount < 1_024 && feed.output.contains(1_900))

    var large = ReorderBuffer()
    let bytes = [UInt8](repeating: 0, count: 60_012)
    for number in (0..<100).map({ $0 == 1 ? 0 : UInt16($0) }) {
      let header = RTPHeader(marker: false, payloadType: 96, sequenceNumber: number, timestamp: 0, ssrc: 1)
      var packet: [UInt8] = []
      header.append(to: &packet)
      packet += bytes
      guard let parsed = try? RTPHeader(parsing: packet.span) else { continue }
      large.insert(parsed, packet: packet.span, now: feed.now) { _, _, _ in }
      #expect(large.waitingCount * 60_012 <= ReorderBuffer.maximumWaitingBytes)
    }
    #expect(large.counters.lost == 1)
  }

  @Test("Repeated packets are dropped whether delivered or waiting")
  func duplicates() {
    var feed = Feed()
    for number in [1, 1, 3, 3, 2, 2] { feed.insert(number) }
    #expect(feed.output == [1, 2, 3])
    #expect(feed.buffer.counters.duplicates == 3)
    // A whole key frame twice.
    for number in 4..<700 { feed.insert(number) }
    for number in 4..<700 { feed.insert(number) }
    feed.insert(700)
    #expect(feed.output == Array(1...700) && feed.gaps.isEmpty)
    #expect(feed.buffer.counters.duplicates == 699)
  }

  @Test("A jump beyond 3 000 and a new SSRC start over with a gap")
  func restart() {
    var feed = Feed()
    feed.insert(1)
    feed.insert(10_000)
    feed.insert(10_001)
    feed.insert(7, ssrc: 2)
    feed.insert(8, ssrc: 2)
    #expect(feed.output == [1, 10_000, 10_001, 7, 8])
    #expect(feed.gaps == [10_000, 7])
    #expect(feed.buffer.counters.resets == 2)
  }

  @Test("A sender that goes back a little is followed after 64 late packets")
  func smallStepBack() {
    var feed = Feed()
    for number in 1_000..<1_100 { feed.insert(number) }
    for number in 100..<200 { feed.insert(number) }
    #expect(feed.output.last == 199)
    #expect(feed.buffer.counters.resets == 1)
  }

  @Test("Capacity zero keeps the order of the transport and reports gaps")
  func noWindow() {
    var feed = Feed(ReorderBuffer(capacity: 0))
    for number in [1, 2, 4, 5] { feed.insert(number) }
    #expect(feed.output == [1, 2, 4, 5])
    #expect(feed.gaps == [4])
  }

  @Test(
    "A camera that restarts a little behind its old numbers is not taken for their continuation",
    arguments: [1, 2, 40, 100])
  func restartsBehind(by distance: Int) {
    var feed = Feed()
    for number in 1_000..<1_200 { feed.insert(number, timestamp: UInt32(number) * 1_000) }
    let first = 1_200 - distance
    for number in first..<1_300 { feed.insert(number, timestamp: 3_000_000_000) }
    // What came before the first gap is the old stream; behind it the numbers of the new one follow each other.
    let gap = feed.gaps.first ?? 0
    #expect(gap >= first && gap <= first + 2)
    #expect(feed.output.prefix(200).elementsEqual(1_000..<1_200))
    #expect(feed.output.dropFirst(200).elementsEqual(gap..<1_300))
  }

  @Test("Packets repeated after a pause are dropped, whatever the clock did in between")
  func repeatedAfterPause() {
    var feed = Feed()
    for number in 0..<100 { feed.insert(number, timestamp: number < 80 ? 0 : 4_000_000) }
    for number in 60..<100 { feed.insert(number, timestamp: number < 80 ? 0 : 4_000_000) }
    for number in 100..<120 { feed.insert(number, timestamp: 4_000_000) }
    #expect(feed.output == Array(0..<120))
    #expect(feed.gaps.isEmpty)
    #expect(feed.buffer.counters.duplicates == 40)
  }

  @Test(
    "Random loss, order and repetition: output ascends and everything is accounted for", arguments: 1...20)
  func random(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var feed = Feed()
    var packets = (0..<2_000).map { $0 }
    packets.removeAll { _ in Int.random(in: 0..<50, using: &random) == 0 }
    for index in packets.indices where Int.random(in: 0..<5, using: &random) == 0 {
      packets.swapAt(index, min(index + Int.random(in: 0..<20, using: &random), packets.count - 1))
    }
    for number in packets {
      feed.now = feed.now + .milliseconds(5)
      feed.insert(number)
      if Int.random(in: 0..<20, using: &random) == 0 { feed.insert(number) }
    }
    feed.now = feed.now + .seconds(1)
    feed.flush()
    #expect(feed.output == feed.output.sorted())
    #expect(Set(feed.output).count == feed.output.count)
    #expect(feed.buffer.waitingCount == 0)
    let span = (feed.output.last ?? 0) - (feed.output.first ?? 0) + 1
    #expect(Int(feed.buffer.counters.delivered + feed.buffer.counters.lost) == span)
  }
}
