import Foundation
import GBCore
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Federation

@Suite struct FederationPropertyTests {
  /// Trees that live through changes and losses; `TRIBUTARY_TREES=1000` takes more and half a minute.
  private static let trees = ProcessInfo.processInfo.environment["TRIBUTARY_TREES"].flatMap(Int.init) ?? 200
  private static let city = TestNetwork.superior
  private static let region = TestNetwork.code(200, 1, area: "330000")

  /// Something happens below; the keeper hears of it.
  private static func change(_ maker: inout RandomNetwork, _ keeper: inout SharedViewKeeper) -> [SharedChange]
  {
    let inputs = maker.change()
    let granted = maker.network.granted
    keeper.grant { granted.contains($0) }
    return keeper.apply(inputs + [.allGrants])
  }

  /// Changes, lost messages, restarts of either side, a broken link; then peace.
  private static func live(
    _ maker: inout RandomNetwork, _ levels: inout TestLevels, steps: Int
  ) throws {
    levels.losses = 4
    for _ in 0..<steps {
      levels.pass(maker.number(0..<400))
      switch maker.number(0..<9) {
      case 0:
        // The lower level comes back from its disk: its registry and the codes it gave.
        let codes = CodeMap(
          own: levels.keeper.superior.ownID, reserved: [levels.keeper.superior.id, TestNetwork.card.id],
          assignments: levels.keeper.codes.assignments)
        levels.keeper = maker.network.keeper(levels.keeper.superior, codes: codes)
        try levels.connect()
      case 1: try levels.restartAbove()
      case 2: levels.disconnect()
      case 3: try levels.connect()
      default: try levels.tell(change(&maker, &levels.keeper))
      }
    }
    levels.losses = nil
    if levels.sync.phase == .unknown { try levels.connect() }
  }

  @Test("After changes, restarts and lost messages both sides agree again", arguments: 0..<10)
  func agree(block: Int) throws {
    for seed in block * Self.trees / 10..<(block + 1) * Self.trees / 10 {
      let wire = Wire()
      var maker = RandomNetwork(seed: UInt64(40_000 + seed))
      maker.grow()
      let isTributary = !maker.chance(4)
      var levels = TestLevels(
        maker.network.keeper(), seed: UInt64(seed), wire: wire, knowsDigests: isTributary)
      try levels.connect()
      try Self.live(&maker, &levels, steps: 10)
      let isSettled = try levels.settle()
      #expect(isSettled, "seed \(seed)")
      let differences = try levels.differences()
      #expect(differences.isEmpty, "seed \(seed): \(differences)")
      let oracle = GrantedView(network: maker.network, barred: [Self.city, TestNetwork.own])
      #expect(levels.keeper.seen == oracle.items(TestNetwork.card), "seed \(seed)")
    }
  }

  @Test(
    "Through three levels the top sees what the middle granted of what the bottom granted", arguments: 0..<10)
  func threeLevels(block: Int) throws {
    for seed in block * 6..<(block + 1) * 6 {
      let wire = Wire()
      var maker = RandomNetwork(seed: UInt64(60_000 + seed))
      maker.grow()
      var below = TestLevels(maker.network.keeper(), seed: UInt64(seed), wire: wire)
      // The middle passes on what has an even last digit, and all groups.
      let card = PlatformCard(id: Self.city, name: "City")
      let isGranted: @Sendable (ChannelKey) -> Bool = {
        $0.channel.kind == .organisation || ($0.channel.text.utf8.last ?? 0) % 2 == 0
      }
      var above = TestLevels(
        SharedViewKeeper(
          superior: TestNetwork.link(to: Self.region, as: Self.city), card: card, carriesRoutes: true,
          isGranted: isGranted), seed: UInt64(seed), wire: wire)
      try below.connect()
      try above.connect()
      above.losses = 4
      for _ in 0..<4 {
        try Self.live(&maker, &below, steps: 2)
        try above.tell(above.keeper.apply(below.takeNews()))
        above.pass(maker.number(1..<300))
        if maker.chance(5) { try above.restartAbove() }
      }
      #expect(try below.settle(), "seed \(seed)")
      above.losses = nil
      try above.tell(above.keeper.apply(below.takeNews()))
      if above.sync.phase == .unknown { try above.connect() }
      #expect(try above.settle(), "seed \(seed)")
      let (first, second) = (try below.differences(), try above.differences())
      #expect(first.isEmpty && second.isEmpty, "seed \(seed): \(first) \(second)")
      // The middle's view is what its own registry and grants say.
      var middle = TestNetwork()
      for device in below.directory.devices { middle.add(device) }
      for channel in below.directory.channels { middle.add(channel) }
      middle.granted = Set(
        (middle.channels.keys + [ChannelKey(device: below.lower, channel: below.lower)]).filter(isGranted))
      let oracle = GrantedView(network: middle, barred: [Self.region, Self.city])
      #expect(above.keeper.seen == oracle.items(card), "seed \(seed)")
    }
  }

  @Test("Two superiors see each their own, and one's changes do not reach the other")
  func twoSuperiors() throws {
    for seed in 0..<40 as Range<UInt64> {
      var maker = RandomNetwork(seed: 80_000 + seed)
      maker.grow()
      var other = maker.network
      other.granted = Set(maker.network.channels.keys.filter { _ in maker.chance(3) })
      let link = TestNetwork.link(to: Self.region, as: TestNetwork.code(200, 42))
      var (first, second) = (maker.network.keeper(), other.keeper(link))
      for _ in 0..<4 {
        let inputs = maker.change()
        let (left, right) = (maker.network.granted, other.granted)
        (other.devices, other.channels) = (maker.network.devices, maker.network.channels)
        first.grant { left.contains($0) }
        second.grant { right.contains($0) }
        _ = first.apply(inputs + [.allGrants])
        _ = second.apply(inputs + [.allGrants])
      }
      let barred: Set<DeviceID> = [TestNetwork.own, Self.region, TestNetwork.code(200, 42)]
      let card = TestNetwork.card
      #expect(second.seen == GrantedView(network: other, barred: barred).items(card), "seed \(seed)")
      let oracle = GrantedView(network: maker.network, barred: [TestNetwork.own, Self.city])
      #expect(first.seen == oracle.items(card), "seed \(seed)")
    }
  }

  @Test(
    "Platforms that share everything in a ring come to rest, and nobody gets its own back",
    arguments: [2, 3, 4])
  func ring(size: Int) throws {
    let wire = Wire()
    let ids = (0..<size).map { TestNetwork.code(200, 100 + $0, area: "35000\($0)") }
    // Each registers with the next one and shares everything it has.
    var links: [TestLevels] = (0..<size).map { place in
      let superior = TestNetwork.link(to: ids[(place + 1) % size], as: ids[place])
      let card = PlatformCard(id: ids[place], name: "Platform \(place)")
      let keeper = SharedViewKeeper(superior: superior, card: card, carriesRoutes: true) { _ in true }
      return TestLevels(keeper, seed: UInt64(place), wire: wire)
    }
    for place in 0..<size {
      let camera = TestNetwork.code(132, place)
      _ = links[place].keeper.apply([.device(TestNetwork.device(camera, name: "Camera \(place)"))])
      try links[place].connect()
    }
    var rounds = 0
    var isMoving = true
    while isMoving, rounds < 50 {
      isMoving = false
      rounds += 1
      for place in 0..<size {
        let before = (place + size - 1) % size
        let changes = links[place].keeper.apply(links[before].takeNews())
        if !changes.isEmpty { isMoving = true }
        try links[place].tell(changes)
      }
    }
    #expect(rounds < 3 * size + 3)
    for place in 0..<size {
      // What comes to a platform: the cameras of all others, each once.
      let before = links[(place + size - 1) % size]
      let names = before.directory.channels(of: before.lower).map(\.name).filter { $0.hasPrefix("Camera") }
      #expect(names.sorted() == (0..<size).filter { $0 != place }.map { "Camera \($0)" })
    }
  }
}
