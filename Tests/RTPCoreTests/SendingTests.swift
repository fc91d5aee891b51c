import MediaTime
import RTPCore
import TestSupport
import Testing

@Suite struct SendingTests {
  @Test("A frame is cut into packets of one timestamp, the last one marked")
  func packetizer() throws {
    var random = SeededRandom(seed: 3)
    let frame = random.bytes(3_000)
    var packetizer = RTPPacketizer(ssrc: 5, sequenceNumber: 65_535)
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    packetizer.append(frame.span, timestamp: 90_000, to: &bytes, packets: &ranges)
    var payload: [UInt8] = []
    var headers: [RTPHeader] = []
    for range in ranges {
      let packet = Array(bytes[range])
      let header = try RTPHeader(parsing: packet.span)
      headers.append(header)
      payload += packet[header.payload]
    }
    #expect(payload == frame)
    #expect(headers.map(\.sequenceNumber) == [65_535, 0, 1])
    #expect(headers.map(\.marker) == [false, false, true])
    #expect(headers.allSatisfy { $0.timestamp == 90_000 && $0.ssrc == 5 && $0.payloadType == 96 })
    #expect(packetizer.packetCount == 3)
    #expect(packetizer.octetCount == 3_000)
  }

  @Test("RFC 4571 framing is what the framer takes apart")
  func framed() throws {
    var random = SeededRandom(seed: 4)
    let frame = random.bytes(5_000)
    var packetizer = RTPPacketizer(ssrc: 5)
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    packetizer.append(frame.span, timestamp: 1, framing: .rfc4571, to: &bytes, packets: &ranges)
    var framer = InterleavedFramer()
    var payload: [UInt8] = []
    try framer.feed(bytes.span, expectedSSRC: 5) { packet in
      for index in 12..<packet.count { payload.append(packet[index]) }
    }
    #expect(payload == frame)
    #expect(ranges.map(\.count).reduce(0, +) == bytes.count)
  }

  @Test("The two ways to cut a frame give the same packets")
  func sameBytes() {
    var random = SeededRandom(seed: 5)
    let frame = random.bytes(4_321)
    var first = RTPPacketizer(ssrc: 5, maximumPayload: 999)
    var second = first
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    first.append(frame.span, timestamp: 7, to: &bytes, packets: &ranges)
    var other: [UInt8] = []
    second.packetize(frame.span, timestamp: 7) { packet in
      for index in 0..<packet.count { other.append(packet[index]) }
    }
    #expect(bytes == other)
  }

  @Test("A receiver report has the layout of RFC 3550")
  func receiverReport() {
    let block = RTCP.ReportBlock(
      ssrc: 0x0102_0304, fractionLost: 64, cumulativeLost: -1, highestSequence: 0x0001_0002, jitter: 3,
      lastSenderReport: 4, delaySinceLastSenderReport: 5)
    let bytes = RTCP.receiverReport(reporter: 0x0A0B_0C0D, blocks: [block], cname: "a")
    #expect(
      bytes == [
        0x81, 201, 0, 7, 0x0A, 0x0B, 0x0C, 0x0D, 1, 2, 3, 4, 64, 0xFF, 0xFF, 0xFF, 0, 1, 0, 2, 0, 0, 0, 3, 0,
        0, 0, 4,
        0, 0, 0, 5, 0x81, 202, 0, 2, 0x0A, 0x0B, 0x0C, 0x0D, 1, 1, 0x61, 0,
      ])
    let isReport = RTPHeader.isRTCP(bytes.span)
    #expect(isReport)
  }

  @Test("A sender report parses back, and cut ones give nothing")
  func senderReport() {
    let report = RTCP.SenderReport(
      ssrc: 9, ntp: 0x1234_5678_9ABC_DEF0, rtpTimestamp: 42, packetCount: 7, octetCount: 8)
    let bytes = RTCP.senderReport(report, cname: "name")
    let parsed = RTCP.SenderReport(parsing: bytes.span)
    #expect(parsed == report)
    #expect(report.middleNTP == 0x5678_9ABC)
    for cut in ByteMutation.truncations(bytes) where cut.count < 28 {
      let parsed = RTCP.SenderReport(parsing: cut.span)
      #expect(parsed == nil)
    }
  }

  @Test("Loss and jitter follow RFC 3550")
  func statistics() {
    var statistics = ReceptionStatistics()
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    for number in 0..<100 {
      now = now + .milliseconds(40)
      guard number % 10 != 9 || number == 99 else { continue }
      let header = RTPHeader(
        marker: false, payloadType: 96, sequenceNumber: UInt16(number), timestamp: UInt32(number * 3_600),
        ssrc: 1)
      statistics.received(header, now: now)
    }
    #expect(statistics.cumulativeLost == 9)
    #expect(statistics.jitter == 0)
    let report = RTCP.SenderReport(
      ssrc: 1, ntp: 0x1_0000 << 16, rtpTimestamp: 0, packetCount: 0, octetCount: 0)
    statistics.received(report, now: now)
    let block = statistics.reportBlock(ssrc: 1, now: now + .milliseconds(500))
    #expect(block.fractionLost == UInt8(9 * 256 / 100))
    #expect(block.highestSequence == 99)
    #expect(block.delaySinceLastSenderReport == 32_768)
    #expect(statistics.reportBlock(ssrc: 1, now: now).fractionLost == 0)
  }

  @Test("Uneven arrival shows as jitter")
  func jitter() {
    var statistics = ReceptionStatistics()
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    for number in 0..<200 {
      now = now + .milliseconds(number % 2 == 0 ? 30 : 50)
      let header = RTPHeader(
        marker: false, payloadType: 96, sequenceNumber: UInt16(number), timestamp: UInt32(number * 3_600),
        ssrc: 1)
      statistics.received(header, now: now)
    }
    // Ten milliseconds are 900 ticks.
    #expect((850...950).contains(Int(statistics.jitter)))
  }
}
