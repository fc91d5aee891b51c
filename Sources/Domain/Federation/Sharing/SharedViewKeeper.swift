public import GBCore
public import Registry

/// What changed in the registry or in the grants.
public enum ShareInput: Sendable {
  /// A device that is new, or changed in its name, its state or what it says of itself.
  case device(Device)
  /// A device that is gone, with its channels.
  case deviceRemoved(DeviceID)
  /// Catalog entries that are new or changed, and those that are gone.
  case channels(saved: [Channel], removed: [ChannelKey])
  /// The grants of these may have changed.
  case grants([ChannelKey])
  /// Any grant may have changed.
  case allGrants
}

/// The catalog that one superior sees, kept up to date: a change costs what it touches, not what there is.
///
/// Seen is what is granted and what lies on the way to it: parent devices and systems, organisations, groups, areas.
/// Never seen is what came from the superior, or through it, or is our own come back. Not thread-safe; a value of one
/// owner.
public struct SharedViewKeeper: Sendable {
  public let superior: Superior
  public let card: PlatformCard
  /// Whether items carry their route, which only another Tributary reads.
  public let carriesRoutes: Bool
  /// Keep ``CodeMap/takeChanges()`` on disk after what was applied.
  public var codes: CodeMap
  private var isGranted: @Sendable (ChannelKey) -> Bool
  var graph: ShareGraph
  var areas = ShareAreas()
  private(set) var ownItem: SharedItem
  /// The digest of the view as a peer of that edition has it, once somebody asked for it.
  private var kept: (edition: GBVersion, digest: CatalogDigest)?

  /// What one application has to look at.
  private struct Pass {
    /// Their place in the tree may have changed.
    var moved: Set<Int> = []
    /// Their state may have changed, and that of everything below.
    var restated: Set<Int> = []
    /// Whether they are seen may have changed.
    var work: [Int] = []
    /// Their item may have changed.
    var touched: Set<Int> = []
    var released: [ChannelKey] = []
  }

  /// An empty view: only this platform itself.
  ///
  /// - Parameters:
  ///   - codes: what was kept of an earlier life; nil begins.
  ///   - isGranted: whether the superior was granted a thing. Groups, organisations, areas and parent devices on the
  ///     way need no grant of their own.
  public init(
    superior: Superior, card: PlatformCard, codes: CodeMap? = nil, carriesRoutes: Bool = false,
    isGranted: @escaping @Sendable (ChannelKey) -> Bool
  ) {
    (self.superior, self.card, self.carriesRoutes, self.isGranted) = (
      superior, card, carriesRoutes, isGranted
    )
    self.codes = codes ?? CodeMap(own: superior.ownID, reserved: [superior.id, card.id])
    graph = ShareGraph(barred: [superior.id, superior.ownID, card.id], sharesGroups: superior.sharesGroups)
    ownItem = SharedItem(id: superior.ownID, source: .own, name: card.name)
    ownItem.isOn = true
    (ownItem.manufacturer, ownItem.model) = (card.manufacturer, card.model)
    (ownItem.address, ownItem.civilCode) = (card.address, card.civilCode)
  }

  /// The whole view as it stands, in the order of a catalog.
  public var view: SharedView {
    SharedView(
      own: superior.ownID, items: [ownItem] + areas.items.values + graph.nodes.compactMap(\.item))
  }

  /// How many items the view has: without putting it in order, because it is asked for all the time.
  public func count(where isCounted: (SharedItem) -> Bool = { _ in true }) -> Int {
    (isCounted(ownItem) ? 1 : 0) + areas.items.values.count(where: isCounted)
      + graph.nodes.count { $0.item.map(isCounted) ?? false }
  }

  /// The digest of the view as the superior must have it: made when it is first asked for, then kept up to date.
  public mutating func digest(edition: GBVersion) -> CatalogDigest {
    if let kept, kept.edition == edition { return kept.digest }
    let digest = view.digest(edition: edition)
    kept = (edition, digest)
    return digest
  }

  private mutating func keepDigest(_ before: SharedItem?, _ after: SharedItem?) {
    guard let edition = kept?.edition, before != after else { return }
    if let before { kept?.digest.remove(ItemFingerprint(before, edition: edition)) }
    if let after { kept?.digest.add(ItemFingerprint(after, edition: edition)) }
  }

  /// The item shown under a code.
  public func item(_ code: DeviceID) -> SharedItem? {
    if code == ownItem.id { return ownItem }
    if code.text.utf8.count <= 8, let area = CivilCode(code.text), let item = areas.items[area] {
      return item
    }
    return codes.inward(code).flatMap { graph.position(of: $0) }.flatMap { graph[$0].item }
  }

  /// What a request of the superior for that code is about; nil for what it may not see, as for what does not exist.
  public func target(_ code: DeviceID) -> SharedSource? { item(code)?.source }

  /// Replaces the grants; tell with ``ShareInput/grants(_:)`` or ``ShareInput/allGrants`` which to look at.
  public mutating func grant(_ isGranted: @escaping @Sendable (ChannelKey) -> Bool) {
    self.isGranted = isGranted
  }

  /// Takes over what there is, before the superior is told anything: as ``apply(_:)``, at half of its cost.
  public mutating func load(_ inputs: [ShareInput]) {
    kept = nil
    var pass = Pass()
    for input in inputs { take(input, &pass) }
    settle(&pass)
    while let position = pass.work.popLast() { look(at: position, &pass) }
    assignCodes(pass)
    for position in pass.touched {
      graph[position].item = graph[position].isVisible ? makeItem(position) : nil
    }
    for area in areas.takeTouched() { areas.items[area] = areaItem(area) }
    graph.collect(pass.moved)
  }

  /// Takes over what happened.
  ///
  /// - Returns: what to tell the superior, in an order in which parents come before their children and go after them.
  public mutating func apply(_ inputs: [ShareInput]) -> [SharedChange] {
    var pass = Pass()
    for input in inputs { take(input, &pass) }
    settle(&pass)
    while let position = pass.work.popLast() { look(at: position, &pass) }
    return conclude(pass)
  }

  // MARK: Facts

  private mutating func take(_ input: ShareInput, _ pass: inout Pass) {
    switch input {
    case .device(let device): take(device, &pass)
    case .deviceRemoved(let id): remove(id, &pass)
    case .channels(let saved, let removed):
      for channel in saved { take(channel, &pass) }
      for key in removed { remove(key, &pass) }
    case .grants(let keys):
      for key in keys { if let position = graph.position(of: key) { regrant(position, &pass) } }
    case .allGrants:
      for position in graph.nodes.indices { regrant(position, &pass) }
    }
  }

  private mutating func take(_ device: Device, _ pass: inout Pass) {
    let root = graph.place(ChannelKey(device: device.id, channel: device.id))
    let before = graph[root].device
    graph[root].device = device
    pass.touched.insert(root)
    if before == nil { pass.moved.insert(root) }
    if before?.status.isReachable != device.status.isReachable { pass.restated.insert(root) }
    regrant(root, &pass)
  }

  private mutating func take(_ channel: Channel, _ pass: inout Pass) {
    let position = graph.place(channel.key)
    let (before, route) = (graph[position].channel, graph[position].route)
    pass.touched.insert(position)
    if before?.status != channel.status { pass.restated.insert(position) }
    if let before, before.placement == channel.placement {
      graph.setFacts(channel, at: position)
      if graph[position].route != route { pass.moved.insert(position) }
    } else {
      graph.set(channel, at: position)
      pass.moved.insert(position)
    }
    regrant(position, &pass)
  }

  private mutating func remove(_ key: ChannelKey, _ pass: inout Pass) {
    guard let position = graph.position(of: key), graph[position].channel != nil else { return }
    graph.set(nil, at: position)
    pass.moved.insert(position)
    if graph[position].role != .root { pass.released.append(key) }
  }

  private mutating func remove(_ id: DeviceID, _ pass: inout Pass) {
    guard let root = graph.position(of: ChannelKey(device: id, channel: id)) else { return }
    for position in graph.shelf(of: root) { remove(graph[position].key, &pass) }
    guard graph[root].device != nil else { return }
    graph[root].device = nil
    pass.moved.insert(root)
    pass.released.append(graph[root].key)
  }

  private mutating func regrant(_ position: Int, _ pass: inout Pass) {
    let isGranted = self.isGranted(graph[position].key)
    guard graph[position].isGranted != isGranted else { return }
    graph[position].isGranted = isGranted
    pass.work.append(position)
  }

  // MARK: Places

  private mutating func settle(_ pass: inout Pass) {
    let moved = graph.dependents(of: pass.moved)
    // What moves lets go of everything first and takes hold again where it arrives.
    for position in moved where graph[position].isVisible { hide(position, &pass) }
    graph.settle(moved)
    pass.touched.formUnion(moved)
    pass.work.append(contentsOf: moved)
    let restated = graph.descendants(of: pass.restated.subtracting(moved))
    graph.restate(restated)
    pass.touched.formUnion(restated)
  }

  private func isWanted(_ position: Int) -> Bool {
    let role = graph[position].role
    guard !graph[position].isBarred, role != .area, graph.exists(position) else { return false }
    if graph[position].needs > 0 { return true }
    guard graph[position].isGranted else { return false }
    return superior.sharesGroups || role != .group && role != .organisation
  }

  private mutating func look(at position: Int, _ pass: inout Pass) {
    let isWanted = isWanted(position)
    if isWanted != graph[position].isVisible {
      if isWanted { show(position, &pass) } else { hide(position, &pass) }
    }
    countArea(position)
  }

  private mutating func show(_ position: Int, _ pass: inout Pass) {
    let parent = graph[position].parent
    var links = graph[position].organisations
    if let parent { links.append(parent) }
    if let group = graph[position].group, !links.contains(group) { links.append(group) }
    graph[position].isVisible = true
    graph[position].counted = links
    for other in links {
      graph[other].needs += 1
      pass.work.append(other)
    }
    if let parent {
      graph[parent].offspring += 1
      pass.touched.insert(parent)
    }
    pass.touched.insert(position)
  }

  private mutating func hide(_ position: Int, _ pass: inout Pass) {
    let counted = graph[position].counted
    graph[position].isVisible = false
    graph[position].counted = []
    for other in counted {
      graph[other].needs -= 1
      pass.work.append(other)
    }
    if let parent = graph[position].parent {
      graph[parent].offspring -= 1
      pass.touched.insert(parent)
    }
    pass.touched.insert(position)
  }

  private mutating func countArea(_ position: Int) {
    let isArea = graph[position].role == .area
    if isArea {
      let key = graph[position].key
      let isKnown = !graph[position].isBarred && graph.exists(position)
      areas.know(key, at: position, isKnown: isKnown)
      // Its name may have changed.
      if isKnown { areas.touch(key.channel) }
    }
    let isSeen = isArea ? areas.knows(graph[position].key, at: position) : graph[position].isVisible
    let wanted = isSeen && graph[position].isGranted ? civilCode(of: position) : nil
    let before = graph[position].countedArea
    guard wanted != before else { return }
    if let before { areas.count(before, -1) }
    if let wanted { areas.count(wanted, 1) }
    graph[position].countedArea = wanted
  }

  // MARK: Items

  private mutating func conclude(_ pass: Pass) -> [SharedChange] {
    assignCodes(pass)
    var script = ChangeScript()
    for position in pass.touched {
      let item = graph[position].isVisible ? makeItem(position) : nil
      script.note(graph[position].item, item)
      keepDigest(graph[position].item, item)
      if let before = graph[position].item, let item, before.isOn == false, item.isOn == true {
        script.cameOn(position)
      }
      graph[position].item = item
    }
    for area in areas.takeTouched() {
      let item = areaItem(area)
      script.note(areas.items[area], item)
      keepDigest(areas.items[area], item)
      areas.items[area] = item
    }
    restateChildren(&script)
    let changes = told(script)
    graph.collect(pass.moved)
    return changes
  }

  /// In the order of keys, so that the same network comes to the same codes.
  private mutating func assignCodes(_ pass: Pass) {
    for position in pass.touched { countArea(position) }
    for key in pass.released { codes.release(key) }
    var fresh: [ChannelKey] = []
    for position in pass.touched where graph[position].isVisible && graph[position].item == nil {
      fresh.append(graph[position].key)
    }
    for key in fresh.sorted() { _ = codes.assign(key) }
  }

  private func told(_ script: ChangeScript) -> [SharedChange] { script.changes { item($0) } }

  /// A receiver turns on what went off together with a parent that comes back (§5.3); those that stay off are
  /// written out in full, behind it.
  private func restateChildren(_ script: inout ChangeScript) {
    for parent in script.parentsThatCameOn {
      for child in graph.children(of: parent) {
        if let item = graph[child].item, item.isOn == false { script.restate(item) }
      }
    }
  }
}
