import Foundation
import MP4Core
import MPEGCore
import MediaTime
import Testing

@Suite("Progressive MP4")
struct ProgressiveMP4Tests {
  @Test(
    "a plain file over the samples of recorded files holds the very frames that went in",
    arguments: FragmentedMP4WriterTests.combinations)
  func exportEqualsInput(codec: MediaCodec, sound: SampleClip.Sound) async throws {
    let clip = try await SampleClip.make(codec, sound: sound)
    let file = clip.fragmented().bytes
    let url = try Tool.write(export([file], shifts: [0]), "export")
    #expect(
      try await Tool.frames(url, decoded: false).hashes == Tool.frames(clip.original, decoded: false).hashes)
    #expect(
      try await Tool.frames(url, decoded: true).hashes == Tool.frames(clip.original, decoded: true).hashes)
    let durations = try await Tool.probe(url, "format=duration").compactMap { Double($0) }
    #expect(durations.count == 1 && abs(durations[0] - 4) < 0.2)
  }

  @Test(
    "reordered pictures begin at zero and keep order, distance and content",
    arguments: [MediaCodec.h264, .h265])
  func reordered(codec: MediaCodec) async throws {
    let clip = try await SampleClip.make(codec, reordering: true)
    let url = try Tool.write(export([clip.fragmented().bytes], shifts: [0]), "export-b")
    let decoded = try await Tool.frames(url, decoded: true)
    #expect(try await decoded.hashes == Tool.frames(clip.original, decoded: true).hashes)
    let pictures = decoded.filter { $0.stream == 0 }.map(\.pts)
    #expect(pictures == (0..<100).map { $0 * 3_600 })
  }

  @Test("a hole between two files becomes time without frames, and parameter sets may change after it")
  func holeAndChange() async throws {
    let first = try await SampleClip.make(.h264, sound: .alaw, seconds: 2)
    let second = try await SampleClip.make(.h264, sound: .alaw, seconds: 2, size: "160x120")
    let bytes = try export([first.fragmented().bytes, second.fragmented().bytes], shifts: [0, 900_000])
    let url = try Tool.write(bytes, "export-hole")
    let frames = try await Tool.frames(url, decoded: false).filter { $0.stream == 0 }
    #expect(frames.count == 100)
    #expect(frames[50].pts - frames[0].pts == 900_000)
    let whole = (first.units + second.units).filter(\.codec.isVideo).count
    #expect(frames.count == whole)
    // Decoding runs across the change of size.
    let decoded = try await Tool.run(
      "ffmpeg", ["-v", "error", "-i", url.path(), "-map", "0:v", "-f", "null", "-"])
    #expect(decoded.status == 0 && decoded.errors.isEmpty)
  }

  @Test("any range of the file is the same bytes, however it is asked for")
  func ranges() async throws {
    let clip = try await SampleClip.make(.h264, sound: .aac, seconds: 2)
    let source = clip.fragmented().bytes
    let layout = try layout([source], shifts: [0])
    let whole = assemble(layout, 0..<layout.byteCount, [source])
    #expect(Int64(whole.count) == layout.byteCount)
    var position: Int64 = 0
    var step: Int64 = 1
    while position < layout.byteCount {
      let end = min(position + step, layout.byteCount)
      #expect(assemble(layout, position..<end, [source]) == Array(whole[Int(position)..<Int(end)]))
      position = end
      step = step % 4_099 * 3 + 1
    }
    #expect(layout.pieces(in: layout.byteCount..<layout.byteCount + 10).isEmpty)
    #expect(layout.pieces(in: 5..<5).isEmpty)
  }

  @Test("sound that starts after the picture is delayed by an edit, to the tick")
  func lateSound() async throws {
    let clip = try await SampleClip.make(.h264, sound: .alaw, seconds: 2)
    let index = try FragmentIndex(MP4Source(clip.fragmented().bytes))
    var movie = ProgressiveMP4()
    let samples = index.samples(of: 2)
    movie.append(index.samples(of: 1), format: index.tracks[0].format, file: 0, shift: 0)
    movie.append(Array(samples.dropFirst(3)), format: index.tracks[1].format, file: 0, shift: 0)
    let file = movie.layout(created: WallTime(seconds: 1_700_000_000))
    let url = try Tool.write(assemble(file, 0..<file.byteCount, [clip.fragmented().bytes]), "late")
    let first = try #require(await Tool.frames(url, decoded: false).first { $0.stream == 1 })
    #expect(first.pts == samples[3].decode)
    #expect(try await Tool.probe(url, "format_tags=creation_time") == ["2023-11-14T22:13:20.000000Z"])
  }

  @Test("nothing to export is still a valid, empty layout")
  func empty() {
    let file = ProgressiveMP4().layout()
    #expect(file.byteCount > 0)
    #expect(file.pieces.count == 1)
  }

  // MARK: - Assembly

  private func layout(_ files: [[UInt8]], shifts: [Int64]) throws -> VirtualFile {
    var movie = ProgressiveMP4()
    for (number, bytes) in files.enumerated() {
      let index = try FragmentIndex(MP4Source(bytes))
      for fragment in index.fragments {
        for run in fragment.runs {
          let track = try #require(index.tracks.first { $0.id == run.track })
          movie.append(run.samples, format: track.format, file: number, shift: shifts[number])
        }
      }
    }
    return movie.layout()
  }

  private func export(_ files: [[UInt8]], shifts: [Int64]) throws -> [UInt8] {
    let file = try layout(files, shifts: shifts)
    return assemble(file, 0..<file.byteCount, files)
  }

  private func assemble(_ file: VirtualFile, _ range: Range<Int64>, _ sources: [[UInt8]]) -> [UInt8] {
    file.pieces(in: range).flatMap { piece in
      switch piece.content {
      case .memory(let bytes): return Array(bytes)
      case .file(let index, let offset):
        return Array(sources[index][Int(offset)..<Int(offset + piece.length)])
      }
    }
  }
}
