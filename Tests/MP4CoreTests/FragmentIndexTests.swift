import MP4Core
import MPEGCore
import MediaTime
import TestSupport
import Testing
import WireBytes

@Suite("Fragment index")
struct FragmentIndexTests {
  @Test("what was written is found again: formats, samples, metadata, ends")
  func roundTrip() async throws {
    for (codec, sound) in [(MediaCodec.h264, SampleClip.Sound.alaw), (.h265, .aac)] {
      let clip = try await SampleClip.make(codec, sound: sound, seconds: 2)
      let (bytes, ends) = clip.fragmented(metadata: [1, 2, 3])
      let index = try FragmentIndex(MP4Source(bytes))
      #expect(index.tracks.map(\.format) == clip.formats)
      #expect(index.tracks.map(\.timescale) == [90_000, 90_000])
      #expect(index.metadata == [1, 2, 3])
      #expect(!index.isTorn)
      #expect(index.fragments.map { Int($0.offset + $0.byteCount) } == Array(ends.dropFirst()))
      for (track, isVideo) in [(UInt32(1), true), (2, false)] {
        let units = clip.units.filter { $0.codec.isVideo == isVideo }
        let samples = index.samples(of: track)
        #expect(samples.map(\.decode) == units.map(\.dts.value))
        #expect(samples.map(\.isKeyFrame) == units.map(\.isKeyFrame))
        for (sample, unit) in zip(samples, units) {
          #expect(Array(bytes[Int(sample.offset)..<Int(sample.offset) + sample.size]) == unit.payload.array)
        }
      }
    }
  }

  @Test("a file cut at any byte keeps exactly the fragments that are whole")
  func tornAnywhere() async throws {
    let clip = try await SampleClip.make(.h264, sound: .alaw, seconds: 2, groups: 10, size: "64x48")
    let (bytes, ends) = clip.fragmented(metadata: [9])
    // Every byte of all headers, and every few of the payload.
    let headers = ends.flatMap { max(0, $0 - 40)..<min($0 + 700, bytes.count + 1) }
    for length in Set(Array(0..<ends[0]) + headers + Array(stride(from: 0, through: bytes.count, by: 97))) {
      let torn = Array(bytes[..<length])
      guard length >= ends[0] else {
        #expect(throws: MP4Error.self) { try FragmentIndex(MP4Source(torn)) }
        continue
      }
      let index = try FragmentIndex(MP4Source(torn))
      let whole = ends.lastIndex { $0 <= length } ?? 0
      #expect(index.fragments.count == whole)
      #expect(index.validBytes == Int64(ends[whole]))
      #expect(index.isTorn == (length != ends[whole]))
    }
  }

  @Test("zeros or noise after the last fragment are a torn tail")
  func foreignTail() async throws {
    let clip = try await SampleClip.make(.h264, seconds: 1, size: "64x48")
    let (bytes, ends) = clip.fragmented()
    var random = SeededRandom(seed: 7)
    for tail in [[UInt8](repeating: 0, count: 4_096), random.bytes(4_096)] {
      let index = try FragmentIndex(MP4Source(bytes + tail))
      #expect(index.validBytes == Int64(ends[ends.count - 1]))
      #expect(index.isTorn)
    }
  }

  @Test("damaged files give a value or an error, within bounds, never a trap")
  func mutations() async throws {
    let clip = try await SampleClip.make(.h265, sound: .aac, seconds: 1, groups: 5, size: "64x48")
    let bytes = clip.fragmented(metadata: [1]).bytes
    var random = SeededRandom(seed: 1)
    for _ in 0..<600 {
      var damaged = ByteMutation.mutate(bytes, using: &random)
      // Most of the file is payload: aim at the boxes as well.
      if damaged.count > 1_200 {
        damaged[Int.random(in: 0..<1_200, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let index = try? FragmentIndex(MP4Source(damaged)) else { continue }
      #expect(index.validBytes <= Int64(damaged.count))
      for run in index.fragments.flatMap(\.runs) {
        for sample in run.samples {
          #expect(sample.offset >= 0 && sample.offset + Int64(sample.size) <= index.validBytes)
        }
      }
    }
  }

  @Test("a fragment that claims billions of samples without bytes is refused")
  func sampleCountBomb() async throws {
    let clip = try await SampleClip.make(.h264, seconds: 1, size: "64x48")
    var writer = ByteWriter()
    writer.raw(FragmentedMP4Writer(formats: clip.formats).initializationSegment())
    let header = writer.count
    let trun: [UInt8] = [0, 0, 0, 16] + Array("trun".utf8) + [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    let tfhd: [UInt8] = [0, 0, 0, 16] + Array("tfhd".utf8) + [0, 2, 0, 0, 0, 0, 0, 1]
    writer.uint32(UInt32(8 + 8 + trun.count + tfhd.count))
    writer.text("moof")
    writer.uint32(UInt32(8 + trun.count + tfhd.count))
    writer.text("traf")
    writer.raw(tfhd)
    writer.raw(trun)
    writer.raw([0, 0, 0, 8] + Array("mdat".utf8))
    let index = try FragmentIndex(MP4Source(writer.bytes))
    #expect(index.fragments.isEmpty)
    #expect(index.validBytes == Int64(header))
  }
}
