import GBCore
import Registry

/// Everything that could be shown to a superior, with what hangs below what.
///
/// What devices say of their trees is made harmless here: parents that do not exist, loops, and chains deeper than
/// ``deepest`` hang at the device's root. Links run only from things to organisations, from organisations to groups,
/// from groups to systems, from systems to the root: so nothing can ever lead back to where it began.
struct ShareGraph: Sendable {
  /// Levels below the root of a device; what lies deeper hangs at the root.
  static let deepest = 64

  enum Role: Sendable, Hashable { case root, area, group, organisation, system, thing }

  struct Node: Sendable {
    let key: ChannelKey
    let role: Role
    /// The root of its device; itself when it is that root.
    let home: Int
    /// Its catalog entry; nil for a root no catalog lists, and for a code that others only name.
    var channel: Channel?
    /// The path its source wrote, if it wrote one.
    var route: RoutePath?
    /// The device at a root.
    var device: Device?
    var isGranted = false
    /// Those it names in its placement, and those that name it.
    var named: [Int] = []
    var namers: Set<Int> = []
    /// Whose child it says to be, before loops are cut, and after; nil for this platform itself.
    var claim: Int?
    var parent: Int?
    var organisations: [Int] = []
    var group: Int?
    /// Whether it must not be shown: it came from the superior, or through it, or from us.
    var isBarred = false
    var isOn = false

    // What the keeper counts.
    var isVisible = false
    /// Visible nodes that need this one to be seen.
    var needs = 0
    /// Visible nodes that hang below it.
    var offspring = 0
    /// The nodes whose `needs` it has counted in.
    var counted: [Int] = []
    var countedArea: CivilCode?
    var item: SharedItem?

    /// Whether its own code is a platform's, or one that must not be shown.
    let isSystem: Bool
    let isBarredCode: Bool

    init(key: ChannelKey, role: Role, home: Int, isBarredCode: Bool) {
      (self.key, self.role, self.home, self.isBarredCode) = (key, role, home, isBarredCode)
      isSystem = key.channel.isPlatform
    }

    /// Whether it is off by itself, wherever it hangs.
    var isOff: Bool {
      if let channel, channel.status != .on { return true }
      return role == .root && !(device?.status.isReachable ?? false)
    }
  }

  private(set) var nodes: [Node] = []
  private var index: [ChannelKey: Int] = [:]
  private var shelves: [Int: Set<Int>] = [:]
  private var free: [Int] = []
  /// Nodes that somebody stopped naming.
  private var loose: Set<Int> = []
  /// Platforms whose things are not shown.
  let barred: Set<DeviceID>
  let sharesGroups: Bool

  init(barred: Set<DeviceID>, sharesGroups: Bool) {
    (self.barred, self.sharesGroups) = (barred, sharesGroups)
  }

  // Inlined, so that asking for one property does not copy the node.
  subscript(_ position: Int) -> Node {
    @inline(__always) get { nodes[position] }
    _modify { yield &nodes[position] }
  }

  func position(of key: ChannelKey) -> Int? { index[key] }

  /// All nodes of the device whose root that is, the root too.
  func shelf(of root: Int) -> Set<Int> { shelves[root] ?? [] }

  /// Whether there is such a thing at all.
  func exists(_ position: Int) -> Bool {
    nodes[position].role == .root
      ? nodes[position].device != nil
      : nodes[position].channel != nil && nodes[nodes[position].home].device != nil
  }

  // MARK: Facts

  /// The node of that key, made when there is none.
  mutating func place(_ key: ChannelKey) -> Int {
    if let known = index[key] { return known }
    if key.channel == key.device { return add(key, .root, home: nil) }
    let home = place(ChannelKey(device: key.device, channel: key.device))
    return add(key, Self.role(of: key.channel), home: home)
  }

  private mutating func add(_ key: ChannelKey, _ role: Role, home: Int?) -> Int {
    let position = free.popLast() ?? nodes.count
    let node = Node(
      key: key, role: role, home: home ?? position, isBarredCode: barred.contains(key.channel))
    if position == nodes.count { nodes.append(node) } else { nodes[position] = node }
    index[key] = position
    shelves[node.home, default: []].insert(position)
    return position
  }

  private static func role(of code: DeviceID) -> Role {
    switch code.kind {
    case .area: .area
    case .group: .group
    case .organisation: .organisation
    case .device: code.isPlatform ? .system : .thing
    case .camera, .alarm, .audio, .other: .thing
    }
  }

  /// Puts a catalog entry in or (nil) takes it out.
  mutating func set(_ channel: Channel?, at position: Int) {
    nodes[position].channel = channel
    nodes[position].route = channel.flatMap { Self.route(of: $0) }
    var named: [Int] = []
    if let placement = channel?.placement, nodes[position].role != .root {
      let codes = [placement.parent, placement.businessGroup].compactMap { $0 } + placement.organisations
      for code in codes where code != nodes[position].key.channel && code != nodes[position].key.device {
        let other = place(ChannelKey(device: nodes[position].key.device, channel: code))
        if !named.contains(other) { named.append(other) }
      }
    }
    let before = nodes[position].named
    guard named != before else { return }
    for other in before where !named.contains(other) {
      nodes[other].namers.remove(position)
      loose.insert(other)
    }
    for other in named { nodes[other].namers.insert(position) }
    nodes[position].named = named
  }

  /// Puts in what does not move the entry: it hangs where it hung.
  mutating func setFacts(_ channel: Channel, at position: Int) {
    let isSameText = nodes[position].channel?.packedRaw == channel.packedRaw
    nodes[position].channel = channel
    if !isSameText { nodes[position].route = Self.route(of: channel) }
  }

  private static func route(of channel: Channel) -> RoutePath? {
    guard channel.packedRaw.containsUnknown("RoutePath>") else { return nil }
    return CatalogItem(rereading: channel.packedRaw)?.unknown.value(SharedItem.routeElement)
      .flatMap { RoutePath($0) }
  }

  /// Gives up nodes that nothing stands for and nobody names.
  mutating func collect(_ candidates: Set<Int>) {
    for position in candidates.union(loose) {
      let node = nodes[position]
      guard node.channel == nil, node.device == nil, node.namers.isEmpty, index[node.key] == position,
        node.role != .root || shelf(of: position) == [position]
      else { continue }
      index[node.key] = nil
      shelves[node.home]?.remove(position)
      if node.role == .root { shelves[position] = nil }
      free.append(position)
    }
    loose = []
  }

  /// Those nodes and all whose place depends on one of them.
  func dependents(of changed: Set<Int>) -> Set<Int> {
    var found = changed
    var work = Array(changed)
    while let position = work.popLast() {
      let node = nodes[position]
      for other in node.role == .root ? shelf(of: position) : node.namers
      where found.insert(other).inserted { work.append(other) }
    }
    return found
  }

  /// Those nodes and all that hang below them.
  func descendants(of tops: Set<Int>) -> Set<Int> {
    var found = tops
    var work = Array(tops)
    while let position = work.popLast() {
      let node = nodes[position]
      for other in node.role == .root ? shelf(of: position) : node.namers
      where nodes[other].parent == position && found.insert(other).inserted { work.append(other) }
    }
    return found
  }

  /// Those that hang directly below it.
  func children(of position: Int) -> [Int] {
    let node = nodes[position]
    return (node.role == .root ? shelf(of: position) : node.namers).filter { nodes[$0].parent == position }
  }

  // MARK: Places

  /// Works out anew where these nodes hang and what follows from it. They must be closed under ``dependents(of:)``.
  mutating func settle(_ changed: Set<Int>) {
    for position in changed { nodes[position].claim = claim(of: position) }
    for position in changed { nodes[position].parent = parent(of: position) }
    for position in changed {
      nodes[position].isBarred = isBarred(position)
      nodes[position].isOn = isOn(position)
    }
    for position in changed {
      nodes[position].organisations = memberships(of: position)
      nodes[position].group = group(of: position)
    }
  }

  /// Works out anew whether these nodes are on.
  mutating func restate(_ changed: Set<Int>) {
    for position in changed { nodes[position].isOn = isOn(position) }
  }

  private func find(_ code: DeviceID?, beside position: Int, _ roles: Set<Role>) -> Int? {
    guard let code, let other = index[ChannelKey(device: nodes[position].key.device, channel: code)],
      other != position, roles.contains(nodes[other].role), exists(other)
    else { return nil }
    return other
  }

  private func claim(of position: Int) -> Int? {
    let role = nodes[position].role
    // Most name nothing but their device.
    guard role != .root, role != .area, !nodes[position].named.isEmpty,
      let placement = nodes[position].channel?.placement
    else { return anchor(of: position) }
    let found: Int? =
      switch role {
      case .root, .area: nil
      case .organisation:
        placement.organisations.lazy.compactMap { find($0, beside: position, [.organisation]) }.first
          ?? find(placement.businessGroup, beside: position, [.group])
      case .group, .system: find(placement.parent, beside: position, [.system])
      case .thing: find(placement.parent, beside: position, [.system, .thing])
      }
    return found ?? anchor(of: position)
  }

  /// Where a node hangs when it names nothing: the root, or this platform where the root is no system.
  private func anchor(of position: Int) -> Int? {
    let home = nodes[position].home
    switch nodes[position].role {
    case .root, .area: return nil
    case .group, .organisation: return nodes[home].isSystem ? home : nil
    case .system, .thing: return home
    }
  }

  /// The claim, unless it is the one that closes a loop, or leads too deep.
  private func parent(of position: Int) -> Int? {
    guard let first = nodes[position].claim, nodes[first].role != .root else { return nodes[position].claim }
    var walk = [position]
    var current = position
    while let next = nodes[current].claim, nodes[next].role != .root {
      if let begin = walk.firstIndex(of: next) {
        let loop = walk[begin...]
        // Cut at the smallest code, wherever one looks from.
        let cut = loop.min { nodes[$0].key < nodes[$1].key }
        return position == cut ? anchor(of: position) : nodes[position].claim
      }
      guard walk.count < Self.deepest else { return anchor(of: position) }
      walk.append(next)
      current = next
    }
    return nodes[position].claim
  }

  private func memberships(of position: Int) -> [Int] {
    guard sharesGroups, nodes[position].role == .thing, !nodes[position].named.isEmpty,
      let placement = nodes[position].channel?.placement
    else { return [] }
    var found: [Int] = []
    for code in placement.organisations {
      if let other = find(code, beside: position, [.organisation]), !nodes[other].isBarred,
        !found.contains(other)
      {
        found.append(other)
      }
    }
    return found
  }

  private func group(of position: Int) -> Int? {
    guard sharesGroups else { return nil }
    switch nodes[position].role {
    case .root, .area, .group, .system: return nil
    case .thing:
      return find(nodes[position].channel?.placement.businessGroup, beside: position, [.group])
        .flatMap { nodes[$0].isBarred ? nil : $0 }
    case .organisation:
      var current = nodes[position].parent
      while let next = current, nodes[next].role == .organisation { current = nodes[next].parent }
      return current.flatMap { nodes[$0].role == .group ? $0 : nil }
    }
  }

  // MARK: Judgements along the chain of parents

  /// The platforms it came through, nearest first; nil when it comes from a device of ours.
  func path(of position: Int) -> RoutePath? {
    let node = nodes[position]
    let neighbour = node.key.device
    guard nodes[node.home].isSystem else { return node.route }
    guard let route = node.route else { return RoutePath([neighbour]) }
    return route.platforms.first == neighbour ? route : route.prepending(neighbour)
  }

  private func isBarred(_ position: Int) -> Bool {
    // A group may hang at no root, but it comes from one.
    if hasBarredOrigin(nodes[position].home) { return true }
    var current: Int? = position
    while let next = current {
      if hasBarredOrigin(next) { return true }
      current = nodes[next].parent
    }
    return false
  }

  private func hasBarredOrigin(_ position: Int) -> Bool {
    if nodes[position].isBarredCode { return true }
    guard let route = nodes[position].route?.platforms else { return false }
    // A path that cannot become longer is a circle nobody has noticed.
    return route.contains(where: barred.contains) || route.count + 2 > RoutePath.longest
  }

  private func isOn(_ position: Int) -> Bool {
    var current: Int? = position
    while let next = current {
      if nodes[next].isOff { return false }
      if nodes[next].role == .root { return true }
      current = nodes[next].parent
    }
    return true
  }
}

extension DeviceStatus {
  /// Whether what hangs below it can be asked for.
  var isReachable: Bool { self == .online || self == .suspect }
}
