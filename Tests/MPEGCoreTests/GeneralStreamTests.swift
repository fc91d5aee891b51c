import MPEGCore
import MediaTime
import TestSupport
import Testing

/// Streams made by a general multiplexer, which knows nothing of GB/T 28181: packets begin anywhere.
@Suite struct GeneralStreamTests {
  /// Sends a file in payloads without markers, as a naive forwarder would.
  private func send(_ name: String, size: Int = 1_316, timestamp: (Int) -> UInt32 = { UInt32($0) })
    -> Collected
  {
    let bytes = fixture(name)
    var bench = Bench()
    for (index, start) in stride(from: 0, to: bytes.count, by: size).enumerated() {
      bench.payload(Array(bytes[start..<min(start + size, bytes.count)]), timestamp: timestamp(index))
      bench.arrival = bench.arrival + .milliseconds(20)
    }
    return bench.finish()
  }

  private func expectSteadyTimes(_ output: Collected) {
    let dts = output.video.map(\.dts.value)
    #expect(zip(dts, dts.dropFirst()).allSatisfy { $1 > $0 })
    let pts = output.video.map(\.pts.value).sorted()
    #expect(zip(pts, pts.dropFirst()).allSatisfy { $1 - $0 == 3_600 })
  }

  @Test("An MPEG-2 program stream with B pictures gives every picture")
  func vob() {
    let output = send("h264-bframes-mp2.vob")
    #expect(output.video.count == 50)
    #expect(output.damages.isEmpty)
    #expect(output.unsupported == [.audioCodec(0x03)])
    #expect(output.video.filter(\.isKeyFrame).count == 2)
    #expect(output.formats.first?.first?.width == 320)
    #expect(output.formats.first?.first?.height == 180)
  }

  @Test("An MPEG-1 system stream gives every picture")
  func mpeg1() {
    let output = send("h264-bframes.mpeg")
    #expect(output.video.count == 50)
    #expect(output.damages.isEmpty)
  }

  @Test("An H.265 program stream without a map is recognised by its data")
  func h265() {
    let output = send("h265-bframes.vob")
    #expect(output.video.count == 50)
    #expect(output.formats.first?.first?.codec == .h265)
    #expect(output.formats.first?.first?.parameterSets.count == 3)
  }

  @Test("A transport stream is recognised and gives pictures and sound with their times")
  func transportStream() {
    let output = send("h264-bframes-aac.ts")
    #expect(output.video.count == 50)
    #expect(output.damages.isEmpty)
    expectSteadyTimes(output)
    #expect(output.video.contains { $0.pts != $0.dts })
    #expect(output.formats.last?.map(\.codec) == [.h264, .aac])
    #expect(output.audio.count > 10)
    let steps = zip(output.audio, output.audio.dropFirst()).map { $1.pts.value - $0.pts.value }
    #expect(steps.allSatisfy { (5_700...5_820).contains($0) })
  }

  @Test("The payload size of a foreign stream does not matter", arguments: [64, 500, 2_048, 9_000])
  func sizes(size: Int) {
    for name in ["h264-bframes-mp2.vob", "h264-bframes.mpeg", "h265-bframes.vob"] {
      #expect(send(name, size: size).video.count == 50, "\(name)")
    }
  }

  @Test("The units of a foreign stream are those of the file")
  func units() {
    let file = fixture("bframes.h264").nalUnits.filter { [1, 5].contains($0[0] & 0x1F) }
    let vob = send("h264-bframes-mp2.vob").annexB.nalUnits.filter { [1, 5].contains($0[0] & 0x1F) }
    #expect(vob.count == file.count)
  }
}
