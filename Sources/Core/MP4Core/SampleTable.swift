import MPEGCore
import WireBytes

/// The sample table of one track of a plain MP4 file, built sample by sample (ISO 14496-12 §8.6, §8.7).
///
/// Everything is kept run-length encoded except the sizes: a day of pictures and
/// sound takes some 30 MB.
struct SampleTable: Sendable {
  private(set) var formats: [TrackFormat]
  /// Decoding time of the first sample on the time line of the movie.
  private(set) var start: Int64 = 0
  /// Presentation minus decoding time of the first sample.
  private(set) var firstComposition: Int64 = 0
  /// Sum of all durations.
  private(set) var duration: Int64 = 0
  private var sizes: [UInt32] = []
  private var durations: [(count: UInt32, ticks: UInt32)] = []
  private var compositions: [(count: UInt32, ticks: Int32)] = []
  private var keys: [UInt32] = []
  private var chunks: [(offset: Int64, samples: UInt32, description: UInt32)] = []
  private var lastDecode: Int64 = 0
  private var lastDuration: Int64 = 0

  init(format: TrackFormat) { formats = [format] }

  var isVideo: Bool { formats.first?.codec.isVideo ?? false }
  var sampleCount: Int { sizes.count }
  /// When the first sample is shown, on the time line of the movie.
  var presentationStart: Int64 { start + firstComposition }

  /// Adds samples that lie one behind the other at `offset` of the media data.
  ///
  /// - Parameter shift: added to every decoding time.
  mutating func append(_ samples: [FragmentSample], format: TrackFormat, shift: Int64, offset: Int64) {
    guard !samples.isEmpty else { return }
    let description = formats.firstIndex(of: format) ?? formats.count
    if description == formats.count { formats.append(format) }
    chunks.append((offset, UInt32(clamping: samples.count), UInt32(clamping: description + 1)))
    for sample in samples {
      let decode = sample.decode &+ shift
      if sizes.isEmpty {
        start = decode
        firstComposition = sample.compositionOffset
        lastDecode = decode
      } else {
        // Never backwards; a hole becomes the long duration of the sample before it.
        close(with: decode - lastDecode)
      }
      lastDuration = sample.duration
      sizes.append(UInt32(clamping: sample.size))
      if sample.isKeyFrame { keys.append(UInt32(clamping: sizes.count)) }
      // The presentation time stays exact where the decoding time was held.
      append(composition: sample.compositionOffset + (decode - lastDecode))
    }
  }

  /// Ends the table: the last sample keeps the duration it came with.
  mutating func finish() {
    if !sizes.isEmpty { close(with: lastDuration) }
  }

  private mutating func close(with ticks: Int64) {
    let clamped = UInt32(clamping: ticks)
    if let last = durations.last, last.ticks == clamped {
      durations[durations.count - 1].count += 1
    } else {
      durations.append((1, clamped))
    }
    duration += Int64(clamped)
    lastDecode += Int64(clamped)
  }

  private mutating func append(composition: Int64) {
    let ticks = Int32(clamping: composition)
    if let last = compositions.last, last.ticks == ticks {
      compositions[compositions.count - 1].count += 1
    } else {
      compositions.append((1, ticks))
    }
  }

  /// `stbl` content. Chunk offsets are written as they are and patched later.
  /// - Returns: where the first chunk offset was written.
  func write(_ writer: inout ByteWriter) -> Int {
    TrackBoxes.descriptions(&writer, formats)
    writer.fullBox(.stts) { writer in
      writer.uint32(UInt32(clamping: durations.count))
      for run in durations {
        writer.uint32(run.count)
        writer.uint32(run.ticks)
      }
    }
    if compositions.contains(where: { $0.ticks != 0 }) { writeCompositions(&writer) }
    if keys.count < sizes.count {
      writer.fullBox(.stss) { writer in
        writer.uint32(UInt32(clamping: keys.count))
        for key in keys { writer.uint32(key) }
      }
    }
    writeChunkRuns(&writer)
    writer.fullBox(.stsz) { writer in
      writer.uint32(0)
      writer.uint32(UInt32(clamping: sizes.count))
      for size in sizes { writer.uint32(size) }
    }
    var first = 0
    writer.fullBox(.co64) { writer in
      writer.uint32(UInt32(clamping: chunks.count))
      first = writer.count
      for chunk in chunks { writer.uint64(UInt64(clamping: chunk.offset)) }
    }
    return first
  }

  /// Adds `base` to every chunk offset that ``write(_:)`` put at `position`.
  func patchChunks(_ writer: inout ByteWriter, at position: Int, base: Int64) {
    for (index, chunk) in chunks.enumerated() {
      let offset = UInt64(clamping: chunk.offset + base)
      writer.patchUInt32(UInt32(truncatingIfNeeded: offset >> 32), at: position + 8 * index)
      writer.patchUInt32(UInt32(truncatingIfNeeded: offset), at: position + 8 * index + 4)
    }
  }

  private func writeCompositions(_ writer: inout ByteWriter) {
    let signed = compositions.contains { $0.ticks < 0 }
    writer.fullBox(FourCC("ctts"), version: signed ? 1 : 0) { writer in
      writer.uint32(UInt32(clamping: compositions.count))
      for run in compositions {
        writer.uint32(run.count)
        writer.uint32(UInt32(bitPattern: run.ticks))
      }
    }
  }

  private func writeChunkRuns(_ writer: inout ByteWriter) {
    var runs: [(first: Int, samples: UInt32, description: UInt32)] = []
    for (index, chunk) in chunks.enumerated() {
      if let last = runs.last, last.samples == chunk.samples, last.description == chunk.description {
        continue
      }
      runs.append((index + 1, chunk.samples, chunk.description))
    }
    writer.fullBox(.stsc) { writer in
      writer.uint32(UInt32(clamping: runs.count))
      for run in runs {
        writer.uint32(UInt32(clamping: run.first))
        writer.uint32(run.samples)
        writer.uint32(run.description)
      }
    }
  }
}
