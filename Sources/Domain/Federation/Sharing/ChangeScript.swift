import GBCore

/// Collects what became of items and puts it in the order in which a superior is told.
///
/// States first: a receiver may let children follow their parent, and what is written out in full afterwards is not
/// touched by that. Then what is new or changed, parents first. At last what is gone, children first.
struct ChangeScript {
  private var before: [DeviceID: SharedItem] = [:]
  private var after: [DeviceID: SharedItem] = [:]
  private(set) var parentsThatCameOn: [Int] = []
  private var restated: [DeviceID: SharedItem] = [:]

  /// What an item was and is.
  mutating func note(_ old: SharedItem?, _ new: SharedItem?) {
    guard old != new else { return }
    if let old { before[old.id] = old }
    if let new { after[new.id] = new }
  }

  mutating func cameOn(_ position: Int) { parentsThatCameOn.append(position) }

  mutating func restate(_ item: SharedItem) {
    if after[item.id] == nil { restated[item.id] = item }
  }

  /// - Parameter find: any item that is shown after the changes.
  func changes(_ find: @escaping (DeviceID) -> SharedItem?) -> [SharedChange] {
    var levels = ItemLevels { after[$0] ?? find($0) ?? before[$0] }
    var (states, whole, gone) = (Changes(), Changes(), Changes())
    for (id, item) in after {
      let level = levels.level(of: item)
      if let old = before[id], let isOn = item.isOn, old.source == item.source,
        item.differsInStateOnly(from: old)
      {
        states.add(.state(id, isOn: isOn), of: item, level)
      } else {
        whole.add(before[id] == nil ? .add(item) : .update(item), of: item, level)
      }
    }
    for item in restated.values { whole.add(.update(item), of: item, levels.level(of: item)) }
    var old = ItemLevels { before[$0] ?? find($0) }
    for (id, item) in before where after[id] == nil { gone.add(.remove(id), of: item, old.level(of: item)) }
    return states.sorted + whole.sorted + gone.sorted.reversed()
  }

  /// Changes with their places: places are small and quick to put in order.
  private struct Changes {
    private var changes: [SharedChange] = []
    private var places: [ItemPlace] = []

    mutating func add(_ change: SharedChange, of item: SharedItem, _ level: Int) {
      places.append(ItemPlace(level: level, rank: item.rank, id: item.id, index: changes.count))
      changes.append(change)
    }

    var sorted: [SharedChange] { places.sorted().map { changes[$0.index] } }
  }
}

/// How deep items stand: below everything they name.
struct ItemLevels {
  private let find: (DeviceID) -> SharedItem?
  private var known: [DeviceID: Int] = [:]

  init(_ find: @escaping (DeviceID) -> SharedItem?) { self.find = find }

  mutating func level(of item: SharedItem) -> Int {
    if let level = known[item.id] { return level }
    if item.kind == .area { return item.id.text.utf8.count / 2 }
    // Chains are short (``ShareGraph/deepest``) and have no loops; the mark keeps even a wrong one finite.
    known[item.id] = 0
    var level = item.source == .own ? 0 : 1
    for id in item.parents + [item.businessGroup].compactMap({ $0 }) {
      if let above = known[id] {
        level = max(level, above + 1)
      } else if let above = find(id) {
        level = max(level, self.level(of: above) + 1)
      }
    }
    known[item.id] = level
    return level
  }
}
