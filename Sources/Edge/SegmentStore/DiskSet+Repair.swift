public import Recording

extension DiskSet {
  /// The index of all disks that are there, as their files alone tell it (`db rebuild-index`).
  ///
  /// - Parameter report: called for every file with its path, that of its disk included.
  public func rebuild(
    hash: @escaping HashFactory, report: (String, SegmentRepair.Outcome) -> Void = { _, _ in }
  )
    -> [SegmentRecord]
  {
    var records: [SegmentRecord] = []
    var seen: Set<SegmentID> = []
    for disk in present {
      SegmentRepair(root: disk.path, disk: disk.id, hash: hash).scan(repairs: true) { outcome in
        var outcome = outcome
        if let record = outcome.record, !seen.insert(record.id).inserted {
          outcome = .foreign(path: record.path, reason: "the same recording lies on another disk, too")
        }
        report("\(disk.path)/\(outcome.path)", outcome)
        if let record = outcome.record { records.append(record) }
        return true
      }
    }
    SegmentRepair.join(&records, SegmentPlaces(self))
    return records
  }

  /// What became of files that the index held open.
  public struct Mending: Sendable, Hashable {
    public var mended: [SegmentRecord] = []
    /// Of these nothing can be played.
    public var gone: [SegmentID] = []

    public init() {}
  }

  /// Cuts torn tails off files that a crash, or the loss of their disk, left open. Those on disks that are away are
  /// left alone. Reads files: not for an event loop.
  public func mend(_ open: [SegmentRecord], hash: @escaping HashFactory) -> Mending {
    var result = Mending()
    for (id, segments) in Dictionary(grouping: open, by: \.disk) {
      guard let disk = disk(id), disk.isPresent else { continue }
      let repair = SegmentRepair(root: disk.path, disk: id, hash: hash)
      var gone: [SegmentID] = []
      for segment in segments {
        if var record = repair.examine(segment.path, repairs: true).record {
          record.state = .repaired
          result.mended.append(record)
        } else {
          gone.append(segment.id)
        }
      }
      // What was not found may only have gone away with its disk.
      if disk.answers { result.gone += gone }
    }
    return result
  }
}

extension SegmentRepair.Outcome {
  /// Relative to the recordings directory.
  public var path: String {
    switch self {
    case .intact(let record), .repaired(let record, _): record.path
    case .empty(let path), .foreign(let path, _): path
    }
  }
}
