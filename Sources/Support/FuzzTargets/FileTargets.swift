import MP4Core
import MPEGCore

extension FuzzTarget {
  /// A recorded file: samples lie inside it, and an export can be laid out over them.
  static let mp4 = FuzzTarget("mp4", maximumLength: 4_096) { bytes in
    guard let index = try? FragmentIndex(MP4Source(bytes)) else { return }
    precondition(index.validBytes <= Int64(bytes.count) && index.validBytes >= 0)
    var movie = ProgressiveMP4()
    for track in index.tracks {
      let samples = index.samples(of: track.id)
      for sample in samples {
        precondition(sample.offset >= 0 && sample.size >= 0)
        precondition(sample.offset + Int64(sample.size) <= index.validBytes)
      }
      movie.append(samples, format: track.format, file: 0, shift: 0)
    }
    let layout = movie.layout()
    var position: Int64 = 0
    for piece in layout.pieces {
      precondition(piece.start == position && piece.length > 0)
      position += piece.length
    }
    precondition(position == layout.byteCount)
  } seeds: {
    Seeds.files
  }
}
