import GBCore
import TestSupport
import Testing

@testable import Registry

@Suite struct TreeTests {
  private func outline(_ nodes: [TreeNode]) -> [String] {
    var depth: [String: Int] = [:]
    return nodes.map { node in
      let level = node.parent.map { (depth[$0] ?? -99) + 1 } ?? 0
      depth[node.id] = level
      return String(repeating: "  ", count: max(level, 0)) + node.name
    }
  }

  private func directory(_ channels: [Channel]) throws -> Directory {
    Directory(devices: [try Samples.device()], channels: channels)
  }

  @Test("The device view hangs channels below their parents, and the device's own item is the device")
  func devices() throws {
    let directory = try directory([
      try Samples.channel(Samples.nvr, "own item"),
      try Samples.channel("34020000001320000001", "gate", [.parentID: Samples.nvr]),
      try Samples.channel("34020000001180000009", "box", [.parentID: Samples.nvr]),
      try Samples.channel("34020000001320000002", "in box", [.parentID: "34020000001180000009"]),
      try Samples.channel("34020000001320000003", "orphan", [.parentID: "34020000001180000099"]),
    ])
    #expect(outline(directory.tree(.device)) == ["NVR", "  box", "    in box", "  gate", "  orphan"])
  }

  @Test("A camera that lists itself alone stays visible below its device")
  func single() throws {
    let code = "34020000001320000007"
    let directory = Directory(
      devices: [try Samples.device(code, name: "IPC")],
      channels: [try Samples.channel(code, "lens", of: code)])
    #expect(outline(directory.tree(.device)) == ["IPC", "  lens"])
    #expect(directory.isPlayable(directory.channels[0]))
  }

  @Test("Loops are cut and nothing is lost")
  func loops() throws {
    let (a, b, c) = ("34020000001180000011", "34020000001180000012", "34020000001180000013")
    let directory = try directory([
      try Samples.channel(a, "a", [.parentID: c]), try Samples.channel(b, "b", [.parentID: a]),
      try Samples.channel(c, "c", [.parentID: b]),
      try Samples.channel("34020000001320000001", "leaf", [.parentID: b]),
    ])
    let nodes = directory.tree(.device)
    #expect(Set(nodes.map(\.name)) == ["NVR", "a", "b", "c", "leaf"])
    #expect(outline(nodes).allSatisfy { !$0.contains("-99") })
    #expect(nodes.filter { $0.parent == nil }.map(\.name) == ["NVR"])
  }

  @Test("The civil view invents the areas between, and names provinces")
  func civil() throws {
    let directory = try directory([
      try Samples.channel("340200", "Wuhu"),
      try Samples.channel("34020000001320000001", "gate", [.civilCode: "34020301"]),
      try Samples.channel("34020000001320000002", "yard", [.civilCode: "null"]),
    ])
    #expect(
      outline(directory.tree(.civil)) == [
        "安徽省", "  3402", "    Wuhu", "      yard", "    340203", "      34020301", "        gate",
      ])
  }

  @Test("The business view nests organisations, and a camera in two of them has two nodes")
  func business() throws {
    let directory = try directory([
      try Samples.channel("34020000002150000001", "group"),
      try Samples.channel("34020000002160000001", "east", [.businessGroupID: "34020000002150000001"]),
      try Samples.channel(
        "34020000002160000002", "gates",
        [.businessGroupID: "34020000002150000001", .parentID: "34020000002160000001"]),
      try Samples.channel(
        "34020000001320000001", "gate",
        [.parentID: "\(Samples.nvr)/34020000002160000001/34020000002160000002"]),
      try Samples.channel("34020000001320000002", "loose", [.parentID: "34020000002150000001"]),
      try Samples.channel("34020000001320000003", "nowhere"),
    ])
    #expect(
      outline(directory.tree(.business)) == [
        "group", "  loose", "  east", "    gate", "    gates", "      gate",
      ])
    #expect(Set(directory.tree(.business).map(\.id)).count == 6)
  }

  @Test("For random parents every channel appears once, after its parent")
  func random() throws {
    var random = SeededRandom(seed: 11)
    for _ in 0..<30 {
      let codes = (0..<60).map { "3402000000118000\(1_000 + $0)" }
      let channels = try codes.map { code in
        try Samples.channel(code, code, [.parentID: codes.randomElement(using: &random) ?? ""])
      }
      let nodes = try directory(channels).tree(.device)
      #expect(nodes.count == 61)
      var seen: Set<String> = []
      for node in nodes {
        if let parent = node.parent { #expect(seen.contains(parent)) }
        #expect(seen.insert(node.id).inserted)
      }
    }
  }
}
