import MP4Core
import MPEGCore
import MediaTime
import Recording
import SegmentStore
import Testing
import WireBytes

@Suite("Export")
struct ExportFileTests {
  @Test("an interval begins at the key frame before it, ends where it should, and is clean")
  func interval() async throws {
    let clip = try await SampleClip.make(.h264, sound: .alaw, seconds: 10)
    let bench = try Bench("interval")
    let records = try bench.record(clip.formats, stream(clip))
    let export = try ExportFile(root: bench.root, segments: records, range: WallInterval(at(3.5), at(7.2)))
    #expect(export.start == at(3))
    #expect(export.end == at(7.2))
    let url = try Tool.write(try export.read(0..<export.byteCount), "interval")
    let frames = try await Tool.frames(url, decoded: false)
    let original = try await Tool.frames(clip.original, decoded: false)
    let pictures = original.filter { $0.stream == 0 }.map(\.hash)
    #expect(frames.hashes[0] == Array(pictures[75..<180]))
    #expect(frames.filter { $0.stream == 0 }.first?.pts == 0)
  }

  @Test("the digest covers exactly the bytes that any range requests give")
  func digest() throws {
    let bench = try Bench("digest")
    let records = try bench.record([Plain.format], Plain.pictures(0, 20))
    let export = try ExportFile(root: bench.root, segments: records, range: WallInterval(at(0), at(20)))
    let whole = try export.read(0..<export.byteCount)
    #expect(Int64(whole.count) == export.byteCount)
    #expect(try Hex.lowercase(export.digest(TestHash())) == testDigest(whole))
    var pieces: [UInt8] = []
    for start in stride(from: Int64(0), to: export.byteCount, by: 7_001) {
      pieces += try export.read(start..<start + 7_001)
    }
    #expect(pieces == whole)
  }

  @Test("time without recording is time without frames")
  func hole() async throws {
    let clip = try await SampleClip.make(.h264, seconds: 5, size: "64x48")
    let bench = try Bench("hole")
    let units = stream(clip) + stream(clip, start: 25, ticks: 1 << 33 + 25 * 90_000)
    let records = try bench.record(clip.formats, units)
    let export = try ExportFile(root: bench.root, segments: records, range: WallInterval(at(0), at(60)))
    let url = try Tool.write(try export.read(0..<export.byteCount), "hole")
    let frames = try await Tool.frames(url, decoded: false)
    #expect(frames.count == 250)
    #expect(frames[125].pts - frames[0].pts == 25 * 90_000)
    #expect(frames[125].pts - frames[124].pts == 25 * 90_000 - 124 * 3_600)
  }

  @Test("what cannot be exported says so")
  func errors() throws {
    let bench = try Bench("errors")
    let records = try bench.record([Plain.format], Plain.pictures(0, 5))
    #expect(throws: ExportError.nothingRecorded) {
      try ExportFile(root: bench.root, segments: [], range: WallInterval(at(0), at(5)))
    }
    #expect(throws: ExportError.nothingRecorded) {
      try ExportFile(root: bench.root, segments: records, range: WallInterval(at(50), at(60)))
    }
    #expect(throws: ExportError.tooLong) {
      try ExportFile(root: bench.root, segments: records, range: WallInterval(at(0), at(1e6)))
    }
    #expect(throws: ExportError.self) {
      try ExportFile(root: bench.root + "x", segments: records, range: WallInterval(at(0), at(5)))
    }
  }
}
