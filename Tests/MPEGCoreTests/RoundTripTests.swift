import MPEGCore
import MediaTime
import TestSupport
import Testing
import WireBytes

@Suite struct RoundTripTests {
  @Test(
    "Every byte of every unit survives packing and demultiplexing",
    arguments: ["plain.h264", "plain.h265", "bframes.h264"])
  func bytes(name: String) throws {
    let reader = try clip(name)
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() { bench.frame(pack, timestamp: UInt32(index * 3_600)) }
    let output = bench.finish()
    #expect(output.video.count == 50)
    let isSame = output.annexB.nalUnits == fixture(name).nalUnits
    #expect(isSame)
    #expect(output.video.map(\.isKeyFrame) == (0..<50).map { reader.isKeyFrame($0) })
    #expect(output.video.map(\.pts.value) == (0..<50).map { Int64($0 * 3_600) })
    #expect(output.formats == [[reader.format]])
    #expect(output.events.prefix(2) == ["formats", "key"])
    #expect(output.damages.isEmpty)
  }

  @Test("A unit is complete with the marker of its last packet")
  func immediate() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
      #expect(bench.output.video.count == index + 1)
    }
  }

  @Test(
    "Without markers, or with markers on every packet, each unit comes with the next one",
    arguments: [false, true])
  func markers(always: Bool) throws {
    let reader = try clip()
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600), marker: always ? .always : .never)
      #expect(bench.output.video.count == index)
    }
    let output = bench.finish()
    let isSame = output.annexB.nalUnits == fixture("plain.h264").nalUnits
    #expect(isSame)
    #expect(output.damages.isEmpty)
  }

  @Test("The payload size does not matter", arguments: [1, 2, 5, 13, 188, 999, 65_000])
  func payloadSizes(size: Int) throws {
    let reader = try clip()
    var bench = Bench(DemuxerOptions(payloadKind: .programStream))
    bench.maximumPayload = size
    for (index, pack) in packs(reader).enumerated() { bench.frame(pack, timestamp: UInt32(index * 3_600)) }
    let isSame = bench.finish().annexB.nalUnits == fixture("plain.h264").nalUnits
    #expect(isSame)
  }

  @Test("A picture larger than one PES packet is put together again")
  func large() throws {
    let reader = try clip()
    var random = SeededRandom(seed: 8)
    // A slice of 200 kB without start codes inside.
    let slice = [0x41, 0x9A] + random.bytes(200_000).map { $0 | 1 == 1 ? 2 : $0 }
    var muxer = PSMuxer(formats: [reader.format])
    var bench = Bench()
    var pack: [UInt8] = []
    muxer.pack(reader.unit(0), into: &pack)
    bench.frame(pack, timestamp: 0)
    let unit = AccessUnit(
      codec: .h264, isKeyFrame: false, pts: MediaTicks(3_600), dts: MediaTicks(3_600),
      arrival: WallTime(seconds: 0), payload: lengthPrefixed([slice]))
    pack = []
    muxer.pack(unit, into: &pack)
    bench.frame(pack, timestamp: 3_600)
    let output = bench.finish()
    #expect(output.video.count == 2)
    let isSame = output.video.last?.payload.array == unit.payload.array
    #expect(isSame)
  }

  @Test("Reordered pictures keep both time stamps")
  func reordered() throws {
    let reader = try clip()
    let order: [Int64] = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    var muxer = PSMuxer(formats: [reader.format])
    var bench = Bench()
    for (index, position) in order.enumerated() {
      let source = reader.unit(index)
      let unit = AccessUnit(
        codec: source.codec, isKeyFrame: source.isKeyFrame, pts: MediaTicks((position + 1) * 3_600),
        dts: MediaTicks(Int64(index) * 3_600), arrival: source.arrival, payload: source.payload)
      var pack: [UInt8] = []
      muxer.pack(unit, into: &pack)
      bench.frame(pack, timestamp: UInt32(unit.pts.value))
    }
    let output = bench.finish()
    #expect(output.video.map(\.pts.value) == order.map { ($0 + 1) * 3_600 })
    #expect(output.video.map(\.dts.value) == (0..<10).map { $0 * 3_600 })
  }

  @Test(
    "Sound beside video begins together with it when the first picture need not wait long",
    arguments: [MediaCodec.g711A, .g711U])
  func g711(law: MediaCodec) throws {
    let reader = try clip()
    let tone = fixture("tone.alaw")
    var muxer = PSMuxer(formats: [reader.format, G711.format(law)])
    var bench = Bench()
    for index in 0..<reader.count {
      let picture = reader.unit(index)
      var pack: [UInt8] = []
      muxer.pack(picture, into: &pack)
      bench.frame(pack, timestamp: UInt32(index * 3_600))
      let samples = Array(tone[index * 320..<index * 320 + 320])
      let sound = AccessUnit(
        codec: law, isKeyFrame: true, pts: picture.pts, dts: picture.pts, arrival: picture.arrival,
        payload: SharedBytes(samples))
      pack = []
      muxer.pack(sound, into: &pack)
      bench.payload(pack, timestamp: UInt32(index * 3_600), marker: true)
    }
    let output = bench.finish()
    #expect(output.formats == [[reader.format, G711.format(law)]])
    #expect(output.video.count == 50)
    let isSame = output.audio.flatMap(\.payload.array) == Array(tone[..<(50 * 320)])
    #expect(isSame)
    #expect(output.audio.map(\.pts.value) == (0..<50).map { Int64($0 * 3_600) })
    for (index, event) in output.events.enumerated() where event == "formats" {
      #expect(output.events[index + 1] == "key")
    }
  }

  @Test("AAC goes through ADTS and comes back raw")
  func aac() throws {
    let frames = adtsFrames(fixture("tone.aac"))
    try #require(frames.count > 20)
    let format = TrackFormat(codec: .aac, sampleRate: 16_000, channels: 1, audioConfig: [0x14, 0x08])
    var muxer = PSMuxer(formats: [format])
    var bench = Bench()
    for (index, frame) in frames.enumerated() {
      let time = MediaTicks(Int64(index) * 5_760)
      let unit = AccessUnit(
        codec: .aac, isKeyFrame: true, pts: time, dts: time, arrival: WallTime(seconds: 0),
        payload: SharedBytes(frame))
      var pack: [UInt8] = []
      muxer.pack(unit, into: &pack)
      bench.payload(pack, timestamp: UInt32(time.value), marker: true)
      bench.arrival = bench.arrival + .milliseconds(640)
    }
    let output = bench.finish()
    #expect(output.formats == [[format]])
    // Sound alone is held back for three seconds, in case video comes.
    let isSame = output.audio.map(\.payload.array) == Array(frames[5...])
    #expect(isSame)
    #expect(output.audio.first?.pts == MediaTicks(5 * 5_760))
  }
}

/// The raw frames of an ADTS file.
func adtsFrames(_ bytes: [UInt8]) -> [[UInt8]] {
  var frames: [[UInt8]] = []
  var position = 0
  while position + 7 <= bytes.count {
    let size =
      Int(bytes[position + 3] & 3) << 11 | Int(bytes[position + 4]) << 3 | Int(bytes[position + 5]) >> 5
    guard size > 7, position + size <= bytes.count else { break }
    frames.append(Array(bytes[position + 7..<position + size]))
    position += size
  }
  return frames
}

func lengthPrefixed(_ units: [[UInt8]]) -> SharedBytes {
  var writer = ByteWriter()
  for unit in units {
    writer.uint32(UInt32(unit.count))
    writer.raw(unit)
  }
  return SharedBytes(writer.bytes)
}
