import GBCore
import MPEGCore
import MediaTime
import RTPCore
import TestSupport
import Testing
import WireBytes

@testable import Voice

@Suite struct VoicePacketsTests {
  private static let tone: [Int16] = (0..<VoiceRules.frame).map { Int16(($0 * 397) % 20_000 - 10_000) }

  private func headers(_ packets: [[UInt8]]) throws -> [RTPHeader] {
    try packets.map { try RTPHeader(parsing: $0.span) }
  }

  @Test("A-law packets have 160 samples, the marker once, and go on through silence")
  func aLaw() throws {
    var packets = VoicePackets(
      VoiceFormat(.pcma), ssrc: 7, framing: .datagram, sequence: 65_535, time: .max - 159)
    let sent = [packets.next(Self.tone), packets.next(nil), packets.next(Self.tone)]
    let headers = try headers(sent)
    #expect(headers.map(\.marker) == [true, false, false] && headers.allSatisfy { $0.payloadType == 8 })
    #expect(headers.map(\.sequenceNumber) == [65_535, 0, 1])
    #expect(headers.map(\.timestamp) == [.max - 159, 0, 160] && headers.allSatisfy { $0.ssrc == 7 })
    #expect(sent.allSatisfy { $0.count == 172 })
    #expect(sent[1].dropFirst(12).allSatisfy { $0 == 0xd5 })
    for (sample, code) in zip(Self.tone, sent[2].dropFirst(12)) {
      // A-law keeps the size to one part in 32.
      #expect(abs(Int(G711.aLaw[Int(code)]) - Int(sample)) <= max(16, abs(Int(sample)) / 32))
    }
  }

  @Test("µ-law is its own coding")
  func muLaw() throws {
    var packets = VoicePackets(VoiceFormat(.pcmu), ssrc: 7, framing: .datagram, sequence: 0, time: 0)
    let packet = packets.next(Self.tone)
    #expect(try RTPHeader(parsing: packet.span).payloadType == 0)
    for (sample, code) in zip(Self.tone, packet.dropFirst(12)) {
      #expect(abs(Int(G711.muLaw[Int(code)]) - Int(sample)) <= max(16, abs(Int(sample)) / 24))
    }
  }

  @Test("Over a connection every packet has its length before it")
  func framed() {
    var packets = VoicePackets(VoiceFormat(.pcma), ssrc: 7, framing: .rfc4571, sequence: 0, time: 0)
    let bytes = packets.next(nil) + packets.next(nil)
    #expect(bytes.count == 2 * 174 && bytes[0] == 0 && bytes[1] == 172 && bytes[174] == 0)
  }

  @Test("A program stream is read back by the demultiplexer, on a clock of 90 kHz")
  func programStream() throws {
    var packets = VoicePackets(VoiceFormat(.ps), ssrc: 7, framing: .datagram, sequence: 0, time: 90_000)
    var demuxer = StreamDemuxer()
    var codes: [UInt8] = []
    for index in 0..<4 {
      let packet = packets.next(Self.tone)
      let header = try RTPHeader(parsing: packet.span)
      #expect(header.timestamp == 90_000 + UInt32(index) * 1_800 && header.payloadType == 96)
      let info = RTPTimestampInfo(timestamp: header.timestamp, marker: header.marker, payloadType: 96)
      // Sound alone becomes a stream without video only after three seconds.
      let arrival = WallTime(seconds: 4 * Int64(index))
      demuxer.receive(
        packet.span.extracting(header.payload), header: info, gapBefore: false, arrival: arrival
      ) { event in
        guard case .unit(let unit) = event else { return }
        #expect(unit.codec == .g711A)
        unit.payload.withBytes { bytes in codes += bytes.indices.map { bytes[$0] } }
      }
    }
    let expected = Self.tone.map { G711.encode($0, law: .g711A) }
    #expect(codes.count >= 2 * 160 && Array(codes.prefix(160)) == expected)
  }

  @Test("The queue gives back what went in, in whole frames, and silence after it")
  func queue() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<200 {
      var queue = VoiceQueue()
      let said = (0..<Int.random(in: 1...3_000, using: &random)).map { Int16(truncatingIfNeeded: $0 + 1) }
      var rest = said[...]
      var heard: [Int16] = []
      while !rest.isEmpty || queue.count > 0 {
        let size = min(rest.count, Int.random(in: 0...400, using: &random))
        queue.push(rest.prefix(size))
        rest = rest.dropFirst(size)
        let frame = queue.next()
        #expect(frame == nil || frame?.count == VoiceRules.frame)
        #expect(queue.count <= VoiceQueue.capacity)
        heard += (frame ?? []).filter { $0 != 0 }
      }
      #expect(queue.next() == nil || rest.isEmpty)
      #expect(queue.dropped > 0 || heard == said.filter { $0 != 0 })
      #expect(heard.count + Int(queue.dropped) >= said.count { $0 != 0 })
    }
  }

  @Test("Who says more than fits loses the oldest")
  func overflow() {
    var queue = VoiceQueue()
    queue.push((0..<10_000).map { Int16($0) })
    #expect(queue.count == VoiceQueue.capacity && queue.dropped == 6_800)
    #expect(queue.next()?.first == 6_800)
  }

  @Test("A word shorter than the cushion is said all the same")
  func short() {
    var queue = VoiceQueue()
    queue.push([1, 2, 3])
    let frames = (0..<VoiceQueue.patience + 1).map { _ in queue.next() }
    #expect(frames.dropLast().allSatisfy { $0 == nil })
    #expect(frames.last??.prefix(4) == [1, 2, 3, 0])
    #expect(queue.next() == nil)
  }

  @Test("Fifty packets a second, however unevenly it is asked; a long standstill is given up")
  func pace() {
    var random = SeededRandom(seed: 9)
    let clock = VirtualClock()
    var pace = VoicePace(start: clock.now)
    var sent = 0
    var passed: Duration = .zero
    while passed < .seconds(10) {
      sent += pace.due(now: clock.now)
      let step: Duration = .milliseconds(Int.random(in: 1...150, using: &random))
      clock.advance(by: step)
      passed += step
    }
    #expect((492...509).contains(sent))
    clock.advance(by: .seconds(60))
    #expect(pace.due(now: clock.now) == 1)
    clock.advance(by: .milliseconds(40))
    #expect(pace.due(now: clock.now) == 2)
  }

  @Test("Samples come as the browser writes them; half of one is left out")
  func input() {
    #expect(VoiceInput.pcm16.samples([1, 0, 0xff, 0xff, 0x34, 0x12, 9]) == [1, -1, 0x1234])
    #expect(VoiceInput.pcma.samples([0xd5]) == [G711.aLaw[0xd5]])
    #expect(VoiceInput.pcmu.samples([0x00, 0xff]) == [G711.muLaw[0], G711.muLaw[255]])
    let samples: [Int16] = [0, 1, -1, .max, .min, 300]
    #expect(VoiceInput.pcm16.samples(VoiceInput.bytes(samples)) == samples)
  }
}
