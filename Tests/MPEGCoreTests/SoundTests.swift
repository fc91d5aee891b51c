import MPEGCore
import MediaTime
import Testing
import WireBytes

func soundUnit(_ bytes: [UInt8], at time: MediaTicks, codec: MediaCodec = .g711A) -> AccessUnit {
  AccessUnit(
    codec: codec, isKeyFrame: true, pts: time, dts: time, arrival: WallTime(seconds: 0),
    payload: SharedBytes(bytes))
}

@Suite struct SoundTests {
  /// Sound packets under a stream map that names `type`, beside a video clip.
  private func send(type: UInt8, _ blocks: [[UInt8]], _ options: DemuxerOptions = DemuxerOptions()) throws
    -> Collected
  {
    let reader = try clip()
    var bench = Bench(options)
    var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
    for index in 0..<reader.count {
      let picture = reader.unit(index)
      var pack: [UInt8] = []
      muxer.pack(picture, into: &pack)
      if let map = pack.firstRange(of: [0, 0, 1, 0xBC]) { pack[map.lowerBound + 16] = type }
      if index < blocks.count { muxer.pack(soundUnit(blocks[index], at: picture.pts), into: &pack) }
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    return bench.finish()
  }

  private var tone: [[UInt8]] {
    let bytes = fixture("tone.alaw")
    return stride(from: 0, to: bytes.count, by: 320).map { Array(bytes[$0..<$0 + 320]) }
  }

  private var adts: [[UInt8]] {
    let file = fixture("tone.aac")
    var start = 0
    return adtsFrames(file).map { frame in
      defer { start += frame.count + 7 }
      return Array(file[start..<start + frame.count + 7])
    }
  }

  @Test("AAC labelled as A-law is recognised by its frames")
  func aacUnderWrongLabel() throws {
    let output = try send(type: 0x90, adts + adts)
    #expect(output.formats.last?.map(\.codec) == [.h264, .aac])
    #expect(output.formats.last?.last?.audioConfig == [0x14, 0x08])
    #expect(output.formats.last?.last?.sampleRate == 16_000)
    #expect(output.audio.count >= 24)
  }

  @Test("Raw samples labelled as AAC are A-law")
  func samplesUnderWrongLabel() throws {
    #expect(try send(type: 0x0F, tone).formats.last?.map(\.codec) == [.h264, .g711A])
  }

  @Test("µ-law by its label, or by the owner's word")
  func muLaw() throws {
    #expect(try send(type: 0x91, tone).formats.last?.map(\.codec) == [.h264, .g711U])
    let options = DemuxerOptions(audioOverride: .g711U)
    #expect(try send(type: 0x90, tone, options).formats.last?.map(\.codec) == [.h264, .g711U])
  }

  @Test("A codec that is not carried is named once and the pictures come")
  func unsupported() throws {
    let output = try send(type: 0x9B, tone)
    #expect(output.unsupported == [.audioCodec(0x9B)])
    #expect(output.video.count == 50)
    #expect(output.formats.count == 1)
  }

  @Test("AAC frames cut anywhere are put together")
  func cutFrames() throws {
    let bytes = adts.flatMap { $0 }
    let blocks = stride(from: 0, to: bytes.count, by: 133).map {
      Array(bytes[$0..<min($0 + 133, bytes.count)])
    }
    let output = try send(type: 0x0F, blocks)
    let frames = adtsFrames(bytes)
    #expect(output.audio.count > 10)
    #expect(output.audio.allSatisfy { unit in frames.contains(unit.payload.array) })
  }

  @Test("Sound that falls silent leaves the tracks at the next key frame")
  func soundEnds() throws {
    let reader = try clip()
    var bench = Bench()
    var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
    for index in 0..<250 {
      let time = MediaTicks(Int64(index) * 3_600)
      var pack: [UInt8] = []
      muxer.pack(reader.unit(index % 50).at(time), into: &pack)
      if index < 60 { muxer.pack(soundUnit(tone[index % 50], at: time), into: &pack) }
      bench.frame(pack, timestamp: UInt32(time.value))
    }
    #expect(bench.finish().formats.map(\.count) == [2, 1])
  }

  @Test("The decoding tables agree with the encoder and the standard's corner values")
  func g711() {
    #expect(G711.aLaw[0xD5] == 8)
    #expect(G711.aLaw[0x55] == -8)
    #expect(G711.aLaw[0xAA] == 32_256)
    #expect(G711.muLaw[0xFF] == 0)
    #expect(G711.muLaw[0x80] == 32_124)
    #expect(G711.muLaw[0x00] == -32_124)
    for code in 0...255 {
      #expect(G711.encode(G711.aLaw[code], law: .g711A) == UInt8(code))
      // Negative zero is the one value with two codes.
      if code != 0x7F { #expect(G711.encode(G711.muLaw[code], law: .g711U) == UInt8(code)) }
    }
  }
}
