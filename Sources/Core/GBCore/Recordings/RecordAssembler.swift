public import MediaTime

/// Puts the parts of one answer about recordings together (§4.3).
///
/// It is whole when as many different items came as were announced and nothing
/// contradicts that number. Where totals differ from part to part, or more came
/// than was announced, only silence ends it: the caller keeps the clock.
public struct RecordAssembler: Sendable {
  /// Items kept; more are counted and dropped.
  public static let mostItems = 100_000

  private var known: [RecordItem.Identity: Int] = [:]
  public private(set) var items: [RecordItem] = []
  /// Items that could not be read.
  public private(set) var unreadable = 0
  /// What the device announced; the most, when it announced several numbers.
  public private(set) var announced: Int?
  private var totalsDisagree = false
  private var parts = 0

  public init() {}

  /// Takes one part, in any order and any number of times.
  public mutating func receive(_ part: RecordReply) {
    parts += 1
    if let total = part.total {
      if let announced, announced != total { totalsDisagree = true }
      announced = max(announced ?? 0, total)
    }
    unreadable += part.unreadable
    for item in part.items where known[item.identity] == nil && items.count < Self.mostItems {
      known[item.identity] = items.count
      items.append(item)
    }
  }

  /// Whether all that was announced came.
  public var isComplete: Bool {
    guard let announced else { return false }
    return items.count + unreadable >= announced
  }

  /// Whether nothing more needs to be waited for.
  public var isWhole: Bool { isComplete && !totalsDisagree && items.count + unreadable == announced }

  /// Whether so many items are more likely the most that the device tells of at once than all there are (§4.6): the
  /// caps of devices are round numbers.
  public var looksCapped: Bool {
    let count = items.count + unreadable
    return count >= 32 && (count.isMultiple(of: 50) || count & (count - 1) == 0)
  }

  /// The recordings by start; tellings of one file that meet or overlap are one.
  public var list: [RecordItem] { Self.merged(items) }

  /// Makes one item of those that tell of one file: a query per day cuts what lies across midnight.
  public static func merged(_ items: [RecordItem]) -> [RecordItem] {
    var result: [RecordItem] = []
    var latest: [FileKey: Int] = [:]
    for item in items.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      let key = FileKey(deviceID: item.deviceID, path: item.filePath ?? "", kind: item.kind)
      let isNamed = item.filePath != nil
      if let index = latest[key], result[index].end >= item.start,
        isNamed || item.start >= result[index].start && item.end <= result[index].end
      {
        result[index].end = max(result[index].end, item.end)
        continue
      }
      latest[key] = result.count
      result.append(item)
    }
    return result
  }

  private struct FileKey: Hashable {
    let deviceID: DeviceID
    let path: String
    let kind: RecordKind?
  }

  /// When something was recorded: overlapping items and those at most `gap` apart are one span.
  public static func spans(
    _ items: [RecordItem], joining gap: Duration = .seconds(2)
  ) -> [(start: WallTime, end: WallTime)] {
    var result: [(start: WallTime, end: WallTime)] = []
    for item in items.sorted(by: { $0.start < $1.start }) where item.end > item.start {
      if let last = result.last, item.start <= last.end + gap {
        result[result.count - 1].end = max(last.end, item.end)
      } else {
        result.append((item.start, item.end))
      }
    }
    return result
  }
}
