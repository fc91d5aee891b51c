import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Federation

@Suite struct SharedViewPropertyTests {
  /// The superior's registry, which knows only what it was told.
  private struct Above {
    let lower: DeviceID
    var directory = Directory()
    var clock = TestNetwork.seen

    init(_ lower: DeviceID) {
      self.lower = lower
      directory.save(TestNetwork.device(lower))
    }

    mutating func query(_ view: SharedView) {
      clock = clock + .seconds(1)
      let items = view.items.map { $0.catalogItem() }
      let assembly = CatalogAssembly(sn: 1, items: items, expected: items.count, isComplete: true)
      directory.apply(
        CatalogChange(assembly, of: lower, known: directory.channels(of: lower), seen: clock))
    }

    mutating func notify(_ changes: [SharedChange], size: Int) throws {
      clock = clock + .seconds(1)
      var rest = changes[...]
      while !rest.isEmpty {
        let part = rest.prefix(size).map(\.catalogItem)
        rest = rest.dropFirst(size)
        let text = MANSCDPDocument.catalogNotice(sn: 1, from: lower, items: part, edition: .v2022)
          .text(declaring: .utf8)
        let message = try MANSCDPMessage(text: text)
        let reply = try #require(CatalogReply(message))
        directory.apply(
          CatalogChange(reply, of: lower, known: directory.channels(of: lower), seen: clock))
      }
    }

    /// What it shows: name, state and place of everything.
    var shown: [ShownChannel] { directory.channels(of: lower).map(ShownChannel.init) }
  }

  private struct ShownChannel: Hashable {
    let code: DeviceID
    let name: String
    let status: ChannelStatus
    let placement: ChannelPlacement

    init(_ channel: Channel) {
      (code, name) = (channel.key.channel, channel.name)
      (status, placement) = (channel.status, channel.placement)
    }
  }

  private static func difference<Thing>(_ left: Set<Thing>, _ right: Set<Thing>) -> String {
    "too much \(left.subtracting(right)), missing \(right.subtracting(left))"
  }

  private static let barred: Set<DeviceID> = [TestNetwork.superior, TestNetwork.own]

  @Test("For random trees and grants the view is exactly what was granted", arguments: 0..<10)
  func equalsGranted(block: Int) {
    for seed in block * 100..<(block + 1) * 100 {
      var maker = RandomNetwork(seed: UInt64(seed))
      maker.grow()
      let groups = !maker.chance(6)
      let keeper = maker.network.keeper(TestNetwork.link(groups: groups))
      let granted = GrantedView(network: maker.network, barred: Self.barred, groups: groups)
      let wanted = granted.items(TestNetwork.card)
      let isSame = keeper.seen == wanted
      #expect(isSame, "seed \(seed): \(Self.difference(keeper.seen, wanted))")
    }
  }

  @Test("After any changes the view equals one built from the start, and what was granted", arguments: 0..<10)
  func incremental(block: Int) throws {
    for seed in block * 5..<(block + 1) * 5 {
      var maker = RandomNetwork(seed: UInt64(1_000 + seed))
      maker.grow()
      var keeper = maker.network.keeper()
      for step in 0..<12 {
        let inputs = maker.change()
        let granted = maker.network.granted
        keeper.grant { granted.contains($0) }
        _ = keeper.apply(inputs + [.grants(Array(maker.network.channels.keys))])
        let fresh = maker.network.keeper(codes: keeper.codes)
        #expect(keeper.digest(edition: .v2022) == keeper.view.digest(edition: .v2022))
        try #require(keeper.view == fresh.view, "seed \(seed) step \(step)")
        #expect(keeper.count() == keeper.view.items.count)
        #expect(keeper.count { $0.kind == .camera } == keeper.view.items.count { $0.kind == .camera })
        let oracle = GrantedView(network: maker.network, barred: Self.barred)
        let wanted = oracle.items(TestNetwork.card)
        let isSame = keeper.seen == wanted
        try #require(isSame, "seed \(seed) step \(step): \(Self.difference(keeper.seen, wanted))")
      }
    }
  }

  @Test("Notifications bring the superior to where a query would, in parts of any size", arguments: 0..<10)
  func notifications(block: Int) throws {
    for seed in block * 5..<(block + 1) * 5 {
      var maker = RandomNetwork(seed: UInt64(5_000 + seed))
      maker.grow()
      var keeper = maker.network.keeper()
      var told = Above(TestNetwork.own)
      told.query(keeper.view)
      for step in 0..<12 {
        let before = keeper.view
        let inputs = maker.change()
        let granted = maker.network.granted
        keeper.grant { granted.contains($0) }
        let changes = keeper.apply(inputs + [.allGrants])
        try told.notify(changes, size: maker.number(1..<40))
        var asked = Above(TestNetwork.own)
        asked.query(keeper.view)
        let (left, right) = (Set(told.shown), Set(asked.shown))
        let isSame = left == right
        try #require(isSame, "seed \(seed) step \(step): \(Self.difference(left, right)) \(changes)")
        // The difference of two views says the same.
        #expect(Set(before.difference(to: keeper.view)) == Set(changes), "seed \(seed) step \(step)")
      }
    }
  }

  @Test("Codes are one to one, and stay while a thing stays")
  func codes() throws {
    for seed in 0..<40 as Range<UInt64> {
      var maker = RandomNetwork(seed: 9_000 + seed)
      maker.grow()
      var keeper = maker.network.keeper()
      let kept = keeper.codes.assignments
      _ = keeper.codes.takeChanges()
      for _ in 0..<10 {
        let before = keeper.codes
        let inputs = maker.change()
        let granted = maker.network.granted
        keeper.grant { granted.contains($0) }
        _ = keeper.apply(inputs + [.allGrants])
        for item in keeper.view.items {
          guard case .item(let key) = item.source else { continue }
          #expect(keeper.codes.inward(item.id) == key && keeper.codes.outward(key) == item.id)
          if let code = before.outward(key),
            case .channels(_, let removed)? = inputs.first, !removed.contains(key)
          {
            #expect(code == item.id, "seed \(seed)")
          }
        }
        #expect(Set(keeper.view.items.map(\.id)).count == keeper.view.items.count)
      }
      // What was kept at the start, with the rows that changed since, is the map of now.
      var rows = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0) })
      for row in keeper.codes.takeChanges() { rows[row.key] = row.code == nil ? nil : row }
      #expect(rows.values.sorted { $0.key < $1.key } == keeper.codes.assignments)
      #expect(
        CodeMap(own: TestNetwork.own, assignments: keeper.codes.assignments).assignments
          == keeper.codes.assignments)
    }
  }

  @Test("Parents are told before their children and go after them")
  func order() {
    for seed in 0..<60 as Range<UInt64> {
      var maker = RandomNetwork(seed: 20_000 + seed)
      maker.grow()
      let view = maker.network.keeper().view
      let empty = TestNetwork().keeper().view
      var known: Set<DeviceID> = [TestNetwork.own]
      for change in empty.difference(to: view) {
        guard case .add(let item) = change else { continue }
        let above = item.parents + [item.businessGroup].compactMap { $0 }
        #expect(above.allSatisfy(known.contains), "seed \(seed)")
        known.insert(item.id)
      }
      for change in view.difference(to: empty) {
        guard case .remove(let id) = change else { continue }
        known.remove(id)
        let left = view.items.filter { known.contains($0.id) && $0.source != .own }
        #expect(
          left.allSatisfy { ($0.parents + [$0.businessGroup].compactMap { $0 }).allSatisfy(known.contains) })
      }
    }
  }
}
