import MPEGCore
import TestSupport
import Testing
import WireBytes

@Suite struct ParameterSetTests {
  @Test("Sizes, codec strings and configurations of real streams")
  func real() throws {
    let h264 = try clip("plain.h264").format
    #expect((h264.width, h264.height) == (320, 180))
    #expect(ParameterSets.codecString(h264) == "avc1.64000c")
    let avc = try #require(ParameterSets.avcDecoderConfiguration(h264))
    #expect(avc.prefix(6) == [1, 0x64, 0x00, 0x0C, 0xFF, 0xE1])
    #expect(avc.suffix(4) == [0xFD, 0xF8, 0xF8, 0])
    #expect(ParameterSets.hevcDecoderConfiguration(h264) == nil)

    let h265 = try clip("plain.h265").format
    #expect((h265.width, h265.height) == (320, 180))
    #expect(h265.parameterSets.count == 3)
    let text = try #require(ParameterSets.codecString(h265))
    #expect(text == "hvc1.1.6.L60.90")
    let hevc = try #require(ParameterSets.hevcDecoderConfiguration(h265))
    #expect(hevc.prefix(2) == [1, 0x01])
    #expect(hevc[21] & 3 == 3)
    #expect(hevc[22] == 3)
    #expect(ParameterSets.avcDecoderConfiguration(h265) == nil)
    #expect(ParameterSets.nominalFrameDuration(h264) == 3_600)
  }

  @Test("1080p is 1088 lines less the cropping")
  func cropping() {
    // High, level 4.0, 120 × 68 macroblocks, frame_cropping bottom 4.
    let sps: [UInt8] = [
      0x67, 0x64, 0x00, 0x28, 0xAC, 0xD9, 0x40, 0x78, 0x02, 0x27, 0xE5, 0x84, 0x00, 0x00, 0x03, 0x00, 0x04,
      0x00, 0x00,
      0x03, 0x00, 0xF0, 0x3C, 0x60, 0xC6, 0x58,
    ]
    let format = ParameterSets.videoFormat(.h264, parameterSets: [sps, [0x68, 0xEB]])
    #expect((format.width, format.height) == (1_920, 1_080))
  }

  @Test("Sound has its codec strings")
  func sound() {
    let aac = TrackFormat(codec: .aac, sampleRate: 16_000, channels: 1, audioConfig: [0x14, 0x08])
    #expect(ParameterSets.codecString(aac) == "mp4a.40.2")
    #expect(ParameterSets.codecString(G711.format(.g711A)) == nil)
  }

  @Test("Damaged parameter sets give nothing or sane sizes", arguments: ["plain.h264", "plain.h265"])
  func damaged(name: String) throws {
    let format = try clip(name).format
    var random = SeededRandom(seed: 4)
    for _ in 0..<4_000 {
      let sets = format.parameterSets.map { ByteMutation.mutate($0, using: &random) }
      let changed = ParameterSets.videoFormat(format.codec, parameterSets: sets)
      #expect((0...32_768).contains(changed.width) && (0...32_768).contains(changed.height))
      _ = ParameterSets.codecString(changed)
      _ = ParameterSets.avcDecoderConfiguration(changed)
      _ = ParameterSets.hevcDecoderConfiguration(changed)
    }
  }

  @Test("The reader cuts a file into its pictures")
  func reader() throws {
    for name in ["plain.h264", "plain.h265", "bframes.h264"] {
      let reader = try clip(name)
      #expect(reader.count == 50)
      #expect((0..<50).filter { reader.isKeyFrame($0) } == [0, 25])
      let isSame = reader.units().flatMap(\.payload.array.lengthPrefixedUnits) == fixture(name).nalUnits
      #expect(isSame)
    }
    #expect(ElementaryStreamReader([1, 2, 3]) == nil)
    #expect(ElementaryStreamReader([]) == nil)
  }
}
