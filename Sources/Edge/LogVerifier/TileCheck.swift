import LogTree

/// Compares the files of hashes and places with what they must be, as the log is read.
struct TileCheck {
  private final class Lane {
    let name: String
    let file: FileBytes?
    var expected: [UInt8] = []
    var isDifferent = false
    var missing = 0

    init(_ folder: String, _ name: String) {
      self.name = name
      file = FileBytes("\(folder)/\(name)")
    }

    func compare() {
      let found = file?.next(expected.count) ?? []
      if !expected.starts(with: found) { isDifferent = true }
      missing += expected.count - found.count
      expected.removeAll(keepingCapacity: true)
    }
  }

  private let lanes: [Lane]
  private let places: Lane

  init(folder: String) {
    lanes = (0..<5).map { Lane(folder, "tiles.\($0)") }
    places = Lane(folder, "places")
  }

  func add(level: Int, _ hash: LogHash) {
    guard level % 8 == 0, level / 8 < lanes.count else { return }
    hash.append(to: &lanes[level / 8].expected)
  }

  func add(entry index: UInt64, at offset: Int64) {
    guard index % 256 == 0 else { return }
    for shift in stride(from: 56, through: 0, by: -8) {
      places.expected.append(UInt8(truncatingIfNeeded: offset >> Int64(shift)))
    }
  }

  func compare() { for lane in lanes + [places] { lane.compare() } }

  /// - Parameter unsigned: entries behind the head, whose hashes need not be there.
  func finish(unsigned: UInt64, into report: inout LogReport) {
    compare()
    for lane in lanes + [places] {
      let more = lane.file?.next(1).count ?? 0
      if lane.isDifferent {
        report.find(
          .integrity, "The hashes in \(lane.name) are not those of the entries.", "\(lane.name) 中的哈希与记录不符。")
      } else if lane.missing > 0 || lane.file == nil, unsigned == 0 {
        report.find(.integrity, "Hashes are missing from \(lane.name).", "\(lane.name) 缺少哈希。")
      } else if more > 0 {
        report.find(
          .incomplete, "\(lane.name) goes on behind the last entry: the copy was made while the log grew.",
          "\(lane.name) 超出最后一条记录：复制时日志仍在增长。")
      }
    }
  }
}
