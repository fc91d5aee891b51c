public import GBCore

/// The catalog that one superior sees, at one moment.
public struct SharedView: Sendable, Hashable {
  /// Our code there: the first item.
  public let own: DeviceID
  /// All items in the order of §11.2: this platform, areas, groups, organisations, lower systems, devices, channels;
  /// in each, parents before children.
  public let items: [SharedItem]

  /// - Parameter items: in any order; no code twice.
  init(own: DeviceID, items: [SharedItem]) {
    self.own = own
    let byID = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
    var levels = ItemLevels { byID[$0] }
    // By rank first, so that each kind stands together.
    let places = items.enumerated().map { index, item in
      ItemPlace(level: item.rank, rank: levels.level(of: item), id: item.id, index: index)
    }
    self.items = places.sorted().map { items[$0.index] }
  }

  /// What turns this view into `later`, in the order in which a superior is told.
  public func difference(to later: SharedView) -> [SharedChange] {
    var script = ChangeScript()
    let now = Dictionary(later.items.map { ($0.id, $0) }) { first, _ in first }
    let before = Dictionary(items.map { ($0.id, $0) }) { first, _ in first }
    for item in items { script.note(item, now[item.id]) }
    for item in later.items where before[item.id] == nil { script.note(nil, item) }
    let cameOn = Set(
      later.items.filter { $0.isOn == true && before[$0.id]?.isOn == false }.map(\.id))
    for item in later.items where item.isOn == false && !cameOn.isDisjoint(with: item.parents) {
      script.restate(item)
    }
    return script.changes { now[$0] }
  }

  // MARK: Scopes (§6.4)

  /// What a Catalog query for that code is answered with; nil (404) for a code that is not shown.
  public func items(in scope: DeviceID) -> [SharedItem]? {
    if scope == own { return items }
    if let area = CivilCode(scope.text) { return items(inArea: area) }
    guard let top = items.first(where: { $0.id == scope }) else { return nil }
    var inside: Set<DeviceID> = [scope]
    var isGrowing = true
    // A level more each time: as often as the tree is deep.
    while isGrowing {
      isGrowing = false
      for item in items where !inside.contains(item.id) && item.source != .own {
        let isBelow =
          item.parents.contains(where: inside.contains)
          || item.businessGroup.map(inside.contains) ?? false
        if isBelow {
          inside.insert(item.id)
          isGrowing = true
        }
      }
    }
    var areas: Set<DeviceID> = []
    if top.id.isPlatform {
      for item in items where inside.contains(item.id) {
        var next = item.civilCode
        while let area = next {
          if let id = DeviceID(area.text) { areas.insert(id) }
          next = area.parent
        }
      }
    }
    return items.filter { inside.contains($0.id) || $0.kind == .area && areas.contains($0.id) }
  }

  private func items(inArea area: CivilCode) -> [SharedItem]? {
    let found = items.filter { item in
      guard item.source != .own else { return false }
      switch item.kind {
      case .area: return item.id.text.hasPrefix(area.text)
      case .group, .organisation: return false
      case .camera, .device, .alarm, .audio, .other:
        return item.civilCode.map { $0.text.hasPrefix(area.text) } ?? false
      }
    }
    return found.isEmpty ? nil : found
  }
}
