import MPEGCore
import MediaTime
import TestSupport
import Testing
import WireBytes

/// Damaged and random streams: nothing traps, and what comes out keeps its promises.
@Suite struct DamageTests {
  private func check(_ output: Collected) {
    var awaiting = true
    var lastDTS: [MediaCodec: MediaTicks] = [:]
    var known: [TrackFormat] = []
    var formats = output.formats[...]
    var units = output.units[...]
    for event in output.events {
      switch event {
      case "formats":
        known = formats.removeFirst()
        #expect(!known.isEmpty)
      case "damaged":
        awaiting = true
      case "key", "picture", "sound":
        let unit = units.removeFirst()
        #expect(known.contains { $0.codec == unit.codec })
        if event == "key" { awaiting = false }
        if event == "picture" { #expect(!awaiting) }
        let key = unit.codec.isVideo ? MediaCodec.h264 : .aac
        if let last = lastDTS[key] { #expect(unit.dts > last) }
        lastDTS[key] = unit.dts
        #expect(unit.payload.count > 0)
      default:
        break
      }
    }
  }

  @Test("Mutated packs", arguments: 1...25)
  func mutated(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let name = ["plain.h264", "plain.h265"][seed % 2]
    var bench = Bench()
    bench.maximumPayload = [200, 1_400, 9_000][seed % 3]
    for (index, pack) in packs(try clip(name)).enumerated() {
      var pack = pack
      for _ in 0..<Int.random(in: 0...3, using: &random) { pack = ByteMutation.mutate(pack, using: &random) }
      let style: Bench.MarkerStyle = [.last, .never, .always][Int.random(in: 0..<3, using: &random)]
      let dropped: Set<Int> = Int.random(in: 0..<6, using: &random) == 0 ? [0] : []
      bench.frame(pack, timestamp: UInt32(index * 3_600), marker: style, dropping: dropped)
    }
    check(bench.finish())
  }

  @Test("Random payloads", arguments: 1...20)
  func random(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var bench = Bench()
    for index in 0..<300 {
      var bytes = random.bytes(Int.random(in: 0...400, using: &random))
      // Start codes are rare in noise: sow some.
      for _ in 0..<8 where bytes.count > 8 {
        let position = Int.random(in: 0..<bytes.count - 4, using: &random)
        let id: [UInt8] = [
          0xBA, 0xBB, 0xBC, 0xBD, 0xC0, 0xE0, 0xE0, 0x67, 0x68, 0x65, 0x41, 0x40, 0x42, 0x44, 0x26,
        ]
        let code: [UInt8] = [0, 0, 1, id.randomElement(using: &random) ?? 0xBA]
        bytes.replaceSubrange(position..<position + 4, with: code)
      }
      bench.payload(
        bytes, timestamp: UInt32(index / 3), marker: Bool.random(using: &random),
        gap: Int.random(in: 0..<20, using: &random) == 0)
    }
    check(bench.finish())
  }

  @Test("Mutated transport streams", arguments: 1...10)
  func transport(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var bench = Bench(DemuxerOptions(payloadKind: .transportStream))
    let file = fixture("h264-bframes-aac.ts")
    for start in stride(from: 0, to: file.count - 1_316, by: 1_316) {
      var bytes = Array(file[start..<start + 1_316])
      for _ in 0..<3 {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        if position % 188 != 0 { bytes[position] = UInt8.random(in: 0...255, using: &random) }
      }
      bench.payload(bytes, timestamp: UInt32(start))
      bench.arrival = bench.arrival + .milliseconds(40)
    }
    check(bench.finish())
  }
}
