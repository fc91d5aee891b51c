import Foundation
import MP4Core
import MPEGCore
import MediaTime
import Testing
import WireBytes

@Suite("Fragmented MP4 writer")
struct FragmentedMP4WriterTests {
  static let combinations: [(MediaCodec, SampleClip.Sound)] = [
    (.h264, .none), (.h264, .alaw), (.h264, .mulaw), (.h264, .aac), (.h265, .none), (.h265, .alaw),
    (.h265, .aac),
  ]

  @Test(
    "a file of groups decodes to the very frames that went in, without a warning", arguments: combinations)
  func groupsDecode(codec: MediaCodec, sound: SampleClip.Sound) async throws {
    let clip = try await SampleClip.make(codec, sound: sound)
    let url = try Tool.write(clip.fragmented().bytes, "groups")
    let coded = try await Tool.frames(url, decoded: false)
    #expect(try await coded.hashes == Tool.frames(clip.original, decoded: false).hashes)
    #expect(
      try await Tool.frames(url, decoded: true).hashes == Tool.frames(clip.original, decoded: true).hashes)
    #expect(coded.filter { $0.stream == 0 }.count == 100)
    #expect(try await Tool.probe(url, "stream=codec_name").first == (codec == .h264 ? "h264" : "hevc"))
  }

  @Test("reordered pictures keep their order and their times", arguments: [MediaCodec.h264, .h265])
  func reorderedPictures(codec: MediaCodec) async throws {
    let clip = try await SampleClip.make(codec, reordering: true)
    #expect(clip.units.contains { $0.pts != $0.dts })
    let url = try Tool.write(clip.fragmented().bytes, "reordered")
    let (ours, theirs) = (
      try await Tool.frames(url, decoded: false), try await Tool.frames(clip.original, decoded: false)
    )
    #expect(ours.hashes == theirs.hashes)
    #expect(ours.map { $0.pts - $0.dts } == theirs.map { $0.pts - $0.dts })
    #expect(
      try await Tool.frames(url, decoded: true).hashes == Tool.frames(clip.original, decoded: true).hashes)
  }

  @Test("a fragment per unit, as live viewers get it, decodes to the same frames")
  func unitByUnit() async throws {
    let clip = try await SampleClip.make(.h264, sound: .aac)
    var writer = FragmentedMP4Writer(formats: clip.formats)
    var bytes = writer.initializationSegment()
    for unit in clip.units {
      let header = writer.fragmentHeader(for: unit, duration: unit.codec.isVideo ? 3_600 : 5_760)
      #expect(header.count == 112)
      bytes += header
      bytes += unit.payload.array
    }
    let url = try Tool.write(bytes, "units")
    #expect(
      try await Tool.frames(url, decoded: false).hashes == Tool.frames(clip.original, decoded: false).hashes)
    let index = try FragmentIndex(MP4Source(bytes))
    #expect(index.fragments.map(\.sequence) == (1...UInt32(clip.units.count)).map { $0 })
    #expect(index.samples(of: 1).map(\.decode) == clip.units.filter(\.codec.isVideo).map(\.dts.value))
  }

  @Test("file time is stream time minus the origin, to the tick, and times beyond 32 bits are kept")
  func timesAreExact() throws {
    let start = MediaTicks(1 << 33 + 12_345)
    let units = (0..<5).map { index in
      unit(key: index == 0, dts: start + Int64(index) * 3_003, cto: index == 0 ? 0 : 7)
    }
    var writer = FragmentedMP4Writer(formats: [Self.format])
    let whole = writer.fragment(units, videoEnd: start + 5 * 3_003)
    let samples = try index(writer, whole.joined).samples(of: 1)
    #expect(samples.map(\.decode) == units.map(\.dts.value))
    #expect(samples.map(\.duration) == [Int64](repeating: 3_003, count: 5))
    #expect(samples.map(\.compositionOffset) == [0, 7, 7, 7, 7])
    #expect(samples.map(\.isKeyFrame) == [true, false, false, false, false])
    writer.origin = start
    #expect(try index(writer, writer.fragment(units).joined).samples(of: 1).map(\.decode).first == 0)
  }

  @Test("a clock that steps back inside a fragment holds the decoding time and keeps the presentation time")
  func backwardStep() throws {
    let units = [0, 3_600, 1_000, 7_200].map { unit(key: $0 == 0, dts: MediaTicks($0), cto: 0) }
    var writer = FragmentedMP4Writer(formats: [Self.format])
    let samples = try index(writer, writer.fragment(units).joined).samples(of: 1)
    #expect(samples.map(\.decode) == [0, 3_600, 3_600, 7_200])
    #expect(samples.map { $0.decode + $0.compositionOffset } == [0, 3_600, 1_000, 7_200])
  }

  @Test("a format without parameter sets gets no track, and its units are left out")
  func undescribable() throws {
    var writer = FragmentedMP4Writer(formats: [TrackFormat(codec: .h264), Self.sound])
    #expect(writer.video == nil)
    #expect(writer.formats == [Self.sound])
    let layout = writer.fragment([unit(key: true, dts: MediaTicks(0), cto: 0)])
    #expect(layout.payloads.isEmpty)
  }

  @Test("times at the ends of the range do not trap")
  func extremeTimes() {
    var writer = FragmentedMP4Writer(formats: [Self.format, Self.sound], origin: MediaTicks(.min))
    for dts in [Int64.min, .max, 0, -1] {
      let unit = unit(key: true, dts: MediaTicks(dts), cto: .max)
      _ = writer.fragment([unit, unit], videoEnd: MediaTicks(.min), audioEnd: MediaTicks(.max))
      _ = writer.fragmentHeader(for: unit, duration: .min)
    }
  }

  @Test("the length of sound follows from its bytes")
  func naturalDurations() {
    let block = AccessUnit(
      codec: .g711A, isKeyFrame: true, pts: MediaTicks(0), dts: MediaTicks(0), arrival: WallTime(seconds: 0),
      payload: SharedBytes([UInt8](repeating: 0xD5, count: 320)))
    #expect(FragmentedMP4Writer.naturalDuration(of: block, format: Self.sound) == 3_600)
  }

  // MARK: - Material

  static let sound = TrackFormat(codec: .g711A, sampleRate: 8_000, channels: 1)
  /// Baseline, level 3.0, 320 × 240: enough for an avcC.
  static let format = TrackFormat(
    codec: .h264,
    parameterSets: [
      [
        0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x05, 0x07, 0xE8, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0C,
        0x83,
      ],
      [0x68, 0xCE, 0x0F, 0xC8],
    ], width: 320, height: 240)

  private func unit(key: Bool, dts: MediaTicks, cto: Int64) -> AccessUnit {
    AccessUnit(
      codec: .h264, isKeyFrame: key, pts: dts + cto, dts: dts, arrival: WallTime(seconds: 0),
      payload: SharedBytes([0, 0, 0, 1, key ? 0x65 : 0x41]))
  }

  private func index(_ writer: FragmentedMP4Writer, _ fragment: [UInt8]) throws -> FragmentIndex {
    try FragmentIndex(MP4Source(writer.initializationSegment() + fragment))
  }
}
