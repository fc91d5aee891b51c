import WireBytes

/// Reads one `moof` (ISO 14496-12 §8.8.4 to §8.8.12).
struct MovieFragmentReader {
  let bytes: [UInt8]
  /// Where the `moof` begins in the file.
  let start: Int64
  /// Where its content begins.
  let content: Int64
  let movie: MovieReader
  private var samples = 0

  init(bytes: [UInt8], start: Int64, content: Int64, movie: MovieReader) {
    self.bytes = bytes
    self.start = start
    self.content = content
    self.movie = movie
  }

  private struct Header {
    var track: UInt32 = 0
    var base: Int64
    var defaults = MovieReader.Defaults()
  }

  mutating func read() throws(MP4Error) -> FragmentIndex.Fragment {
    var fragment = FragmentIndex.Fragment(offset: start, byteCount: 0, sequence: 0, runs: [])
    var boxes = BoxCursor(bytes, 0..<bytes.count, in: .moof, base: content)
    while let box = try boxes.next() {
      switch box.type {
      case .mfhd:
        var fields = FieldReader(bytes, box, base: content)
        try fields.skip(4)
        fragment.sequence = try fields.uint32()
      case .traf:
        guard fragment.runs.count < MP4Limits.tracks else { throw .tooLarge(box: .traf, offset: start) }
        fragment.runs.append(try trackFragment(box))
      default: continue
      }
    }
    return fragment
  }

  private mutating func trackFragment(_ traf: Box) throws(MP4Error) -> FragmentIndex.Run {
    var header = Header(base: start)
    var decode: Int64 = 0
    var next: Int64?
    var run = FragmentIndex.Run(track: 0, samples: [])
    var boxes = BoxCursor(bytes, traf.content, in: .traf, base: content)
    while let box = try boxes.next() {
      switch box.type {
      case .tfhd:
        header = try trackHeader(box)
        run.track = header.track
      case .tfdt:
        var fields = FieldReader(bytes, box, base: content)
        let version = try fields.uint8()
        try fields.skip(3)
        let time = version == 1 ? try fields.uint64() : UInt64(try fields.uint32())
        // Two days short of the range, so that adding durations cannot overflow.
        guard time < 1 << 62 else { throw .malformed(box: .tfdt, offset: start) }
        decode = Int64(time)
      case .trun: try append(box, header, &run, decode: &decode, next: &next)
      default: continue
      }
    }
    guard movie.knows(run.track) else { throw .malformed(box: .traf, offset: start) }
    return run
  }

  private func trackHeader(_ box: Box) throws(MP4Error) -> Header {
    var fields = FieldReader(bytes, box, base: content)
    let flags = try fields.uint32() & 0xFF_FFFF
    var header = Header(base: start)
    header.track = try fields.uint32()
    header.defaults = movie.defaults(of: header.track)
    if flags & 0x1 != 0 {
      let base = try fields.uint64()
      guard base < 1 << 62 else { throw .malformed(box: .tfhd, offset: start) }
      header.base = Int64(base)
    }
    if flags & 0x2 != 0 { try fields.skip(4) }
    if flags & 0x8 != 0 { header.defaults.duration = try fields.uint32() }
    if flags & 0x10 != 0 { header.defaults.size = try fields.uint32() }
    if flags & 0x20 != 0 { header.defaults.flags = try fields.uint32() }
    return header
  }

  private mutating func append(
    _ box: Box, _ header: Header, _ run: inout FragmentIndex.Run, decode: inout Int64, next: inout Int64?
  ) throws(MP4Error) {
    var fields = FieldReader(bytes, box, base: content)
    let flags = try fields.uint32() & 0xFF_FFFF
    let count = Int(try fields.uint32())
    samples += count
    guard samples <= MP4Limits.samplesPerFragment else { throw .tooLarge(box: .trun, offset: start) }
    var offset = next ?? header.base
    if flags & 0x1 != 0 { offset = header.base + Int64(Int32(bitPattern: try fields.uint32())) }
    let firstFlags = flags & 0x4 != 0 ? try fields.uint32() : nil
    for index in 0..<count {
      let duration = flags & 0x100 != 0 ? try fields.uint32() : header.defaults.duration
      let size = flags & 0x200 != 0 ? try fields.uint32() : header.defaults.size
      var sampleFlags = flags & 0x400 != 0 ? try fields.uint32() : header.defaults.flags
      if index == 0, let firstFlags { sampleFlags = firstFlags }
      // Version 0 calls it unsigned, but writers put negative values there too.
      let composition = flags & 0x800 != 0 ? Int64(Int32(bitPattern: try fields.uint32())) : 0
      run.samples.append(
        FragmentSample(
          offset: offset, size: Int(size), decode: decode, compositionOffset: composition,
          duration: Int64(duration), isKeyFrame: sampleFlags & 0x1_0000 == 0))
      offset += Int64(size)
      decode += Int64(duration)
    }
    next = offset
  }
}
