import MPEGCore
import WireBytes

/// What `moov` says: tracks and the defaults of their fragments.
struct MovieReader {
  struct Defaults {
    var duration: UInt32 = 0
    var size: UInt32 = 0
    var flags: UInt32 = 0
  }

  private(set) var tracks: [FragmentIndex.Track] = []
  private var defaults: [UInt32: Defaults] = [:]

  func defaults(of track: UInt32) -> Defaults { defaults[track] ?? Defaults() }
  func knows(_ track: UInt32) -> Bool { tracks.contains { $0.id == track } }

  /// - Parameter bytes: the content of `moov`, which begins at `base` in the file.
  mutating func read(_ bytes: [UInt8], base: Int64) throws(MP4Error) {
    var boxes = BoxCursor(bytes, 0..<bytes.count, in: .moov, base: base)
    while let box = try boxes.next() {
      switch box.type {
      case .trak:
        guard tracks.count < MP4Limits.tracks else { throw .tooLarge(box: .trak, offset: base) }
        if let track = try track(bytes, box, base), !knows(track.id) { tracks.append(track) }
      case .mvex:
        var children = BoxCursor(bytes, box.content, in: .mvex, base: base)
        while let child = try children.next() {
          guard child.type == .trex else { continue }
          guard defaults.count < MP4Limits.tracks else { throw .tooLarge(box: .trex, offset: base) }
          var fields = FieldReader(bytes, child, base: base)
          try fields.skip(4)
          let id = try fields.uint32()
          try fields.skip(4)
          defaults[id] = Defaults(
            duration: try fields.uint32(), size: try fields.uint32(), flags: try fields.uint32())
        }
      default: continue
      }
    }
  }

  private func track(_ bytes: [UInt8], _ trak: Box, _ base: Int64) throws(MP4Error) -> FragmentIndex.Track? {
    var id: UInt32?
    var timescale: UInt32?
    var format: TrackFormat?
    var boxes = BoxCursor(bytes, trak.content, in: .trak, base: base)
    while let box = try boxes.next() {
      switch box.type {
      case .tkhd: id = try identifier(bytes, box, base, afterLong: 16, afterShort: 8)
      case .mdia:
        var children = BoxCursor(bytes, box.content, in: .mdia, base: base)
        while let child = try children.next() {
          switch child.type {
          case .mdhd: timescale = try identifier(bytes, child, base, afterLong: 16, afterShort: 8)
          case .minf: format = try description(bytes, child, base)
          default: continue
          }
        }
      default: continue
      }
    }
    guard let id, let timescale, timescale > 0, let format else { return nil }
    return FragmentIndex.Track(id: id, timescale: timescale, format: format)
  }

  /// The 32-bit field after the two dates of `tkhd` (the id) and `mdhd` (the timescale).
  private func identifier(
    _ bytes: [UInt8], _ box: Box, _ base: Int64, afterLong: Int, afterShort: Int
  ) throws(MP4Error) -> UInt32 {
    var fields = FieldReader(bytes, box, base: base)
    let version = try fields.uint8()
    try fields.skip(3)
    try fields.skip(version == 1 ? afterLong : afterShort)
    return try fields.uint32()
  }

  private func description(_ bytes: [UInt8], _ minf: Box, _ base: Int64) throws(MP4Error) -> TrackFormat? {
    var boxes = BoxCursor(bytes, minf.content, in: .minf, base: base)
    while let box = try boxes.next() {
      guard box.type == .stbl else { continue }
      var children = BoxCursor(bytes, box.content, in: .stbl, base: base)
      while let child = try children.next() {
        guard child.type == .stsd else { continue }
        return try SampleEntryReader.format(bytes, stsd: child, base: base)
      }
    }
    return nil
  }
}
