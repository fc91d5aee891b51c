import RTPCore
import TestSupport
import Testing

/// An RTP packet whose payload is `size` bytes of `fill`.
private func packet(_ sequence: UInt16, ssrc: UInt32 = 0x0BEB_C6D2, size: Int = 20, fill: UInt8 = 7)
  -> [UInt8]
{
  var bytes: [UInt8] = []
  RTPHeader(marker: false, payloadType: 96, sequenceNumber: sequence, timestamp: 0, ssrc: ssrc).append(
    to: &bytes)
  return bytes + [UInt8](repeating: fill, count: size)
}

private func prefixed(_ packet: [UInt8]) -> [UInt8] {
  [UInt8(packet.count >> 8), UInt8(packet.count & 0xFF)] + packet
}

private func interleaved(_ packet: [UInt8]) -> [UInt8] { [0x24, 0] + prefixed(packet) }

private func run(
  _ pieces: [[UInt8]], expected: UInt32? = nil, _ framer: inout InterleavedFramer
) throws(FramingError) -> [[UInt8]] {
  var result: [[UInt8]] = []
  for piece in pieces {
    try framer.feed(piece.span, expectedSSRC: expected) { packet in
      result.append((0..<packet.count).map { packet[$0] })
    }
  }
  return result
}

private func run(_ pieces: [[UInt8]], expected: UInt32? = nil) throws(FramingError) -> [[UInt8]] {
  var framer = InterleavedFramer()
  return try run(pieces, expected: expected, &framer)
}

@Suite struct InterleavedFramerTests {
  let packets = (0..<40).map { packet(UInt16($0), size: 5 + 37 * $0) }

  @Test("A length of 12 and a header is an empty packet")
  func vector() throws {
    let packet = packet(1, size: 0)
    #expect(try run([[0x00, 0x0C] + packet]) == [packet])
  }

  @Test("Frames come out whole however the stream is cut", arguments: [1, 2, 3, 7, 50, 1_000, 100_000])
  func pieces(maximum: Int) throws {
    var random = SeededRandom(seed: UInt64(maximum))
    for stream in [packets.flatMap(prefixed), packets.flatMap(interleaved)] {
      let pieces = ByteMutation.pieces(stream, maximum: maximum, using: &random)
      #expect(try run(pieces) == packets)
      #expect(try run(pieces, expected: 0x0BEB_C6D2) == packets)
    }
  }

  @Test("A length that starts with the dollar sign is told apart by the SSRC")
  func ambiguous() throws {
    // 0x2400 + 16 bytes: 9 232; the bytes behind it look interleaved as well.
    let large = packet(1, size: 0x2410 - 12, fill: 0x80)
    #expect(large.count == 0x2410)
    let stream = prefixed(large) + prefixed(packet(2))
    #expect(try run([stream], expected: 0x0BEB_C6D2) == [large, packet(2)])
  }

  @Test("Zero lengths are skipped, RTCP is handed on")
  func small() throws {
    let report: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 9]
    let stream = [0, 0] + prefixed(packet(1)) + [0, 0, 0, 0] + prefixed(report) + prefixed(packet(2))
    #expect(try run([stream]) == [packet(1), report, packet(2)])
  }

  @Test("A private prefix of 256 bytes is skipped")
  func privatePrefix() throws {
    let prefix = [UInt8](repeating: 0x11, count: 256)
    #expect(try run([prefix + packets.flatMap(prefixed)]) == packets)
  }

  @Test("Something strange behind many zero lengths waits for more, and what comes then is found")
  func strangeBehindZeros() throws {
    var framer = InterleavedFramer()
    // Found by fuzzing: the search for the framing went round in circles at the last three bytes.
    #expect(try run([[UInt8](repeating: 0, count: 510) + [0, 0, 16]], &framer).isEmpty)
    let more = [UInt8](repeating: 1, count: 300) + packets.flatMap(prefixed)
    #expect(try run([more], &framer).suffix(30) == packets.suffix(30))
  }

  @Test("Garbage between frames costs the frame it damages and no more")
  func resynchronises() throws {
    var framer = InterleavedFramer()
    let head = packets[0..<10].flatMap(prefixed)
    let tail = packets[10..<20].flatMap(prefixed)
    let garbage: [UInt8] = [0x01, 0x10] + [UInt8](repeating: 0x33, count: 400)
    let result = try run([head + garbage + tail], expected: 0x0BEB_C6D2, &framer)
    #expect(result == Array(packets[0..<20]))
    #expect(framer.resynchronisations == 1)
    #expect(framer.discardedBytes == 402)
  }

  @Test("A wrong length is found out by the next frame")
  func wrongLength() throws {
    var stream = packets[0..<5].flatMap(prefixed)
    var bad = prefixed(packets[5])
    bad[1] &+= 3
    stream += bad + packets[6..<30].flatMap(prefixed)
    let result = try run([stream], expected: 0x0BEB_C6D2)
    #expect(result.prefix(5).elementsEqual(packets[0..<5]))
    #expect(result.suffix(20).elementsEqual(packets[10..<30]))
  }

  @Test("A second SSRC in the same connection is accepted when the frames fit")
  func secondSender() throws {
    let other = (0..<10).map { packet(UInt16($0), ssrc: 99) }
    let mixed = zip(packets.prefix(10), other).flatMap { [$0, $1] }
    #expect(try run([mixed.flatMap(prefixed)], expected: 0x0BEB_C6D2) == mixed)
  }

  @Test("Endless garbage ends in an error after one megabyte")
  func lost() {
    var framer = InterleavedFramer()
    let garbage = [UInt8](repeating: 0x05, count: 64 << 10)
    var rounds = 0
    var error: FramingError?
    while error == nil, rounds < 100 {
      rounds += 1
      do throws(FramingError) { _ = try run([garbage], &framer) } catch let failure { error = failure }
    }
    #expect(error != nil)
    #expect((16...19).contains(rounds))
  }

  @Test("Random bytes and damaged streams never trap", arguments: 1...30)
  func random(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var stream = packets.flatMap(prefixed)
    for _ in 0..<5 { stream = ByteMutation.mutate(stream, using: &random) }
    stream += random.bytes(2_000)
    var framer = InterleavedFramer()
    _ = try? run(ByteMutation.pieces(stream, maximum: 300, using: &random), expected: 0x0BEB_C6D2, &framer)
  }
}
