import GBCore
import Registry

extension SharedViewKeeper {
  func civilCode(of position: Int) -> CivilCode? {
    if graph[position].role == .area { return CivilCode(graph[position].key.channel.text) }
    return graph[position].channel?.placement.civilCode ?? CivilCode(of: graph[position].key.device)
  }

  /// The item of a visible node; nil when there is no code left for it.
  func makeItem(_ position: Int) -> SharedItem? {
    let node = graph[position]
    guard let id = codes.outward(node.key) else { return nil }
    let device = node.device
    var item = SharedItem(
      id: id, source: .item(node.key), name: node.channel?.name ?? device?.name ?? id.text)
    item.parents = parents(of: node)
    item.businessGroup = node.group.flatMap { codes.outward(graph[$0].key) }
    item.civilCode = civilCode(of: position) ?? card.civilCode
    item.manufacturer = node.channel?.manufacturer ?? device?.dossier.manufacturer
    item.model = node.channel?.model ?? device?.dossier.model
    (item.address, item.position) = (node.channel?.address, node.channel?.position)
    item.raw = node.channel?.packedRaw ?? PackedItem("")
    if carriesRoutes { item.route = graph.path(of: position).flatMap { $0.prepending(card.id) } }
    switch node.role {
    case .root, .system, .thing: (item.isOn, item.isParental) = (node.isOn, node.offspring > 0)
    case .area, .group, .organisation: break
    }
    return item
  }

  /// ParentID (§6.3): a virtual organisation names only the one it is nested in.
  private func parents(of node: ShareGraph.Node) -> [DeviceID] {
    let above = node.parent.map { graph[$0] }
    if node.role == .organisation {
      guard let above, above.role == .organisation else { return [] }
      return [codes.outward(above.key)].compactMap { $0 }
    }
    let parent = above.map { codes.outward($0.key) } ?? superior.ownID
    return [parent].compactMap { $0 } + node.organisations.compactMap { codes.outward(graph[$0].key) }
  }

  func areaItem(_ area: CivilCode) -> SharedItem? {
    guard let id = DeviceID(area.text), let source = areas.source(of: area) else { return nil }
    let name = graph[source].channel?.name ?? area.text
    return SharedItem(id: id, source: .area(area), name: name)
  }
}

/// The areas of a shared view: known when a catalog names them, seen when something granted lies in them.
struct ShareAreas: Sendable {
  /// The nodes that name each area.
  private var sources: [CivilCode: [ChannelKey: Int]] = [:]
  /// Granted things in each area.
  private var needs: [CivilCode: Int] = [:]
  private var touched: Set<CivilCode> = []
  var items: [CivilCode: SharedItem] = [:]

  mutating func know(_ key: ChannelKey, at position: Int, isKnown: Bool) {
    guard let area = CivilCode(key.channel.text), knows(key, at: position) != isKnown else { return }
    sources[area, default: [:]][key] = isKnown ? position : nil
    if sources[area]?.isEmpty == true { sources[area] = nil }
    touched.insert(area)
  }

  func knows(_ key: ChannelKey, at position: Int) -> Bool {
    CivilCode(key.channel.text).flatMap { sources[$0]?[key] } == position
  }

  mutating func touch(_ code: DeviceID) {
    if let area = CivilCode(code.text) { touched.insert(area) }
  }

  /// Counts a granted thing in or out, for its area and those around it.
  mutating func count(_ area: CivilCode, _ step: Int) {
    var next: CivilCode? = area
    while let area = next {
      let count = needs[area, default: 0] + step
      needs[area] = count == 0 ? nil : count
      if count == 0 || count == step { touched.insert(area) }
      next = area.parent
    }
  }

  /// The node that names a seen area: of several the first by key.
  func source(of area: CivilCode) -> Int? {
    guard needs[area] != nil else { return nil }
    return sources[area]?.min { $0.key < $1.key }?.value
  }

  mutating func takeTouched() -> Set<CivilCode> {
    defer { touched = [] }
    return touched
  }
}
