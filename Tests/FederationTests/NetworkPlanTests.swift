import Federation
import TestSupport
import Testing

@Suite("Planning a network")
struct NetworkPlanTests {
  /// One county with a hundred cameras below a region with ten people.
  private func small(
    capacity: Double? = nil, recordsAbove: Bool = false, focus: Double = 0.5
  ) -> NetworkPlan {
    NetworkPlan(
      root: PlannedNode(
        "Region", viewers: [PlannedViewers(people: 10, pictures: 4, peak: 0.5, average: 0.1)],
        recordings: recordsAbove ? [PlannedRecording(share: 0.2, days: 30)] : [],
        children: [
          PlannedNode(
            "County", link: PlannedLink(capacity: capacity, reserve: 0.25),
            cameras: [PlannedCameras(count: 100, main: 4e6, sub: 5e5)],
            recordings: [PlannedRecording(days: 90)])
        ]), overhead: 0.1, diskReserve: 0, focus: focus)
  }

  @Test("The arithmetic of one link, by hand")
  func byHand() throws {
    let report = small().report()
    #expect(report.nodes.map(\.name) == ["Region", "County"])
    let county = report.nodes[1]
    let link = try #require(county.link)
    // Twenty pictures at the busiest moment, all of them different.
    #expect(abs(link.load.peak.streams - 20) < 1e-9)
    #expect(abs(link.load.peak.rate - 20 * 4.4e6) < 1)
    // Four on the average: 100 × (1 − 0.99⁴).
    #expect(abs(link.load.average.streams - 3.940_399) < 1e-6)
    #expect(link.use == nil && report.bottleneck == nil && report.fits)
    // Everything is recorded below: 100 × 4 Mbit/s × 90 days.
    #expect(county.incoming.peak.streams == 100 && county.recorded.streams == 100)
    #expect(abs(county.storage - 100 * 4e6 / 8 * 86_400 * 90) < 1)
    #expect(report.nodes[0].storage == 0)
    #expect(abs(report.nodes[0].viewed.peak.streams - 20) < 1e-9)
  }

  @Test("A recording above is carried all the time")
  func recordedAbove() throws {
    let link = try #require(small(recordsAbove: true).report().nodes[1].link)
    #expect(abs(link.load.peak.streams - 40) < 1e-9)
    #expect(abs(link.load.average.streams - (100 - 80 * 0.960_596_01)) < 1e-6)
  }

  @Test("A link that is too narrow is named, with what would mend it")
  func narrow() throws {
    let report = small(capacity: 60e6, recordsAbove: true).report()
    #expect(report.bottleneck == "County" && !report.fits)
    let remedy = try #require(report.remedies.first)
    #expect(remedy.link == "County" && report.remedies.count == 1)
    // 40 streams need 176 Mbit/s, a quarter stays free.
    let widened = try #require(remedy.advice.first)
    guard case .widen(let capacity) = widened else {
      Issue.record("\(widened)")
      return
    }
    #expect(abs(capacity - 40 * 4.4e6 / 0.75) < 1)
    #expect(remedy.advice.contains { if case .lookAtSubStreams = $0 { true } else { false } })
    #expect(
      remedy.advice.contains { if case .recordBelow(let rate) = $0 { abs(rate - 88e6) < 1 } else { false } })
    // The recording alone is too much: fewer people do not help.
    #expect(!remedy.advice.contains { if case .fewerAtOnce = $0 { true } else { false } })
    let wide = small(capacity: capacity + 1, recordsAbove: true).report()
    #expect(wide.fits && wide.remedies.isEmpty && wide.bottleneck == "County")
  }

  @Test("How many people at once the link bears")
  func fewer() throws {
    // 20 pictures of 4.4 Mbit/s need 88 Mbit/s; 66 are usable: 15 pictures.
    let report = small(capacity: 88e6).report()
    let advice = try #require(report.remedies.first?.advice)
    #expect(advice.contains(.fewerAtOnce(percent: 75)))
  }

  @Test("Something happens in one of many counties: its link must bear more than its share")
  func focused() throws {
    func peak(focus: Double) throws -> Double {
      var plan = small(focus: focus)
      plan.root.children[0].copies = 20
      return try #require(plan.report().nodes[1].link).load.peak.streams
    }
    #expect(abs(try peak(focus: 0) - 1) < 1e-9)
    #expect(abs(try peak(focus: 1) - 20) < 1e-9)
    #expect(abs(try peak(focus: 0.5) - 10.5) < 1e-9)
  }

  @Test("Nobody below: nothing anywhere, and no division by zero")
  func empty() {
    let plan = NetworkPlan(
      root: PlannedNode(
        "Region", viewers: [PlannedViewers(people: 5)], recordings: [PlannedRecording(days: 1)],
        children: [PlannedNode("County", link: PlannedLink(capacity: 0))]))
    let report = plan.report()
    #expect(report.fits && report.nodes.allSatisfy { $0.incoming == .none && $0.storage == 0 })
    #expect(report.nodes[1].link?.use == 0)
  }

  // MARK: Properties

  private static let seeds = Array(UInt64(1)...200)

  @Test(
    "What enters a level is what its cameras and the levels below send, and what goes up came in",
    arguments: seeds)
  func conservation(seed: UInt64) throws {
    let plan = RandomPlan(seed: seed).plan
    let nodes = plan.report().nodes
    for (index, node) in nodes.enumerated() {
      // The levels right below: those that follow with one more depth, up to the next of its own depth.
      let below = nodes[(index + 1)...].prefix { $0.depth > node.depth }.filter { $0.depth == node.depth + 1 }
      let sent = below.reduce(node.own.average.rate) { sum, child in
        sum + (child.link?.load.average.rate ?? 0) * Double(child.copies / node.copies)
      }
      #expect(abs(sent - node.incoming.average.rate) <= 1e-6 * max(1, sent))
      let up = node.link?.load ?? .none
      #expect(up.average.rate <= node.incoming.average.rate * (1 + 1e-12))
      #expect(up.peak.rate <= node.incoming.peak.rate * (1 + 1e-12))
      for child in below {
        #expect((child.link?.load.peak.rate ?? 0) <= node.incoming.peak.rate * (1 + 1e-9))
        #expect((child.link?.load.peak.streams ?? 0) <= Double(2 * child.cameras))
      }
      // An average is never above the peak.
      #expect(node.incoming.average.streams <= node.incoming.peak.streams * (1 + 1e-9))
    }
    let cameras = zip(plan.root.flattened(1), nodes).reduce(0) { sum, pair in
      sum + pair.0.own * pair.0.copies
    }
    #expect(nodes[0].cameras == cameras)
  }

  @Test("More people, pictures, recordings or focus never make a link emptier", arguments: seeds)
  func monotone(seed: UInt64) throws {
    var random = RandomPlan(seed: seed)
    let plan = random.plan
    let before = plan.report().nodes
    for change in RandomPlan.growing {
      var more = plan
      random.grow(&more, change)
      for (old, new) in zip(before, more.report().nodes) {
        #expect((old.link?.load.average.rate ?? 0) <= (new.link?.load.average.rate ?? 0) * (1 + 1e-9))
        #expect((old.link?.load.peak.rate ?? 0) <= (new.link?.load.peak.rate ?? 0) * (1 + 1e-9))
        #expect(old.storage <= new.storage * (1 + 1e-9))
      }
    }
  }

  @Test("A copy of a level is that level written out again", arguments: Array(seeds.prefix(50)))
  func copies(seed: UInt64) throws {
    let plan = RandomPlan(seed: seed).plan
    var written = plan
    written.root = Self.writtenOut(plan.root)
    let (short, long) = (plan.report(), written.report())
    for node in short.nodes {
      let same = long.nodes.filter { $0.name == node.name }
      #expect(same.count == node.copies)
      for other in same {
        #expect(
          abs(other.incoming.peak.rate - node.incoming.peak.rate) <= 1e-6 * max(1, node.incoming.peak.rate))
        #expect(abs(other.storage - node.storage) <= 1e-6 * max(1, node.storage))
      }
    }
  }

  private static func writtenOut(_ node: PlannedNode) -> PlannedNode {
    var node = node
    node.children = node.children.flatMap { child -> [PlannedNode] in
      var one = writtenOut(child)
      one.copies = 1
      return Array(repeating: one, count: child.copies)
    }
    return node
  }
}

/// A plan with random numbers, three levels deep.
private struct RandomPlan {
  enum Growth: CaseIterable { case people, pictures, peak, recordings, focus }
  static let growing = Growth.allCases

  private(set) var plan: NetworkPlan
  private var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    plan = NetworkPlan(root: PlannedNode("0"))
    plan.root = node("0", depth: 0)
    plan.focus = Double.random(in: 0...0.9, using: &random)
    plan.overhead = Double.random(in: 0...0.3, using: &random)
  }

  private mutating func node(_ name: String, depth: Int) -> PlannedNode {
    var node = PlannedNode(name, copies: depth == 0 ? 1 : Int.random(in: 1...4, using: &random))
    if depth > 0 { node.link = PlannedLink(capacity: Double.random(in: 0...1e9, using: &random)) }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      node.cameras.append(
        PlannedCameras(
          count: Int.random(in: 0...300, using: &random), main: Double.random(in: 1e6...8e6, using: &random),
          sub: Double.random(in: 2e5...1e6, using: &random)))
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      node.viewers.append(
        PlannedViewers(
          people: Int.random(in: 0...40, using: &random), pictures: Int.random(in: 1...9, using: &random),
          stream: Bool.random(using: &random) ? .main : .sub, peak: Double.random(in: 0...1, using: &random),
          average: Double.random(in: 0...1, using: &random)))
    }
    if Bool.random(using: &random) {
      node.recordings.append(
        PlannedRecording(
          share: Double.random(in: 0...1, using: &random), stream: Bool.random(using: &random) ? .main : .sub,
          days: Double.random(in: 0...90, using: &random)))
    }
    for child in 0..<(depth < 2 ? Int.random(in: 0...3, using: &random) : 0) {
      node.children.append(self.node("\(name).\(child)", depth: depth + 1))
    }
    return node
  }

  mutating func grow(_ plan: inout NetworkPlan, _ growth: Growth) {
    if growth == .focus { plan.focus = min(1, plan.focus + 0.1) }
    Self.each(&plan.root) { node in
      for index in node.viewers.indices {
        switch growth {
        case .people: node.viewers[index].people += 3
        case .pictures: node.viewers[index].pictures += 1
        case .peak: node.viewers[index].peak = min(1, node.viewers[index].peak + 0.1)
        case .recordings, .focus: break
        }
      }
      if growth == .recordings {
        for index in node.recordings.indices {
          node.recordings[index].share = min(1, node.recordings[index].share + 0.1)
        }
      }
    }
  }

  private static func each(_ node: inout PlannedNode, _ body: (inout PlannedNode) -> Void) {
    body(&node)
    for index in node.children.indices { each(&node.children[index], body) }
  }
}

extension PlannedNode {
  /// Own cameras and copies in the whole network, in the order of a report.
  fileprivate func flattened(_ above: Int) -> [(own: Int, copies: Int)] {
    let copies = above * self.copies
    return [(cameras.reduce(0) { $0 + $1.count }, copies)] + children.flatMap { $0.flattened(copies) }
  }
}
