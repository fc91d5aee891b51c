import MPEGCore
import MediaTime
import Testing
import WireBytes

/// Inputs that once broke a promise, found by the fuzzer.
@Suite struct RegressionTests {
  @Test("A map that calls the video stream a sound codec does not make sound of pictures")
  func soundTypeForVideo() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, var pack) in packs(reader).enumerated() {
      if let map = pack.firstRange(of: [0, 0, 1, 0xBC]) { pack[map.lowerBound + 12] = 0x90 }
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    let output = bench.finish()
    #expect(output.formats == [[reader.format]])
    #expect(output.video.count == 50)
  }

  @Test(
    "When the first key frame of another codec is lost, the second one is shown", arguments: [true, false])
  func codecChangeWithLoss(toH265: Bool) throws {
    let (first, second) = (try clip("plain.h264"), try clip("plain.h265"))
    let (old, new) = toH265 ? (first, second) : (second, first)
    var bench = Bench()
    for (index, pack) in packs(old).prefix(10).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    var muxer = PSMuxer(formats: [new.format])
    for index in 0..<3 {
      // The key frame whose end is lost, one picture behind it, and the next key frame.
      let unit = new.unit(index == 1 ? 1 : 0).at(MediaTicks(Int64(index + 10) * 3_600))
      var pack: [UInt8] = []
      muxer.pack(unit, into: &pack)
      let last = (pack.count - 1) / bench.maximumPayload
      if index == 1 { bench.payload([], timestamp: UInt32(unit.pts.value), gap: true) }
      bench.frame(pack, timestamp: UInt32(unit.pts.value), dropping: index == 0 ? [last] : [])
    }
    let output = bench.finish()
    #expect(output.formats == [[old.format], [new.format]])
    #expect(output.video.last?.codec == new.codec && output.video.last?.isKeyFrame == true)
  }

  @Test("After a change of codec without parameter sets nothing comes out")
  func codecChangeWithoutSets() throws {
    let first = try clip("plain.h264")
    let second = try clip("plain.h265")
    var bench = Bench()
    for (index, pack) in packs(first).prefix(10).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    var muxer = PSMuxer(formats: [second.format])
    for index in 0..<10 {
      let unit = second.unit(index).at(MediaTicks(Int64(index + 10) * 3_600))
      // Video and sequence parameter set stay, the picture parameter set goes.
      let units = unit.payload.array.lengthPrefixedUnits.filter { $0[0] >> 1 & 0x3F != 34 }
      let bare = AccessUnit(
        codec: .h265, isKeyFrame: unit.isKeyFrame, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
        payload: lengthPrefixed(units))
      var pack: [UInt8] = []
      muxer.pack(bare, into: &pack)
      bench.frame(pack, timestamp: UInt32(unit.pts.value))
    }
    let output = bench.finish()
    #expect(output.video.count == 10)
    #expect(output.video.allSatisfy { $0.codec == .h264 })
    #expect(output.damages == [.brokenStructure])
  }
}
