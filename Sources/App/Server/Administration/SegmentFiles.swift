import Cryptography
import Recording
import SegmentStore

/// The files on disk as the index should describe them.
enum SegmentFiles {
  static func rebuild(root: String, report: (String, String) -> Void) -> [SegmentRecord] {
    SegmentRepair(root: root) { SHA256Stream() }.rebuild { outcome in
      switch outcome {
      case .intact(let record): report(record.path, "intact")
      case .repaired(let record, let lost):
        report(record.path, "repaired, \(lost) bytes of a torn tail cut off")
      case .empty(let path): report(path, "empty, removed")
      case .foreign(let path, let reason): report(path, "left alone: \(reason)")
      }
    }
  }

  /// Files that a crash left open: mends them and returns what the index must say.
  static func mend(_ open: [SegmentRecord], root: String) -> (mended: [SegmentRecord], gone: [SegmentID]) {
    let repair = SegmentRepair(root: root) { SHA256Stream() }
    var mended: [SegmentRecord] = []
    var gone: [SegmentID] = []
    for segment in open {
      switch repair.examine(segment.path, repairs: true) {
      case .intact(var record), .repaired(var record, _):
        record.state = .repaired
        mended.append(record)
      case .empty, .foreign: gone.append(segment.id)
      }
    }
    return (mended, gone)
  }
}
