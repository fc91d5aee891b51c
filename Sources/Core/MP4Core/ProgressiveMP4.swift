public import MPEGCore
public import MediaTime
import WireBytes

/// Lays out a standard MP4 file (`moov` first, full sample tables) over samples that stay where they are.
///
/// Samples are added in the order in which they shall lie in the file. One track
/// per codec; a change of parameter sets becomes another sample description. The
/// samples' bytes are never read: the result names ranges of the source files.
public struct ProgressiveMP4: Sendable {
  private var tables: [SampleTable] = []
  private var data = VirtualFile()

  public init() {}

  /// Samples added so far, of all tracks.
  public var sampleCount: Int { tables.reduce(0) { $0 + $1.sampleCount } }

  /// Adds samples of one track.
  ///
  /// - Parameters:
  ///   - samples: in decoding order, on the 90 kHz clock.
  ///   - file: the index that ``VirtualFile/Content/file(index:offset:)`` will give back.
  ///   - shift: 90 kHz ticks added to their times, which puts them on the time line of this movie.
  public mutating func append(_ samples: [FragmentSample], format: TrackFormat, file: Int, shift: Int64) {
    guard !samples.isEmpty else { return }
    let track: Int
    if let known = tables.firstIndex(where: { $0.formats[0].codec == format.codec }) {
      track = known
    } else {
      track = tables.count
      tables.append(SampleTable(format: format))
    }
    // Runs of samples that lie one behind the other are one chunk.
    var first = 0
    for index in samples.indices {
      let isLast = index + 1 == samples.count
      let end = samples[index].offset + Int64(samples[index].size)
      guard isLast || samples[index + 1].offset != end else { continue }
      let begin = samples[first].offset
      tables[track].append(
        Array(samples[first...index]), format: format, shift: shift, offset: data.byteCount)
      data.append(file: file, offset: begin, length: end - begin)
      first = index + 1
    }
  }

  /// The whole file.
  ///
  /// - Parameter created: written into the movie header, in UTC.
  public func layout(created: WallTime? = nil) -> VirtualFile {
    var tables = tables
    for index in tables.indices { tables[index].finish() }
    // Pictures first, as every player expects.
    tables.sort { $0.isVideo && !$1.isVideo }
    var writer = ByteWriter(capacity: 1_024 + 6 * sampleCount)
    writer.fileType(major: FourCC("isom"), compatible: [FourCC("isom"), FourCC("iso2"), FourCC("mp41")])
    var chunkTables: [Int] = []
    writer.box(.moov) { writer in
      let begin = tables.map(\.presentationStart).min() ?? 0
      let end = tables.map { $0.presentationStart + $0.duration }.max() ?? 0
      let header = writer.count
      writer.movieHeader(duration: end - begin, nextTrack: UInt32(tables.count + 1))
      if let created { Self.patchCreation(&writer, header, created) }
      for (index, table) in tables.enumerated() {
        chunkTables.append(Self.track(table, id: UInt32(index + 1), movieStart: begin, &writer))
      }
    }
    let base = Int64(writer.count + 16)
    for (table, position) in zip(tables, chunkTables) { table.patchChunks(&writer, at: position, base: base) }
    writer.uint32(1)
    writer.uint32(FourCC.mdat.code)
    writer.uint64(UInt64(clamping: data.byteCount + 16))
    var file = VirtualFile()
    file.append(writer.bytes)
    for piece in data.pieces {
      if case .file(let index, let offset) = piece.content {
        file.append(file: index, offset: offset, length: piece.length)
      }
    }
    return file
  }

  /// - Returns: where the chunk offsets were written.
  private static func track(
    _ table: SampleTable, id: UInt32, movieStart: Int64, _ writer: inout ByteWriter
  ) -> Int {
    var position = 0
    let delay = table.presentationStart - movieStart
    writer.box(.trak) { writer in
      TrackBoxes.header(&writer, id: id, format: table.formats[0], duration: delay + table.duration)
      if delay > 0 || table.firstComposition != 0 { edits(table, delay: delay, &writer) }
      TrackBoxes.media(&writer, isVideo: table.isVideo, duration: table.duration) { writer in
        position = table.write(&writer)
      }
    }
    return position
  }

  /// `elst`: nothing for `delay`, then the media from its first presented sample.
  private static func edits(_ table: SampleTable, delay: Int64, _ writer: inout ByteWriter) {
    writer.box(.edts) { writer in
      writer.fullBox(.elst, version: 1) { writer in
        writer.uint32(delay > 0 ? 2 : 1)
        if delay > 0 {
          writer.uint64(UInt64(clamping: delay))
          writer.uint64(.max)
          writer.uint32(0x1_0000)
        }
        writer.uint64(UInt64(clamping: table.duration))
        writer.uint64(UInt64(clamping: table.firstComposition))
        writer.uint32(0x1_0000)
      }
    }
  }

  /// Creation and modification time of `mvhd` version 1, in seconds since 1904.
  private static func patchCreation(_ writer: inout ByteWriter, _ header: Int, _ created: WallTime) {
    let seconds = UInt64(clamping: created.seconds + 2_082_844_800)
    for field in [header + 12, header + 20] {
      writer.patchUInt32(UInt32(truncatingIfNeeded: seconds >> 32), at: field)
      writer.patchUInt32(UInt32(truncatingIfNeeded: seconds), at: field + 4)
    }
  }
}
