import MP4Core
import MPEGCore
public import MediaTime
public import Recording
import WireBytes

/// Why an export cannot be made.
public enum ExportError: Error, Sendable, Hashable {
  /// Nothing was recorded in that time.
  case nothingRecorded
  /// More than ``ExportFile/longest``.
  case tooLong
  /// A file is damaged or has been deleted meanwhile.
  case unreadable(String)
}

/// A standard MP4 of any interval, laid out over the recorded files without copying them.
///
/// Begins at the last key frame at or before the wanted start, because nothing
/// earlier can be decoded from there, and holds every frame up to the wanted end,
/// bit for bit as it was received. Time without recording is time without frames.
public final class ExportFile: Sendable {
  /// The longest interval of one export.
  public static let longest: Duration = .seconds(26 * 3_600)

  private let places: SegmentPlaces
  private let files: [SegmentRecord]
  private let layout: VirtualFile
  /// Wall-clock time of the first frame.
  public let start: WallTime
  /// Wall-clock time at the end of the last frame.
  public let end: WallTime
  public let byteCount: Int64
  /// Frames and sound blocks.
  public let sampleCount: Int

  /// Reads the tables of all `segments`; takes about a millisecond per file.
  ///
  /// - Parameters:
  ///   - places: where files lie.
  ///   - segments: of one channel, those that overlap `range`.
  public init(places: SegmentPlaces, segments: [SegmentRecord], range: WallInterval) throws(ExportError) {
    guard range.duration <= Self.longest else { throw .tooLong }
    var plan = ExportPlan(range: range)
    var files: [SegmentRecord] = []
    for segment in segments.sorted(by: { ($0.start, $0.id) < ($1.start, $1.id) }) {
      do {
        plan.add(try places.reader(segment), file: files.count)
      } catch {
        throw .unreadable(error.description)
      }
      files.append(segment)
    }
    guard let start = plan.start, plan.movie.sampleCount > 0 else { throw .nothingRecorded }
    self.places = places
    self.files = files
    self.start = start
    end = plan.end ?? start
    layout = plan.movie.layout(created: start)
    byteCount = layout.byteCount
    sampleCount = plan.movie.sampleCount
  }

  /// Of files that all lie below one directory.
  public convenience init(root: String, segments: [SegmentRecord], range: WallInterval) throws(ExportError) {
    try self.init(places: SegmentPlaces(root: root), segments: segments, range: range)
  }

  /// The bytes of `range`, cut to the file.
  public func read(_ range: Range<Int64>) throws(ExportError) -> [UInt8] {
    var result: [UInt8] = []
    for piece in layout.pieces(in: range) {
      switch piece.content {
      case .memory(let bytes): result.append(contentsOf: bytes)
      case .file(let index, let offset):
        guard let root = try? places.find(files[index]),
          let file = try? ReadableFile(root: root, path: files[index].path),
          let bytes = file.bytes(offset, Int(piece.length))
        else { throw .unreadable("\(files[index].path) was deleted or changed while it was read") }
        result.append(contentsOf: bytes)
      }
    }
    return result
  }

  /// The digest of the whole file, for the `Digest` header. Reads everything once.
  public func digest(_ hash: any StreamingHash) throws(ExportError) -> [UInt8] {
    var position: Int64 = 0
    while position < byteCount {
      let block = try read(position..<min(position + 1 << 20, byteCount))
      block.withUnsafeBytes { hash.update($0) }
      position += Int64(block.count)
    }
    return hash.finish()
  }
}

/// Chooses the samples of an export and puts them on one time line.
private struct ExportPlan {
  let range: WallInterval
  var movie = ProgressiveMP4()
  private(set) var start: WallTime?
  private(set) var end: WallTime?
  /// The stream clock of the part before, and what was added to its ticks.
  private var run: UInt64?
  private var streamShift: Int64 = 0
  /// Movie time at the end of the last leading sample.
  private var movieEnd: Int64 = 0

  init(range: WallInterval) { self.range = range }

  mutating func add(_ reader: SegmentReader, file: Int) {
    let metadata = reader.metadata
    let stop = metadata.fileTime(of: range.end)
    let first = start == nil ? firstKeyFrame(reader) : firstLead(reader)
    guard let first, first.decode < stop else { return }
    let continues = run == metadata.run
    if start == nil {
      start = reader.wallTime(of: first)
      streamShift = 0 - (metadata.origin.value &+ first.decode)
    } else if !continues, let start {
      let wanted = MediaClock.ticks(in: reader.wallTime(of: first) - start)
      streamShift = max(wanted, movieEnd) &- (metadata.origin.value &+ first.decode)
    }
    run = metadata.run
    // Sound that belongs before the first picture has none to stand beside.
    let from = continues ? Int64.min : first.decode
    append(reader, file, from..<stop)
  }

  private mutating func append(_ reader: SegmentReader, _ file: Int, _ times: Range<Int64>) {
    let shift = streamShift &+ reader.metadata.origin.value
    for fragment in reader.index.fragments {
      for run in fragment.runs {
        guard let format = reader.format(of: run.track) else { continue }
        let samples = run.samples.filter { times.contains($0.decode) }
        guard let last = samples.last else { continue }
        movie.append(samples, format: format, file: file, shift: shift)
        if run.track == reader.lead.id {
          movieEnd = last.decode + last.duration + shift
          end = reader.metadata.wallTime(ofFileTime: last.decode + last.duration)
        }
      }
    }
  }

  private func firstLead(_ reader: SegmentReader) -> FragmentSample? {
    reader.index.fragments.indices.lazy.compactMap { reader.leadSamples($0).first }.first
  }

  /// The last key frame at or before the wanted start, or the first one after it.
  private func firstKeyFrame(_ reader: SegmentReader) -> FragmentSample? {
    let time = reader.metadata.fileTime(of: range.start)
    var best: FragmentSample?
    for fragment in reader.index.fragments.indices {
      for sample in reader.leadSamples(fragment) where sample.isKeyFrame {
        if sample.decode > time, best != nil { return best }
        best = sample
        if sample.decode > time { return best }
      }
    }
    // A segment that ends before the wanted start has nothing for us.
    return reader.endFileTime > time ? best : nil
  }
}
