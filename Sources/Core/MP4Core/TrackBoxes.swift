import MPEGCore
import WireBytes

/// The boxes that describe one track, shared by fragmented and plain files.
enum TrackBoxes {
  /// Ticks per second of every track and of the movie: the stream's own clock, so that nothing is rounded.
  static let timescale: UInt32 = 90_000

  /// `tkhd`: enabled, in the movie.
  static func header(_ writer: inout ByteWriter, id: UInt32, format: TrackFormat, duration: Int64) {
    writer.fullBox(.tkhd, version: 1, flags: 3) { writer in
      writer.uint64(0)
      writer.uint64(0)
      writer.uint32(id)
      writer.uint32(0)
      writer.uint64(UInt64(clamping: duration))
      writer.zeros(8)
      writer.uint16(0)
      writer.uint16(0)
      writer.uint16(format.codec.isVideo ? 0 : 0x100)
      writer.uint16(0)
      writer.unityMatrix()
      writer.uint32(UInt32(clamping: format.width) << 16)
      writer.uint32(UInt32(clamping: format.height) << 16)
    }
  }

  /// `mdia` with the sample table that `table` writes inside `stbl`.
  static func media(
    _ writer: inout ByteWriter, isVideo: Bool, duration: Int64, table: (inout ByteWriter) -> Void
  ) {
    writer.box(.mdia) { writer in
      writer.fullBox(.mdhd, version: 1) { writer in
        writer.uint64(0)
        writer.uint64(0)
        writer.uint32(timescale)
        writer.uint64(UInt64(clamping: duration))
        writer.uint16(0x55C4)  // "und"
        writer.uint16(0)
      }
      writer.fullBox(.hdlr) { writer in
        writer.uint32(0)
        writer.uint32((isVideo ? FourCC.vide : FourCC.soun).code)
        writer.zeros(12)
        writer.text(isVideo ? "Video" : "Sound")
        writer.uint8(0)
      }
      writer.box(.minf) { writer in
        if isVideo {
          writer.fullBox(.vmhd, flags: 1) { $0.zeros(8) }
        } else {
          writer.fullBox(.smhd) { $0.zeros(4) }
        }
        writer.box(.dinf) { writer in
          writer.fullBox(.dref) { writer in
            writer.uint32(1)
            writer.fullBox(.url, flags: 1) { _ in }
          }
        }
        writer.box(.stbl, table)
      }
    }
  }

  /// `stsd` with one entry per format.
  static func descriptions(_ writer: inout ByteWriter, _ formats: [TrackFormat]) {
    writer.fullBox(.stsd) { writer in
      writer.uint32(UInt32(clamping: formats.count))
      for format in formats { SampleEntry.append(format, to: &writer) }
    }
  }
}
