/// Which disk a new file goes to. Pure.
///
/// Every disk has a weight: its room above the reserve, and a sixteenth of its
/// size on top. The file goes where, with it, there would be the fewest open files
/// for the weight. So disks share the writing in the ratio of their room, none
/// takes all of it, and when retention keeps all of them at their reserve they
/// share in the ratio of their sizes.
public struct DiskPlacement: Sendable, Hashable {
  /// A disk that takes files.
  public struct Candidate: Sendable, Hashable {
    public var figures: DiskFigures
    /// Bytes that recordings leave free on it.
    public var reserveBytes: Int64
    /// Files being written there, the one that is looked for left out.
    public var openFiles: Int
    /// It falls behind: taken only when all do.
    public var isBehind: Bool

    public init(figures: DiskFigures, reserveBytes: Int64, openFiles: Int, isBehind: Bool = false) {
      (self.figures, self.reserveBytes) = (figures, reserveBytes)
      (self.openFiles, self.isBehind) = (openFiles, isBehind)
    }

    /// Bytes above the reserve.
    public var room: Int64 {
      let (room, overflow) = figures.free.subtractingReportingOverflow(reserveBytes)
      return overflow ? 0 : max(0, room)
    }

    var weight: Double { Double(room) + max(1, Double(figures.total) / 16) }
  }

  /// - Returns: the index of the disk, nil without candidates. Of equals the one with more room, then the first.
  public static func choose(_ candidates: [Candidate]) -> Int? {
    candidates.indices.min { left, right in
      let (a, b) = (candidates[left], candidates[right])
      if a.isBehind != b.isBehind { return b.isBehind }
      let (first, second) = (load(a), load(b))
      if first != second { return first < second }
      return a.room != b.room ? a.room > b.room : left < right
    }
  }

  private static func load(_ candidate: Candidate) -> Double {
    Double(max(0, candidate.openFiles) + 1) / candidate.weight
  }
}
