public import MediaTime
public import Recording

extension SegmentRepair {
  /// Brings index and files together after a stop that was not clean. Run before the recorder starts.
  ///
  /// Every segment that the index holds open is cut to its last good fragment,
  /// hashed and marked `repaired`, or removed when nothing of it can be played.
  /// Files of the last two days that the index does not know (the crash came
  /// between the file and its entry) are taken in. Reads files: not for an event loop.
  ///
  /// - Returns: what became of every file that was looked at.
  public func resume(_ store: any RecordingStore, now: WallTime) async throws -> [Outcome] {
    var outcomes: [Outcome] = []
    while true {
      let open = try await store.segments(state: .open, limit: 200)
      guard !open.isEmpty else { break }
      for segment in open {
        let outcome = examine(segment.path, repairs: true)
        outcomes.append(outcome)
        if var record = outcome.record, record.id == segment.id {
          record.state = .repaired
          try await store.putSegment(record)
        } else {
          try await store.removeSegments([segment.id])
        }
      }
    }
    for path in paths(since: now - .seconds(2 * 86_400)) {
      guard let id = SegmentID(path: path), try await store.segment(id) == nil else { continue }
      let outcome = examine(path, repairs: true)
      outcomes.append(outcome)
      if var record = outcome.record {
        record.state = .repaired
        try await store.putSegment(record)
      }
    }
    return outcomes
  }
}
