import MPEGCore
import MediaTime
import TestSupport
import Testing
import WireBytes

/// Streams without a container (RFC 6184, RFC 7798, RFC 3551).
@Suite struct BareStreamTests {
  /// RTP payloads of one picture: small units alone or aggregated, large ones fragmented.
  private func payloads(_ unit: AccessUnit, aggregate: Bool) -> [[UInt8]] {
    let isH265 = unit.codec == .h265
    var result: [[UInt8]] = []
    var small: [[UInt8]] = []
    func flush() {
      if small.count == 1 || !aggregate {
        result += small
      } else if !small.isEmpty {
        let header: [UInt8] = isH265 ? [48 << 1, 1] : [24]
        result.append(header + small.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 })
      }
      small = []
    }
    for nal in unit.payload.array.lengthPrefixedUnits {
      guard nal.count > 1_000 else {
        small.append(nal)
        continue
      }
      flush()
      let body = Array(nal[(isH265 ? 2 : 1)...])
      let parts = stride(from: 0, to: body.count, by: 900).map { Array(body[$0..<min($0 + 900, body.count)]) }
      for (index, part) in parts.enumerated() {
        let flags: UInt8 = (index == 0 ? 0x80 : 0) | (index == parts.count - 1 ? 0x40 : 0)
        let header: [UInt8] =
          isH265
          ? [49 << 1 | nal[0] & 0x81, nal[1], flags | nal[0] >> 1 & 0x3F]
          : [nal[0] & 0xE0 | 28, flags | nal[0] & 0x1F]
        result.append(header + part)
      }
    }
    flush()
    return result
  }

  private func send(_ name: String, aggregate: Bool, payloadType: UInt8, markers: Bool, lose: Int? = nil)
    throws -> Collected
  {
    let reader = try clip(name)
    var bench = Bench()
    bench.payloadType = payloadType
    var count = 0
    var gap = false
    for index in 0..<reader.count {
      let parts = payloads(reader.unit(index), aggregate: aggregate)
      for (position, part) in parts.enumerated() {
        count += 1
        if count == lose {
          gap = true
          continue
        }
        bench.payload(
          part, timestamp: UInt32(index * 3_600), marker: markers && position == parts.count - 1, gap: gap)
        gap = false
      }
      bench.arrival = bench.arrival + .milliseconds(40)
    }
    return bench.finish()
  }

  @Test(
    "Bare H.264 and H.265 are recognised and put together, with and without markers and aggregates",
    arguments: ["plain.h264", "plain.h265"], [(false, true), (true, true), (true, false)])
  func units(name: String, style: (aggregate: Bool, markers: Bool)) throws {
    let output = try send(name, aggregate: style.aggregate, payloadType: 96, markers: style.markers)
    let isSame = output.annexB.nalUnits == fixture(name).nalUnits
    #expect(isSame)
    #expect(output.video.count == 50)
    #expect(output.damages.isEmpty)
    #expect(output.video.map(\.pts.value) == (0..<50).map { Int64($0 * 3_600) })
  }

  @Test("A bare picture is complete with its marker")
  func immediate() throws {
    let reader = try clip()
    var bench = Bench()
    let parts = payloads(reader.unit(0), aggregate: false)
    for (index, part) in parts.enumerated() {
      bench.payload(part, timestamp: 0, marker: index == parts.count - 1)
    }
    #expect(bench.output.events == ["formats", "key"])
  }

  @Test("A lost fragment costs the pictures up to the next key frame")
  func loss() throws {
    let output = try send("plain.h264", aggregate: false, payloadType: 98, markers: true, lose: 20)
    #expect(output.damages == [.packetLoss])
    #expect(output.video.count > 25 && output.video.count < 50)
    #expect(output.video.last?.pts == MediaTicks(49 * 3_600))
  }

  @Test("A stream joined in its middle is recognised after a while by the shape of its units")
  func joined() throws {
    let reader = try clip()
    var bench = Bench()
    bench.payloadType = 98
    for round in 0..<4 {
      for index in 1..<25 {
        for part in payloads(reader.unit(index), aggregate: false) {
          bench.payload(part, timestamp: UInt32((round * 25 + index) * 3_600), marker: false)
        }
        bench.arrival = bench.arrival + .milliseconds(40)
      }
    }
    for part in payloads(reader.unit(25), aggregate: false) { bench.payload(part, timestamp: 125 * 3_600) }
    #expect(bench.finish().video.count == 1)
  }

  @Test("Payload types 0 and 8 are samples unless a pack header says otherwise", arguments: [UInt8(0), 8])
  func samples(payloadType: UInt8) {
    var bench = Bench()
    bench.payloadType = payloadType
    let tone = fixture("tone.alaw")
    for index in 0..<100 {
      bench.payload(Array(tone[index * 160..<index * 160 + 160]), timestamp: UInt32(index * 160))
      bench.arrival = bench.arrival + .milliseconds(40)
    }
    let output = bench.finish()
    #expect(output.formats == [[G711.format(payloadType == 0 ? .g711U : .g711A)]])
    #expect(output.audio.count > 10)
    let steps = zip(output.audio, output.audio.dropFirst()).map { $1.pts.value - $0.pts.value }
    #expect(steps.allSatisfy { $0 == 1_800 })
  }

  @Test("A program stream under payload type 0 is found all the same")
  func programStreamUnderWrongType() throws {
    var bench = Bench()
    bench.payloadType = 0
    for (index, pack) in packs(try clip()).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    #expect(bench.finish().video.count == 50)
  }
}
