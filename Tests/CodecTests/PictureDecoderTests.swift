import Codec
import MPEGCore
import MediaTime
import Testing
import WireBytes

@Suite("Pictures of key frames")
struct PictureDecoderTests {
  @Test("a key frame of either codec becomes a JPEG of its size", arguments: [MediaCodec.h264, .h265])
  func fullSize(codec: MediaCodec) throws {
    let unit = try #require((codec == .h264 ? SampleStream.h264 : SampleStream.h265).first)
    let jpeg = try PictureDecoder.jpeg(of: unit, format: SampleStream.format(codec))
    #expect(jpeg.prefix(2) == [0xFF, 0xD8])
    #expect(jpeg.suffix(2) == [0xFF, 0xD9])
    let report = try MediaProbe.inspect(bytes: jpeg)
    #expect(report.video?.width == 128)
    #expect(report.video?.height == 96)
  }

  @Test("a wide picture is made smaller in its own shape")
  func scaled() throws {
    let unit = try #require(SampleStream.h264.first)
    let jpeg = try PictureDecoder.jpeg(of: unit, format: SampleStream.format(.h264), maxWidth: 64)
    let report = try MediaProbe.inspect(bytes: jpeg)
    #expect(report.video?.width == 64)
    #expect(report.video?.height == 48)
  }

  @Test("parameter sets of the track are used when the key frame has none")
  func outOfBandParameterSets() throws {
    let whole = try #require(SampleStream.h264.first)
    var sets: [[UInt8]] = []
    var rest = ByteWriter()
    let bytes = whole.payload.array
    var position = 0
    while position < bytes.count {
      let length = Int(bytes.span.uint32(at: position))
      let unit = Array(bytes[position + 4..<position + 4 + length])
      if unit[0] & 0x1F == 7 || unit[0] & 0x1F == 8 {
        sets.append(unit)
      } else {
        rest.uint32(UInt32(unit.count))
        rest.raw(unit)
      }
      position += 4 + length
    }
    let bare = AccessUnit(
      codec: .h264, isKeyFrame: true, pts: whole.pts, dts: whole.dts, arrival: whole.arrival,
      payload: SharedBytes(rest.bytes))
    #expect(sets.count == 2)
    let format = TrackFormat(codec: .h264, parameterSets: sets, width: 128, height: 96)
    #expect(try PictureDecoder.jpeg(of: bare, format: format).count > 500)
  }

  @Test("broken and foreign units are errors, never a crash")
  func refuses() throws {
    let good = try #require(SampleStream.h265.first)
    #expect(throws: CodecError.self) {
      try PictureDecoder.jpeg(of: SampleStream.h265[1], format: SampleStream.format(.h265))
    }
    #expect(throws: CodecError.self) { try PictureDecoder.jpeg(of: good, format: SampleStream.format(.h264)) }
    for length in stride(from: 0, to: good.payload.count, by: 97) {
      let cut = AccessUnit(
        codec: .h265, isKeyFrame: true, pts: good.pts, dts: good.dts, arrival: good.arrival,
        payload: SharedBytes(Array(good.payload.array.prefix(length))))
      _ = try? PictureDecoder.jpeg(of: cut, format: SampleStream.format(.h265))
    }
  }
}
