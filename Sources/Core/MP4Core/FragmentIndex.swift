public import MPEGCore

/// One sample of a fragmented file.
public struct FragmentSample: Sendable, Hashable {
  /// Where its bytes are in the file.
  public var offset: Int64
  public var size: Int
  /// Decoding time in ticks of the track, from the start of the file.
  public var decode: Int64
  /// Presentation minus decoding time.
  public var compositionOffset: Int64
  public var duration: Int64
  public var isKeyFrame: Bool

  public init(
    offset: Int64, size: Int, decode: Int64, compositionOffset: Int64, duration: Int64, isKeyFrame: Bool
  ) {
    (self.offset, self.size) = (offset, size)
    (self.decode, self.compositionOffset, self.duration) = (decode, compositionOffset, duration)
    self.isKeyFrame = isKeyFrame
  }
}

/// What a fragmented file holds, found by walking its boxes.
///
/// The walk stops at the first thing that is not whole: after a crash everything
/// before ``validBytes`` can be used and everything after can be cut off.
public struct FragmentIndex: Sendable {
  public struct Track: Sendable, Hashable {
    public var id: UInt32
    /// Ticks per second.
    public var timescale: UInt32
    public var format: TrackFormat
  }

  /// The samples of one track inside one fragment, in decoding order.
  public struct Run: Sendable {
    public var track: UInt32
    public var samples: [FragmentSample]
  }

  public struct Fragment: Sendable {
    /// Of the `moof`.
    public var offset: Int64
    /// `moof` and `mdat` together.
    public var byteCount: Int64
    public var sequence: UInt32
    public var runs: [Run]
  }

  public let tracks: [Track]
  /// The payload of our `uuid` box.
  public let metadata: [UInt8]?
  public let fragments: [Fragment]
  /// The end of the last complete fragment, or of `moov` when there is none.
  public let validBytes: Int64
  /// Bytes of a `free` box right behind ``validBytes``: the filling of the last block of a file that is being written.
  public let padding: Int64
  /// The size of the file that was walked.
  public let size: Int64

  /// Whether something incomplete follows ``validBytes``.
  public var isTorn: Bool { validBytes + padding < size }

  public var video: Track? { tracks.first { $0.format.codec.isVideo } }
  public var audio: Track? { tracks.first { !$0.format.codec.isVideo } }

  /// All samples of a track, in file order.
  public func samples(of track: UInt32) -> [FragmentSample] {
    fragments.flatMap { $0.runs.lazy.filter { $0.track == track }.flatMap(\.samples) }
  }

  /// Walks `source`.
  ///
  /// - Throws: only when the beginning (`moov`) is not usable; a bad fragment ends the walk instead.
  public init(_ source: MP4Source) throws(MP4Error) {
    var walk = FragmentWalk(source: source)
    try walk.run()
    guard !walk.movie.tracks.isEmpty else { throw .noMovie }
    tracks = walk.movie.tracks
    metadata = walk.metadata
    fragments = walk.fragments
    validBytes = walk.validBytes
    padding = walk.padding
    size = source.size
  }
}

/// The walk over the top level of a file.
private struct FragmentWalk {
  let source: MP4Source
  var movie = MovieReader()
  var metadata: [UInt8]?
  var fragments: [FragmentIndex.Fragment] = []
  var validBytes: Int64 = 0
  var padding: Int64 = 0
  private var pending: FragmentIndex.Fragment?
  private var samples = 0

  init(source: MP4Source) { self.source = source }

  mutating func run() throws(MP4Error) {
    var position: Int64 = 0
    for _ in 0..<MP4Limits.topLevelBoxes {
      guard let header = try header(at: position) else { return }
      let content = position + Int64(header.length)
      let end = position + header.size
      let hasMovie = !movie.tracks.isEmpty
      switch header.type {
      case .moov where !hasMovie:
        let bytes = try load(header.type, content, end, MP4Limits.movie)
        try movie.read(bytes, base: content)
        validBytes = end
      case .uuid where !hasMovie && metadata == nil:
        let bytes = try load(header.type, content, end, MP4Limits.metadata)
        if bytes.starts(with: FileMetadata.boxType) { metadata = Array(bytes.dropFirst(16)) }
      case .moof where hasMovie:
        guard let fragment = fragment(at: position, content, end) else { return }
        pending = fragment
      case .mdat where pending != nil:
        guard complete(data: content..<end) else { return }
      case .free where position == validBytes && padding == 0:
        padding = header.size
      default:
        guard header.type.isPrintable else { return }
      }
      position = end
    }
  }

  private struct Header {
    var type: FourCC
    var length: Int
    var size: Int64
  }

  /// Nil when what is left is no whole box.
  private func header(at position: Int64) throws(MP4Error) -> Header? {
    let left = source.size - position
    guard left >= 8 else { return nil }
    let bytes = try source.read(position, Int(min(left, 16)))
    guard bytes.count >= 8 else { throw .unreadable(offset: position) }
    var size = Int64(bytes.span32(0))
    var length = 8
    if size == 1 {
      guard bytes.count >= 16 else { return nil }
      size = Int64(bytes.span32(8)) << 32 | Int64(bytes.span32(12))
      length = 16
    }
    guard size >= Int64(length), size <= left else { return nil }
    return Header(type: FourCC(code: bytes.span32(4)), length: length, size: size)
  }

  private func load(_ type: FourCC, _ start: Int64, _ end: Int64, _ limit: Int) throws(MP4Error) -> [UInt8] {
    guard end - start <= Int64(limit) else { throw .tooLarge(box: type, offset: start) }
    let bytes = try source.read(start, Int(end - start))
    guard bytes.count == Int(end - start) else { throw .unreadable(offset: start) }
    return bytes
  }

  private mutating func fragment(at start: Int64, _ content: Int64, _ end: Int64) -> FragmentIndex.Fragment? {
    guard let bytes = try? load(.moof, content, end, MP4Limits.fragment) else { return nil }
    var reader = MovieFragmentReader(bytes: bytes, start: start, content: content, movie: movie)
    guard let fragment = try? reader.read() else { return nil }
    samples += fragment.runs.reduce(0) { $0 + $1.samples.count }
    return samples <= MP4Limits.samplesPerFile ? fragment : nil
  }

  /// Accepts the pending fragment when all its samples lie inside the `mdat`.
  private mutating func complete(data: Range<Int64>) -> Bool {
    guard var fragment = pending else { return false }
    for run in fragment.runs {
      for sample in run.samples {
        guard sample.offset >= data.lowerBound, sample.offset + Int64(sample.size) <= data.upperBound else {
          return false
        }
      }
    }
    fragment.byteCount = data.upperBound - fragment.offset
    fragments.append(fragment)
    pending = nil
    (validBytes, padding) = (data.upperBound, 0)
    return true
  }
}

extension FourCC {
  var isPrintable: Bool {
    ([24, 16, 8, 0] as [UInt32]).allSatisfy { (32...126).contains(code >> $0 & 0xFF) }
  }
}

extension [UInt8] {
  /// Four bytes, most significant first; the caller has checked that they exist.
  fileprivate func span32(_ offset: Int) -> UInt32 {
    UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
      | UInt32(self[offset + 3])
  }
}
