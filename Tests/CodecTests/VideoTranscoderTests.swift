import Codec
import MPEGCore
import MediaTime
import Testing
import WireBytes

@Suite("H.265 to H.264")
struct VideoTranscoderTests {
  @Test("every picture comes out at once, with its time and as the same kind of frame")
  func sameTimes() throws {
    let transcoder = try VideoTranscoder(source: SampleStream.format(.h265))
    for unit in SampleStream.h265 {
      let result = try transcoder.transcode(unit)
      #expect(result.units.count == 1)
      let made = try #require(result.units.first)
      #expect(made.codec == .h264)
      #expect(made.pts == unit.pts)
      #expect(made.dts == unit.pts)
      #expect(made.isKeyFrame == unit.isKeyFrame)
      #expect(made.arrival == unit.arrival)
      #expect((result.format != nil) == (unit === SampleStream.h265[0]))
    }
  }

  @Test("the track is announced with its parameter sets and size")
  func announcesFormat() throws {
    let transcoder = try VideoTranscoder(
      source: SampleStream.format(.h265), target: VideoTarget(maxHeight: 48))
    let format = try #require(try transcoder.transcode(SampleStream.h265[0]).format)
    #expect(format.codec == .h264)
    #expect(format.width == 64)
    #expect(format.height == 48)
    #expect(format.parameterSets.map { $0[0] & 0x1F } == [7, 8])
  }

  @Test("the result decodes to as many different pictures as went in")
  func decodes() throws {
    let transcoder = try VideoTranscoder(source: SampleStream.format(.h265))
    var stream: [UInt8] = []
    for unit in SampleStream.h265 {
      for made in try transcoder.transcode(unit).units { stream += annexB(made) }
    }
    let report = try MediaProbe.inspect(bytes: stream)
    #expect(report.video?.codec == "h264")
    #expect(report.video?.decoded == 10)
    #expect(report.video?.distinct == 10)
    #expect(report.video?.keyFrames == 2)
    #expect(report.errors == 0)
  }

  @Test("nothing comes before the first key frame, and damage is skipped up to the next")
  func waitsForKeyFrame() throws {
    let transcoder = try VideoTranscoder(source: SampleStream.format(.h265))
    #expect(try transcoder.transcode(SampleStream.h265[1]).units.isEmpty)
    #expect(try transcoder.transcode(SampleStream.h265[5]).units.count == 1)
    let last = SampleStream.h265[9]
    let rubbish = AccessUnit(
      codec: .h265, isKeyFrame: false, pts: last.pts + 3_600, dts: last.dts + 3_600, arrival: last.arrival,
      payload: SharedBytes([0, 0, 0, 3, 0xFF, 0xFF, 0xFF]))
    _ = try transcoder.transcode(rubbish)
    #expect(try transcoder.transcode(SampleStream.h265[0]).units.count == 1)
  }

  private func annexB(_ unit: AccessUnit) -> [UInt8] {
    var bytes = unit.payload.array
    var position = 0
    while position < bytes.count {
      let length = Int(bytes.span.uint32(at: position))
      bytes.replaceSubrange(position..<position + 4, with: [0, 0, 0, 1])
      position += 4 + length
    }
    return bytes
  }
}
