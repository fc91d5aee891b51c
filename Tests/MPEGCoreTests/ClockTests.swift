import MPEGCore
import MediaTime
import Testing

/// Time stamps as devices send them (GB/T 28181 §9.5 rows 13 and 14).
@Suite struct ClockTests {
  /// Fifty pictures whose PES and RTP time stamps the closures give; 40 ms apart on arrival.
  private func times(
    pts: (Int) -> UInt64?, rtp: (Int) -> UInt32, jitter: (Int) -> Int = { _ in 0 }
  ) throws -> [Int64] {
    let reader = try clip()
    var bench = Bench()
    let start = bench.arrival
    for (index, pack) in packs(reader).enumerated() {
      bench.arrival = start + .milliseconds(40 * index + jitter(index))
      bench.frame(pack.stamped(pts(index)), timestamp: rtp(index))
    }
    let output = bench.finish()
    #expect(output.video.count == 50)
    return output.video.map(\.dts.value)
  }

  private func steps(_ times: [Int64]) -> [Int64] { zip(times, times.dropFirst()).map { $1 - $0 } }

  private let steady = [Int64](repeating: 3_600, count: 49)

  @Test("Good PES time stamps are taken whatever the RTP timestamps say")
  func rtpBroken() throws {
    #expect(steps(try times(pts: { UInt64($0 * 3_600) }, rtp: { _ in 7 })) == steady)
    #expect(steps(try times(pts: { UInt64($0 * 3_600) }, rtp: { UInt32($0) })) == steady)
  }

  @Test("Missing, constant or millisecond PES time stamps fall back to RTP")
  func ptsBroken() throws {
    #expect(steps(try times(pts: { _ in nil }, rtp: { UInt32($0 * 3_600) })) == steady)
    #expect(steps(try times(pts: { _ in 12_345 }, rtp: { UInt32($0 * 3_600) })) == steady)
    #expect(steps(try times(pts: { UInt64($0 * 40) }, rtp: { UInt32($0 * 3_600) })) == steady)
  }

  @Test("With neither, the time of arrival is smoothed")
  func arrivalOnly() throws {
    let result = steps(try times(pts: { _ in nil }, rtp: { _ in 1 }, jitter: { $0 % 3 * 10 }))
    #expect(result.allSatisfy { (2_500...4_700).contains($0) })
    #expect(abs(result.reduce(0, +) - 49 * 3_600) < 3_600)
  }

  @Test("The 33-bit and the 32-bit clock wrap without a step")
  func wrap() throws {
    let top: UInt64 = 1 << 33
    #expect(
      steps(try times(pts: { (top - 36_000 + UInt64($0 * 3_600)) % top }, rtp: { UInt32($0 * 3_600) }))
        == steady)
    #expect(steps(try times(pts: { _ in nil }, rtp: { UInt32.max - 36_000 &+ UInt32($0 * 3_600) })) == steady)
  }

  @Test("A clock that restarts is stitched")
  func restart() throws {
    let result = steps(
      try times(pts: { UInt64($0 < 20 ? 900_000_000 + $0 * 3_600 : $0 * 3_600) }, rtp: { UInt32($0 * 3_600) })
    )
    #expect(result == steady)
  }

  @Test("A true pause is kept when the time of arrival agrees")
  func pause() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() {
      let shift = index < 25 ? 0 : 20
      if index == 25 { bench.arrival = bench.arrival + .seconds(20) }
      bench.frame(pack.stamped(UInt64(index * 3_600 + shift * 90_000)), timestamp: 0)
    }
    let times = bench.finish().video.map(\.dts.value)
    #expect(times[25] - times[24] == 20 * 90_000 + 3_600)
  }

  @Test("Pictures reordered without decoding times get ascending ones, by the reordering the SPS states")
  func derivedDecodingTimes() throws {
    // The clip's SPS says two pictures of reordering.
    let reader = try clip("bframes.h264")
    var muxer = PSMuxer(formats: [reader.format])
    var bench = Bench()
    let order: [Int64] = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
    for (index, position) in order.enumerated() {
      let source = reader.unit(index)
      let time = MediaTicks((position + 5) * 3_600)
      // Equal times make the muxer write a presentation time only.
      let unit = AccessUnit(
        codec: .h264, isKeyFrame: source.isKeyFrame, pts: time, dts: time, arrival: source.arrival,
        payload: source.payload)
      var pack: [UInt8] = []
      muxer.pack(unit, into: &pack)
      bench.frame(pack, timestamp: UInt32(time.value))
    }
    let video = bench.finish().video
    #expect(video.map(\.pts.value) == order.map { ($0 + 5) * 3_600 })
    #expect(zip(video, video.dropFirst()).allSatisfy { $1.dts > $0.dts })
    #expect(video.allSatisfy { $0.dts <= $0.pts })
  }

  @Test("Sound keeps its distance to the pictures through a restart of the clock")
  func soundAcrossRestart() throws {
    let reader = try clip()
    var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
    var bench = Bench()
    let tone = fixture("tone.alaw")
    for index in 0..<50 {
      let base = index < 40 ? 5_000_000 : 0
      let time = MediaTicks(Int64(base + index * 3_600))
      let picture = reader.unit(index)
      var pack: [UInt8] = []
      muxer.pack(picture.at(time), into: &pack)
      muxer.pack(soundUnit(Array(tone[index * 320..<index * 320 + 320]), at: time), into: &pack)
      bench.frame(pack, timestamp: UInt32(time.value))
    }
    let output = bench.finish()
    let videoTimes = output.video.suffix(20).map(\.pts.value)
    let soundTimes = output.audio.suffix(20).map(\.pts.value)
    #expect(zip(videoTimes, soundTimes).allSatisfy { abs($0 - $1) <= 3_600 })
    #expect(zip(soundTimes, soundTimes.dropFirst()).allSatisfy { $1 - $0 == 3_600 })
  }
}

extension AccessUnit {
  func at(_ time: MediaTicks) -> AccessUnit {
    AccessUnit(codec: codec, isKeyFrame: isKeyFrame, pts: time, dts: time, arrival: arrival, payload: payload)
  }
}

extension [UInt8] {
  /// The pack with another presentation time in its first video packet; nil takes it away.
  func stamped(_ pts: UInt64?) -> [UInt8] {
    guard let start = firstRange(of: [0, 0, 1, 0xE0])?.lowerBound else { return self }
    var result = self
    guard let pts else {
      // The five bytes stay as stuffing.
      result[start + 7] = 0
      for index in 0..<5 { result[start + 9 + index] = 0xFF }
      return result
    }
    result[start + 9] = 0x21 | UInt8(pts >> 30 & 7) << 1
    result[start + 10] = UInt8(pts >> 22 & 0xFF)
    result[start + 11] = UInt8(pts >> 15 & 0x7F) << 1 | 1
    result[start + 12] = UInt8(pts >> 7 & 0xFF)
    result[start + 13] = UInt8(pts & 0x7F) << 1 | 1
    return result
  }
}
