import Recording
import SegmentStore

extension SegmentRepair.Outcome {
  /// For the terminal.
  var sentence: String {
    switch self {
    case .intact: "intact"
    case .repaired(_, let lost): "repaired, \(lost) bytes of a torn tail cut off"
    case .empty: "empty, removed"
    case .foreign(_, let reason): "left alone: \(reason)"
    }
  }
}
