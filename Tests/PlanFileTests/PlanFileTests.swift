import Federation
import Foundation
import PlanFile
import Testing

@Suite("The description of a network that is to be built")
struct PlanFileTests {
  private static let minimal = """
    network:
      name: Region
      viewers:
        - { people: 10, pictures: 4, stream: sub, peak: 50%, average: 0.1 }
      below:
        - name: County
          count: 3
          link: { capacity: 100 Mbit/s, reserve: 25% }
          cameras:
            - { count: 100, main: 4Mbit/s, sub: 512k }
          record:
            - { share: 20%, stream: main, days: 30 }
          disk: 40TB
    """

  @Test("Everything that can be said")
  func everything() throws {
    let plan = try PlanFile.read("overhead: 5%\nfocus: 0\ndisk-reserve: 10%\n" + Self.minimal)
    #expect(plan.overhead == 0.05 && plan.focus == 0 && plan.diskReserve == 0.1)
    #expect(
      plan.root.viewers == [PlannedViewers(people: 10, pictures: 4, stream: .sub, peak: 0.5, average: 0.1)])
    let county = try #require(plan.root.children.first)
    #expect(county.name == "County" && county.copies == 3 && county.disk == 40e12)
    #expect(county.link == PlannedLink(capacity: 100e6, reserve: 0.25))
    #expect(county.cameras == [PlannedCameras(count: 100, main: 4e6, sub: 512e3)])
    #expect(county.recordings == [PlannedRecording(share: 0.2, stream: .main, days: 30)])
  }

  @Test("What is left out is as usual")
  func usual() throws {
    let plan = try PlanFile.read("network: { name: One, cameras: [ { count: 1, main: 2Mbit/s } ] }")
    #expect(plan == NetworkPlan(root: plan.root) && plan.root.cameras[0].sub == 2e6)
  }

  @Test("The example is read and has a bottleneck")
  func example() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/examples/region-plan.yaml")
    let report = try PlanFile.read(String(contentsOf: path, encoding: .utf8)).report()
    #expect(report.nodes.map(\.copies) == [1, 3, 21] && report.nodes[0].cameras == 42_000)
    #expect(report.bottleneck != nil && report.fits == report.remedies.isEmpty)
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let kind: PlanFileError.Kind
    let line: Int
    var testDescription: String { text }

    init(_ text: String, _ kind: PlanFileError.Kind, line: Int) {
      (self.text, self.kind, self.line) = (text, kind, line)
    }
  }

  private static let mistakes = [
    Mistake("", .missingKey, line: 1),
    Mistake("network: [", .syntax, line: 2),
    Mistake("- a list", .wrongShape, line: 1),
    Mistake("focus: 1", .missingKey, line: 1),
    Mistake("focus: 101%\nnetwork: { name: A }", .wrongValue, line: 1),
    Mistake("overhead: lots\nnetwork: { name: A }", .wrongValue, line: 1),
    Mistake("disk-reserve: 100%\nnetwork: { name: A }", .wrongValue, line: 1),
    Mistake("network:\n  nam: A", .unknownKey(nearest: "name"), line: 2),
    Mistake("network:\n  name: A\n  name: B", .twice, line: 2),
    Mistake("network: { count: 2, name: A }", .wrongValue, line: 1),
    Mistake("network:\n  name: A\n  below: { name: B }", .wrongShape, line: 3),
    Mistake("network:\n  name: A\n  below:\n    - name: A", .twice, line: 4),
    Mistake("network:\n  name: A\n  cameras:\n    - { count: 5 }", .missingKey, line: 4),
    Mistake("network:\n  name: A\n  cameras:\n    - { count: -5, main: 4Mbit/s }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  cameras:\n    - { count: 5, main: 4 }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  cameras:\n    - { count: 5, main: -4Mbit/s }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  cameras:\n    - { count: 5, main: 1e400Mbit/s }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  viewers:\n    - { peak: 10%, average: 20% }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  record:\n    - { share: 50% }", .missingKey, line: 4),
    Mistake("network:\n  name: A\n  record:\n    - { days: nan }", .wrongValue, line: 4),
    Mistake("network:\n  name: A\n  disk: 40", .wrongValue, line: 3),
    Mistake(
      "network:\n  name: A\n  below:\n    - { name: B, count: 100000, below: [ { name: C, count: 100000 } ] }",
      .tooLarge, line: 4),
  ]

  @Test("A mistake is named with its kind and its line", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let error = try #require(throws: PlanFileError.self) { try PlanFile.read(mistake.text) }
    #expect(error.kind == mistake.kind && error.line == mistake.line, "\(error)")
  }

  @Test("A description that is too deep or too long is refused")
  func bounds() throws {
    var deep = "network:\n"
    for depth in 0..<20 {
      let indent = String(repeating: "  ", count: depth * 2 + 1)
      deep += "\(indent)\(depth == 0 ? "" : "  ")name: L\(depth)\n\(indent)\(depth == 0 ? "" : "  ")below:\n"
      deep += "\(indent)\(depth == 0 ? "" : "  ")  -\n"
    }
    #expect(throws: PlanFileError.self) { try PlanFile.read(deep) }
    let long = try #require(
      throws: PlanFileError.self, performing: { try PlanFile.read(String(repeating: "#", count: 2 << 20)) })
    #expect(long.kind == .tooLarge)
  }
}
