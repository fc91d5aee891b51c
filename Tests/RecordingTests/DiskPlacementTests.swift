import MediaTime
import Recording
import TestSupport
import Testing

@Suite("Placement of files on disks")
struct DiskPlacementTests {
  private static let gigabyte: Int64 = 1 << 30

  private func disk(
    size: Int64 = 1_000, free: Int64, reserve: Int64 = 10, files: Int = 0, isBehind: Bool = false
  ) -> DiskPlacement.Candidate {
    DiskPlacement.Candidate(
      figures: DiskFigures(total: size * Self.gigabyte, free: free * Self.gigabyte),
      reserveBytes: reserve * Self.gigabyte, openFiles: files, isBehind: isBehind)
  }

  /// Places `count` files one after the other.
  private func fill(_ disks: [DiskPlacement.Candidate], _ count: Int) throws -> [Int] {
    var disks = disks
    for _ in 0..<count { disks[try #require(DiskPlacement.choose(disks))].openFiles += 1 }
    return disks.map(\.openFiles)
  }

  @Test("equal disks share files evenly, and the first goes to the one with more room")
  func equal() throws {
    #expect(try fill([disk(free: 500), disk(free: 500), disk(free: 500)], 10) == [4, 3, 3])
    #expect(DiskPlacement.choose([disk(free: 400), disk(free: 401)]) == 1)
    #expect(DiskPlacement.choose([]) == nil)
  }

  @Test("disks at their reserve share in the ratio of their sizes; an empty one takes most, but not all")
  func weights() throws {
    #expect(try fill([disk(size: 2_000, free: 10), disk(size: 1_000, free: 5)], 30) == [20, 10])
    let shares = try fill([disk(free: 10), disk(free: 1_000)], 100)
    #expect(shares[0] > 0 && shares[1] > 90)
  }

  @Test("a disk that falls behind is taken only when all do")
  func behind() {
    #expect(DiskPlacement.choose([disk(free: 900, isBehind: true), disk(free: 20, files: 50)]) == 1)
    #expect(DiskPlacement.choose([disk(free: 900, isBehind: true), disk(free: 20, isBehind: true)]) == 0)
  }

  @Test("figures that make no sense choose a disk all the same")
  func nonsense() {
    let odd = DiskPlacement.Candidate(
      figures: DiskFigures(total: 0, free: .min), reserveBytes: .max, openFiles: -5)
    #expect(odd.room == 0)
    #expect(DiskPlacement.choose([odd, odd]) == 0)
  }

  @Test(
    "whatever the disks, every share is within one file of the one its weight deserves", arguments: 1...50)
  func fairness(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let disks = (0..<Int.random(in: 2...6, using: &random)).map { _ in
      let size = Int64.random(in: 100...8_000, using: &random)
      return disk(
        size: size, free: .random(in: 0...size, using: &random), reserve: .random(in: 0...50, using: &random))
    }
    let weights = disks.map { Double($0.room) + Double($0.figures.total) / 16 }
    let count = Int.random(in: 1...400, using: &random)
    let shares = try fill(disks, count)
    #expect(shares.reduce(0, +) == count)
    for (share, weight) in zip(shares, weights) {
      // The method of highest averages never leaves a disk more than one below its quota.
      #expect(Double(share) > Double(count) * weight / weights.reduce(0, +) - 1)
    }
  }
}
